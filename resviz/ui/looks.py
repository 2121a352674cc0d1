"""Networks before training: what one pass measures of them, as the browser reads it, and the addresses that serve it."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
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
from resviz.ui.http import LONGEST_VIEWER, NotHere, asked_by_page, attachment
from resviz.ui.server import prober, scheduler
from resviz.words import Mistake, text_of

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
    """One pass through both networks. Raises LookFailed, Superseded and Refused."""
    future: Future[Record] = await run_in_threadpool(prober().look, spec, scheduler().macs_per_second, viewer)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), LOOK_SECONDS)
    except TimeoutError as error:
        raise LookFailed("These networks are too large to be measured in two minutes here.") from error


async def _known(spec: Spec) -> Record:
    """What was measured before. Raises NotHere."""
    record = prober().recall(await run_in_threadpool(scheduler().resolve, spec))
    if record is None:
        raise NotHere("This has not been measured here yet: open the page.")
    return record


def _specified(route: Callable[[Request, Spec], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Give a route the spec that its query names. The handler raises SpecError."""

    @functools.wraps(route)
    async def handler(request: Request) -> Response:
        words = {key: value for key, value in request.query_params.items() if key not in ("viewer", "view")}
        return await route(request, await run_in_threadpool(Spec.of, words))

    return handler


@_specified
async def _look(request: Request, spec: Spec) -> Response:
    """The settings of a link, and what one pass measures of them: GET tells what is known, POST has it measured."""
    view = request.query_params.get("view", VIEWS[0])
    if view not in VIEWS:
        raise Mistake(f"view={view[:40]!r}: allowed is {' or '.join(VIEWS)}")
    if request.method == "POST":
        asked_by_page(request)
        resolved = await run_in_threadpool(scheduler().resolve, spec)
        record = await measured(resolved, request.query_params.get("viewer", "")[:LONGEST_VIEWER])
    else:
        record = await _known(spec)
    # On the Signal page settings change without the page, and figures with them.
    pictures = pictured(spec, templates(spec)) if view == "signal" else {}
    return JSONResponse({**looked(spec, record, view), **pictures})


@_specified
async def _csv(request: Request, spec: Spec) -> Response:
    return attachment(to_csv(await _known(spec)), "text/csv", f"resviz-signal-{spec.digest}.csv")


@_specified
async def _script(request: Request, spec: Spec) -> Response:
    text = await run_in_threadpool(lambda: script(spec, one_pass=True))
    return attachment(text, "text/x-python", f"resviz-signal-{spec.digest}.py")


routes = [Route("/look", _look, methods=["GET", "POST"]), Route("/look.csv", _csv), Route("/look.py", _script)]
