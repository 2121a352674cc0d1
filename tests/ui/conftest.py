"""What all tests of the screen share."""

import pytest

from resviz.runs.prober import Prober
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.ui import server, sources
from tests.ui.calculating import Slow


@pytest.fixture(autouse=True)
def nobody_looks():
    """Panels share who looks at what; no test may see another's."""
    sources._asked.clear()
    sources._looking.clear()


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """The Calculator's server: the process that builds networks and makes steps is the test."""
    scheduler = Scheduler(Store(tmp_path))
    scheduler.device = "cpu"
    scheduler.known_device.set()
    monkeypatch.setattr(server, "_scheduler", scheduler)
    monkeypatch.setattr(server, "_prober", Prober(scheduler.store))
    monkeypatch.setattr(server, "_slow_prober", Slow(scheduler.store))
    monkeypatch.setenv("RESVIZ_MAX_GB", "8")
    return server._slow_prober
