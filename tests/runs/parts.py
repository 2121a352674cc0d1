"""A prober whose process is the real loop with made-up answers, which come in parts."""

import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

from resviz.euler.flow import Flow, PlaneSpec
from resviz.runs.prober import Prober
from resviz.runs.questions import Question
from resviz.runs.store import Store

DEADLINE = 30.0

# The loop of resviz.runs.prober, where a "flow" comes in as many parts as its spec has steps. A line is added to the file
# `log` when one begins. Before part PART, each a file: hold-SEED-PART waits until it is gone, and hears that it is enough;
# deaf-SEED-PART waits as well, and hears nothing (waits-SEED-PART says that it does); fail-SEED-PART raises;
# dieonce-SEED-PART ends the process, and is gone.
# torch is not imported: it takes seconds.
PROCESS = """
import os, sys, time
from pathlib import Path
from types import SimpleNamespace

sys.modules["torch"] = SimpleNamespace(set_num_threads=lambda count: None)
sys.modules["resviz.data"] = SimpleNamespace(DataUnavailable=FileNotFoundError)
sys.modules["resviz.experiments.train"] = SimpleNamespace(DeviceUnavailable=LookupError)
from resviz.euler.flow import Flow
from resviz.runs import prober

folder = Path(sys.argv[1])

def made_up(spec):
    with (folder / "log").open("a") as file:
        file.write(f"{spec.seed}\\n")
    for part in range(1, spec.steps + 1):
        path = lambda what: folder / f"{what}-{spec.seed}-{part}"
        while path("hold").exists():
            time.sleep(0.002)
            yield None
        while path("deaf").exists():
            path("waits").touch()
            time.sleep(0.002)
        if path("fail").exists():
            raise RuntimeError(f"part {part} is in two\\nlines")
        if path("dieonce").exists():
            path("dieonce").unlink()
            os._exit(4)
        yield Flow(spec, part / spec.steps, part, (0.0, 1.0, 0.0, 1.0), (0, 1), {}, (), {})
        yield None

prober.answerer = lambda kind: made_up
prober.main()
"""


def wait(condition, what="that"):
    end = time.monotonic() + DEADLINE
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {DEADLINE:g} s for {what}"
        time.sleep(0.002)
    return found


def question(seed: int, parts: int = 3) -> Question:
    return Question("flow", PlaneSpec(seed=seed, steps=parts))


def part(asked: Question, number: int) -> Flow:
    spec = asked.spec
    return Flow(spec, number / spec.steps, number, (0.0, 1.0, 0.0, 1.0), (0, 1), {}, (), {})


class Noted(dict):
    """What has come so far, and in what order it came."""

    def __init__(self) -> None:
        self.came = []

    def __setitem__(self, key, value) -> None:
        self.came.append((key, value))
        super().__setitem__(key, value)

    def of(self, asked: Question) -> list[int]:
        return [value.step for key, value in self.came if key == asked.key]


class Office:
    """A prober whose process answers in parts, and a say in when they come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "process.py").write_text(PROCESS)
        self.open()

    def open(self) -> None:
        """Start, or start again as after a restart of the server."""
        command = (sys.executable, str(self.folder / "process.py"), str(self.folder), "cold")
        self.prober = Prober(Store(self.folder / "home"), command=command)
        self.prober.so_far = self.came = Noted()
        self.prober.start()

    def close(self) -> None:
        self.prober.close()
        for thread in [t for t in threading.enumerate() if t.name == "prober"]:
            thread.join(DEADLINE)
        self.prober.store.close()

    def set(self, what: str, asked: Question, number: int) -> Path:
        path = self.folder / f"{what}-{asked.spec.seed}-{number}"
        path.touch()
        return path

    def ask(self, asked: Question, viewer: str = "") -> Future:
        return self.prober.ask(asked, viewer)

    def begun(self) -> list[int]:
        path = self.folder / "log"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def busy(self, viewer: str = "a", what: str = "hold") -> tuple[Question, Future, Path]:
        """The process between the first and the second part of question 100."""
        asked = question(100)
        gate = self.set(what, asked, 2)
        future = self.ask(asked, viewer)
        wait(lambda: asked.key in self.came, "the first part")
        if what == "deaf":
            wait((self.folder / "waits-100-2").exists, "the gate")
        return asked, future, gate
