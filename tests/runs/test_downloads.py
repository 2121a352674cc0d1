"""Downloads of data sets: one process each, told line by line. The fetching itself is tests/data/test_tensors.py's."""

import sys

import pytest

from resviz.runs.downloads import COMMAND, Downloads
from tests.forked import with_torch
from tests.runs.waiting import wait

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("with torch")]


def ended(downloads, name):
    wait(lambda: downloads.get(name).state != "running", "the end")
    return downloads.get(name)


def program(text):
    return (sys.executable, "-c", text)


def test_progress_and_success():
    downloads = Downloads(program("print(10, 100, flush=True); print(100, 100)"))
    assert downloads.get("mnist") is None
    item = downloads.start("mnist")
    assert item is downloads.start("mnist") or item.state != "running", "joined, not begun twice"
    item = ended(downloads, "mnist")
    assert (item.state, item.done, item.total, item.message) == ("done", 100, 100, "")


def test_failure_is_the_command_lines_own_sentence():
    downloads = Downloads(program("import sys; print(10, 0); sys.exit('resviz: MNIST could not be downloaded: why.')"))
    downloads.start("mnist")
    item = ended(downloads, "mnist")
    assert (item.state, item.done, item.message) == ("failed", 10, "MNIST could not be downloaded: why.")


def test_a_silent_death_is_a_failure_too():
    downloads = Downloads(program("raise SystemExit(3)"))
    downloads.start("cifar10")
    assert ended(downloads, "cifar10").message == "The download stopped."


def test_a_failed_download_can_be_started_again(tmp_path):
    flag = tmp_path / "flag"
    text = (
        f"import pathlib, sys; p = pathlib.Path({str(flag)!r}); sys.exit(0 if p.exists() else p.write_text('x') and 3)"
    )
    downloads = Downloads(program(text))
    downloads.start("mnist")
    assert ended(downloads, "mnist").state == "failed"
    downloads.start("mnist")
    assert ended(downloads, "mnist").state == "done"


def test_unknown_name():
    with pytest.raises(ValueError, match="nothing called 'minst'"):
        Downloads().start("minst")


def test_the_real_command_fails_in_one_sentence_where_there_is_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # discard: nothing listens, nothing leaves
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert (sys.executable, "-m", "resviz.cli", "data", "--lines") == COMMAND
    downloads = Downloads(with_torch().command("resviz.cli:main", *COMMAND[3:]))
    downloads.start("mnist")
    item = ended(downloads, "mnist")
    assert item.state == "failed"
    assert item.message.startswith("MNIST could not be downloaded")
    assert "\n" not in item.message
