"""The server around the pages: what starts with it and ends with it. Its addresses are in routes.py."""

from __future__ import annotations

import functools
import gc
import gzip
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from uvicorn.protocols.http import h11_impl

from resviz.runs.downloads import Downloads
from resviz.runs.prober import COLD, Prober
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.ui.changes import Changes

LONGEST_REQUEST = 2**21  # bytes; as long as Chromium's longest address

ROUTER = Path(__file__).parent / "router.py"

_scheduler: Scheduler | None = None
_prober: Prober | None = None
_slow_prober: Prober | None = None
_making = threading.Lock()
downloads = Downloads()
changes = Changes()  # of what processes have told


def scheduler() -> Scheduler:
    """The one scheduler of this server. Made here if a page runs without the app around it, as in AppTest."""
    global _scheduler
    if _scheduler is None:
        # Each run computes in two threads, one an arm.
        workers = int(os.environ.get("RESVIZ_WORKERS", max(1, (os.cpu_count() or 2) // 2)))
        _scheduler = Scheduler(Store(), workers=workers)
        _scheduler.start()
    return _scheduler


def prober() -> Prober:
    """The one process that measures networks before training, made as `scheduler` is."""
    global _prober
    if _prober is None:
        _prober = Prober(scheduler().store, heard=changes.tell)
        _prober.start()
    return _prober


def slow_prober() -> Prober:
    """Another one, for questions that take seconds; made when it is first needed."""
    global _slow_prober
    with _making:
        if _slow_prober is None:
            _slow_prober = Prober(scheduler().store, command=COLD, heard=changes.tell)
            _slow_prober.start()
    return _slow_prober


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    # Streamlit passes no such option on: past 16 kB of address, a person would meet a bare "Invalid HTTP request"
    # instead of a page that says which setting is wrong.
    vars(h11_impl)["DEFAULT_MAX_INCOMPLETE_EVENT_SIZE"] = LONGEST_REQUEST
    runs, looks = scheduler(), prober()
    gc.collect()
    gc.freeze()  # what start-up made stays; later collections need not look at it
    # What the first visitor would wait for happens while their browser loads.
    threading.Thread(target=lambda: (import_module("pyarrow.parquet"), plotly_gzipped()), daemon=True).start()
    try:
        yield
    finally:
        for probing in (looks, _slow_prober):
            if probing:
                await run_in_threadpool(probing.close)
        await run_in_threadpool(runs.close)


def plotly_url() -> str:
    from importlib.metadata import version

    return f"assets/plotly.js?v={version('plotly')}"


@functools.cache
def plotly_gzipped() -> bytes:
    """plotly.js from the plotly wheel, 4.8 MB as 1.5: found without importing plotly."""
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    return gzip.compress((Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes(), 6)
