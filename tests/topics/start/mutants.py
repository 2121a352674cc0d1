"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/start/panel.py",
        'spec.query() if first.takes_on else ""',
        "spec.query()",
        "a lesson that has networks of its own is given those of another",
        ("tests/ui/test_passing.py",),
    ),
    Fault(
        "resviz/topics/start/experiment.py",
        "block.connected = block.connected and number != spec.sever",
        "block.connected = block.connected and number < spec.sever",
        "a cut wire takes all behind it along",
        ("tests/topics/start/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/start/experiment.py",
        "[*blocks[spec.sever or spec.lesion :], net.final]",
        "[*blocks[(spec.sever or spec.lesion) + 1 :], net.final]",
        "the averages of the next block are not measured anew",
        ("tests/topics/start/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/start/experiment.py",
        "self.twin.apply(self.run.during(max(1, step)))",
        "self.twin.apply(self.run.during(1))",
        "frames do not know what was changed on the way",
        ("tests/topics/start/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/start/source.py",
        "return known is not None and _last(known.record) == _last(wall.record)",
        "return known is not None",
        "cuts that the package holds are shown of networks that read otherwise",
        ("tests/topics/start/test_source.py",),
    ),
    Fault(
        "resviz/topics/start/source.py",
        "elif spec.edited and _over(wall):",
        "elif spec.edited:",
        "a link to a cut trains networks without a press",
        ("tests/topics/start/test_source.py",),
    ),
    Fault(
        "resviz/topics/start/words.py",
        "back = round(100 * (anew - after))",
        "back = round(100 * anew)",
        "both causes of a fall do not add up to it",
        ("tests/topics/start/test_words.py",),
    ),
    Fault(
        "resviz/topics/start/question.py",
        "        found[place] = number",
        "        found[-1] = number",
        "a narrow wall does not show what is misread",
        ("tests/topics/start/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/start/wall.js",
        'const sever = part === "cut" && this.sever !== n ? n : 0,',
        'const sever = part === "cut" ? n : 0,',
        "a second click does not put the wire back",
        ("tests/topics/start/test_page.py",),
    ),
]
