"""Before training: what the first step would measure, for networks whose shortcuts are cut and restored by the click."""

from __future__ import annotations

from functools import lru_cache, partial

from resviz.data.tensors import Data, load
from resviz.families.resnet.spec import Spec
from resviz.latest import Latest
from resviz.train.records import ARMS, ArmRecord, Record
from resviz.train.twins.arm import Arm
from resviz.train.twins.lockstep import Lanes, Task, first_task, prepared

KEPT = 3  # pairs of networks, for specs of different structure
PLAIN_KEPT = 50


@lru_cache(maxsize=2)
def _loaded(dataset: str, examples: int) -> Data:
    """Reading the digits alone takes a tenth of a pass."""
    return load(dataset, examples)


class Twins:
    """Both networks of a spec at their first step, and what has been measured of them."""

    def __init__(self, spec: Spec) -> None:
        device = prepared(spec)
        self.data = _loaded(spec.dataset, spec.examples and spec.train_examples).for_kind(spec.kind).to(device)
        self.arms = {name: Arm(spec, name, device) for name in ARMS}
        self.drawn = spec.init, spec.seed
        self.task: Task = first_task(spec, self.data)
        self.plain: Latest[str, ArmRecord] = Latest(PLAIN_KEPT)  # by spec without what does not concern it

    def draw(self, spec: Spec) -> None:
        """Put the weights of this spec in."""
        if self.drawn == (spec.init, spec.seed):
            return
        for arm in self.arms.values():
            arm.net.initialise(spec.init, spec.seed)
        self.drawn = spec.init, spec.seed
        self.task = first_task(spec, self.data)


class Initial:
    """Loss, gradients and activations of the initial weights on the first batch: to the bit what step 1 of `train`
    measures before its update, a number that left the range of float32 as inf or NaN.

    Networks stay built between calls: another cut costs one forward and one backward pass of one arm, other weights those
    of both.
    """

    def __init__(self) -> None:
        # Each arm computes in one thread of its own, as in training: the order of sums depends on it.
        self.lanes = Lanes(ARMS)
        self.twins: Latest[str, Twins] = Latest(KEPT)

    def __call__(self, spec: Spec) -> Record:
        """Raises DeviceUnavailable and DataUnavailable as `train` does."""
        now = spec.during(1)
        key = _without(now, *_ON_A_LIVING_NET).digest
        twins = self.twins[key] = self.twins.get(key) or Twins(now)
        twins.draw(now)
        waits = {"residual": self.lanes.submit("residual", partial(self._look, twins, "residual", now))}
        own = _without(now, "cut", "shortcut_scale").digest
        if own not in twins.plain:
            waits["plain"] = self.lanes.submit("plain", partial(self._look, twins, "plain", now))
        found = {name: wait() for name, wait in waits.items()}
        if "plain" in found:
            twins.plain[own] = found["plain"]
        return Record(1, 1, twins.task.lr, {"residual": found["residual"], "plain": twins.plain[own]})

    @staticmethod
    def _look(twins: Twins, name: str, now: Spec) -> ArmRecord:
        arm = twins.arms[name]
        arm.apply(now)
        return arm.look(twins.task.x, twins.task.y)

    def close(self) -> None:
        self.lanes.close()


# What another pass through the same networks can have otherwise: their structure stays.
_ON_A_LIVING_NET = ("cut", "remove", "branch_scale", "shortcut_scale", "activation", "init", "seed")


def _without(spec: Spec, *names: str) -> Spec:
    return spec.replace(**{name: Spec.model_fields[name].default for name in names})
