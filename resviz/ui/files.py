"""Our files as a browser gets them, each compressed once: modules, styles and libraries."""

from __future__ import annotations

import functools
import gzip
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resviz.ui import browser
from resviz.ui.http import NotHere

FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
LEVEL = 6  # of compression: 9 takes three times as long for a hundredth less


@functools.cache
def compressed(read: Callable[[str], bytes], name: str) -> bytes:
    """Return what `read` gives for a name, compressed, and keep it."""
    return gzip.compress(read(name), LEVEL)


def accepts_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


async def sent(request: Request, read: Callable[[str], bytes], name: str, media_type: str) -> Response:
    if not accepts_gzip(request):
        return Response(await run_in_threadpool(read, name), media_type=media_type, headers=FOR_GOOD)
    body = await run_in_threadpool(compressed, read, name)
    headers = {**FOR_GOOD, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(body, media_type=media_type, headers=headers)


# -- our own files ---------------------------------------------------------------------------------


def _asset(name: str) -> bytes:
    return browser.assets()[name].body


def _library(name: str) -> bytes:
    found = browser.library(name)
    assert found is not None
    return found


async def _asset_file(request: Request) -> Response:
    digest, name = request.path_params["digest"], request.path_params["name"]
    if digest != browser.digest() or name not in browser.assets():
        raise NotHere("This page belongs to another version of the app: reload it.")
    return await sent(request, _asset, name, browser.assets()[name].media_type)


async def _library_file(request: Request) -> Response:
    name = request.path_params["name"]
    if name != browser.WHOLE and name not in browser.vendored():
        raise NotHere(f"library {name[:40]!r}: allowed is {', '.join([*browser.vendored(), browser.WHOLE])}")
    return await sent(request, _library, name, "text/javascript")


def prepare() -> None:
    """Compress what every first visit needs."""
    for name in browser.assets():
        compressed(_asset, name)
    compressed(_library, browser.CARTESIAN)


routes = [
    Route("/assets/vendor/{name}", _library_file),
    Route("/assets/{digest}/{name:path}", _asset_file),
]
