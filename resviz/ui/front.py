"""What a browser gets before a page runs: the index page with our styles in it, and Streamlit's files compressed once."""

from __future__ import annotations

import functools
import re
from html import escape
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir

from resviz.topic import pages
from resviz.ui import browser
from resviz.ui.files import accepts_gzip, compressed, sent
from resviz.ui.panels import PANELS
from resviz.words.link import ENDS

COMPRESSED = (".js", ".css", ".svg", ".json", ".wasm")
STATIC = Path(get_static_dir())


@functools.cache
def _static() -> frozenset[str]:
    """Return Streamlit's files that are worth compressing, by their place under its static folder."""
    found = (path for path in (STATIC / "static").rglob("*") if path.suffix in COMPRESSED)
    return frozenset(path.relative_to(STATIC).as_posix() for path in found)


def _static_file(name: str) -> bytes:
    return (STATIC / name).read_bytes()


def _modules(page: str) -> list[str]:
    found = pages().get(page or next(iter(pages())), ())
    panels = [name for topic in found for name in topic.shows]
    return browser.modules(panels, timeline=any(PANELS[name].timeline for name in panels)) if panels else []


# What Streamlit imports for the elements of our pages, once it knows them: parts of the names of its files.
ELEMENTS = ("Html", "BidiComponent")
_IMPORTED = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')


@functools.cache
def _chunks() -> list[str]:
    """Return the files of Streamlit that show our pages' elements, with all that they import."""
    first = sorted(name for name in _static() if name.startswith(tuple(f"static/js/{name}." for name in ELEMENTS)))
    return browser.reached(first, _imported)


def _imported(name: str) -> list[str]:
    beside = (f"static/js/{found}" for found in _IMPORTED.findall(_static_file(name).decode("utf-8")))
    return [found for found in beside if found in _static()]


@functools.cache
def index(page: str) -> bytes:
    """Return Streamlit's index page for one of our pages: with our title and styles, which would otherwise come when the page
    has run and move what is there; and with the addresses of all that it will import."""
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    later = [*(name for name in _chunks() if name not in text), *_modules(page)]
    head = [
        f'<link rel="icon" href="./{browser.address(browser.ICON)}" />',
        f'<link rel="stylesheet" href="./{browser.address(browser.STYLE)}" />',
        *(f'<link rel="modulepreload" crossorigin fetchpriority="low" href="./{name}" />' for name in later),
        f'<link rel="preload" as="fetch" crossorigin fetchpriority="low" href="./{browser.address(browser.GLOSSARY)}" />',
        f'<link rel="preload" as="script" fetchpriority="low" href="./{browser.library_address(browser.CARTESIAN)}" />',
    ]
    title = f"{page.capitalize()} · resviz" if page else "resviz"
    text = re.sub(r"<title>.*?</title>", f"<title>{escape(title)}</title>", text, count=1)
    text = re.sub(r'<link rel="shortcut icon"[^>]*>', "", text, count=1)
    return text.replace("</head>", "    " + "\n    ".join(head) + "\n  </head>", 1).encode()


def meant_page(name: str) -> str | None:
    """Return the page that was meant by a name that Streamlit does not know: the first one, which it knows by no name, and one in
    capitals or with what stood behind the link in a sentence. None for every other name."""
    meant = name.strip().rstrip(ENDS).casefold()
    if meant not in pages() or (name == meant and name != next(iter(pages()))):
        return None
    return "" if meant == next(iter(pages())) else meant


class Front:
    """Middleware that answers for Streamlit's index page and its compressible files; everything else passes."""

    def __init__(self, app: ASGIApp, path: str = "") -> None:
        self.app = app
        self.prefix = f"/{path.strip('/')}" if path.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "GET" or not path.startswith(self.prefix):
            return await self.app(scope, receive, send)
        name = path[len(self.prefix) :].strip("/")
        if name in _static():
            kind = browser.TYPES.get(Path(name).suffix, "application/octet-stream")
            return await (await sent(Request(scope), _static_file, name, kind))(scope, receive, send)
        if (meant := meant_page(name)) is not None:
            query = scope.get("query_string", b"").decode("latin-1")
            home = "../" if path.endswith("/") else "./"  # relative, so that it holds behind any proxy
            return await RedirectResponse(f"{home}{meant}{'?' * bool(query)}{query}")(scope, receive, send)
        await self.app(scope, receive, _Indexed(send, name if name in pages() else "", scope).send)


class _Indexed:
    """Sends an answer on; where it is Streamlit's index page, ours instead."""

    def __init__(self, send: Send, page: str, scope: Scope) -> None:
        self.onward, self.page, self.scope = send, page, scope
        self.replaced = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_index(message):
            self.replaced = True
            body, headers = (
                index(self.page),
                [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache")],
            )
            if accepts_gzip(Request(self.scope)):
                body = compressed(index, self.page)
                headers.append((b"content-encoding", b"gzip"))
            headers.append((b"content-length", str(len(body)).encode()))
            await self.onward({**message, "headers": headers})
            await self.onward({"type": "http.response.body", "body": body})
        elif not self.replaced:
            await self.onward(message)


def _is_index(message: Message) -> bool:
    headers: dict[bytes, Any] = dict(message.get("headers", ()))
    return message["status"] == 200 and headers.get(b"content-type", b"").startswith(b"text/html")
