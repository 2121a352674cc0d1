"""Places for worker processes: how one is started, spoken to, listened to and found dead."""

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
    """A process that speaks `messages` over its standard input and output; what it says in words goes to our log."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )


@dataclass(eq=False)
class Seat:
    """A place for one worker process of a lane: the process of the moment, and the job it works on."""

    lane: str
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    job: Job | None = None
    ticket: int = 0
    until: int = 0
    began: float = 0.0  # when the job came here (time.monotonic)
    charged: float = 0.0  # up to when its time has been charged

    def fill(
        self, process: subprocess.Popen[bytes], hear: Callable[[Seat, Any], None], ended: Callable[[Seat, int], None]
    ) -> None:
        """Put a new process here. In a thread of its own `hear` gets its messages, then `ended` its exit code."""
        self.process = process
        self.ready, self.job, self.until = False, None, 0
        threading.Thread(target=self._listen, args=(process, hear, ended), name="worker", daemon=True).start()

    def free(self, job: Job) -> None:
        """Nobody works on `job` here any more."""
        if self.job is job:
            self.job, self.until = None, 0

    def tell(self, message: Any) -> None:
        if self.process and self.process.stdin and self.ready:
            with suppress(OSError):  # its listener sees the same end of the pipe, and replaces the worker
                messages.send(self.process.stdin, message)  # type: ignore[arg-type]

    def _listen(
        self, process: subprocess.Popen[bytes], hear: Callable[[Seat, Any], None], ended: Callable[[Seat, int], None]
    ) -> None:
        assert process.stdout is not None
        with suppress(EOFError):
            while True:
                hear(self, messages.receive(process.stdout))  # type: ignore[arg-type]
        ended(self, process.wait())
