"""The command line as a process of its own: what it does not import, how it prints where letters are missing, and Ctrl-C."""

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from resviz.cli import main
from tests.forked import with_torch
from tests.runs.waiting import wait

# What each part of the program below may not have imported by its end.
SLOW = {"torch", "torchvision", "torchdiffeq", "captum", "streamlit", "plotly", "sklearn", "scipy", "pyarrow", "tqdm"}
IMPORTS = """
import io, sys
from contextlib import redirect_stderr, redirect_stdout
from resviz.cli import main

def imported(part):
    there = {name.partition(".")[0] for name in sys.modules}
    print(repr((part, sorted(there & set(sys.argv[1:])))), file=sys.__stdout__)

def code(*words):
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        try:
            return main(words)
        except SystemExit as end:
            return end.code

for more in ([], ["other=resnet34"], ["--json"], ["--help"]):
    assert code("count", "net=resnet50", *more) == 0
imported("count")
from resviz.cli import _commands
for name in _commands():
    assert code(name, "colour=red") == code(name, "--out", "x.doc") == 2
    assert code(name, "--help") == 0
imported("wrong words and help")
for words in ([], ["--json"], ["system=decay", "study=order"], ["study=stability"], ["--help"]):
    assert code("euler", *words) == 0
imported("euler")
"""


@pytest.mark.process
def test_count_and_euler_and_wrong_words_and_help_import_nothing_slow():
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, *SLOW, "numpy"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    found = dict(map(ast.literal_eval, done.stdout.splitlines()))
    assert list(found) == ["count", "wrong words and help", "euler"]
    assert found["count"] == []
    assert all(set(there) <= {"numpy"} for there in found.values()), found


# -- letters that a terminal or a file on Windows lacks ---------------------------------------------


@pytest.mark.process
def test_it_is_started_as_a_module_and_prints_where_there_are_no_raised_digits():
    done = subprocess.run(
        [sys.executable, "-m", "resviz.cli", "euler", "--help"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert b"decay" in done.stdout


# -- Ctrl-C ------------------------------------------------------------------------------------------


def train_telling_who() -> int:
    """`resviz train`, in another process that says which one it is as soon as it has made three steps."""
    from resviz.train.records import Record
    from resviz.train.twins import lockstep as module

    path, train = Path(os.environ["RESVIZ_WHO"]), module.train

    def telling(spec):
        for event in train(spec):
            yield event
            if isinstance(event, Record) and event.step == 3:
                path.with_suffix(".part").write_text(str(os.getpid()))
                path.with_suffix(".part").rename(path)

    module.train = telling
    # A shell's background jobs ignore the interrupt, and so would what they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return main()


@pytest.mark.process
@pytest.mark.heavy
@pytest.mark.xdist_group("with torch")
def test_interrupting_keeps_what_there_is(tmp_path):
    out, who = tmp_path / "run.csv", tmp_path / "who"
    words = ["train", "depth=20", "epochs=500", "device=cpu", "--out", str(out)]
    process = subprocess.Popen(
        with_torch().command("tests.test_cli_process:train_telling_who", *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "RESVIZ_WHO": str(who)},
    )
    try:
        wait(lambda: who.exists() or process.poll() is not None, "three steps", 90)
        os.kill(int(who.read_text()), signal.SIGINT)
        _, err = process.communicate()
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "stopped after step" in err
    assert "Traceback" not in err
    assert len(out.read_text().splitlines()) > 3
