"""What all tests of the screen share."""

import pytest

from resviz.ui import server, sources
from tests.ui import addresses
from tests.ui.calculating import Slow


@pytest.fixture(autouse=True)
def nobody_looks():
    """Panels share who looks at what; no test may see another's."""
    sources._asked.clear()
    sources._looking.clear()


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """The Calculator's server: the process that builds networks and makes steps is the test."""
    addresses.furnish(tmp_path, monkeypatch, slow=Slow)
    monkeypatch.setenv("RESVIZ_MAX_GB", "8")
    return server._slow_prober
