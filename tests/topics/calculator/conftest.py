"""What the tests of the Calculator on the screen share."""

import pytest

from tests.ui import addresses


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """The Calculator's server: the process that builds networks and makes steps is the test."""
    scheduler = addresses.furnish(tmp_path, monkeypatch)
    monkeypatch.setenv("RESVIZ_MAX_GB", "8")
    return scheduler.pool
