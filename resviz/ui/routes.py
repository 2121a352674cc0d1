"""The server's own addresses: runs, branches, downloads and assets here; panels in panel_routes.py, news in watch.py."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resviz.runs.jobs import ENDED, FOREVER
from resviz.runs.questions import Question
from resviz.runs.run import Run, encoded
from resviz.runs.scheduler import POLL_SECONDS
from resviz.runs.told import RecordTold
from resviz.train.records import to_csv
from resviz.train.spec import TrainingSpec
from resviz.ui import files, panel_routes, watch
from resviz.ui.changes import within
from resviz.ui.http import asked_by_page, attachment, posted, viewer_of
from resviz.ui.payloads import Branched
from resviz.ui.server import answers, changes, downloads, scheduler
from resviz.ui.training import described, found, state_of
from resviz.words.fields import facts
from resviz.words.text import Mistake, Problem, SpecError

PREVIEW_SECONDS = 120.0  # longest wait for what the first step of a branch would measure


# -- runs ------------------------------------------------------------------------------------------


def _found(route: Callable[[Request, Run], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Return a handler that passes the route its run. The handler raises NotHere if there is none."""

    @functools.wraps(route)
    async def handler(request: Request) -> Response:
        digest = request.path_params["digest"][:64]
        runs = scheduler()
        run = runs.get(digest)
        return await route(request, run if run is not None else await run_in_threadpool(found, digest))

    return handler


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > 10:
        raise Mistake(f"{name}={text[:40]!r}: allowed is a whole number from 0 to {FOREVER}")
    return min(int(text), FOREVER)


@_found
async def _records(request: Request, run: Run) -> Response:
    """Return the state and records of a run, for clients that poll: GET returns what is there, POST also requests more. With
    `beside`, more is computed only while nobody waits for anything else."""
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
        state_of(run, first if first <= run.steps_done else 0),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


@_found
async def _want(request: Request, run: Run) -> Response:
    """Pause, step or play: set how far the viewer wants the run to go. Watching the run renews that request."""
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
    """POST starts downloading a data set, when a person asks for it; GET returns the progress."""
    name = request.path_params["name"]
    if request.method == "POST":
        asked_by_page(request)
        downloads.start(name)
    item = downloads.get(name)
    return JSONResponse(asdict(item) if item else None, 200 if item else 404)


async def _status(request: Request) -> Response:
    """Return what the server is doing at the moment, for whoever supervises a class."""
    return JSONResponse(scheduler().status())


@_found
async def _progress(request: Request, run: Run) -> Response:
    """Return the progress of one run, without watching it; with `times`, when each record came in (seconds since 1970)."""
    times = {"times": run.received} if "times" in request.query_params else {}
    return JSONResponse({"status": run.status, "done": run.steps_done, "steps": run.spec.steps, **times})


# -- changes ---------------------------------------------------------------------------------------


@_found
async def _branch(request: Request, run: Run) -> Response:
    """Branch a run at a step, with other settings: {"at": a step, "next" or 0, "set": {"cut": "7"}}. Returns the new run, and
    at 0, before training, what its first step would measure."""
    body, viewer = await posted(request), viewer_of(request)
    at, changes = body.get("at"), body.get("set")
    if not (at == "next" or (isinstance(at, int) and at >= 0)) or not isinstance(changes, dict):
        raise Mistake(f"at={str(at)[:40]!r}: allowed is a step from 0, or next; set: settings by name")
    texts = {str(key): str(value) for key, value in changes.items()}
    until = 0 if at == 0 else FOREVER
    try:
        new = await run_in_threadpool(scheduler().branch, run, viewer, None if at == "next" else at, texts, until)
    except SpecError as error:
        raise Mistake(" ".join(_refused(run.spec, problem) for problem in error.problems)) from error
    return JSONResponse(await _described(new, viewer))


def _refused(spec: TrainingSpec, problem: Problem) -> str:
    """Return what is wrong with a setting of a branch, under the name that its form gives it."""
    key, value = problem.key, problem.value
    if key == "edits" and value.count(":") >= 2:
        _, key, value = value.split(":", 2)
    known = facts(type(spec))
    return f"{known[key].label if key in known else key}: {Problem(key, value, problem.allowed).sentence}"


async def _described(run: Run, viewer: str) -> Branched:
    told: Branched = {"run": described(run)}
    if found := await _preview(run, viewer):
        told["preview"], told["finding"] = found
    return told


async def _preview(run: Run, viewer: str) -> tuple[RecordTold, str] | None:
    """Return what the first step of a run would measure, and the finding; None for a run that has records or branched after
    training began."""
    if run.steps_done or run.spec.edits:
        return None
    record = await _passed(Question("initial", run.spec.during(1)), f"{viewer} preview")
    return (encoded(record), run.spec.family.of("first_finding")(run.spec, record)) if record else None


async def _passed(question: Question, viewer: str) -> Any:
    """Return what one pass measures. None if it cannot be computed (the run itself will report why), or if the viewer waits for
    another one meanwhile."""
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
    records = run.history.records
    last, made = records[-1] if records else None, run.history.machine
    make = functools.partial(run.spec.family.of("script"), run.spec, record=last, machine=made)
    return await _download(make, "text/x-python", f"resviz-{run.digest}.py")


async def _download(make: Callable[[], str], media_type: str, name: str) -> Response:
    return attachment(await run_in_threadpool(make), media_type, name)


routes = [
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
    *files.routes,
    *panel_routes.routes,
    *watch.routes,
]
