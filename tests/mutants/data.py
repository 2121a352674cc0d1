"""Faults of resviz/data."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/data/tensors.py",
        "- self.mean[:, None, None]) / std[:, None, None]",
        "- self.mean[:, None, None]) * std[:, None, None]",
        "images are multiplied by their spread",
        ("tests/data/test_tensors.py",),
    ),
]
