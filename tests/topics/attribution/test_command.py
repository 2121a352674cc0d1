"""`resviz attribution`: what is printed, and methods that mean nothing for some networks."""

import pytest

from resviz.cli import main
from tests.commandline import told

RUN = ["depth=8", "width=4", "epochs=1", "examples=64", "batch=32", "device=cpu"]

pytestmark = pytest.mark.filterwarnings("ignore:Setting")  # Captum, of its hooks


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RESVIZ_HOME", str(tmp_path))


def test_known_sizes_of_what_is_printed(capsys):
    found = told(capsys, "attribution", "steps_between=4", *RUN)
    (image,) = found["arms"]["plain"]["maps"]
    assert (image["width"], image["height"], len(image["values"])) == (8, 8, 64)
    assert found["training"]["step"] == {"residual": 2, "plain": 2}


def test_an_image_that_leaves_the_range_has_no_answer(capsys):
    lost = ["depth=56", "width=2", "epochs=1", "examples=128", "batch=32", "device=cpu", "lr=100", "norm=none"]
    assert main(["attribution", *lost]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert "leaves the range of float32" in error and "A smaller learning rate" in error


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["depth=2", "method=gradcam"], "depth=2: this network has no block, and GradCAM makes a map of each"),
        (
            ["method=guided_gradcam", "activation=tanh"],
            "activation=tanh: guided GradCAM is defined for networks with ReLU alone",
        ),
    ],
)
def test_a_method_that_means_nothing_there_exits_1(capsys, words, says):
    assert main(["attribution", *words]) == 1
    assert capsys.readouterr() == ("", f"resviz: {says}\n")
