"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/photograph/experiment.py",
        "(raw / 255 - mean) / std",
        "(raw / 256 - mean) / std",
        "pixels are divided by the wrong number",
        ("tests/topics/photograph/test_experiment.py",),
    ),
    Fault(
        "resviz/ui/sources.py",
        "self._of(other[0])",
        "Question(self.kind, spec)",
        "without trained weights the trained question is asked, and fails",
        ("tests/topics/photograph/test_panel.py",),
    ),
    Fault(
        "resviz/ui/sources.py",
        "return asked if self.instead is None else self.instead",
        "return asked",
        "figures of random weights have the version of trained ones, and stay when those have come",
        ("tests/topics/photograph/test_panel.py",),
    ),
    Fault(
        "resviz/ui/sources.py",
        "other is None or answers().remembered(asked) is not None",
        "other is None",
        "what was computed of trained weights is lost with their file",
        ("tests/topics/photograph/test_panel.py",),
    ),
    Fault(
        "resviz/data/pretrained.py",
        "_sum(path, found.st_size, found.st_mtime_ns)",
        "_sum(path, 0, 0)",
        "a file that has changed is not looked at again",
        ("tests/data/test_nets.py",),
    ),
    Fault(
        "resviz/ui/assets/maps.js",
        "(i) => cell.values[i] < 0",
        "(i) => cell.values[i] > 0",
        "what is above 0 is striped",
        ("tests/topics/attribution/test_maps.py",),
    ),
    Fault(
        "resviz/topics/photograph/figures.py",
        '"{spec.known.label}, random weights"',
        '"{spec.known.label}"',
        "maps of random weights are named like those of trained ones",
        ("tests/topics/photograph/test_figures.py",),
    ),
]
