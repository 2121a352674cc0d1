"""The command line: the same words and numbers as the app, and one line where something cannot be used."""

import json
import signal
import subprocess
import sys
import time

import pytest

from resviz.cli import main
from resviz.experiments.train import train
from resviz.records import History, from_table
from resviz.spec import Spec
from resviz.words import parse_words

SMALL = ["depth=8", "epochs=1", "device=cpu"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["depth=abc"], "depth=abc: allowed is a whole number from 2 to 1,202"),
        (["depth=99999"], "depth=99999: allowed is a whole number from 2 to 1,202"),
        (["cut=900"], "cut=900: depth 56 has shortcuts 1 to 27"),
        (["lr=-1"], "lr=-1: allowed is a number from 1e-06 to 100"),
        (["lr=1e30"], "lr=1e30: allowed is a number from 1e-06 to 100"),
        (["norm="], "norm=: allowed is one of batch, layer, group, none"),
        (["colour=red"], "colour=red: no such setting"),
        (["remove=900"], "remove=900: depth 56 has blocks 1 to 27"),
        (["edits=soon:cut:7"], "edits=soon:cut:7: allowed is step:setting:value, such as 60:cut:7 90:lr:0.01"),
        (["edits=60:cut:900"], "edits=60:cut:900: depth 56 has shortcuts 1 to 27"),
        (
            ["edits=60:cut:7 60:depth:8"],
            "edits=60:depth:8: depth cannot change on the way; what can is activation, shortcut_scale, branch_scale, cut",
        ),
        (
            ["edits=60:colour:red"],
            "edits=60:colour:red: no such setting; what can is activation, shortcut_scale, branch_scale, cut",
        ),
        (["edits=140:cut:7"], "edits=140:cut:7: the run has 132 steps: a change can come after step 1 to 131"),
        (["edits=" + "9" * 1_000_000], "(1,000,000 characters)"),
        (["depth"], "write settings as key=value"),
        (["depth=2", "depth=3"], "given twice; the first was 2"),
        (["--bogus"], "unrecognized arguments: --bogus"),
        (["--out", "run.txt"], "'run.txt' ends in '.txt'; allowed are .csv, .parquet, .json"),
        (["--out", "/no/such/folder/run.csv"], "there is no folder '/no/such/folder'"),
        (["seed=" + "9" * 1_000_000], "(1,000,000 characters)"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_words_are_one_line_and_exit_2(capsys, words, says):
    assert main(["train", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1
    assert len(err) < 600


def test_a_run_that_cannot_be_made_exits_1(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    assert main(["train", "dataset=mnist", "epochs=1"]) == 1
    err = capsys.readouterr().err
    assert "MNIST is not in" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["edits=5:cut:2 8:epochs:2", "remove=1"]], ids=["whole", "changed"])
def test_json_has_the_documented_shape_and_the_numbers_of_the_generator(capsys, words):
    assert main(["train", *SMALL, *words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    spec = Spec.of(parse_words([*SMALL, *words]))
    history = History(spec)
    for event in train(spec):
        history.add(event)
    assert told["spec"] == json.loads(spec.model_dump_json())
    assert told["digest"] == spec.digest
    assert told["device"] == "cpu"
    assert told["seconds"] > 0
    for arm in ("plain", "residual"):
        found = told["arms"][arm]
        assert len(found["loss"]) == spec.steps
        assert found["params"] == history.start.arms[arm].params
        assert found["loss"] == history.column(arm, "loss")[1]
        assert found["grad_norm"] == [list(v) for v in history.column(arm, "grad_norm")[1]]
        assert found["test_accuracy"] == history.last(arm, "test_accuracy")
        assert found["train_accuracy"] == history.last(arm, "train_accuracy")
    assert told["arms"]["plain"]["initial_checksum"] == told["arms"]["residual"]["initial_checksum"]


def test_out_writes_every_kind(capsys, tmp_path):
    import pyarrow.parquet as pq

    for suffix in ("csv", "parquet", "json"):
        assert main(["train", *SMALL, "--out", str(tmp_path / f"run.{suffix}")]) == 0
    assert "After step 11" in capsys.readouterr().out
    history = from_table(pq.read_table(tmp_path / "run.parquet"))
    lines = (tmp_path / "run.csv").read_text().splitlines()
    told = json.loads((tmp_path / "run.json").read_text())
    assert len(history.records) == len(lines) - 1 == len(told["arms"]["plain"]["loss"]) == 11
    column = lines[0].split(",").index("residual.loss")
    assert [float(line.split(",")[column]) for line in lines[1:]] == told["arms"]["residual"]["loss"]
    assert told["seconds"] > 0


def test_interrupting_keeps_what_there_is(tmp_path):
    out = tmp_path / "run.csv"
    command = [sys.executable, "-m", "resviz.cli", "train", "depth=20", "epochs=500", "device=cpu", "--out", str(out)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs ignore the interrupt, and so would what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    time.sleep(8)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "stopped after step" in err
    assert "Traceback" not in err
    assert len(out.read_text().splitlines()) > 1


def test_help_lists_every_setting(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["train", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert all(f"{name}=" in text for name in Spec.model_fields)
