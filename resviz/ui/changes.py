"""Wake coroutines that wait in the event loop for changes made in other threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CLOCK_SECONDS = 0.5  # between two checks of what changes with the clock alone


class Changes:
    """Call `tell` from any thread. In the event loop, read the state inside `with noticed()`, then await the next change."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Report that something has changed."""
        with self.lock:
            waiting, self.waiting = self.waiting, set()
        for future in waiting:
            with suppress(RuntimeError):  # its loop has ended
                future.get_loop().call_soon_threadsafe(_wake, future)

    @contextmanager
    def noticed(self) -> Iterator[asyncio.Future[None]]:
        """Yield a future that is done at the next change, even at one that comes before the future is awaited."""
        future = asyncio.get_running_loop().create_future()
        with self.lock:
            self.waiting.add(future)
        try:
            yield future
        finally:
            with self.lock:
                self.waiting.discard(future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def within(seconds: float, change: asyncio.Future[None]) -> None:
    """Wait for a change, or until `seconds` have passed."""
    await asyncio.wait([change], timeout=max(0.0, seconds))
