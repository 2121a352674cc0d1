"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/flow/words.py",
        "< 0.01 * _spread(record.arms[arm], 0)",
        "< 0.01 * _spread(record.arms[arm], 1)",
        "points that met are compared with where they were after the first block",
        ("tests/topics/flow/test_question.py",),
    ),
    Fault(
        "resviz/topics/flow/figures.py",
        '"jumps": name == "plain",',
        '"jumps": name == "residual",',
        "points jump in the network that has shortcuts",
        ("tests/topics/flow/test_figures.py",),
    ),
    Fault(
        "resviz/ui/assets/flow.js",
        "player.still = pointing.point !== undefined && !pointing.held;",
        "player.still = false;",
        "points go on under the mouse",
        ("tests/topics/flow/test_drawing.py",),
    ),
    Fault(
        "resviz/ui/assets/flow.js",
        "player.lead(step / per);",
        "player.lead(player.at);",
        "a held point stands in the middle of its step",
        ("tests/topics/flow/test_drawing.py",),
    ),
    Fault(
        "resviz/ui/assets/points.js",
        "return (this.halved && this.arm.halved) || this.arm;",
        "return this.arm;",
        "half the step is the whole step",
        ("tests/topics/flow/test_drawing.py",),
    ),
    Fault(
        "resviz/ui/assets/points.js",
        "if (this.isOutside(place)) hollow.push(this.inside(place));",
        "if (this.isOutside(place)) continue;",
        "points outside the picture are gone",
        ("tests/topics/flow/test_drawing.py",),
    ),
    Fault(
        "resviz/ui/assets/summands.js",
        "rounded(v - both[0][i], places)",
        "rounded(to[i] - from[i], places)",
        "the sum is of numbers that are not shown",
        ("tests/topics/flow/test_drawing.py",),
    ),
    Fault(
        "resviz/ui/assets/pointing.js",
        "if (!this.held && !this.keyed) this.mark(undefined);",
        "if (!this.keyed) this.mark(undefined);",
        "a held point is let go as soon as the mouse leaves",
        ("tests/topics/flow/test_drawing.py",),
    ),
    Fault(
        "resviz/topics/flow/experiment.py",
        "regions(fine, grid(box, CELLS), 2)",
        "regions(net, grid(box, CELLS))",
        "half the step is shaded as the whole one is",
        ("tests/topics/flow/test_records.py",),
    ),
    Fault(
        "resviz/topics/flow/words.py",
        "if lost <= ROUGHLY:",
        "if lost <= 2 * ROUGHLY:",
        "blocks that need their step are called nearly a flow",
        ("tests/topics/flow/test_question.py",),
    ),
]
