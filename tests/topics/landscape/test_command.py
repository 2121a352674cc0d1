"""`resviz landscape`: what is printed."""

import pytest

from tests.commandline import told

RUN = ["depth=8", "width=4", "epochs=1", "examples=64", "batch=32", "device=cpu"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RESVIZ_HOME", str(tmp_path))


def test_known_sizes_of_what_is_printed(capsys):
    found = told(capsys, "landscape", "finest=9", "images=8", *RUN)
    assert (found["size"], found["images"], found["done"]) == (9, 8, 1)
    assert {(len(each["loss"]), *map(len, each["loss"])) for each in found["arms"].values()} == {(9,) * 10}
