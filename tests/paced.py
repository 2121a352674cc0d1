"""A trainer that needs no torch: made-up records of the right shape, at a pace, for tests that need a run that still learns.

`python -m tests.paced FOLDER` is a worker process as the scheduler starts one, `command(folder)` what starts it. The files of the
folder say what else happens: while `hold` is there nothing is learnt at all; hold-SEED-STEP holds the run of that seed before
that step (held-SEED-STEP says that it does); raise-SEED-STEP makes it fail there, lacks-SEED-STEP lets its data set be missing,
die-SEED-STEP ends the process, half-SEED-STEP ends it in the midst of a message. A branch that left at step 20 is named SEED@20.
A line is added to the file `log` for each run that begins, and for each that ran to its end or failed; to the file `messages` for
each message that the process has read ("heard Want") or sent, records left out ("said Done").
"""

from __future__ import annotations

import math
import os
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.train.records import CALM, PROBE_EVERY, ArmRecord, ArmStart, Event, History, Record, Start

STEP_SECONDS = 0.004  # about as long as a small network takes
EVALUATE_EVERY = 5  # steps between two tests on unseen images

START = Start("cpu", {arm: ArmStart(1234, "0123456789abcdef") for arm in ARMS})


def name_of(spec: Spec) -> str:
    """What the files of the folder call a run: its seed, and the steps at which it was changed."""
    return "@".join(map(str, (spec.seed, *sorted({edit.at for edit in spec.edits}))))


def arm_record(spec: Spec, arm: str, step: int) -> ArmRecord:
    """What one network measures at a step. Its numbers depend on the seed, the step, and the settings in force there.

    Losses fall, the residual network's faster; gradient norms of the plain network fall from layer to layer. A cut makes the
    residual network's loss larger from the next step on, a block taken out has a norm of 0.
    """
    now, edge = spec.during(step), step in spec.edges
    residual = arm == "residual"
    shortcuts = (spec.shortcuts - len(now.cut)) if residual else 0
    speed = (0.5 + shortcuts / (1 + spec.shortcuts)) * (1 + 0.1 * math.log10(now.lr / 0.02))
    loss = 2.3 / (1 + speed * step / 8) + 0.01 * (spec.seed % 7) + 0.02 * len(now.remove)
    learnt = max(0.1, min(0.99, 1 - loss / 2.5))
    probed = edge or step % PROBE_EVERY == 0 or step in CALM
    out = {
        (n - 1) * spec.convs_per_block + spec.stem_convs + k for n in now.remove for k in range(spec.convs_per_block)
    }
    fall = 0.98 if residual else 0.9
    before = spec.during(step - 1) if step > 1 else now
    same = all(getattr(before, name) == getattr(now, name) for name in ("activation", "branch_scale", "shortcut_scale"))
    touched = same and (before.remove != now.remove or (residual and before.cut != now.cut))

    def layers(count: int, first: float, factor: float) -> tuple[float, ...]:
        return tuple(0.0 if layer in out else first * factor**layer for layer in range(count))

    inside = {
        "activation_mean": layers(spec.depth - 1, 0.4, 1.01),
        "activation_std": layers(spec.depth - 1, 0.6, 1.02 if residual else 0.97),
        "dead_fraction": tuple(0.1 + 0.3 * (layer % 3) / 3 for layer in range(spec.depth - 1)),
        "residual_ratio": tuple(0.0 if n + 1 in now.remove else 0.5 + 0.1 * (n % 4) for n in range(spec.blocks)),
    }
    return ArmRecord(
        loss,
        round(learnt * spec.batch) / spec.batch,
        layers(spec.depth, loss, fall),
        activation_grad_norm=layers(spec.depth - 1, loss / 10, 1 / fall) if step in CALM else None,
        **(inside if probed else {}),
        train_accuracy=learnt if step in spec.ends else None,
        shift=(0.5, 0.8) if touched else None,
        test_accuracy=round(0.95 * learnt * spec.data.test) / spec.data.test
        if edge or step % EVALUATE_EVERY == 0
        else None,
    )


def record(spec: Spec, step: int) -> Record:
    """One step of both networks."""
    now = spec.during(step)
    arms = {arm: arm_record(spec, arm, step) for arm in ARMS}
    return Record(step, 1 + (step - 1) // spec.steps_per_epoch, now.lr_at(step, now.steps), arms)


def history(spec: Spec, steps: int | None = None) -> History:
    """The whole run, or its first steps."""
    found = History(spec, START)
    for step in range(1, (spec.steps if steps is None else steps) + 1):
        found.add(record(spec, step))
    return found


class Paced:
    """What a worker opens in the place of a training (`resviz.runs.worker.OpenRun`)."""

    def __init__(self, folder: Path, wait: Callable[[float], None] = time.sleep, seconds: float = STEP_SECONDS) -> None:
        self.folder, self.wait, self.seconds = folder, wait, seconds
        self.half: Callable[[], None] = lambda: None  # sends half a message

    def there(self, *parts: Any) -> bool:
        return (self.folder / "-".join(map(str, parts))).exists()

    def log(self, text: str, name: str = "log") -> None:
        with (self.folder / name).open("a") as file:
            file.write(f"{text}\n")

    def __call__(self, spec: Spec, *, after: int, keeper: Any) -> Iterator[Event]:
        name = name_of(spec)
        self.log(f"begin {name}" + f" after {after}" * bool(after))
        self.until_free(name, 0)
        yield START
        for step in range(after + 1, spec.steps + 1):
            keep = keeper.wants(step) | keeper.begins("plain", step)
            self.until_free(name, step)
            if self.there("raise", name, step):
                self.log(f"raise {name}")
                raise RuntimeError(f"asked to fail at {step}")
            if self.there("lacks", name, step):
                raise FileNotFoundError(f"{spec.data.label} is not here.")
            if self.there("die", name, step):
                os._exit(5)
            if self.there("half", name, step):
                self.half()
                os._exit(6)
            if self.seconds:
                self.wait(self.seconds)
            if keep:
                keeper.keep(spec, step, {"plain": {"step": step}})
            yield record(spec, step)
        self.log(f"end {name}")

    def until_free(self, name: str, step: int) -> None:
        if self.there("hold", name, step):
            (self.folder / f"held-{name}-{step}").touch()
        while self.there("hold") or self.there("hold", name, step):
            self.wait(0.005)


def command(folder: Path, seconds: float = STEP_SECONDS) -> tuple[str, ...]:
    """What starts such a worker, from whatever folder, that takes so long for a step."""
    return sys.executable, str(Path(__file__)), str(folder), str(seconds)


def main() -> None:
    folder, *seconds = sys.argv[1:]
    # These would import torch, which takes seconds.
    sys.modules["resviz.data.tensors"] = SimpleNamespace(DataUnavailable=FileNotFoundError)  # type: ignore[assignment]
    sys.modules["resviz.train.twins.lockstep"] = SimpleNamespace(DeviceUnavailable=LookupError)  # type: ignore[assignment]
    from resviz.runs import worker
    from resviz.runs.messages import Found, Happened, Hello, send

    out, inbox = worker.connect(0)
    paced = Paced(Path(folder), seconds=float(seconds[0]) if seconds else STEP_SECONDS)
    put = inbox.put

    def heard(message: Any) -> None:
        put(message)
        paced.log(f"heard {type(message).__name__}", "messages")

    def say(message: Any) -> None:
        send(out, message)
        if not isinstance(message, Happened):
            paced.log(f"said {type(message).__name__}", "messages")

    def half() -> None:
        out.write(struct.pack("<I", 1000) + b"half a message")
        out.flush()

    inbox.put = heard  # type: ignore[method-assign]  # nothing is sent to a worker that has not said hello
    paced.half = half
    say(Found("cpu"))
    say(Hello(5e10))
    worker.Worker(inbox, say, paced).loop()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
