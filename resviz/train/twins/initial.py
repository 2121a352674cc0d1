"""Measurements of the first step without training, quick enough to repeat at each click that cuts or restores a shortcut."""

from __future__ import annotations

from functools import partial

from resviz.data.tensors import Data
from resviz.latest import Latest
from resviz.train.records import ArmRecord, Record
from resviz.train.spec import TrainingSpec
from resviz.train.twins.lockstep import Lanes, Plan, first_plan, loaded, prepared, task_of
from resviz.train.twins.trainer import Trainer

KEPT = 3  # pairs of networks, for specs of different structure
WITHOUT_KEPT = 50


class Twins:
    """Both networks of a spec at their first step, and a cache of measurements of the arm without skips."""

    def __init__(self, spec: TrainingSpec, data: Data) -> None:
        device = prepared(spec)
        self.data = loaded(spec, device, data)
        self.arms = {name: Trainer(spec, name, device) for name in spec.arms}
        self.plan: Plan = first_plan(spec, self.data)
        self.without: Latest[str, ArmRecord] = Latest(WITHOUT_KEPT)  # by digest of the spec without its skip settings

    def draw(self, spec: TrainingSpec) -> None:
        """Give both networks the initial weights of this spec, unless they have them already."""
        drawn = [arm.twin.draw(spec) for arm in self.arms.values()]
        if any(drawn):
            self.plan = first_plan(spec, self.data)


class Initial:
    """Measures loss, gradients and activations of the initial weights on the first batch: bit for bit what step 1 of
    `train` measures before its update, with inf or NaN for a number outside the range of float32.

    The networks are reused between calls: a different cut costs one forward and one backward pass of one arm, different
    weights cost those of both.
    """

    def __init__(self) -> None:
        self.lanes: dict[tuple[str, ...], Lanes] = {}
        self.twins: Latest[str, Twins] = Latest(KEPT)
        self.data: Latest[object, Data] = Latest(2)  # reading the digits alone takes a tenth of a pass

    def __call__(self, spec: TrainingSpec) -> Record:
        """Raises DeviceUnavailable and DataUnavailable as `train` does."""
        now = spec.during(1)
        key = _without(now, now.LIVING).digest
        twins = self.twins[key] = self.twins.get(key) or Twins(now, self._data(now))
        twins.draw(now)
        # Each arm computes in one thread of its own, as in training: the order of sums depends on it.
        lanes = self.lanes.setdefault(now.arms, Lanes(now.arms))
        skipping, without = now.arms
        waits = {skipping: lanes.submit(skipping, partial(self._pass, twins, skipping, now))}
        own = _without(now, now.SKIPPING).digest
        if own not in twins.without:
            waits[without] = lanes.submit(without, partial(self._pass, twins, without, now))
        found = {name: wait() for name, wait in waits.items()}
        if without in found:
            twins.without[own] = found[without]
        return Record(1, 1, twins.plan.lr, {skipping: found[skipping], without: twins.without[own]})

    def _data(self, spec: TrainingSpec) -> Data:
        """Return the data as read from disk, from the cache if possible."""
        task = task_of(spec)
        key = spec.FAMILY, *task.source(spec)
        found = self.data[key] = self.data.get(key) or task.read(*task.source(spec))
        return found

    @staticmethod
    def _pass(twins: Twins, name: str, now: TrainingSpec) -> ArmRecord:
        arm = twins.arms[name]
        arm.apply(now)
        return arm.first_pass(twins.plan.x, twins.plan.y)

    def close(self) -> None:
        for lanes in self.lanes.values():
            lanes.close()


def _without(spec: TrainingSpec, names: tuple[str, ...]) -> TrainingSpec:
    return spec.replace(**{name: type(spec).model_fields[name].default for name in names})
