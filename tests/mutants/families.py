"""Faults of resviz/families."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/families/resnet/script.py",
        "for after, now in reversed(spec.segments):",
        "for after, now in spec.segments:",
        "the script never changes its learning rate",
        ("tests/families/resnet/test_script.py",),
    ),
    Fault(
        "resviz/families/resnet/script.py",
        'yield f"    if step > {after}:',
        'yield f"    if step >= {after}:',
        "the script changes its learning rate one step early",
        ("tests/families/resnet/test_script.py",),
    ),
    Fault(
        "resviz/families/resnet/script.py",
        'if spec.survival < 1 and spec.optimizer == "sgd"',
        'if spec.survival == 1 and spec.optimizer == "sgd"',
        "in the script, blocks that have slept have no momentum",
        ("tests/families/resnet/test_script.py",),
    ),
    Fault(
        "resviz/families/resnet/nets.py",
        'if self.arm == "residual" and now.shortcuts:\n            self.net',
        'if self.arm == "plain" and now.shortcuts:\n            self.net',
        "a cut on the way is made in the other arm",
        ("tests/train/test_branches.py",),
    ),
    Fault(
        "resviz/families/resnet/nets.py",
        ("        self.net.remove(now.remove)\n        for block"),
        "        for block",
        "a block is not taken out on the way",
        ("tests/train/test_branches.py",),
    ),
    Fault(
        "resviz/families/resnet/inside.py",
        "stopped at step {at + 1:,}",
        "stopped at step {at:,}",
        "an arm stops one step before it does",
        ("tests/topics/landscape/test_words.py", "tests/families/resnet/test_paths_words.py"),
    ),
    Fault(
        "resviz/families/resnet/spec.py",
        'LATER: ClassVar[tuple[str, ...]] = ("survival",)',
        "LATER: ClassVar[tuple[str, ...]] = ()",
        "a setting that came later changes the digests of all records on disk",
        ("tests/families/resnet/test_spec.py",),
    ),
    Fault(
        "resviz/families/resnet/script.py",
        "record.step != spec.steps",
        "record.step > spec.steps",
        "a script compares its end with a run that has not ended",
        ("tests/families/resnet/test_script.py",),
    ),
    Fault(
        "resviz/families/resnet/published.py",
        "(6.61, 8.17, 7.84, 6.71, 6.37)",
        "(6.61, 7.84, 8.17, 6.71, 6.37)",
        "two published errors change places",
        ("tests/runs/test_study_figures.py", "tests/runs/test_studies.py"),
    ),
]
