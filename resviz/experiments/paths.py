"""Lesions, disorder and single paths of the networks that a run ends with (Veit 2016, arXiv 1605.06431)."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean
from typing import TypeVar

import torch
from scipy.stats import kendalltau
from torch import Tensor

from resviz.experiments.train import Keeper, Lanes
from resviz.experiments.trained import Trained, trained
from resviz.inside.network import overflowed
from resviz.inside.paths import Lengths, LengthsSpec, Lesions, LesionSpec, Several, SeveralSpec
from resviz.nets.resnet import ResNet, still
from resviz.probes.paths import Unravelled, norms_by_length
from resviz.records import ARMS

TRAINING = 0.8  # share of the work
COUNTS = 10  # numbers of blocks taken out, and of pairs swapped, at most
NONE: frozenset[int] = frozenset()
AT_ONCE = 128  # images that go through together, so that they stay close to the core


Looks = TypeVar("Looks", Lesions, Several, Lengths)


def lesions(spec: LesionSpec, *, keeper: Keeper | None = None) -> Iterator[Lesions]:
    """The error without each block of both networks, and without those of `spec.lesion`.

    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    record = Lesions(spec, 0.0)
    found = yield from _learnt(record, keeper)
    with _Readers(spec.images, found) as readers:
        record = replace(
            record,
            training=found.told,
            changes=tuple(readers["residual"].changes),
            images=readers.images,
            whole=readers.all(Reader.error),
            together=readers.all(lambda reader: reader.error(without=set(spec.lesion), cut=set(spec.sever))),
        )
        single: dict[str, list[float | None]] = {arm: [None] * spec.blocks for arm in ARMS}
        for number in _spread(spec.blocks):
            errors = readers.all(lambda reader, number=number: reader.lesion(number))  # type: ignore[misc]
            for arm in ARMS:
                single[arm][number - 1] = errors[arm]
            there = sum(v is not None for v in single["residual"])
            share = TRAINING + (1 - TRAINING) * there / (spec.blocks + 1)
            yield replace(record, done=share, single={arm: tuple(values) for arm, values in single.items()})
        removed = spec.last.remove
        final = {
            arm: tuple(None if k in removed else v for k, v in enumerate(values, start=1))
            for arm, values in single.items()
        }
        yield replace(record, done=1.0, single=final)


def several(spec: SeveralSpec, *, keeper: Keeper | None = None) -> Iterator[Several]:
    """The error with more and more blocks taken out at random, then with more and more pairs swapped.

    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    record = Several(spec, 0.0)
    found = yield from _learnt(record, keeper)
    generator = torch.Generator().manual_seed(spec.draw)
    with _Readers(spec.images, found) as readers:
        counts, groups = _counts(spec.blocks), readers["residual"].alike
        swaps = _counts(spec.blocks) if any(len(g) > 1 for g in groups) else ()
        record = replace(
            record,
            training=found.told,
            counts=counts,
            swaps=swaps,
            images=readers.images,
            whole=readers.all(Reader.error),
            out=dict.fromkeys(ARMS, ()),
            order=dict.fromkeys(ARMS, ()),
        )
        done, todo = 0, (len(counts) + len(swaps)) * spec.draws + 1
        for count in counts:
            drawn = [
                set((torch.randperm(spec.blocks, generator=generator)[:count] + 1).tolist()) for _ in range(spec.draws)
            ]
            errors: dict[str, list[float]] = {arm: [] for arm in ARMS}
            for out in drawn:
                for arm, error in readers.all(lambda reader, out=out: reader.error(without=out)).items():  # type: ignore[misc]
                    errors[arm].append(error)
                done += 1
                yield replace(record, done=TRAINING + (1 - TRAINING) * done / todo)
            record = replace(record, out={arm: (*record.out[arm], tuple(errors[arm])) for arm in ARMS})
        for count in swaps:
            orders = [shuffled(spec.blocks, groups, count, generator) for _ in range(spec.draws)]
            errors = {arm: [] for arm in ARMS}
            for order in orders:
                for arm, error in readers.all(lambda reader, order=order: reader.error(order=order)).items():  # type: ignore[misc]
                    errors[arm].append(error)
                done += 1
                yield replace(record, done=TRAINING + (1 - TRAINING) * done / todo)
            record = replace(
                record,
                tau=(*record.tau, tuple(_tau(order) for order in orders)),
                order={arm: (*record.order[arm], tuple(errors[arm])) for arm in ARMS},
            )
        yield replace(record, done=1.0)


def lengths(spec: LengthsSpec, *, keeper: Keeper | None = None) -> Iterator[Lengths]:
    """The gradient along random paths of every length of the residual network.

    Raises DeviceUnavailable, DataUnavailable if the data set is not here, and NoAnswer where the gradient leaves the range of
    float32.
    """
    record = Lengths(spec, 0.0)
    found = yield from _learnt(record, keeper)
    x, y = unseen(found, spec.images)
    paths = Unravelled(found.net("residual"), x, y)
    blocks = len(paths.choices)
    whole = torch.linalg.vector_norm(paths.whole().flatten(1), dim=1).mean().item()
    if not math.isfinite(whole):
        raise overflowed("residual", "there is no gradient to send back")
    record = replace(record, training=found.told, blocks=blocks, sampled=len(y) * spec.repeats, whole=_short(whole))
    norm: list[float | None] = [None] * (blocks + 1)
    generator = torch.Generator().manual_seed(spec.draw)
    for length, norms in norms_by_length(paths, spec.repeats, generator):
        mean = fmean(norms)
        norm[length] = _short(mean) if math.isfinite(mean) else None
        done = TRAINING + (1 - TRAINING) * (length + 1) / (blocks + 1)
        yield replace(record, done=1.0 if length == blocks else done, norm=tuple(norm))


def _learnt(record: Looks, keeper: Keeper | None) -> Generator[Looks, None, Trained]:
    """Yield how far the networks of a record's run are while they learn, and return them."""
    found = None
    for found in trained(record.spec.run, keeper=keeper):
        if not found.over:
            yield replace(record, done=TRAINING * found.share, training=found.told)
    assert found is not None
    return found


def unseen(found: Trained, images: int) -> tuple[Tensor, Tensor]:
    """Test images as the networks take them, evenly spaced, and their classes: (N, C, H, W), (N,)."""
    data = found.data
    count = min(images, len(data.test_y))
    at = torch.arange(count, device=data.test_y.device) * len(data.test_y) // count
    return data.inputs(data.test_x[at]), data.test_y[at]


def shuffled(blocks: int, groups: Sequence[Sequence[int]], swaps: int, generator: torch.Generator) -> tuple[int, ...]:
    """The blocks 1 to `blocks` in another order: so many random pairs, each within one of the groups, have changed places."""
    order = list(range(1, blocks + 1))
    sizes = torch.tensor([float(len(g) * (len(g) - 1)) for g in groups])
    for _ in range(swaps):
        group = groups[int(torch.multinomial(sizes, 1, generator=generator))]
        a, b = (group[k] - 1 for k in torch.randperm(len(group), generator=generator)[:2].tolist())
        order[a], order[b] = order[b], order[a]
    return tuple(order)


def _tau(order: Sequence[int]) -> float:
    return _short(float(kendalltau(range(len(order)), order).statistic))


def _counts(blocks: int) -> tuple[int, ...]:
    """1 to `blocks`, at most COUNTS of them, closer together at the beginning."""
    if blocks <= COUNTS:
        return tuple(range(1, blocks + 1))
    return tuple(sorted({round(blocks ** (k / (COUNTS - 1))) for k in range(COUNTS)}))


def _spread(blocks: int) -> list[int]:
    """1 to `blocks`, so that what comes first is spread over all of them."""
    order, step = [], 1
    while step < blocks:
        step *= 2
    while step:
        order += [n for n in range(1, blocks + 1, step) if n not in order]
        step //= 2
    return order


# -- reading with some blocks out ------------------------------------------------------------------


@dataclass
class Reader:
    """One network and the images that it reads, with what reaches each of its blocks."""

    net: ResNet
    x: Tensor
    y: Tensor

    def __post_init__(self) -> None:
        self.blocks = self.net.residual_blocks()
        with torch.inference_mode():
            self.reached = [[self.net.stem(part)] for part in self.x.split(AT_ONCE)]
            for way in self.reached:
                for block in self.blocks:
                    way.append(block.past(way[-1]) if block.removed else block(way[-1]))

    @property
    def changes(self) -> list[int]:
        """The blocks behind which the shape is another, from 1."""
        way = self.reached[0]
        return [k for k in range(1, len(way)) if way[k].shape != way[k - 1].shape]

    @property
    def alike(self) -> list[list[int]]:
        """The blocks that may change places: they keep one shape, and it is the same."""
        way, groups = self.reached[0], {}  # type: ignore[var-annotated]
        for k in range(1, len(way)):
            if way[k].shape == way[k - 1].shape:
                groups.setdefault(way[k].shape, []).append(k)
        return list(groups.values())

    def error(self, *, without: Set[int] = NONE, cut: Set[int] = NONE, order: Sequence[int] = ()) -> float:
        """Share of images read wrong without these blocks, with these shortcuts cut, or with all blocks in this order."""
        sequence = list(order) or list(range(1, len(self.blocks) + 1))
        same = 0  # blocks of the way that need not be gone again
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
                wrong += int((logits.argmax(1) != y).sum())
        return wrong / len(self.y)

    def lesion(self, number: int) -> float:
        return self.error(without={number})


class _Readers:
    """Both arms, side by side; their errors together."""

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

    def __enter__(self) -> _Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.lanes.close()


def _short(value: float) -> float:
    return float(f"{value:.5g}")
