"""The server around the pages: how its connections are made, and where it looks for packages."""

import asyncio
import socket
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from resviz.ui.server import ROUTER, answer_at_once, keep_path


def no_delay(sock):
    return bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def of_a_connection(protocol):
    """Whether a server on a socket that is made as Streamlit makes it sends without delay."""
    found = []

    class Noted(protocol):
        def connection_made(self, transport):
            super().connection_made(transport)
            found.append(no_delay(transport.get_extra_info("socket")))

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})

    async def serve():
        listening = socket.socket(family=socket.AF_INET)
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, http=Noted, lifespan="off", log_level="warning"))
        serving = asyncio.ensure_future(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        read = await asyncio.to_thread(lambda: urllib.request.urlopen(url).read())
        server.should_exit = True
        await serving
        return read

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, serve()).result() == b"here"
    return found


def test_the_body_of_an_answer_does_not_wait_for_its_head_to_be_acknowledged():
    class Protocol(AutoHTTPProtocol):
        pass

    class Ours(AutoHTTPProtocol):
        pass

    answer_at_once(Ours)
    assert of_a_connection(Protocol) == [False], "or there is nothing left to mend, and it can go"
    assert of_a_connection(Ours) == [True]


def test_it_is_mended_once(monkeypatch):
    class Ours(AutoHTTPProtocol):
        pass

    answer_at_once(Ours)
    first = Ours.connection_made
    answer_at_once(Ours)
    assert Ours.connection_made is first


def test_a_run_of_a_page_leaves_the_path_of_packages_as_it_is(monkeypatch):
    """Otherwise a page may fail to open for one person in the moment in which another one opens theirs."""
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder != str(ROUTER.parent)])
    before = list(sys.path)
    with modified_sys_path(str(ROUTER)):
        assert sys.path != before  # what Streamlit does on its own
    keep_path()
    keep_path()
    assert sys.path == [*before, str(ROUTER.parent)]
    with modified_sys_path(str(ROUTER)):
        assert sys.path == [*before, str(ROUTER.parent)]
    assert sys.path == [*before, str(ROUTER.parent)]
