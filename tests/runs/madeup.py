"""A process of the pool: its real loop around made-up runs (tests/paced.py) and made-up answers, without torch.

Files in its folder say what happens to a question, by its seed. A line is added to the file `log` when one begins.
A look before training (kind "initial") is answered by a loss that is the seed. hold-SEED waits until the file is gone;
die-SEED ends the process; dieonce-SEED too, and is gone; missing-SEED says that the data set is missing.
A "flow" comes in as many parts as its spec has steps. Before part PART, hold-SEED-PART waits, and hears what is said meanwhile;
deaf-SEED-PART waits as well, and hears nothing (waits-SEED-PART says that it does); fail-SEED-PART raises; dieonce-SEED-PART ends
the process, and is gone. The file `heard` has a line for each message that the process has read
after the first: "Want KEY UNTIL" or its name.
"""

import os
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from resviz.topics.flow.question import Flow
from resviz.train.records import ArmRecord, Record
from tests.paced import Paced

GLANCE = 0.002  # seconds between two looks at a file


def a_part(spec, number: int) -> Flow:
    return Flow(spec, number / spec.steps, number, (0.0, 1.0, 0.0, 1.0), (0, 1), {}, (), {})


def a_record(spec) -> Record:
    return Record(1, 1, spec.lr, {"plain": ArmRecord(float(spec.seed), 0.5, (1.0, 2.0))})


class Answers:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def log(self, text: str) -> None:
        with (self.folder / "log").open("a") as file:
            file.write(f"{text}\n")

    def path(self, *parts) -> Path:
        return self.folder / "-".join(map(str, parts))

    def takes(self, *parts) -> bool:
        """Whether a file is there; then it is gone."""
        there = self.path(*parts).exists()
        self.path(*parts).unlink(missing_ok=True)
        return there

    def initial(self, spec) -> Record:
        self.log(spec.seed)
        while self.path("hold", spec.seed).exists():
            time.sleep(GLANCE)
        if self.takes("dieonce", spec.seed):
            os._exit(4)
        if self.path("die", spec.seed).exists():
            os._exit(5)
        if self.path("missing", spec.seed).exists():
            raise FileNotFoundError(f"{spec.data.label} is not here.")
        return a_record(spec)

    def flow(self, spec):
        self.log(spec.seed)
        for part in range(1, spec.steps + 1):
            while self.path("hold", spec.seed, part).exists():
                time.sleep(GLANCE)
                yield None
            while self.path("deaf", spec.seed, part).exists():
                self.path("waits", spec.seed, part).touch()
                time.sleep(GLANCE)
            if self.path("fail", spec.seed, part).exists():
                raise RuntimeError(f"part {part} is in two\nlines")
            if self.takes("dieonce", spec.seed, part):
                os._exit(4)
            yield a_part(spec, part)
            yield None


def main() -> None:
    sys.modules["resviz.data.tensors"] = SimpleNamespace(DataUnavailable=FileNotFoundError)
    sys.modules["resviz.train.twins.lockstep"] = SimpleNamespace(DeviceUnavailable=LookupError)
    from resviz.runs import messages, worker

    folder = Path(sys.argv[1])
    answers, out, inbox = Answers(folder), *worker.connect(0)
    put = inbox.put

    def heard(message) -> None:
        put(message)
        what = f"Want {message.key} {message.until}" if isinstance(message, messages.Want) else type(message).__name__
        with (folder / "heard").open("a") as file:
            file.write(f"{what}\n")

    inbox.put = heard
    say = partial(messages.send, out)
    say(messages.Found("cpu"))
    say(messages.Hello())
    worker.Worker(inbox, say, Paced(folder, seconds=0), answerer=lambda kind: getattr(answers, kind)).loop()
