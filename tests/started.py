"""Servers that tests share: the real one, one whose runs learn at the test's pace, and such that a test may end."""

import pytest

from tests.servers import PacedServer, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("home"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def paced(tmp_path_factory):
    """Runs there are made up, and can be held at a step; each test takes seeds of its own."""
    server = PacedServer(tmp_path_factory.mktemp("paced"))
    yield server
    server.stop()


@pytest.fixture
def make_paced(tmp_path):
    """Start such servers with a store of their own, for a test that may end them."""
    servers = []

    def make(**environment):
        servers.append(PacedServer(tmp_path, **environment))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()
