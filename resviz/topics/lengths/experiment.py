"""The gradient along single paths of the trained residual network, by path length (Veit 2016, section 5)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean

import torch

from resviz.families.resnet.inside import overflowed
from resviz.families.resnet.probes import TRAINING, learnt, short, unseen
from resviz.topics.lengths.probes import Unravelled, norms_by_length
from resviz.topics.lengths.question import Lengths, LengthsSpec
from resviz.train.twins.lockstep import Keeper


def lengths(spec: LengthsSpec, *, keeper: Keeper | None = None) -> Iterator[Lengths]:
    """Measure the gradient along random paths of every length through the residual network.

    Raises DeviceUnavailable, DataUnavailable if the data set is not here, and NoAnswer where the gradient leaves the range of
    float32.
    """
    record = Lengths(spec, 0.0)
    found = yield from learnt(record, keeper)
    x, y = unseen(found, spec.images)
    paths = Unravelled(found.net("residual"), x, y)
    blocks = len(paths.choices)
    whole = torch.linalg.vector_norm(paths.whole().flatten(1), dim=1).mean().item()
    if not math.isfinite(whole):
        raise overflowed("residual", "there is no gradient to send back")
    record = replace(record, training=found.told, blocks=blocks, sampled=len(y) * spec.repeats, whole=short(whole))
    norm: list[float | None] = [None] * (blocks + 1)
    generator = torch.Generator().manual_seed(spec.draw)
    for length, norms in norms_by_length(paths, spec.repeats, generator):
        mean = fmean(norms)
        norm[length] = short(mean) if math.isfinite(mean) else None
        done = TRAINING + (1 - TRAINING) * (length + 1) / (blocks + 1)
        yield replace(record, done=1.0 if length == blocks else done, norm=tuple(norm))
