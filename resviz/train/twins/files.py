"""Reading and writing the states of both arms as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def read(path: Path) -> dict[str, Any]:
    """Return the state that `write` wrote, on the CPU. Raises what torch.load raises for a damaged or missing file."""
    found: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return found


def write(path: Path, state: dict[str, Any]) -> None:
    """Write a state to a file. Raises OSError or RuntimeError if that fails."""
    torch.save(state, path)
