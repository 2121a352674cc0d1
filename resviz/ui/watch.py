"""Push updates to a page: one WebSocket carries the news of all its panels and runs.

A page sends what it watches: {"id": 1, "run": DIGEST, "viewer": V, "from": the number of records it has}, or {"id": 2, "panel":
NAME, "viewer": V, "query": its settings, "have": the version it has, "laid": that of its settings}; {"id": 1} alone ends that. It
receives {"id": 1, "news": what the address of the run or of the panel answers}, or {"id": 2, "error": why there will be none}.

Watching starts no computation; it only renews what its viewer has requested by a POST. Browsers open six connections to a host,
but many more WebSockets.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from resviz.runs.jobs import ENDED
from resviz.runs.run import Run
from resviz.runs.scheduler import OPEN_SECONDS
from resviz.ui.asking import answer, asked
from resviz.ui.changes import CLOCK_SECONDS, within
from resviz.ui.http import FAULT, LONGEST_VIEWER
from resviz.ui.panels import PANELS
from resviz.ui.server import changes, scheduler
from resviz.ui.training import found, state_of
from resviz.words.text import Mistake

log = logging.getLogger(__name__)

MOST_WATCHED = 50  # by one page
PUSH_SECONDS = 0.1  # news closer together than this are sent together
EAGER_SECONDS = 3.0
STAY_SECONDS = 1.0  # between two renewals of a viewer's request
ELSEWHERE = 1008  # close code for a socket opened by another site


async def _watch(socket: WebSocket) -> None:
    if not _of_this_site(socket):
        return await socket.close(ELSEWHERE)
    await socket.accept()
    telling: dict[int, asyncio.Task[None]] = {}
    try:
        while True:
            message = json.loads(await socket.receive_text())
            number = int(message["id"])
            if earlier := telling.pop(number, None):
                earlier.cancel()
            if len(message) > 1 and len(telling) < MOST_WATCHED:
                telling[number] = asyncio.create_task(_tell(socket, number, message))
                telling = {n: task for n, task in telling.items() if not task.done()}
    except (ValueError, TypeError, KeyError):  # not sent by a page of the app
        await socket.close(1003)
    except WebSocketDisconnect:
        pass
    finally:
        for task in telling.values():
            task.cancel()
        await asyncio.gather(*telling.values(), return_exceptions=True)


def _of_this_site(socket: WebSocket) -> bool:
    """Return False for a socket that another site made a browser open. A client that is no browser sends no origin."""
    origin = socket.headers.get("origin")
    names = {socket.headers.get("host"), socket.headers.get("x-forwarded-host")}
    return origin is None or urlsplit(origin).netloc in names


async def _tell(socket: WebSocket, number: int, message: dict[str, Any]) -> None:
    try:
        async for text in _news(message):
            await socket.send_text(f'{{"id":{number},"news":{text}}}')
    except WebSocketDisconnect:
        return
    except Mistake as mistake:
        await _fails(socket, number, str(mistake))
    except Exception:
        log.exception("what a page watches: %s", str(message)[:200])
        await _fails(socket, number, FAULT)


async def _fails(socket: WebSocket, number: int, words: str) -> None:
    await socket.send_text(json.dumps({"id": number, "error": words}))


def _news(message: dict[str, Any]) -> AsyncIterator[str]:
    """Return the news of the run or panel that a message names. Raises Mistake."""
    viewer = str(message.get("viewer", ""))[:LONGEST_VIEWER]
    if "run" in message:
        return _of_run(str(message["run"]), viewer, int(message.get("from", 0)))
    return _of_panel(str(message["panel"]), viewer, *(str(message.get(key, "")) for key in ("query", "have", "laid")))


async def _of_run(digest: str, viewer: str, first: int) -> AsyncIterator[str]:
    """Yield the state and new records of a run as they are made, until it has ended."""
    run, pool = await run_in_threadpool(found, digest), scheduler().pool
    sent, head, lease = first, "", None
    opened, there = time.monotonic(), run.steps_done
    try:
        while True:
            lease = pool.renew(run, viewer, OPEN_SECONDS, stream=True)
            ended, state = run.status in ENDED, _head(run)
            if run.steps_done < sent:  # the run was started over
                sent = 0
            if run.steps_done > sent or state != head:
                text, head = state_of(run, sent), state
                sent = max(sent, run.steps_done)
                yield text
            if ended:
                return
            # Someone has just clicked: send the first answer without waiting for more.
            eager = run.steps_done == there and time.monotonic() - opened < EAGER_SECONDS
            await asyncio.sleep(PUSH_SECONDS / 5 if eager else PUSH_SECONDS)
    finally:
        if lease:
            pool.leave(run, viewer, lease)


def _head(run: Run) -> str:
    runs = scheduler()
    return f"{run.status}{run.message}{runs.pool.position(run)}{run.viewers()}{runs.broken}"


async def _of_panel(name: str, viewer: str, query: str, have: str, laid: str) -> AsyncIterator[str]:
    """Yield the answer so far, whenever it changes, until it is complete."""
    if name not in PANELS:
        raise Mistake(f"panel {name[:40]!r}: allowed is {', '.join(PANELS)}")
    panel = PANELS[name]
    about = await run_in_threadpool(asked, panel, parse_qsl(query, keep_blank_values=True))
    seen, said, stayed = object(), "", 0.0
    while True:
        with changes.noticed() as change:
            now = time.monotonic()
            if now - stayed >= STAY_SECONDS:
                stayed = now
                await run_in_threadpool(panel.source.stay, about.spec, viewer)
            moment = panel.source.moment(about.spec)
            if moment != seen:
                seen = moment
                look = await run_in_threadpool(panel.source.look, about.spec, viewer)
                told = await run_in_threadpool(answer, name, panel, about, look, have, laid)
                have, laid = told.version, told.laid
                if told.text != said:
                    said = told.text
                    yield said
                if not look.running and not look.others:
                    return
            await within(CLOCK_SECONDS, change)
        await asyncio.sleep(PUSH_SECONDS / 3)


routes = [WebSocketRoute("/watch", _watch)]
