"""The pretrained ResNets of torchvision that can be used: their labels, files and sizes, and whether they are on this machine. No
torch: the server imports this."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from resviz.data.datasets import folder_of


@dataclass(frozen=True)
class Pretrained:
    """Torchvision's weights IMAGENET1K_V1. file: its name, which ends in the first digits of its SHA-256. megabytes: its size."""

    label: str
    file: str
    megabytes: int


# torchvision 0.24, torchvision.models.ResNet*_Weights.IMAGENET1K_V1
PRETRAINED = {
    "resnet18": Pretrained("ResNet-18", "resnet18-f37072fd.pth", 45),
    "resnet34": Pretrained("ResNet-34", "resnet34-b627a593.pth", 83),
    "resnet50": Pretrained("ResNet-50", "resnet50-0676ba61.pth", 98),
}


def places(name: str) -> list[Path]:
    """The paths where the weights file of a network may be: in our data folder, then in torchvision's own cache."""
    file = PRETRAINED[name].file
    # As torch.hub.get_dir() has it.
    caches = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    torchs = Path(os.environ.get("TORCH_HOME", f"{caches}/torch")).expanduser()
    return [folder_of() / "weights" / file, torchs / "hub" / "checkpoints" / file]


def lacking(name: str) -> str:
    """What is wrong with the weights of a network on this machine, in words after "The weights"; "" if a whole file is here."""
    here = [path for path in places(name) if path.is_file()]
    if any(is_whole(path) for path in here):
        return ""
    return f"are damaged in {here[0]}" if here else "are not on this machine"


def is_whole(path: Path) -> bool:
    """Whether the SHA-256 of the file begins with the digits at the end of its name."""
    with suppress(OSError):
        found = path.stat()
        return _sum(path, found.st_size, found.st_mtime_ns).startswith(path.stem.rpartition("-")[2])
    return False


@lru_cache(20)
def _sum(path: Path, size: int, changed: int) -> str:
    """The SHA-256 of a file, computed once while its size and its time of change in ns stay. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
