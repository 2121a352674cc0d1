"""A real server and a real Chromium for the tests in this folder."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
expect.set_options(timeout=30_000)  # on a busy machine a page may take its time; what it shows is judged, not when
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in Path(str(item.fspath)).parts[-2:]:
            item.add_marker("browser")


def find_browser():
    return os.environ.get("RESVIZ_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


class Server:
    """`streamlit run app.py` as the README starts it, on a free port, with a store of its own."""

    command = ("-m", "resviz.cli", "app", "--no-browser", "--port")

    def __init__(self, home, cwd=None, **environment):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "server.log"
        self.process = subprocess.Popen(
            [sys.executable, *self.command, str(self.port)], cwd=cwd,
            stdout=self.log.open("w"), stderr=subprocess.STDOUT, env={**os.environ, "RESVIZ_HOME": str(home), **environment},
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).read()
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("home"))
    yield server
    server.stop()


@pytest.fixture
def make_server(tmp_path):
    """Start servers that a test may kill; all share one store."""
    servers = []

    def make(**environment):
        servers.append(Server(tmp_path, **environment))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    path = find_browser()
    if path is None:
        message = f"no browser: none of {', '.join(NAMES)} is on the PATH, and RESVIZ_BROWSER is not set"
        if os.environ.get("RESVIZ_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium):
    """Open pages as separate people would; afterwards no error may have been logged, and no request left the machine."""
    contexts, troubles = [], []

    def open_page(url="", **options):
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
        page.on("request", lambda r: troubles.append(f"left the machine: {r.url}") if not local(r.url) else None)
        if url:
            page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles, troubles


def local(url):
    return url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:"))
