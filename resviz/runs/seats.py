"""Seats, the places for worker processes: start a process, send it messages, receive its messages and notice its end."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from resviz.runs import messages
from resviz.runs.jobs import Job


def hire(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a worker process that exchanges `messages` over its standard input and output; its standard error goes to our log."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )


@dataclass(eq=False)
class Seat:
    """The place for one worker process of a lane: the current process, and the job it works on."""

    lane: str
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    job: Job | None = None
    ticket: int = 0
    until: int = 0
    began: float = 0.0  # when the job was last started here (time.monotonic)
    charged: float = 0.0  # the time up to which its viewers have been charged

    def fill(
        self, process: subprocess.Popen[bytes], hear: Callable[[Seat, Any], None], ended: Callable[[Seat, int], None]
    ) -> None:
        """Put a new process here. In a separate thread, `hear` gets its messages, and then `ended` its exit code."""
        self.process = process
        self.ready, self.job, self.until = False, None, 0
        threading.Thread(target=self._listen, args=(process, hear, ended), name="worker", daemon=True).start()

    def free(self, job: Job) -> None:
        """Mark the seat as free if its process worked on `job`."""
        if self.job is job:
            self.job, self.until = None, 0

    def tell(self, message: Any) -> None:
        if self.process and self.process.stdin and self.ready:
            with suppress(OSError):  # the listener notices the closed pipe too, and replaces the worker
                messages.send(self.process.stdin, message)  # type: ignore[arg-type]

    def _listen(
        self, process: subprocess.Popen[bytes], hear: Callable[[Seat, Any], None], ended: Callable[[Seat, int], None]
    ) -> None:
        assert process.stdout is not None
        with suppress(EOFError):
            while True:
                hear(self, messages.receive(process.stdout))  # type: ignore[arg-type]
        ended(self, process.wait())
