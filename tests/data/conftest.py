"""What tests of trained weights share."""

import pytest

from tests.data.weightfiles import furnish, made, offered


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Both places where weights can be, in an empty folder."""
    furnish(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture(scope="module")
def file():
    """A ResNet-18 as torchvision keeps its weights: its bytes."""
    return made()


@pytest.fixture
def known(monkeypatch):
    """As if these were the weights that torchvision offers."""
    return offered(monkeypatch)
