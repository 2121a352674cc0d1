"""The addresses of panels: what is there of an answer, the wish to have the rest, and its numbers as a file."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resviz.figures.filled import to_csv, with_table
from resviz.images import prepared
from resviz.inside.photograph import SIDE
from resviz.ui.http import NotHere, asked_by_page, attachment, posted, viewer_of
from resviz.ui.panels import PANELS, Panel
from resviz.ui.sources import Look, keep_picture

WAIT_SECONDS = 0.8  # for something to change
BETWEEN = 0.01
_OURS = ("viewer", "have")
KEPT = 60  # drawn figures, a tenth of a MB each

_texts: dict[str, str] = {}  # by panel and version


def state(panel: Panel, spec: Any, look: Look) -> dict[str, Any]:
    """What the panel shows but for its figures; `version` names those."""
    return {
        "status": "running" if look.running else "finished" if look.share >= 1 else "waiting",
        "share": look.share,
        "ahead": look.ahead,
        "trouble": look.trouble,
        "made": look.made,
        "missing": look.missing,
        "version": f"{spec.digest}-{look.share:.4f}-{bool(look.made)}" if look.record is not None else "",
        "query": spec.query(),
        "values": panel.values(spec),
        "said": panel.said(spec),
    }


def answer(name: str, panel: Panel, spec: Any, look: Look, have: str) -> str:
    """State, finding and figures as JSON; without the latter two where the browser has them."""
    told = state(panel, spec, look)
    head = json.dumps(told, allow_nan=False)
    if look.record is None or told["version"] == have:
        return head
    drawn = _drawn(f"{name} {told['version']}", panel, look.record)
    return f"{head[:-1]}, {drawn}}}"


def _drawn(key: str, panel: Panel, record: Any) -> str:
    """Finding and figures of a record, made once for all who look at it."""
    if (text := _texts.get(key)) is None:
        figures = [with_table(template) for template in panel.figures(record)]
        # A tenth of json's time for as many numbers; what is no number becomes null, a gap.
        text = orjson.dumps({"finding": panel.finding(record), "figures": figures}).decode()[1:-1]
        _texts[key] = text
        for old in list(_texts)[:-KEPT]:
            _texts.pop(old, None)
    return text


def _read(request: Request) -> tuple[str, Panel, Any]:
    """Raises Mistake."""
    name = request.path_params["name"]
    if name not in PANELS:
        raise NotHere(f"panel {name[:40]!r}: allowed is {', '.join(PANELS)}")
    words = {key: value for key, value in request.query_params.items() if key not in _OURS}
    return name, PANELS[name], PANELS[name].spec.of(words)


async def _state(request: Request) -> Response:
    """GET tells what is there. POST is the wish to have the rest, good for a moment; with `anew`, once more from the start."""
    name, panel, spec = await run_in_threadpool(_read, request)
    have = request.query_params.get("have", "")
    if request.method == "POST":
        told = await posted(request)
        await run_in_threadpool(panel.source.ask, spec, viewer_of(request), bool(told.get("anew")))
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        moment = panel.source.moment(spec)
        look = await run_in_threadpool(panel.source.look, spec)
        text = await run_in_threadpool(answer, name, panel, spec, look, have)
        if '"figures":' in text or not look.running or time.monotonic() > deadline:
            return Response(text, media_type="application/json")
        while panel.source.moment(spec) == moment and time.monotonic() < deadline:
            await asyncio.sleep(BETWEEN)


async def _stop(request: Request) -> Response:
    asked_by_page(request)
    _, panel, spec = await run_in_threadpool(_read, request)
    await run_in_threadpool(panel.source.stop, spec, viewer_of(request))
    return JSONResponse({"status": "waiting"})


async def _csv(request: Request) -> Response:
    name, panel, spec = await run_in_threadpool(_read, request)
    look = await run_in_threadpool(panel.source.look, spec)
    if look.record is None:
        raise NotHere("This has not been computed here yet: open the page.")
    return attachment(to_csv(panel.figures(look.record)), "text/csv", f"resviz-{name}-{spec.digest}.csv")


async def _picture(request: Request) -> Response:
    """Takes the file of a photograph; answers what names it in a link."""
    asked_by_page(request)
    name = unquote(request.headers.get("X-Name", ""))[:100]
    data = await run_in_threadpool(prepared, await request.body(), name, SIDE)
    return JSONResponse({"digest": keep_picture(data)})


routes = [
    Route("/panel/photograph/picture", _picture, methods=["POST"]),
    Route("/panel/{name}.csv", _csv),
    Route("/panel/{name}/stop", _stop, methods=["POST"]),
    Route("/panel/{name}", _state, methods=["GET", "POST"]),
]
