"""The app's server as a person starts it, for tests that drive a browser; one whose processes start at once; and one with a
trainer that goes at the test's pace."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.forked import with_torch
from tests.timing import aside

ROOT = Path(__file__).parents[1]
# As a person has it: how many threads of torch are used is the app's to say.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}


def free_port() -> int:
    """One that nobody listens on at the moment."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """`resviz app` as the README starts it, on a free port, with a store of its own."""

    def __init__(self, home, cwd=ROOT, path="", program=sys.executable, **environment):
        self.program, self.home, self.cwd, self.path, self.environment = program, home, cwd, path, environment
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}{path and '/'}{path}"
        self.log = home / "server.log"
        self.start()

    def command(self):
        under = ("--path", self.path) if self.path else ()
        return "-m", "resviz.cli", "app", "--no-browser", "--port", str(self.port), *under

    def start(self):
        """Start, or start again after `stop`, on the same port."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [self.program, *self.command()], cwd=self.cwd, stdout=log, stderr=subprocess.STDOUT,
                env={**ENVIRONMENT, "RESVIZ_HOME": str(self.home), **self.environment},
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

    def told(self, path="status"):
        """What it says of itself at an address."""
        with urllib.request.urlopen(f"{self.url}/{path}") as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        with aside():
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class ForkedServer(Server):
    """The same app, whose processes need not import torch anew: two to four seconds of a core each."""

    def command(self):
        return "-m", "tests.appserver", str(self.port), self.path, with_torch().address


class PacedServer(ForkedServer):
    """One whose runs are made up (tests/paced.py): they learn as far and as fast as the test says."""

    def __init__(self, home, path="", **environment):
        self.folder = home / "paced"
        self.folder.mkdir(exist_ok=True)
        super().__init__(home, path=path, **environment)

    def command(self):
        return *super().command(), str(self.folder)

    def hold(self, seed, step):
        """Let no run of this seed make this step, until the file that this returns is gone."""
        gate = self.folder / f"hold-{seed}-{step}"
        gate.touch()
        return gate

    def asked_to(self, what, seed, step):
        """Have a run fail ("raise") or its process end ("die") at a step."""
        (self.folder / f"{what}-{seed}-{step}").touch()
