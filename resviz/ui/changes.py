"""What happens in other threads wakes who waits for it in the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CLOCK_SECONDS = 0.5  # between two looks at what changes with the clock alone


class Changes:
    """`tell` from any thread; in the event loop look at how things are while noticing, then wait for another change."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Something has changed."""
        with self.lock:
            waiting, self.waiting = self.waiting, set()
        for future in waiting:
            with suppress(RuntimeError):  # its loop has ended
                future.get_loop().call_soon_threadsafe(_wake, future)

    @contextmanager
    def noticed(self) -> Iterator[asyncio.Future[None]]:
        """What is done at the next change, even at one that comes before it is waited for."""
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
    """Wait for a change, or as long as that."""
    await asyncio.wait([change], timeout=max(0.0, seconds))
