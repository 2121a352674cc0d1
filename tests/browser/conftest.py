"""A real server for the tests in this folder; one whose runs learn at the test's pace."""

import pytest

from tests.servers import PacedServer, Server


def pytest_itemcollected(item):
    """All tests of the real server run in one process, and all others, whose servers share what they are forked from, in one."""
    if "browser" in item.path.parts[-2:]:
        item.add_marker("browser")
        item.add_marker(
            pytest.mark.xdist_group("browser, real" if "server" in item.fixturenames else "browser, forked")
        )


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
