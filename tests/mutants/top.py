"""Faults of specs, counts, theory, studies, records and data: what the test files beside these folders must notice."""

from tests.mutants.fault import Fault

IN_SPEC, IN_FOLLOWS = ("tests/families/resnet/test_spec.py",), ("tests/families/resnet/test_spec_follows.py",)
IN_THEORY, IN_STUDIES = ("tests/topics/signal/test_theory.py",), ("tests/runs/test_studies.py",)
IN_ARCHITECTURES = ("tests/topics/calculator/test_architectures.py",)

FAULTS = [
    Fault(
        "resviz/families/resnet/spec.py",
        'LATER: ClassVar[tuple[str, ...]] = ("survival",)',
        "LATER: ClassVar[tuple[str, ...]] = ()",
        "a setting that came later changes the digests of all records on disk",
        IN_SPEC,
    ),
    Fault(
        "resviz/families/resnet/spec.py",
        "frozenset({at + 1 for at, _ in self.segments} | self.ends)",
        "frozenset({at for at, _ in self.segments} | self.ends)",
        "the step before a change is measured, not the one after it",
        IN_SPEC,
    ),
    Fault(
        "resviz/words/text.py",
        "if parts and parts[-1][-1] == n - 1:",
        "if parts and parts[-1][0] == n - 1:",
        "three numbers in a row are no range",
        IN_SPEC,
    ),
    Fault(
        "resviz/families/resnet/settings.py",
        "done = (step - 1) / steps",
        "done = step / steps",
        "a schedule of learning rates begins one step late",
        IN_FOLLOWS,
    ),
    Fault(
        "resviz/topics/signal/theory.py",
        "halved = per if spec.order in",
        "halved = per - 1 if spec.order in",
        "the ReLU before the first layer of a branch halves nothing",
        IN_THEORY,
    ),
    Fault(
        "resviz/words/claims.py",
        "(6.61, 8.17, 7.84, 6.71, 6.37)",
        "(6.61, 7.84, 8.17, 6.71, 6.37)",
        "two published errors change places",
        ("tests/runs/test_study_figures.py", "tests/runs/test_studies.py"),
    ),
    Fault(
        "resviz/topics/compared/words.py",
        'return "better" if here > there else "worse"',
        'return "better" if here < there else "worse"',
        "better and worse are swapped",
        IN_STUDIES,
    ),
    Fault(
        "resviz/runs/studies.py",
        'history.last(arm, "test_accuracy") if over else None',
        'history.last(arm, "test_accuracy")',
        "a run that goes on, or that stopped, has an accuracy",
        IN_STUDIES,
    ),
    Fault(
        "resviz/count/layers.py",
        'self.operations["norm"] += 2 * layers.floats',
        'self.operations["norm"] += layers.floats',
        "a normalisation does one operation a number instead of two",
        IN_ARCHITECTURES,
    ),
    Fault(
        "resviz/topics/calculator/words.py",
        '("memory to train", one.total.sums.kept, other.total.sums.kept)',
        '("memory to train", other.total.sums.kept, one.total.sums.kept)',
        "the memory of two networks is compared the other way round",
        ("tests/topics/calculator/test_comparisons.py",),
    ),
    Fault(
        "resviz/families/resnet/findings.py",
        'text = f"{100 * share:.3g}"',
        'text = f"{share:.3g}"',
        "a share is written as a percentage without times 100",
        ("tests/families/resnet/test_findings.py",),
    ),
    Fault(
        "resviz/train/records.py",
        'return "" if value is None else repr(value)',
        'return "" if not value else repr(value)',
        "a 0 is left out of the CSV",
        ("tests/train/test_records.py",),
    ),
    Fault(
        "resviz/data/tensors.py",
        "- self.mean[:, None, None]) / std[:, None, None]",
        "- self.mean[:, None, None]) * std[:, None, None]",
        "images are multiplied by their spread",
        ("tests/data/test_tensors.py",),
    ),
]
