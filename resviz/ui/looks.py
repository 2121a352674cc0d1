"""Networks before training: what one pass measures of them, as the browser reads it, and the addresses that serve it."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from resviz.export import script
from resviz.figures.live import Template
from resviz.figures.network import network
from resviz.figures.signal import templates
from resviz.findings import initial_finding
from resviz.records import Record
from resviz.runs.limits import Refused
from resviz.runs.prober import LookFailed, Superseded
from resviz.runs.run import encoded
from resviz.signal import signal_claims, signal_finding, to_csv
from resviz.spec import Spec
from resviz.ui.server import prober, scheduler
from resviz.words import text_of

LOOK_SECONDS = 120.0  # how long a page waits for one pass before training
GLANCE_SECONDS = 0.08  # as long as asking once more would take; anything longer would hold up the page
VIEWS = ("start", "signal")
CONTROLS = (
    "depth",
    "norm",
    "init",
    "branch_scale",
    "activation",
    "width",
    "batch",
)  # that the Signal page's view offers itself


def glance(spec: Spec, viewer: str) -> Record | None:
    """What one pass measures of a spec, if that is known in a moment. If not, the browser asks for what has been begun by
    then; and what is wrong, if something is, is said where it can be seen."""
    with suppress(Refused, TimeoutError, LookFailed, Superseded):
        runs = scheduler()
        if not runs.known_device.is_set():
            return None
        return prober().look(runs.resolve(spec, timeout=0.0), runs.macs_per_second, viewer).result(GLANCE_SECONDS)
    return None


def looked(spec: Spec, record: Record | None, view: str) -> dict[str, Any]:
    """A spec, and what was measured of it, as the browser reads it. `view` is one of VIEWS."""
    told: dict[str, Any] = {"finding": "", "claims": []}
    if record and view == "signal":
        told["finding"] = signal_finding(spec, record)
        told["claims"] = [[c.said, measure, c.found, c.source] for c, measure in signal_claims(spec, record)]
    elif record:
        told["finding"] = initial_finding(spec, record)
    return {
        "query": spec.query(),
        "cut": spec.cut,
        "remove": spec.remove,
        "record": encoded(record) if record else None,
        "values": {name: text_of(spec.model_dump()[name]) for name in CONTROLS},
        **told,
    }


def pictured(spec: Spec, figures: list[Template]) -> dict[str, Any]:
    """The figures of a spec, still empty, and its network, as the browser draws them."""
    return {"figures": json.dumps(figures), "network": network(spec)}


async def measured(spec: Spec, viewer: str) -> Record:
    """One pass through both networks. Raises LookFailed, Superseded, Refused and TimeoutError."""
    future: Future[Record] = await run_in_threadpool(prober().look, spec, scheduler().macs_per_second, viewer)
    return await asyncio.wait_for(asyncio.wrap_future(future), LOOK_SECONDS)


async def _record(request: Request, spec: Spec) -> Record | Response:
    """What was measured, or the answer that says why it was not."""
    try:
        resolved = await run_in_threadpool(scheduler().resolve, spec)
        return await measured(resolved, request.query_params.get("viewer", "")[:64])
    except (ValueError, LookFailed) as error:
        return PlainTextResponse(str(error), 400)
    except Superseded:
        return PlainTextResponse("asked something else meanwhile", 409)
    except TimeoutError:
        return PlainTextResponse("These networks are too large to be measured in two minutes here.", 503)


def _specified(route: Callable[[Request, Spec], Any]) -> Callable[[Request], Any]:
    """Give a route the spec that its query names, or answer 400 in words."""

    @functools.wraps(route)
    async def handler(request: Request) -> Response:
        words = {key: value for key, value in request.query_params.items() if key not in ("viewer", "view")}
        try:
            answer: Response = await route(request, await run_in_threadpool(Spec.of, words))
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        return answer

    return handler


@_specified
async def _look(request: Request, spec: Spec) -> Response:
    """The settings of a link, and what one pass measures of them."""
    view = request.query_params.get("view", VIEWS[0])
    if view not in VIEWS:
        raise ValueError(f"view={view[:40]!r}: allowed is {' or '.join(VIEWS)}")
    record = await _record(request, spec)
    if isinstance(record, Response):
        return record
    # On the Signal page settings change without the page, and figures with them.
    pictures = pictured(spec, templates(spec)) if view == "signal" else {}
    return JSONResponse({**looked(spec, record, view), **pictures})


@_specified
async def _csv(request: Request, spec: Spec) -> Response:
    record = await _record(request, spec)
    if isinstance(record, Response):
        return record
    return attachment(to_csv(record), "text/csv", f"resviz-signal-{spec.digest}.csv")


@_specified
async def _script(request: Request, spec: Spec) -> Response:
    text = await run_in_threadpool(lambda: script(spec, one_pass=True))
    return attachment(text, "text/x-python", f"resviz-signal-{spec.digest}.py")


def asked_by_page(request: Request) -> None:
    """Raises ValueError otherwise. Other sites can make a browser post here, but not with a header of ours."""
    if "x-resviz" not in request.headers:
        raise ValueError("this address is for the pages of the app")


def attachment(text: str, media_type: str, name: str) -> Response:
    """A file to keep."""
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


routes = [Route("/look", _look), Route("/look.csv", _csv), Route("/look.py", _script)]
