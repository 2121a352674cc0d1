"""What all our addresses share: an answer for each kind of error, a check of who may request something, and file downloads.

GET starts no computation. A request that does is a POST with our own header, which no other site can make a browser send.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from resviz.words.text import Mistake

log = logging.getLogger("resviz")

LONGEST_VIEWER = 64  # characters
FAULT = "Something went wrong in the server, which is not your fault; its log says what. Other settings may work."
FOR_PAGES = "this address is for the pages of the app"

Endpoint = Callable[[Request], Awaitable[Response]]


class NotHere(Mistake):
    """Raised if there is nothing at this address; the message is a sentence for people."""


# Status by kind of error; the first that fits holds. A person's mistake, or the machine's state, is answered with its message.
STATUS: tuple[tuple[type[Exception], int], ...] = ((NotHere, 404), (Mistake, 400))


def answering(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with its errors answered: those in STATUS with their message, any other as a fault of the server, with
    its traceback in the log."""

    @functools.wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Exception as error:
            status = next((code for kind, code in STATUS if isinstance(error, kind)), None)
            if status is None:
                log.exception("%s %s", request.method, request.url.path)
                return PlainTextResponse(FAULT, 500)
            return PlainTextResponse(str(error), status)

    return answered


def under(path: str, routes: Iterable[Route | WebSocketRoute]) -> list[Route | WebSocketRoute]:
    """Return the routes with `path` in front ("teach/resviz", or nothing), at which the app is served."""
    prefix = f"/{path.strip('/')}" if path.strip("/") else ""
    return [
        Route(prefix + r.path, answering(r.endpoint), methods=sorted(r.methods or ["GET"]))
        if isinstance(r, Route)
        else WebSocketRoute(prefix + r.path, r.endpoint)
        for r in routes
    ]


def asked_by_page(request: Request) -> None:
    """Raise Mistake unless a page of the app sent this. Other sites can make a browser post here, but not with our header."""
    if "x-resviz" not in request.headers:
        raise Mistake(FOR_PAGES)


async def posted(request: Request) -> dict[str, Any]:
    """Return the JSON object that a page posted; an empty body gives an empty object. Raises Mistake."""
    asked_by_page(request)
    text = await request.body()
    try:
        body = json.loads(text or b"{}")
    except ValueError as error:
        raise Mistake(f"no JSON: {error}") from error
    if not isinstance(body, dict):
        raise Mistake("a JSON object is needed")
    return body


def viewer_of(request: Request) -> str:
    """Return the viewer of a request: a name that a browser tab gives itself. Raises Mistake."""
    return checked_viewer(request.query_params.get("viewer", ""))


def checked_viewer(viewer: str) -> str:
    """Return the name of a viewer. Raises Mistake for one of no or too many characters."""
    if not viewer or len(viewer) > LONGEST_VIEWER:
        raise Mistake(f"viewer: allowed is a name of 1 to {LONGEST_VIEWER} characters")
    return viewer


def attachment(text: str, media_type: str, name: str) -> Response:
    """Return a response that the browser saves as a file."""
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
