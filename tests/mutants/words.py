"""Faults of resviz/words."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/words/fields.py",
        'shlex.quote(f"{key}={value}")',
        'f"{key}={value}"',
        "a setting with a space in it comes apart on the command line",
        ("tests/contract/test_specs.py",),
    ),
    Fault(
        "resviz/words/fields.py",
        "self.model_dump(exclude=later)",
        'self.model_dump(exclude={*later, "seed"})',
        "two seeds have one answer",
        ("tests/contract/test_specs.py",),
    ),
    Fault(
        "resviz/words/text.py",
        "if parts and parts[-1][-1] == n - 1:",
        "if parts and parts[-1][0] == n - 1:",
        "three numbers in a row are no range",
        ("tests/families/resnet/test_spec.py",),
    ),
    Fault(
        "resviz/words/say.py",
        "value = 100 * share",
        "value = share",
        "a share is written as a percentage without times 100",
        ("tests/families/resnet/test_findings.py",),
    ),
    Fault(
        "resviz/words/glossary.py",
        '"forms": [name, *t.forms]',
        '"forms": [name]',
        "a term in the plural is not found",
        ("tests/harness/test_terms.py",),
    ),
]
