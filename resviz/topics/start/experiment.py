"""What two networks read in unseen images while they learn, and what the trained residual one reads without a shortcut."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from resviz.data.tensors import Data
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import NoAnswer, overflowed, own_bytes
from resviz.families.resnet.probes import AT_ONCE, TRAINING, evenly, learnt, unseen
from resviz.families.resnet.spec import Spec
from resviz.nets.reading import classes_read
from resviz.nets.resnet import ResNet, still
from resviz.probes.maps import packed
from resviz.topics.start.question import Edit, EditSpec, Reading, ReadSpec, Wall, WallSpec, letter
from resviz.train.spec import TrainingSpec
from resviz.train.twins.lockstep import Keeper, Lanes, loaded, prepared
from resviz.train.twins.trained import Trained, numbers, trained
from resviz.words.say import rounded


def walls(spec: WallSpec, *, keeper: Keeper | None = None) -> Iterator[Wall]:
    """Train both networks of the run, and yield what they have read so far each time that weights of the course are there.

    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    watchers: dict[str, Watcher] = {}
    record, lanes = Wall(spec, 0.0), Lanes(())
    found = None
    try:
        for found in trained(spec.run, keeper=keeper, course=True):
            if not watchers:
                lanes = Lanes(ARMS if found.device.type == "cpu" else ())
                record = _shown(record, found)
                x, _ = unseen(found, spec.images)
                watchers = {arm: Watcher(spec.run, arm, x) for arm in ARMS}
            while _watch(found, watchers, lanes):
                record = _told(record, found, watchers)
                yield record
            if not found.over:
                yield replace(record, done=min(0.99, found.share), training=found.told)
    finally:
        lanes.close()
    assert found is not None
    yield replace(_told(record, found, watchers), done=1.0)


def _shown(record: Wall, found: Trained) -> Wall:
    """Return the record with the images, their classes, and the sizes of the blocks."""
    data, spec = found.data, record.spec
    at = evenly(data.test_y, spec.images)
    raw = data.test_x[at]
    points = spec.data.noun == "points"
    low, high = (raw.amin().item(), raw.amax().item()) if points else (0.0, 1.0)
    blocks = found.arms["residual"].net.residual_blocks()
    return replace(
        record,
        images=len(at),
        truth="".join(map(letter, data.test_y[at].tolist())),
        pixels="" if points else packed(raw),
        places=tuple(
            (round((a - low) / (high - low), 3), round((b - low) / (high - low), 3)) for a, b in raw.flatten(1).tolist()
        )
        if points
        else (),
        weights=tuple(sum(p.numel() for p in block.branch.parameters()) for block in blocks),
    )


def _watch(found: Trained, watchers: dict[str, Watcher], lanes: Lanes) -> bool:
    """Have each watcher read once with weights that are new, both side by side; returns whether there were any."""
    waiting = [lanes.submit(arm, partial(watcher.watch, found)) for arm, watcher in watchers.items()]
    read = [wait() for wait in waiting]
    return any(read)


def _told(record: Wall, found: Trained, watchers: dict[str, Watcher]) -> Wall:
    longest = max((w.steps for w in watchers.values()), key=len)
    return replace(
        record,
        done=min(0.99, found.share),
        training=found.told,
        steps=tuple(longest),
        reads={arm: tuple(w.reads) for arm, w in watchers.items()},
    )


class Watcher:
    """Reads the unseen images (N, C, H, W) with each of the weights that one arm leaves on its course."""

    def __init__(self, run: TrainingSpec, arm: str, x: Tensor) -> None:
        self.run, self.arm, self.x = run, arm, x
        self.twin = run.family.of("twin")(run.during(1), arm)
        self.net = ready(self.twin.net, x.device)
        self.steps: list[int] = []
        self.reads: list[str] = []

    def watch(self, found: Trained) -> bool:
        """Read with the next weights on the course; returns whether there are any."""
        course = found.course[self.arm]
        if len(course) == len(self.steps):
            return False
        step, weights = course[len(self.steps)]
        self.twin.apply(self.run.during(max(1, step)))
        load(self.net, weights)
        self.steps.append(step)
        self.reads.append(read(self.net, self.x))
        return True


def ready(net: ResNet, device: torch.device) -> ResNet:
    """A network on a device, in evaluation mode."""
    return net.to(device).to(memory_format=torch.channels_last).eval().requires_grad_(False)


def load(net: nn.Module, weights: Tensor) -> None:
    """Give a network the weights of a course: all its `numbers`, flat."""
    parts = numbers(net)
    with torch.no_grad():
        for part, row in zip(parts, weights.to(parts[0].device).split([p.numel() for p in parts]), strict=True):
            part.copy_(row.view_as(part))


def read(net: nn.Module, x: Tensor) -> str:
    """What a network in evaluation mode reads in images (N, C, H, W), one character each."""
    with torch.inference_mode():
        return "".join(letter(n) for part in x.split(AT_ONCE) for n in classes_read(net(part)).tolist())


# -- one edit ----------------------------------------------------------------------------------------


def edit(spec: EditSpec, *, keeper: Keeper | None = None) -> Iterator[Edit]:
    """Read the unseen images without one shortcut or one block of the trained residual network, some at a time; then again with
    the averages of the normalisations behind it measured anew. Without an edit, the whole network is read.

    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    record = Edit(spec, 0.0)
    found = yield from learnt(record, keeper)
    record = replace(record, done=TRAINING, training=found.told)
    net = edited(found.net("residual"), spec)
    x, _ = unseen(found, spec.images)
    for part in x.split(AT_ONCE):
        record = replace(record, reads=record.reads + read(net, part))
        yield record
    if measure_anew(net, spec, found):
        record = replace(record, anew=read(net, x))
    yield replace(record, done=1.0)


def edited(net: ResNet, spec: EditSpec) -> ResNet:
    """Return a copy of a trained network without the shortcut or the block that the spec names, if it names one."""
    made = still(net)
    for number, block in enumerate(made.residual_blocks(), start=1):
        block.connected = block.connected and number != spec.sever
        block.removed = block.removed or number == spec.lesion
    return made


def measure_anew(net: ResNet, spec: EditSpec, found: Trained) -> bool:
    """Measure, in place, the running mean and variance of each batch normalisation behind the edit, or of all if there is none:
    on all training images, in batches of about the size of training, each batch counted alike. Those in front of the edit see
    what they saw before. Returns whether there are any."""
    blocks = net.residual_blocks()
    behind: list[nn.Module] = [net] if not spec.edited else [*blocks[spec.sever or spec.lesion :], net.final]
    if spec.sever:
        behind.append(blocks[spec.sever - 1].after)
    norms = [m for part in behind for m in part.modules() if isinstance(m, nn.BatchNorm2d)]
    norms = [m for m in norms if m.running_mean is not None]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
        norm.train()
    if norms:
        data = found.data
        count = max(1, round(len(data.train_y) / spec.examples_in_a_step))
        with torch.inference_mode():
            for part in data.train_x.tensor_split(count):
                net(data.inputs(part))
    for norm in norms:
        norm.eval()
    return bool(norms)


# -- an image of a person's own ------------------------------------------------------------------------

HELD = Path(__file__).with_name("networks.npz")  # the last weights of both networks of the default run


def reading(spec: ReadSpec, *, keeper: Keeper | None = None) -> Iterator[Reading]:
    """Have both trained networks read the image that the spec holds. Those of the default run come with the package.

    Raises DeviceUnavailable, DataUnavailable if the data set is not here, and NoAnswer if there is no image, or if numbers leave
    the range of float32.
    """
    if not spec.own:
        raise NoAnswer("There is no image yet: draw one.")
    record = Reading(spec, 0.0)
    if _is_default(spec):
        data, nets = _held(spec.device)
    else:
        found = yield from learnt(record, keeper)
        record = replace(record, training=found.told)
        data, nets = found.data, {arm: found.net(arm) for arm in ARMS}
    raw = torch.frombuffer(bytearray(own_bytes(spec.own)), dtype=torch.uint8).view_as(data.test_x[0])
    x = data.inputs(raw[None].to(data.test_y.device))
    with torch.inference_mode():
        shares = {arm: net(x)[0].double().softmax(0) for arm, net in nets.items()}
    for arm, found_shares in shares.items():
        if not found_shares.isfinite().all():
            raise overflowed(arm, "nothing can be read in it")
    yield replace(
        record,
        done=1.0,
        shares={arm: tuple(rounded(v) for v in found_shares.tolist()) for arm, found_shares in shares.items()},
    )


def _is_default(spec: ReadSpec) -> bool:
    return spec.run.replace(device="auto") == type(spec.run).of({}) and HELD.exists()


@functools.cache
def _held(device: str) -> tuple[Data, dict[str, ResNet]]:
    """The data and both networks of the default run, with the weights that come with the package."""
    run = Spec.of({}).replace(device=device)
    where = prepared(run)
    data, nets = loaded(run, where), {}
    with np.load(HELD) as weights:
        for arm in ARMS:
            nets[arm] = ready(run.family.of("twin")(run.during(run.steps), arm).net, where)
            load(nets[arm], torch.from_numpy(weights[arm]))
    return data, nets


def hold() -> None:
    """Train the default run, and store the last weights of both networks in the package."""
    *_, found = trained(Spec.of({}), course=True)
    residual, plain = (found.course[arm][-1][1].numpy() for arm in ARMS)
    np.savez_compressed(HELD, residual=residual, plain=plain)
