"""The server around the pages: start-up, the event stream of a run, downloads, assets."""

from __future__ import annotations

import asyncio
import functools
import gc
import gzip
import json
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http import h11_impl

from resviz.export import script
from resviz.records import to_csv
from resviz.runs.downloads import Downloads
from resviz.runs.run import ENDED, FOREVER, Run
from resviz.runs.scheduler import OPEN_SECONDS, POLL_SECONDS, Scheduler
from resviz.runs.store import Store

PUSH_SECONDS = 0.15  # records that come closer together than this travel together
LONGEST_REQUEST = 2**21  # bytes; as long as Chromium's longest address
PING_SECONDS = 5.0  # a sign of life, for proxies and for the lease

ROUTER = Path(__file__).parent / "router.py"

_scheduler: Scheduler | None = None
downloads = Downloads()


def scheduler() -> Scheduler:
    """The one scheduler of this server. Made here if a page runs without the app around it, as in AppTest."""
    global _scheduler
    if _scheduler is None:
        # Each run computes in two threads, one an arm.
        workers = int(os.environ.get("RESVIZ_WORKERS", max(1, (os.cpu_count() or 2) // 2)))
        _scheduler = Scheduler(Store(), workers=workers)
        _scheduler.start()
    return _scheduler


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    # Streamlit passes no such option on: past 16 kB of address, a person would meet a bare "Invalid HTTP request"
    # instead of a page that says which setting is wrong.
    vars(h11_impl)["DEFAULT_MAX_INCOMPLETE_EVENT_SIZE"] = LONGEST_REQUEST
    runs = scheduler()
    gc.collect()
    gc.freeze()  # what start-up made stays; later collections need not look at it
    # What the first visitor would wait for happens while their browser loads.
    threading.Thread(target=lambda: (import_module("pyarrow.parquet"), _plotly_gzipped()), daemon=True).start()
    try:
        yield
    finally:
        await run_in_threadpool(runs.close)


def plotly_url() -> str:
    from importlib.metadata import version

    return f"assets/plotly.js?v={version('plotly')}"


# -- runs ------------------------------------------------------------------------------------------


def _found(route: Callable[[Request, Run], Any]) -> Callable[[Request], Any]:
    """Give a route its run, or answer 404 in words."""

    @functools.wraps(route)
    async def handler(request: Request) -> Response:
        digest = request.path_params["digest"][:64]
        runs = scheduler()
        try:
            run = runs.get(digest)
            if run is None and (spec := runs.store.spec(digest)):
                run = await run_in_threadpool(runs.submit, spec)
            if run is None:
                return PlainTextResponse(
                    f"There is no run {digest!r} on this server. Open its link instead: a link holds all "
                    "settings, and the run can be made again from them.",
                    404,
                )
            answer: Response = await route(request, run)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        return answer

    return handler


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > 10:
        raise ValueError(f"{name}={text[:40]!r}: allowed is a whole number from 0 to {FOREVER}")
    return min(int(text), FOREVER)


def _viewer(request: Request) -> str:
    viewer = request.query_params.get("viewer", "")
    if not viewer or len(viewer) > 64:
        raise ValueError("viewer: allowed is a name of 1 to 64 characters")
    return viewer


def _state(run: Run, first: int) -> str:
    """What has happened since record `first`, as JSON: the head, and records already encoded."""
    head = json.dumps(
        {**run.head(), "position": scheduler().position(run), "broken": scheduler().broken, "from": first}
    )
    return head[:-1] + ',"records":' + run.encoded(first) + "}"


@_found
async def _events(request: Request, run: Run) -> Response:
    """Server-sent events: records as they are made. The open stream is the viewer's lease on the run."""
    viewer, first, until = _viewer(request), _number(request, "from", 0), _number(request, "until", FOREVER)
    runs = scheduler()
    lease = runs.watch(run, viewer, until)

    async def events() -> AsyncIterator[str]:
        sent, head, spoken = first, "", 0.0
        try:
            while True:
                now = time.monotonic()
                lease.expires = now + OPEN_SECONDS
                ended = run.status in ENDED
                state = f"{run.status}{run.message}{runs.position(run)}{run.viewers()}{runs.broken}"
                if run.steps_done < sent:  # the run was started over
                    sent = 0
                if run.steps_done > sent or state != head:
                    body, head, spoken = _state(run, sent), state, now
                    sent = max(sent, run.steps_done)
                    yield f"data: {body}\n\n"
                elif now - spoken > PING_SECONDS:
                    spoken = now
                    yield ": still here\n\n"
                if ended:
                    return
                await asyncio.sleep(PUSH_SECONDS)
        finally:
            runs.leave(run, viewer, lease)

    return StreamingResponse(
        events(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


@_found
async def _records(request: Request, run: Run) -> Response:
    """The same for those who must ask again and again."""
    first = _number(request, "from", 0)
    if run.status not in ENDED:
        scheduler().watch(run, _viewer(request), _number(request, "until", FOREVER), POLL_SECONDS)
    return Response(
        _state(run, first if first <= run.steps_done else 0),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _asked_by_page(request: Request) -> None:
    """Other sites can make a browser post here, but not with a header of ours."""
    if "x-resviz" not in request.headers:
        raise ValueError("this address is for the pages of the app")


@_found
async def _want(request: Request, run: Run) -> Response:
    """Pause, step and play: how far the viewer wants the run to go. The stream's lease carries it."""
    _asked_by_page(request)
    scheduler().aim(run, _viewer(request), _number(request, "until", FOREVER))
    return JSONResponse({"status": run.status})


@_found
async def _cancel(request: Request, run: Run) -> Response:
    _asked_by_page(request)
    scheduler().cancel(run, _viewer(request))
    return JSONResponse({"status": run.status})


@_found
async def _restart(request: Request, run: Run) -> Response:
    _asked_by_page(request)
    return JSONResponse({"status": scheduler().restart(run).status})


async def _download_data(request: Request) -> Response:
    """POST starts fetching a data set, at a person's word; GET tells how far it is."""
    name = request.path_params["name"]
    try:
        if request.method == "POST":
            _asked_by_page(request)
            downloads.start(name)
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    item = downloads.get(name)
    return JSONResponse(asdict(item) if item else None, 200 if item else 404)


async def _status(request: Request) -> Response:
    """What the server does at the moment, for whoever looks after a class."""
    return JSONResponse(scheduler().status())


@_found
async def _progress(request: Request, run: Run) -> Response:
    """How far one run is, without taking part in it; with `times`, when each record came in (seconds since 1970)."""
    times = {"times": run.received} if "times" in request.query_params else {}
    return JSONResponse({"status": run.status, "done": run.steps_done, "steps": run.spec.steps, **times})


# -- files ---------------------------------------------------------------------------------------


@_found
async def _csv(request: Request, run: Run) -> Response:
    return await _download(lambda: to_csv(run.history), "text/csv", f"resviz-{run.digest}.csv")


@_found
async def _script(request: Request, run: Run) -> Response:
    return await _download(lambda: script(run.spec), "text/x-python", f"resviz-{run.digest}.py")


async def _download(make: Callable[[], str], media_type: str, name: str) -> Response:
    text = await run_in_threadpool(make)
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@functools.cache
def _plotly_gzipped() -> bytes:
    """plotly.js from the plotly wheel, 4.8 MB as 1.5: found without importing plotly."""
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    return gzip.compress((Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes(), 6)


async def _plotly(request: Request) -> Response:
    body = await run_in_threadpool(_plotly_gzipped)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Encoding": "gzip"}
    return Response(body, media_type="text/javascript", headers=headers)


routes = [
    Route("/runs/{digest}/events", _events),
    Route("/runs/{digest}/records", _records),
    Route("/runs/{digest}/want", _want, methods=["POST"]),
    Route("/runs/{digest}/cancel", _cancel, methods=["POST"]),
    Route("/runs/{digest}/restart", _restart, methods=["POST"]),
    Route("/runs/{digest}/records.csv", _csv),
    Route("/runs/{digest}/script.py", _script),
    Route("/status", _status),
    Route("/status/{digest}", _progress),
    Route("/data/{name}", _download_data, methods=["GET", "POST"]),
    Route("/assets/plotly.js", _plotly),
]
