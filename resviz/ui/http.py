"""What all our addresses share: one answer for each kind of error, who may wish for something, and files.

GET only looks. What has something computed is a POST with a header of ours, which no other site can make a browser send.
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
    """There is nothing at this address; the message is a sentence for people."""


# By kind of error, the first that fits: what is a person's mistake, or the machine's state, is said in its own words.
STATUS: tuple[tuple[type[Exception], int], ...] = ((NotHere, 404), (Mistake, 400))


def answering(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose errors are answered: those of STATUS with their sentence, any other is a fault of ours, whose traceback
    goes to the log."""

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
    """The routes as they are served where the app's address begins with `path` ("teach/resviz", or nothing)."""
    prefix = f"/{path.strip('/')}" if path.strip("/") else ""
    return [
        Route(prefix + r.path, answering(r.endpoint), methods=sorted(r.methods or ["GET"]))
        if isinstance(r, Route)
        else WebSocketRoute(prefix + r.path, r.endpoint)
        for r in routes
    ]


def asked_by_page(request: Request) -> None:
    """Raises Mistake otherwise. Other sites can make a browser post here, but not with a header of ours."""
    if "x-resviz" not in request.headers:
        raise Mistake(FOR_PAGES)


async def posted(request: Request) -> dict[str, Any]:
    """What a page posts, as a JSON object; nothing is an empty one. Raises Mistake."""
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
    """Who asks: a name that a tab gives itself. Raises Mistake."""
    viewer = request.query_params.get("viewer", "")
    if not viewer or len(viewer) > LONGEST_VIEWER:
        raise Mistake(f"viewer: allowed is a name of 1 to {LONGEST_VIEWER} characters")
    return viewer


def attachment(text: str, media_type: str, name: str) -> Response:
    """A file to keep."""
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
