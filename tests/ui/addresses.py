"""The addresses of panels, asked as an ASGI server would ask for them."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from resviz.latest import Latest
from resviz.runs.answers import Answers
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.ui import asking, panel_routes, server
from resviz.ui.http import under
from tests.ui.desk import Desk

APP = Starlette(routes=under("", panel_routes.routes))
PRESSED = {"X-Resviz": "1"}  # what pages send along with a POST


def office(folder, monkeypatch) -> Scheduler:
    """A server whose processes are the test (`scheduler.pool`)."""
    store = Store(folder)
    scheduler = Scheduler(store, Desk(store))
    monkeypatch.setattr(server, "_scheduler", scheduler)
    monkeypatch.setattr(server, "_answers", Answers(scheduler.pool))
    return scheduler


def furnish(folder, monkeypatch) -> Scheduler:
    """Such a server that has drawn nothing yet and does not wait long for a change."""
    monkeypatch.setattr(panel_routes, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(asking, "_texts", Latest(60))
    return office(folder, monkeypatch)


def request(app, path: str, method: str = "GET", headers=None, body: bytes = b"", /, **words: str):
    """Status, headers and text of an address, as an ASGI server would ask for it."""
    status, told, found = received(app, path, method, headers, body, **words)
    return status, told, found.decode()


def received(app, path: str, method: str = "GET", headers=None, body: bytes = b"", /, **words: str):
    """The same with the bytes that are sent, which may be compressed."""
    sent = []

    messages = [{"type": "http.request", "body": body}]

    async def receive():
        if not messages:  # the other side stays, until all is sent
            await asyncio.Event().wait()
        return messages.pop()

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": urlencode(words).encode(),
        "headers": [(key.lower().encode(), value.encode()) for key, value in (headers or {}).items()],
    }
    # In a thread of its own: browser tests, which may have come before, leave a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, app(scope, receive, send)).result()
    told = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])


def watching(app, *said, until=1, origin="", then=lambda heard: None):
    """What a page hears on its socket that says these, as an ASGI server would pass it on. It goes when it has heard `until`
    messages, or when it is closed; `then` is called with all so far after each. None where it is not let in."""
    heard, enough, waiting = [], asyncio.Event(), [{"type": "websocket.connect"}]
    waiting += [
        {"type": "websocket.receive", "text": json.dumps(each) if isinstance(each, dict) else each} for each in said
    ]

    async def receive():
        if waiting:
            return waiting.pop(0)
        await asyncio.wait_for(enough.wait(), 20)
        return {"type": "websocket.disconnect", "code": 1001}

    async def send(message):
        if message["type"] == "websocket.close":
            heard.append(message["code"])
        if "text" in message:
            heard.append(json.loads(message["text"], parse_constant=lambda word: pytest.fail(f"{word} is no JSON")))
            then(heard)
        if message["type"] == "websocket.close" or len(heard) >= until:
            enough.set()

    scope = {
        "type": "websocket",
        "path": "/watch",
        "query_string": b"",
        "headers": [(b"host", b"ours:8501"), *([(b"origin", origin.encode())] if origin else [])],
    }
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, app(scope, receive, send)).result()
    return heard


def fetch(path: str, method: str = "GET", sent_along=None, /, **words: str) -> tuple[int, dict[str, str], str]:
    """Of the addresses of panels."""
    return request(APP, path, method, sent_along, **words)


def wish(path: str, /, *, anew: bool = False, **words: str) -> tuple[int, dict[str, str], str]:
    """As a page wishes for what a panel shows; with `anew` once more."""
    body = json.dumps({"anew": True}).encode() if anew else b""
    return request(APP, path, "POST", PRESSED, body, **{"viewer": "me", **words})


def state(path: str, /, *, looks: bool = False, **words: str):
    """What a panel is told, in JSON that any browser reads; `looks` asks for what is there without wishing for it."""
    status, headers, text = fetch(path, **words) if looks else wish(path, **words)
    assert (status, headers["content-type"]) == (200, "application/json"), text
    return json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
