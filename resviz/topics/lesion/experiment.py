"""The error of both trained networks of a run with blocks taken out (Veit 2016, arXiv 1605.06431)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.probes import TRAINING, Reader, Readers, learnt
from resviz.topics.lesion.question import Lesions, LesionSpec
from resviz.train.twins.lockstep import Keeper


def lesions(spec: LesionSpec, *, keeper: Keeper | None = None) -> Iterator[Lesions]:
    """Measure the error of both networks without each single block, and with all of `spec.lesion` out and `spec.sever` cut.

    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    record = Lesions(spec, 0.0)
    found = yield from learnt(record, keeper)
    with Readers(spec.images, found) as readers:
        record = replace(
            record,
            training=found.told,
            changes=tuple(readers["residual"].changes),
            images=readers.images,
            whole=readers.all(Reader.error),
            lost=readers.lost,
        )
        together = readers.all(lambda reader: reader.error(without=set(spec.lesion), cut=set(spec.sever)))
        record = replace(record, together=together, lost_together=readers.lost)
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


def _spread(blocks: int) -> list[int]:
    """Return the numbers 1 to `blocks` in an order in which the first ones are spread over the whole range."""
    order, step = [], 1
    while step < blocks:
        step *= 2
    while step:
        order += [n for n in range(1, blocks + 1, step) if n not in order]
        step //= 2
    return order
