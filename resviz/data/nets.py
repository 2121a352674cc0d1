"""Torchvision's pretrained weights for its ResNets: read from disk, or downloaded if that is allowed."""

from __future__ import annotations

from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn

from resviz.data.pretrained import PRETRAINED, is_whole, lacking, places
from resviz.data.tensors import CHUNK, DataUnavailable, Progress, opened, reason


def pretrained(name: str) -> nn.Module:
    """A ResNet of `PRETRAINED` with its weights, in evaluation mode. Raises DataUnavailable if the file is missing or damaged."""
    if what := lacking(name):
        raise _unavailable(name, what)
    net = untrained(name)
    net.load_state_dict(torch.load(next(p for p in places(name) if is_whole(p)), map_location="cpu", weights_only=True))
    return net


def untrained(name: str, seed: int = 0) -> nn.Module:
    """The same network with torchvision's initial weights, drawn from `seed`, in evaluation mode."""
    import torchvision

    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        made: nn.Module = torchvision.models.get_model(name, weights=None)
    return made.eval()


def categories(name: str) -> list[str]:
    """The names of the 1000 ImageNet classes, in order."""
    found: list[str] = _offered(name).meta["categories"]
    return found


def download(name: str, progress: Progress | None = None) -> None:
    """Download the weights of a network unless they are on disk. Raises DataUnavailable if the download fails."""
    if not lacking(name):
        return
    into = places(name)[0]
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".unfinished-", dir=into.parent) as folder:
            part = Path(folder) / into.name
            with opened(_offered(name).url, "GET") as response, part.open("wb") as file:
                total = int(response.headers.get("Content-Length", 0))
                while chunk := response.read(CHUNK):
                    file.write(chunk)
                    if progress:
                        progress(file.tell(), total)
            if not is_whole(part):
                raise OSError("the server sent an incomplete or different file")
            part.replace(into)
    except (OSError, HTTPException) as error:
        raise _unavailable(name, f"could not be downloaded ({reason(error)})", "try again later") from error


def _offered(name: str) -> Any:
    import torchvision

    return torchvision.models.get_model_weights(name).IMAGENET1K_V1


def _unavailable(name: str, what: str, retry: str = "") -> DataUnavailable:
    known = PRETRAINED[name]
    return DataUnavailable(
        f"The weights of {known.label} ({known.megabytes} MB) {what}: {retry or f'download them (resviz data {name})'}, "
        f"put {known.file} into {places(name)[0].parent}, or choose weights drawn at random."
    )
