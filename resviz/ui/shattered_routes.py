"""The addresses of the shattered-gradients measurement, in the words of a study's board (study_routes): seconds of
computing, in a process of its own, and kept from then on."""

from __future__ import annotations

import asyncio
import csv
import io
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resviz.figures.live import Template
from resviz.figures.shattered import figures
from resviz.runs.prober import LookFailed
from resviz.runs.questions import Question
from resviz.shattered import Shattered, ShatteredSpec, finding
from resviz.ui.http import NotHere, asked_by_page, attachment, posted
from resviz.ui.server import slow_prober
from resviz.words import Mistake

HEIGHTS = {"shattered_line": 330}
HEIGHT = 280
WAIT_SECONDS = 1.0
_OURS = ("viewer", "have")

LARGEST = 8 * 5 * 50 * 200**2  # seeds x depth x width^2: eight times the default, which takes about two seconds
MOST_ASKED = 100

_asked: dict[str, Future[Any]] = {}


def state(spec: ShatteredSpec, record: Shattered | None, asked: bool, trouble: str, have: str) -> dict[str, Any]:
    """What the board shows. One measurement, of which it cannot be said how far it is."""
    version = f"{spec.digest}-{record is not None}"
    drawn = [boarded(template) for template in figures(record)] if record else []
    return {
        "status": "finished" if record or trouble else "running" if asked else "waiting",
        "position": 0,
        "takes": f"{spec.seeds} draws of each network's weights",
        "done": int(record is not None),
        "total": 1,
        "steps_done": int(record is not None),
        "steps": 1,
        "eta": None if record else 3.0,
        "eta_words": "" if record else "a few seconds",
        "failed": int(bool(trouble)),
        "troubles": [trouble] if trouble else [],
        "version": version,
        "finding": finding(record) if record else "",
        **({} if have == version else {"figures": drawn}),
    }


def boarded(template: Template) -> Template:
    """A filled figure with its numbers as a table."""
    traces = [t for t in template["figure"]["data"] if t.get("name") and t.get("hoverinfo") != "skip"]
    places = sorted({x for t in traces for x in t["x"]})
    maps = [dict(zip(t["x"], t["y"], strict=True)) for t in traces]
    rows = [[f"{x:.4g}", *("–" if m.get(x) is None else f"{m[x]:.4g}" for m in maps)] for x in places]
    table = {"header": ["at", *(t["name"] for t in traces)], "rows": rows}
    return {**template, "table": table, "height": HEIGHTS.get(template["id"], HEIGHT)}


async def _state(request: Request) -> Response:
    spec = _spec(request)
    question, trouble = Question("shattered", spec), ""
    record = await run_in_threadpool(lambda: slow_prober().remembered(question))
    if request.method == "POST" and (told := await posted(request)) is not None and record is None:
        future = _asked.get(question.key)
        if future is None or (future.done() and told.get("anew")):
            future = _asked[question.key] = await run_in_threadpool(slow_prober().ask, question)
            for old in list(_asked)[:-MOST_ASKED]:
                del _asked[old]
        try:
            with suppress(TimeoutError):
                record = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), WAIT_SECONDS)
        except LookFailed as error:
            trouble = str(error)
    asked = question.key in _asked
    return JSONResponse(state(spec, record, asked, trouble, request.query_params.get("have", "")))


async def _stop(request: Request) -> Response:
    asked_by_page(request)
    return JSONResponse({"status": "waiting"})  # it is over in a moment, and kept


async def _csv(request: Request) -> Response:
    spec = _spec(request)
    record = await run_in_threadpool(lambda: slow_prober().remembered(Question("shattered", spec)))
    if record is None:
        raise NotHere("This has not been measured here yet: open the Signal page.")
    out = io.StringIO()
    writer = csv.writer(out)
    for table in (boarded(template)["table"] for template in figures(record)):
        writer.writerow(table["header"])
        writer.writerows(table["rows"])
        writer.writerow([])
    return attachment(out.getvalue(), "text/csv", f"resviz-shattered-{spec.digest}.csv")


def _spec(request: Request) -> ShatteredSpec:
    """Raises Mistake, also for what would keep a shared server busy for long."""
    spec = ShatteredSpec.of({key: value for key, value in request.query_params.items() if key not in _OURS})
    if (size := spec.seeds * spec.depth * spec.width**2) > LARGEST:
        raise Mistake(f"seeds x depth x width² is {size:,}; allowed are {LARGEST:,} here")
    return spec


routes = [
    Route("/study/shattered.csv", _csv),
    Route("/study/shattered/stop", _stop, methods=["POST"]),
    Route("/study/shattered", _state, methods=["GET", "POST"]),
]
