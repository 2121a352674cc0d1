"""States of both arms as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def read(path: Path) -> dict[str, Any]:
    """What `write` wrote, on the CPU. Raises what torch.load raises for a file that is damaged or not there."""
    found: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return found


def write(path: Path, state: dict[str, Any]) -> None:
    """Raises OSError or RuntimeError where the disk does not take it."""
    torch.save(state, path)
