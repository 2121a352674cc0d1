"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/block/style.css",
        ".rb { overflow-x: auto; }",
        ".rb { }",
        "a wide drawing makes a narrow page scroll sideways",
        ("tests/harness/test_pictures.py",),
    ),
    Fault(
        "resviz/topics/block/topic.py",
        "held=680",
        "held=300",
        "what stands below the picture jumps when it comes",
        ("tests/browser/test_every_page.py",),
    ),
    Fault(
        "resviz/topics/block/figures.py",
        "legs.append((x_ends, rest, sum(rest[-1]), ENTERED, DONE))",
        "pass",
        "in a plain block the pulse ends at x",
        ("tests/topics/block/test_figures.py",),
    ),
    Fault(
        "resviz/topics/block/figures.py",
        "made = _title(branch.pop(), spec)",
        "made = _title(branch[-1], spec)",
        "F(x) is drawn twice",
        ("tests/topics/block/test_figures.py",),
    ),
    Fault(
        "resviz/topics/block/experiment.py",
        "clear * (1 - 0.9 * (wrong > 0.5 * 10.0**-digits).double())",
        "clear",
        "rounded numbers in the marked pixel do not add up",
        ("tests/topics/block/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/block/through.js",
        "(this.channel + by + this.count) % this.count",
        "this.channel",
        "an arrow key shows the same channel again",
        ("tests/topics/block/test_drawing.py",),
    ),
    Fault(
        "resviz/topics/block/style.css",
        "  .rb-run :is(.rb-pulse, .rb-plus) { animation: none; }\n",
        "",
        "the pulse runs for those who want no motion",
        ("tests/topics/block/test_drawing.py",),
    ),
]
