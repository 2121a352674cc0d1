"""The error of both trained networks with several random blocks taken out, or with blocks in another order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from scipy.stats import kendalltau

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.probes import TRAINING, Reader, Readers, learnt, short
from resviz.topics.several.question import Several, SeveralSpec
from resviz.train.twins.lockstep import Keeper

COUNTS = 10  # at most so many different numbers of blocks taken out, and of pairs swapped


def several(spec: SeveralSpec, *, keeper: Keeper | None = None) -> Iterator[Several]:
    """Measure the error with more and more random blocks taken out, then with more and more random pairs of blocks swapped.

    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    record = Several(spec, 0.0)
    found = yield from learnt(record, keeper)
    generator = torch.Generator().manual_seed(spec.draw)
    with Readers(spec.images, found) as readers:
        counts, groups = _counts(spec.blocks), readers["residual"].alike
        swaps = _counts(spec.blocks) if any(len(g) > 1 for g in groups) else ()
        record = replace(
            record,
            training=found.told,
            counts=counts,
            swaps=swaps,
            images=readers.images,
            whole=readers.all(Reader.error),
            lost=readers.lost,
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


def shuffled(blocks: int, groups: Sequence[Sequence[int]], swaps: int, generator: torch.Generator) -> tuple[int, ...]:
    """Return the numbers 1 to `blocks` after `swaps` swaps of random pairs, each pair within one of the groups."""
    order = list(range(1, blocks + 1))
    sizes = torch.tensor([float(len(g) * (len(g) - 1)) for g in groups])
    for _ in range(swaps):
        group = groups[int(torch.multinomial(sizes, 1, generator=generator))]
        a, b = (group[k] - 1 for k in torch.randperm(len(group), generator=generator)[:2].tolist())
        order[a], order[b] = order[b], order[a]
    return tuple(order)


def _tau(order: Sequence[int]) -> float:
    return short(float(kendalltau(range(len(order)), order).statistic))


def _counts(blocks: int) -> tuple[int, ...]:
    """Return at most COUNTS of the numbers 1 to `blocks`, closer together at the beginning."""
    if blocks <= COUNTS:
        return tuple(range(1, blocks + 1))
    return tuple(sorted({round(blocks ** (k / (COUNTS - 1))) for k in range(COUNTS)}))
