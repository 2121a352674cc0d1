"""Errors of trained networks on test images with some blocks removed, shortcuts cut, or blocks in another order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

import torch
from torch import Tensor

from resviz.families.resnet.family import ARMS
from resviz.nets.reading import NOTHING, classes_read
from resviz.nets.resnet import ResNet, still
from resviz.train.twins.lockstep import Keeper, Lanes
from resviz.train.twins.trained import Trained, trained
from resviz.words.say import rounded

short = partial(rounded, digits=5)

TRAINING = 0.8  # share of the work that is training
NONE: frozenset[int] = frozenset()
AT_ONCE = 128  # images per batch, few enough to stay in the processor's cache


class Learning(Protocol):
    """The record of a question about trained networks: the share of the work done, and the training progress."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def spec(self) -> Any: ...


L = TypeVar("L", bound=Learning)


def learnt(record: L, keeper: Keeper | None) -> Generator[L, None, Trained]:
    """Yield the record with the training progress while the networks of its run learn, and return the networks."""
    found = None
    for found in trained(record.spec.run, keeper=keeper):
        if not found.over:
            yield replace(record, done=TRAINING * found.share, training=found.told)
    assert found is not None
    return found


def unseen(found: Trained, images: int) -> tuple[Tensor, Tensor]:
    """Return evenly spaced test images as the networks take them, and their classes: (N, C, H, W), (N,)."""
    data, at = found.data, evenly(found.data.test_y, images)
    return data.inputs(data.test_x[at]), data.test_y[at]


def evenly(y: Tensor, images: int) -> Tensor:
    """Return the numbers of so many evenly spaced examples with classes y (N,), or of all if there are fewer."""
    count = min(images, len(y))
    return torch.arange(count, device=y.device) * len(y) // count


@dataclass
class Reader:
    """One network and the images that it classifies, with the input of each of its blocks."""

    net: ResNet
    x: Tensor
    y: Tensor

    def __post_init__(self) -> None:
        self.lost = 0
        self.blocks = self.net.residual_blocks()
        with torch.inference_mode():
            self.reached = [[self.net.stem(part)] for part in self.x.split(AT_ONCE)]
            for way in self.reached:
                for block in self.blocks:
                    way.append(block.past(way[-1]) if block.removed else block(way[-1]))

    @property
    def changes(self) -> list[int]:
        """The numbers, from 1, of the blocks that change the shape."""
        way = self.reached[0]
        return [k for k in range(1, len(way)) if way[k].shape != way[k - 1].shape]

    @property
    def alike(self) -> list[list[int]]:
        """Groups of blocks that may change places: their inputs and outputs all have the same shape."""
        way, groups = self.reached[0], {}  # type: ignore[var-annotated]
        for k in range(1, len(way)):
            if way[k].shape == way[k - 1].shape:
                groups.setdefault(way[k].shape, []).append(k)
        return list(groups.values())

    def error(self, *, without: Set[int] = NONE, cut: Set[int] = NONE, order: Sequence[int] = ()) -> float:
        """Return the share of images misclassified without these blocks, with these shortcuts cut, or with this order; images
        whose numbers leave the range of float32 are among them, and counted in `lost`."""
        self.lost = 0
        sequence = list(order) or list(range(1, len(self.blocks) + 1))
        same = 0  # leading blocks without changes, whose stored outputs are used
        while same < len(sequence) and sequence[same] == same + 1 and same + 1 not in without | cut:
            same += 1
        wrong = 0
        with torch.inference_mode():
            for way, y in zip(self.reached, self.y.split(AT_ONCE), strict=True):
                at = way[same]
                for number in sequence[same:]:
                    block = self.blocks[number - 1]
                    connected, block.connected = block.connected, block.connected and number not in cut
                    at = block.past(at) if block.removed or number in without else block(at)
                    block.connected = connected
                logits = self.net.head(self.net.final(at).mean((2, 3)))
                read = classes_read(logits)
                wrong += int((read != y).sum())
                self.lost += int((read == NOTHING).sum())
        return wrong / len(self.y)

    def lesion(self, number: int) -> float:
        return self.error(without={number})


class Readers:
    """A reader for each arm, run in parallel on a CPU; `all` gives the errors of both."""

    def __init__(self, images: int, found: Trained) -> None:
        self.lanes = Lanes(ARMS if found.device.type == "cpu" else ())
        x, y = unseen(found, images)
        self.images = len(y)
        waiting = {arm: self.lanes.submit(arm, partial(Reader, still(found.net(arm)), x, y)) for arm in ARMS}
        self.readers = {arm: wait() for arm, wait in waiting.items()}

    def __getitem__(self, arm: str) -> Reader:
        return self.readers[arm]

    def all(self, ask: Callable[[Reader], float]) -> dict[str, float]:
        waiting = {arm: self.lanes.submit(arm, partial(ask, reader)) for arm, reader in self.readers.items()}
        return {arm: wait() for arm, wait in waiting.items()}

    @property
    def lost(self) -> dict[str, int]:
        """Of the images that were read last, those on which an arm's numbers left the range of float32."""
        return {arm: reader.lost for arm, reader in self.readers.items()}

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.lanes.close()
