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
    Fault(
        "resviz/data/images.py",
        "if edge.mean() > 127.5:",
        "if edge.mean() > 1000:",
        "ink on paper is read as light",
        ("tests/data/test_own_images.py",),
    ),
    Fault(
        "resviz/data/images.py",
        "(small * (255 / strongest) if strongest < 255 * FULL else small)[None]",
        "small[None]",
        "a photographed digit is paler than the data",
        ("tests/data/test_own_images.py",),
    ),
]
