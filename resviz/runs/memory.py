"""The memory of a worker process: kept while it computes, returned to the system while nobody asks it for anything."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

# Returning freed memory to the system and getting it again at every pass takes 15% of a pass of lane "click" or of a landscape,
# and 3% of a training step; a pass at depth 1000 frees 0.6 GiB. A thread's memory is in pieces of 64 MiB, each returned once
# it is empty unless the padding is that large. glibc reads these variables; other systems ignore them.
ENVIRONMENT = {
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TOP_PAD_": str(2**26),
}
IDLE_SECONDS = 20.0  # without a message, until `give_back`
TIDY_SECONDS = 10.0  # between two searches of all objects for garbage
SELDOM = 1000  # of Python's own searches for young garbage, until it would search all objects; its default is 10


def settle() -> None:
    """Leave what has been imported out of all later searches for garbage, and have Python search all other objects seldom: it
    does so in the middle of a pass, and takes 0.1 s where networks have 1000 layers. Instead call `gc.collect` now and then,
    between two answers."""
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, SELDOM)


def give_back() -> None:
    """Return freed memory to the system, where the C library can do that (glibc)."""
    with suppress(AttributeError, OSError, TypeError):  # another C library, or Windows, where there is no CDLL(None)
        ctypes.CDLL(None).malloc_trim(0)
