"""Ctrl-C: a command ends soon after it, whatever it is doing, with the exit code 130.

Python raises KeyboardInterrupt once the main thread is back from what it is doing, which a long computation or an import delays,
and which a library may catch. So another thread, woken by the signal itself, ends a process that is still there a moment later.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes longer to import than all else here
    from pathlib import Path
    from types import FrameType

CODE = 130
SECONDS = 1.5  # from Ctrl-C until a process that has not ended is ended
STOPPED = "stopped"

_caught = threading.Event()
_said = threading.Event()
_over = threading.Event()
unfinished: set[Path] = set()  # files that are being written, which are deleted if the process is ended


@contextmanager
def quiet() -> Iterator[None]:
    """Have Ctrl-C end the process at once as long as what is inside is imported."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _at_once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def caught() -> bool:
    """Return whether Ctrl-C was pressed since the command began."""
    return _caught.is_set()


def over() -> None:
    """Note that the command is done: from here on Ctrl-C interrupts nothing, and only the exit code tells of it."""
    _over.set()


def said() -> None:
    """Note that the person has been told how the command ended."""
    _said.set()


@contextmanager
def watched(last: bool) -> Iterator[None]:
    """Have Ctrl-C end what runs inside: KeyboardInterrupt in the main thread, and soon after it the end of the process. `last`:
    the process ends after it, which Ctrl-C no longer disturbs. Outside the main thread, where no signals arrive, all stays."""
    _over.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _at_once)
    woken, wakes = os.pipe()
    if os.name != "nt":
        os.set_blocking(wakes, False)
    threading.Thread(target=_wait, args=(woken,), name="Ctrl-C", daemon=True).start()
    earlier = signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        if not caught():  # else the thread still has to see to the end
            signal.set_wakeup_fd(earlier)
            signal.signal(signal.SIGINT, signal.SIG_IGN if last else before)
            os.close(wakes)


def _at_once(number: int, frame: FrameType | None) -> None:
    end(0)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if not caught():
        _caught.set()
        # From here on, whatever libraries make of it is no news.
        sys.unraisablehook = lambda _: None
        threading.excepthook = lambda _: None
        if not _over.is_set():  # a second one would interrupt what the first one has begun to put in order
            raise KeyboardInterrupt


def _wait(woken: int) -> None:
    with open(woken, "rb", buffering=0) as signals:
        while some := signals.read(64):
            if signal.SIGINT in some:
                return end(SECONDS)


def end(seconds: float) -> None:
    """End the process after this time, and delete what it has half written."""
    threading.Event().wait(seconds)
    for path in list(unfinished):
        with suppress(OSError):
            path.unlink()
    if not _said.is_set():
        with suppress(OSError):
            os.write(2, f"\nresviz: {STOPPED}\n".encode())
    os._exit(CODE)
