"""The messages between the server and its workers, sent as pickles over a pair of pipes."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from resviz.train.records import UNKNOWN, Machine

_LENGTH = struct.Struct("<I")

STATES_FOLDER = "RESVIZ_STATES"  # the environment variable that tells workers where to store states


TRAINING = "training"  # the kind of a job that is a run; all others are kinds of questions (runs.questions)


@dataclass(frozen=True, slots=True)
class Want:
    """To a worker: leave the current job, and continue job `key` up to step `until`; 0 parks it.

    The job is described by `spec`, the JSON text of a spec of this `kind`; `image` is a file of the person's own, or None. `have`
    is the number of records of a run that the server holds, for a worker that must start it over. `ticket` returns with Parked,
    so that the server can tell a reply to this message from one to the message before; `attempt` returns with all other
    messages about the job, so that the server can ignore those sent before it was started over.
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
    """To a worker that computes a run: store the state after the next step not begun yet, and reply with that step (Forked)."""

    ticket: int
    key: str


@dataclass(frozen=True, slots=True)
class Forked:
    """From a worker: the state after `step` is stored, and all records up to it have been sent; 0 if the run is not under way."""

    ticket: int
    step: int


@dataclass(frozen=True, slots=True)
class Found:
    """From a worker as soon as it knows: the device that "auto" stands for here, and what computes on it."""

    device: str
    machine: Machine = UNKNOWN


@dataclass(frozen=True, slots=True)
class Hello:
    """From a worker that is warmed up: the speed of training the default twins, if it has measured that."""

    macs_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """From a worker: an event of a run, or a part of an answer; the last part is the answer."""

    key: str
    event: Any
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """From a worker: it has reached the step that the Want with this `ticket` asked for, and is free."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Done:
    """From a worker: the job is complete. `seconds` is the time computed on it, without pauses."""

    key: str
    seconds: float
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """From a worker: the job has failed. `missing` names the data set that is not on this machine, if that is why."""

    key: str
    message: str
    missing: str = ""
    attempt: int = 0


def send(pipe: BinaryIO, message: Any) -> None:
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def receive(pipe: BinaryIO) -> Any:
    """Return the next message. Raises EOFError when the other side is gone."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    body = pipe.read(length)
    if len(body) < length:  # the sender was killed while writing
        raise EOFError
    return pickle.loads(body)
