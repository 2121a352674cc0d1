"""What the server and its workers say to each other, as pickles over a pair of pipes."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

_LENGTH = struct.Struct("<I")

STATES_FOLDER = "RESVIZ_STATES"  # the environment variable that tells workers where to keep states


TRAINING = "training"  # the kind of a job that is a run; all others are kinds of questions (runs.questions)


@dataclass(frozen=True, slots=True)
class Want:
    """To a worker: carry job `key` on to step `until`, leaving whatever it does now; 0 parks it.

    The job is what `spec`, a spec of this kind, asks; `image` is a file of the person's own, or None. `have` is the number of
    records of a run that the server holds, for a worker that must start it over. `ticket` comes back with Parked, so that the
    server can tell an answer to this wish from one to the wish before; `attempt` comes back with all else, to tell a job that was
    started over from what it was.
    """

    ticket: int
    key: str
    kind: str
    spec: str
    have: int
    until: int
    attempt: int = 0
    image: bytes | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """To a worker: forget the job."""

    key: str


@dataclass(frozen=True, slots=True)
class Fork:
    """To a worker that is at a run: keep the state after the next step that is not begun yet, and say which it is."""

    ticket: int
    key: str


@dataclass(frozen=True, slots=True)
class Forked:
    """The state after `step` is kept, and all records up to it have been sent; 0 if the run is not under way."""

    ticket: int
    step: int


@dataclass(frozen=True, slots=True)
class Found:
    """From a worker as soon as it knows: the device that "auto" stands for here."""

    device: str


@dataclass(frozen=True, slots=True)
class Hello:
    """From a worker that is warm: the speed of the default twins, where it has measured that."""

    macs_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a run, or a part of an answer: the last part is the answer."""

    key: str
    event: Any
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """The worker has reached what ticket `ticket` asked for and is free."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Done:
    """`seconds` is the time computed on the job, pauses left out."""

    key: str
    seconds: float
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """`missing` names the data set that is not on this machine, if that is why."""

    key: str
    message: str
    missing: str = ""
    attempt: int = 0


def send(pipe: BinaryIO, message: Any) -> None:
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def receive(pipe: BinaryIO) -> Any:
    """The next message. Raises EOFError when the other side is gone."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    body = pipe.read(length)
    if len(body) < length:  # killed while it wrote
        raise EOFError
    return pickle.loads(body)
