"""The server's own addresses: the event stream of a run, branches, downloads, assets."""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from resviz.export import script
from resviz.findings import initial_finding
from resviz.records import to_csv
from resviz.runs.jobs import ENDED, FOREVER
from resviz.runs.questions import Question
from resviz.runs.run import Run, encoded
from resviz.runs.scheduler import OPEN_SECONDS, POLL_SECONDS
from resviz.ui import panel_routes
from resviz.ui.changes import within
from resviz.ui.http import NotHere, asked_by_page, attachment, posted, viewer_of
from resviz.ui.server import answers, changes, downloads, plotly_gzipped, scheduler
from resviz.ui.training import described
from resviz.words import Mistake

PUSH_SECONDS = 0.15  # records that come closer together than this travel together
EAGER_SECONDS = 3.0
PREVIEW_SECONDS = 120.0  # how long a branch waits for what its first step would measure
PING_SECONDS = 5.0  # a sign of life, for proxies and for the lease


# -- runs ------------------------------------------------------------------------------------------


def _found(route: Callable[[Request, Run], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Give a route its run. The handler raises NotHere where there is none."""

    @functools.wraps(route)
    async def handler(request: Request) -> Response:
        digest = request.path_params["digest"][:64]
        runs = scheduler()
        run = runs.get(digest)
        if run is None and (spec := runs.store.spec(digest)):
            run = await run_in_threadpool(runs.submit, spec)
        if run is None:
            raise NotHere(
                f"There is no run {digest!r} on this server. Open its link instead: a link holds all "
                "settings, and the run can be made again from them."
            )
        return await route(request, run)

    return handler


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > 10:
        raise Mistake(f"{name}={text[:40]!r}: allowed is a whole number from 0 to {FOREVER}")
    return min(int(text), FOREVER)


def _state(run: Run, first: int) -> str:
    """What has happened since record `first`, as JSON: the head, and records already encoded."""
    runs = scheduler()
    head = json.dumps({**run.head(), "position": runs.pool.position(run), "broken": runs.broken, "from": first})
    return head[:-1] + ',"records":' + run.encoded(first) + "}"


@_found
async def _events(request: Request, run: Run) -> Response:
    """Server-sent events: records as they are made. While it is open it keeps alive what its viewer has wished for (`_want`);
    by itself it starts nothing."""
    viewer, first = viewer_of(request), _number(request, "from", 0)
    runs = scheduler()

    async def events() -> AsyncIterator[str]:
        sent, head, spoken = first, "", 0.0
        opened, there = time.monotonic(), run.steps_done
        lease = None
        try:
            while True:
                now = time.monotonic()
                lease = runs.pool.renew(run, viewer, OPEN_SECONDS, stream=True)
                ended = run.status in ENDED
                state = f"{run.status}{run.message}{runs.pool.position(run)}{run.viewers()}{runs.broken}"
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
                # Someone has just clicked: the first answer is not kept waiting for others.
                eager = run.steps_done == there and now - opened < EAGER_SECONDS
                await asyncio.sleep(PUSH_SECONDS / 5 if eager else PUSH_SECONDS)
        finally:
            if lease:
                runs.pool.leave(run, viewer, lease)

    return StreamingResponse(
        events(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


@_found
async def _records(request: Request, run: Run) -> Response:
    """The same for those who must ask again and again: GET shows what is there, POST is also the wish to see more. With
    `beside` it is the wish of one who would see more of it while nobody waits for anything else."""
    first = _number(request, "from", 0)
    if request.method == "POST":
        asked_by_page(request)
        beside, until = "beside" in request.query_params, _number(request, "until", FOREVER)
        viewer = viewer_of(request)
        if run.status not in ENDED:
            scheduler().watch(run, viewer, until, POLL_SECONDS, waits=not beside)
    elif viewer := request.query_params.get("viewer", ""):
        scheduler().pool.renew(run, viewer, POLL_SECONDS)
    return Response(
        _state(run, first if first <= run.steps_done else 0),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


@_found
async def _want(request: Request, run: Run) -> Response:
    """Pause, step and play: how far the viewer wants the run to go. The stream keeps the wish alive."""
    asked_by_page(request)
    viewer, until = viewer_of(request), _number(request, "until", FOREVER)
    if run.status not in ENDED:
        scheduler().watch(run, viewer, until)
    return JSONResponse({"status": run.status})


@_found
async def _cancel(request: Request, run: Run) -> Response:
    asked_by_page(request)
    scheduler().cancel(run, viewer_of(request))
    return JSONResponse({"status": run.status})


@_found
async def _restart(request: Request, run: Run) -> Response:
    asked_by_page(request)
    return JSONResponse({"status": scheduler().restart(run).status})


async def _download_data(request: Request) -> Response:
    """POST starts fetching a data set, at a person's word; GET tells how far it is."""
    name = request.path_params["name"]
    if request.method == "POST":
        asked_by_page(request)
        downloads.start(name)
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


# -- changes ---------------------------------------------------------------------------------------


@_found
async def _branch(request: Request, run: Run) -> Response:
    """Go on from a step with other settings: {"at": a step, "next" or 0, "set": {"cut": "7"}}. Answers the new run, and
    at 0, before training, what its first step would measure."""
    body, viewer = await posted(request), viewer_of(request)
    at, changes = body.get("at"), body.get("set")
    if not (at == "next" or (isinstance(at, int) and at >= 0)) or not isinstance(changes, dict):
        raise Mistake(f"at={str(at)[:40]!r}: allowed is a step from 0, or next; set: settings by name")
    texts = {str(key): str(value) for key, value in changes.items()}
    until = 0 if at == 0 else FOREVER
    new = await run_in_threadpool(scheduler().branch, run, viewer, None if at == "next" else at, texts, until)
    return JSONResponse(await _described(new, viewer))


async def _described(run: Run, viewer: str) -> dict[str, Any]:
    return {"run": described(run), **(await _preview(run, viewer))}


async def _preview(run: Run, viewer: str) -> dict[str, Any]:
    """What the first step of a run would measure, for one that has no record yet and begins with nothing."""
    if run.steps_done or run.spec.edits:
        return {}
    record = await _passed(Question("initial", run.spec.during(1)), f"{viewer} preview")
    return {"preview": encoded(record), "finding": initial_finding(run.spec, record)} if record else {}


async def _passed(question: Question, viewer: str) -> Any:
    """What one pass measures. None where it cannot be had, for the run itself will say what is wrong, or where the viewer waits
    for another one meanwhile."""
    asked, deadline = answers(), time.monotonic() + PREVIEW_SECONDS
    try:
        await run_in_threadpool(asked.ask, viewer, question, check=asked.check)
    except Mistake:
        return None
    while (record := asked.remembered(question)) is None and time.monotonic() < deadline:
        with changes.noticed() as change:
            job = asked.job(question)
            if job is None or job.status in ENDED or viewer not in job.leases:
                break
            await run_in_threadpool(asked.stay, viewer, question)
            await within(1.0, change)
    return record if record is not None else asked.remembered(question)


# -- files ---------------------------------------------------------------------------------------


@_found
async def _csv(request: Request, run: Run) -> Response:
    return await _download(lambda: to_csv(run.history), "text/csv", f"resviz-{run.digest}.csv")


@_found
async def _script(request: Request, run: Run) -> Response:
    return await _download(lambda: script(run.spec), "text/x-python", f"resviz-{run.digest}.py")


async def _download(make: Callable[[], str], media_type: str, name: str) -> Response:
    return attachment(await run_in_threadpool(make), media_type, name)


async def _plotly(request: Request) -> Response:
    body = await run_in_threadpool(plotly_gzipped)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Encoding": "gzip"}
    return Response(body, media_type="text/javascript", headers=headers)


routes = [
    Route("/runs/{digest}/events", _events),
    Route("/runs/{digest}/records", _records, methods=["GET", "POST"]),
    Route("/runs/{digest}/want", _want, methods=["POST"]),
    Route("/runs/{digest}/cancel", _cancel, methods=["POST"]),
    Route("/runs/{digest}/restart", _restart, methods=["POST"]),
    Route("/runs/{digest}/branch", _branch, methods=["POST"]),
    Route("/runs/{digest}/records.csv", _csv),
    Route("/runs/{digest}/script.py", _script),
    Route("/status", _status),
    Route("/status/{digest}", _progress),
    Route("/data/{name}", _download_data, methods=["GET", "POST"]),
    Route("/assets/plotly.js", _plotly),
    *panel_routes.routes,
]
