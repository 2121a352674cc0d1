"""The addresses of panels: an answer as far as it is computed, the request for the rest, and its numbers as a file."""

from __future__ import annotations

import base64
import time
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resviz.data.datasets import DATASETS
from resviz.data.images import numbers_of, prepared
from resviz.draw.table import to_csv
from resviz.ui.asking import RESERVED, Answer, Asked, answer, asked
from resviz.ui.changes import CLOCK_SECONDS, within
from resviz.ui.http import NotHere, asked_by_page, attachment, checked_viewer, posted, viewer_of
from resviz.ui.panel import Panel
from resviz.ui.panels import PANELS
from resviz.ui.server import changes
from resviz.ui.sources import Look, keep_picture
from resviz.words.text import Mistake, SpecError

WAIT_SECONDS = 0.8  # longest wait for a change
MOMENT_SECONDS = 0.4
_OURS = ("viewer", "have", "laid")


Words = list[tuple[str, str]]


def _panel(request: Request) -> tuple[str, Panel, Words]:
    """Return the panel's name, the panel, and the words of its link, each as often as the link has it. Raises NotHere."""
    name = request.path_params["name"]
    if name not in PANELS:
        raise NotHere(f"panel {name[:40]!r}: allowed is {', '.join(PANELS)}")
    return name, PANELS[name], [pair for pair in request.query_params.multi_items() if pair[0] not in _OURS]


def _strictly(panel: Panel, words: Words) -> Any:
    """Return the spec of a link. Raises SpecError if any of its words cannot be used."""
    about = asked(panel, words)
    if about.problems:
        raise SpecError(about.problems)
    return about.spec


async def _state(request: Request) -> Response:
    """GET returns the answer so far. POST also requests the rest, for a short time: with `changes`, for the settings they give;
    with `anew`, again from the start; `along` names other panels of the page, with their viewers, that will ask the same next.
    The answer reports which parts of a link or a change cannot be used."""
    name, panel, words = _panel(request)
    have, laid = (request.query_params.get(key, "") for key in ("have", "laid"))
    wish = await posted(request) if request.method == "POST" else None
    about: Asked = await run_in_threadpool(asked, panel, words, (wish or {}).get("changes") or [])
    viewer = viewer_of(request) if wish is not None else request.query_params.get("viewer", "")
    along = _along(wish or {})
    try:
        if wish is not None:
            await run_in_threadpool(_wish, panel, about.spec, viewer, bool(wish.get("anew")))
            await run_in_threadpool(_begin, along, words, wish.get("changes") or [])
        # A change is answered at once; if its result takes longer than a moment, it comes with the next request.
        moment = MOMENT_SECONDS if panel.at_once else 0.0
        told = await _answered(name, panel, about, viewer, have, laid, moment if about.changed else WAIT_SECONDS)
    except Mistake as mistake:  # nothing can be computed with these settings; they are shown, to be changed
        look = Look(None, 0.0, trouble=str(mistake), barred=True)
        told = await run_in_threadpool(answer, name, panel, about, look, have, laid)
    return Response(told.text, media_type="application/json")


def _along(wish: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the panels, by name, and the viewers that a request names beside its own. Raises Mistake."""
    found = wish.get("along") or []
    pairs = isinstance(found, list) and all(isinstance(each, list) and len(each) == 2 for each in found)
    if not pairs or len(found) > len(PANELS) or not all(isinstance(text, str) for each in found for text in each):
        raise Mistake("along: allowed is a list of panels, each with its viewer")
    return [(name, checked_viewer(viewer)) for name, viewer in found]


def _begin(along: list[tuple[str, str]], words: Words, changes: list[Any]) -> None:
    """Ask what other panels will ask in a moment, so that their answers are ready sooner. What is wrong is said when they do."""
    for name, viewer in along:
        if (panel := PANELS.get(name)) and panel.at_once:
            with suppress(Mistake):
                _wish(panel, asked(panel, words, changes).spec, viewer, False)


def _wish(panel: Panel, spec: Any, viewer: str, anew: bool) -> None:
    if anew or not panel.by_press(spec):
        panel.source.ask(spec, viewer, anew)
    else:
        panel.source.stay(spec, viewer)


async def _answered(
    name: str, panel: Panel, about: Asked, viewer: str, have: str, laid: str, patience: float
) -> Answer:
    """Return the answer so far; while it is computed, as soon as there are new figures, or after `patience` seconds."""
    spec, deadline, seen = about.spec, time.monotonic() + patience, object()
    while True:
        with changes.noticed() as change:
            moment, over = panel.source.moment(spec), time.monotonic() >= deadline
            if moment != seen or over:  # else another viewer's answer has changed
                seen = moment
                look = await run_in_threadpool(panel.source.look, spec, viewer)
                told = await run_in_threadpool(answer, name, panel, about, look, have, laid)
                if told.drawn or not look.running or over:
                    return told
            await within(min(CLOCK_SECONDS, deadline - time.monotonic()), change)


async def _stop(request: Request) -> Response:
    asked_by_page(request)
    _, panel, words = _panel(request)
    spec = await run_in_threadpool(_strictly, panel, words)
    await run_in_threadpool(panel.source.stop, spec, viewer_of(request))
    return JSONResponse({"status": "waiting"})


async def _file(request: Request) -> Response:
    name, panel, words = _panel(request)
    suffix = request.path_params["suffix"]
    file = next((file for file in panel.files if file.suffix == suffix), None)
    if file is None:
        raise NotHere(f".{suffix[:20]}: this panel has {', '.join(f'.{file.suffix}' for file in panel.files)}")
    spec = await run_in_threadpool(_strictly, panel, words)
    look = await run_in_threadpool(panel.source.look, spec)
    if look.record is None:
        raise NotHere("This has not been computed here yet: open the page.")
    text = await run_in_threadpool(file.text or (lambda record: to_csv(panel.figures(record))), look.record)
    return attachment(text, file.media_type, f"resviz-{name}-{look.answered(spec).digest}.{suffix}")


async def _picture(request: Request) -> Response:
    """Store an uploaded picture; return its name for links."""
    asked_by_page(request)
    kind, panel, _ = _panel(request)
    if not panel.picture:
        raise NotHere(f"panel {kind!r} takes no picture")
    name = unquote(request.headers.get("X-Name", ""))[:100]
    data = await run_in_threadpool(prepared, await request.body(), name, panel.picture)
    return JSONResponse({"digest": keep_picture(data)})


async def _own(request: Request) -> Response:
    """Return an uploaded picture as an image of a data set, in the words of a link. It is kept nowhere else."""
    asked_by_page(request)
    data = DATASETS.get(dataset := request.path_params["dataset"])
    if data is None or data.noun == "points":
        raise NotHere(
            f"data {dataset[:40]!r}: allowed is {', '.join(k for k, d in DATASETS.items() if d.noun != 'points')}"
        )
    name = unquote(request.headers.get("X-Name", ""))[:100]
    numbers = await run_in_threadpool(numbers_of, await request.body(), name, data)
    return JSONResponse({"own": base64.urlsafe_b64encode(numbers).decode().rstrip("=")})


routes = [
    Route("/own/{dataset}", _own, methods=["POST"]),
    Route("/panel/{name}/picture", _picture, methods=["POST"]),
    Route("/panel/{name}.{suffix}", _file),
    Route("/panel/{name}/stop", _stop, methods=["POST"]),
    Route("/panel/{name}", _state, methods=["GET", "POST"]),
]

assert not set(_OURS) & set(RESERVED)
