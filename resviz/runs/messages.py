"""What the server and its workers say to each other, as pickles over a pair of pipes."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from resviz.records import Event

_LENGTH = struct.Struct("<I")

STATES_FOLDER = "RESVIZ_STATES"  # the environment variable that tells workers where to keep states


@dataclass(frozen=True, slots=True)
class Want:
    """To a worker: carry run `digest` on to step `until`, leaving whatever it does now; 0 parks it.

    `have` is the number of records that the server holds, for a worker that must start the run over. `ticket` comes
    back with Parked, so that the server can tell an answer to this wish from one to the wish before; `attempt` comes
    back with all else, to tell a run that was started over from what it was.
    """

    ticket: int
    digest: str
    spec: str
    have: int
    until: int
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """To a worker: forget the run."""

    digest: str


@dataclass(frozen=True, slots=True)
class Fork:
    """To a worker that is at a run: keep the state after the next step that is not begun yet, and say which it is."""

    ticket: int
    digest: str


@dataclass(frozen=True, slots=True)
class Forked:
    """The state after `step` is kept, and all records up to it have been sent; 0 if the run is not under way."""

    ticket: int
    step: int


@dataclass(frozen=True, slots=True)
class Look:
    """To a prober: measure what `spec`, a spec of this kind (runs.questions), asks. `image` is a file of the person's own,
    or None."""

    spec: str
    kind: str = "initial"
    image: bytes | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """From a prober: the record of that kind, or why there is none. `more`: as far as it has come; it goes on."""

    record: Any
    message: str = ""
    missing: str = ""
    more: bool = False


@dataclass(frozen=True, slots=True)
class Enough:
    """To a prober: nobody waits for the rest of what it is at."""


@dataclass(frozen=True, slots=True)
class Found:
    """From a worker as soon as it knows: the device that "auto" stands for here."""

    device: str


@dataclass(frozen=True, slots=True)
class Hello:
    """From a worker that is warm: the measured speed of the default twins."""

    macs_per_second: float


@dataclass(frozen=True, slots=True)
class Happened:
    digest: str
    event: Event
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """The worker has reached what ticket `ticket` asked for and is free."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Done:
    """`seconds` is the time computed on the run, pauses left out."""

    digest: str
    seconds: float
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """`missing` names the data set that is not on this machine, if that is why."""

    digest: str
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
