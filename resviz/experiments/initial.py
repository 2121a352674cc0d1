"""Before training: what the first step would measure, for networks whose shortcuts are cut and restored by the click."""

from __future__ import annotations

from functools import lru_cache, partial

from resviz.data import Data, load
from resviz.experiments.arm import Arm
from resviz.experiments.train import Lanes, Task, first_task, prepared
from resviz.records import ARMS, ArmRecord, Record
from resviz.spec import Spec

KEPT = 3  # pairs of networks, for specs that differ in more than their cuts


@lru_cache(maxsize=2)
def _loaded(dataset: str, examples: int) -> Data:
    """Reading the digits alone takes a tenth of a pass."""
    return load(dataset, examples)


class Twins:
    """Both networks of a spec at their first step, and what has been measured of them."""

    def __init__(self, spec: Spec) -> None:
        device = prepared(spec)
        data = _loaded(spec.dataset, spec.examples and spec.train_examples).for_kind(spec.kind).to(device)
        self.task: Task = first_task(spec, data)
        self.arms = {name: Arm(spec, name, device) for name in ARMS}
        self.plain: dict[tuple[int, ...], ArmRecord] = {}  # by blocks removed: cuts do not concern it


class Initial:
    """Loss, gradients and activations of the initial weights on the first batch: to the bit what step 1 of `train`
    measures before its update, a number that left the range of float32 as inf or NaN.

    Networks stay built between calls, so that another cut costs one forward and one backward pass of one arm.
    """

    def __init__(self) -> None:
        # Each arm computes in one thread of its own, as in training: the order of sums depends on it.
        self.lanes = Lanes(ARMS)
        self.twins: dict[str, Twins] = {}  # the latest used last

    def __call__(self, spec: Spec) -> Record:
        """Raises DeviceUnavailable and DataUnavailable as `train` does."""
        now = spec.during(1)
        key = now.replace(cut="", remove="").digest
        twins = self.twins.pop(key, None) or Twins(now)
        self.twins[key] = twins
        for old in list(self.twins)[:-KEPT]:
            del self.twins[old]
        waits = {"residual": self.lanes.submit("residual", partial(self._look, twins, "residual", now))}
        if now.remove not in twins.plain:
            waits["plain"] = self.lanes.submit("plain", partial(self._look, twins, "plain", now))
        found = {name: wait() for name, wait in waits.items()}
        if "plain" in found:
            twins.plain[now.remove] = found["plain"]
        arms = {"residual": found["residual"], "plain": twins.plain[now.remove]}
        return Record(1, 1, twins.task.lr, arms)

    @staticmethod
    def _look(twins: Twins, name: str, now: Spec) -> ArmRecord:
        arm = twins.arms[name]
        arm.apply(now)
        return arm.look(twins.task.x, twins.task.y)

    def close(self) -> None:
        self.lanes.close()
