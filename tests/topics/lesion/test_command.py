"""`resviz paths`: what is printed of each study, and what no network answers."""

import pytest

from resviz.cli import main
from tests.commandline import told

RUN = ["depth=8", "width=4", "epochs=1", "examples=64", "batch=32", "device=cpu"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RESVIZ_HOME", str(tmp_path))


def test_each_study_is_a_question_of_its_own(capsys):
    lesions = told(capsys, "paths", "lesion=2", "images=50", *RUN)
    assert {"single", "together", "changes"} <= set(lesions)
    assert {arm: len(found) for arm, found in lesions["single"].items()} == {"residual": 3, "plain": 3}
    assert lesions["together"]["residual"] == lesions["single"]["residual"][1], "block 2 alone, either way"
    assert told(capsys, "paths", "study=lesions", "lesion=2", "images=50", *RUN) == lesions
    assert {"counts", "swaps", "tau"} <= set(told(capsys, "paths", "study=several", "draws=2", "images=20", *RUN))
    assert {"norm", "blocks", "sampled"} <= set(told(capsys, "paths", "study=lengths", "images=4", *RUN))


def test_a_gradient_that_leaves_the_range_has_no_answer(capsys):
    lost = ["depth=56", "width=2", "epochs=1", "examples=128", "batch=32", "device=cpu", "lr=100", "norm=none"]
    assert main(["paths", "study=lengths", *lost]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "leaves the range of float32" in error and "A smaller learning rate" in error


def test_an_unknown_study_is_quoted_in_one_line(capsys):
    assert main(["paths", "study=a\nb"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "allowed is one of lesions, several, lengths" in error
    assert main(["paths", "study=" + "9" * 10**6]) == 2
    assert len(capsys.readouterr().err) < 300
