"""A real server and a real Chromium for the tests in this folder."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# As a person has it: how many threads of torch are used is the app's to say.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in Path(str(item.fspath)).parts[-2:]:
            item.add_marker("browser")


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
            stdout=self.log.open("w"), stderr=subprocess.STDOUT, env={**ENVIRONMENT, "RESVIZ_HOME": str(home), **environment},
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
