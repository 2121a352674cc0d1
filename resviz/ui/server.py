"""The server behind the pages: what starts and ends with it. Its addresses are in routes.py."""

from __future__ import annotations

import functools
import gc
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from uvicorn.protocols.http import h11_impl
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from resviz.runs.answers import Answers
from resviz.runs.downloads import Downloads
from resviz.runs.lanes import seats
from resviz.runs.pool import Pool
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.ui import addresses
from resviz.ui.changes import Changes
from resviz.ui.files import prepare

LONGEST_REQUEST = 2**21  # bytes; as long as Chromium's longest address

ROUTER = Path(__file__).parent / "router.py"

_scheduler: Scheduler | None = None
_answers: Answers | None = None
downloads = Downloads()
changes = Changes()  # signalled when the pool has news


def scheduler() -> Scheduler:
    """Return the one scheduler of this server. Made here if a page runs without the app around it, as in AppTest."""
    global _scheduler
    if _scheduler is None:
        store = Store()
        _scheduler = Scheduler(store, Pool(store, seats(), heard=changes.tell))
        _scheduler.start()
    return _scheduler


def answers() -> Answers:
    """Return the one `Answers` of this server: all questions other than runs. Made as `scheduler` is."""
    global _answers
    if _answers is None:
        _answers = Answers(scheduler().pool)
    return _answers


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    # Streamlit does not pass this option on. Without it, an address over 16 kB would give a bare "Invalid HTTP request"
    # instead of a page that says which setting is wrong.
    vars(h11_impl)["DEFAULT_MAX_INCOMPLETE_EVENT_SIZE"] = LONGEST_REQUEST
    answer_at_once(AutoHTTPProtocol)
    keep_path()
    stay_here()
    runs = scheduler()
    gc.collect()
    gc.freeze()  # objects made at start-up stay; later collections need not scan them
    # While the first visitor's browser loads, do what they would wait for.
    threading.Thread(target=_ready, daemon=True).start()
    with suppress(OSError):  # a log that takes no more is no reason to serve nobody
        print(_where(), flush=True)
    try:
        yield
    finally:
        await run_in_threadpool(runs.close)


def _where() -> str:
    """Return where the app is, as a person reads it."""
    from streamlit import get_option

    address, port, path = (get_option(f"server.{name}") for name in ("address", "port", "baseUrlPath"))
    return addresses.told(address or "", port, path)


def _ready() -> None:
    prepare()
    import_module("pyarrow.parquet")


def stay_here() -> None:
    """Have Streamlit ask nobody on the internet for the address of this machine, which it does when a page of another site tries
    to open a socket."""
    from streamlit import net_util

    net_util.get_external_ip = lambda: None


def keep_path() -> None:
    """Have Streamlit leave sys.path alone. For each run of a page it puts the router's folder first there, and removes it again:
    whoever walks along the path meanwhile, in another thread, may miss the folder of all packages. It does not if the folder is
    there already; at the end, so that no module beside the router hides one of Python's."""
    if (folder := str(ROUTER.parent)) not in sys.path:
        sys.path.append(folder)


def answer_at_once(protocol: type[Any]) -> None:
    """Have connections send data without delay (TCP_NODELAY). asyncio sets that only for sockets made with a protocol number, and
    Streamlit makes its own without: the body of an answer then waits 40 ms for the other side to acknowledge the head."""
    made = protocol.connection_made
    if hasattr(made, "__wrapped__"):
        return

    @functools.wraps(made)
    def connection_made(self: Any, transport: Any) -> None:
        made(self, transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    protocol.connection_made = connection_made
