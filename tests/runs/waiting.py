"""Waiting for what another process or thread does."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE = 30.0  # seconds after which a test fails; it decides nothing else


def wait(condition: Callable[[], T], what: str = "that", seconds: float = DEADLINE) -> T:
    """Until `condition()` is true; returns what it gives."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}"
        time.sleep(0.002)
    return found
