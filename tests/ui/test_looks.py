"""The addresses that serve what one pass measures: JSON for the page, a table, and a script that does the same alone."""

import ast
import csv
import io
import json
import re
import subprocess
from concurrent.futures import Future

import pytest
from starlette.applications import Starlette

from resviz.experiments.initial import Initial
from resviz.findings import initial_finding
from resviz.records import ARMS
from resviz.runs.prober import LookFailed, Prober, Superseded
from resviz.runs.run import encoded
from resviz.signal import signal_claims, signal_finding, to_csv
from resviz.spec import Spec
from resviz.ui import looks, server
from resviz.ui.http import under
from tests.forked import with_torch
from tests.ui import addresses

SMALL = {"depth": "8", "width": "4", "examples": "64", "batch": "64", "device": "cpu"}
INITIAL = Initial()
APP = Starlette(routes=under("", looks.routes))


class Here(Prober):
    """A prober that measures here and now, and keeps count; `instead` is raised in place of an answer."""

    instead: Exception | None = None

    def ask(self, question, viewer=""):
        future = Future()
        self.viewers = [*getattr(self, "viewers", []), viewer]
        if self.instead:
            future.set_exception(self.instead)
        else:
            self.measured += 1
            self._remember(question.key, answer := INITIAL(question.spec))
            future.set_result(answer)
        return future


@pytest.fixture(autouse=True)
def prober(tmp_path, monkeypatch):
    scheduler = addresses.office(tmp_path, monkeypatch, prober=Here)
    yield server._prober
    scheduler.store.close()


def get(path: str, **words: str) -> tuple[int, dict[str, str], str]:
    return addresses.request(APP, path, **words)


def post(path: str, **words: str) -> tuple[int, dict[str, str], str]:
    """As a page does, which has it measured."""
    return addresses.request(APP, path, "POST", addresses.PRESSED, **words)


# -- JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [None, "start", "signal"])
def test_a_look_tells_what_was_measured_in_the_words_of_its_page(view):
    words = {**SMALL, "cut": "2", "remove": "3"}
    status, headers, text = post("/look", **words, **({"view": view} if view else {}), viewer="me")
    assert (status, headers["content-type"]) == (200, "application/json")
    told, spec = json.loads(text), Spec.of(words)
    record = INITIAL(spec)
    assert told["record"] == json.loads(json.dumps(encoded(record)))
    assert (told["query"], told["cut"], told["remove"]) == (spec.query(), [2], [3])
    if view == "signal":
        assert told["finding"] == signal_finding(spec, record)
        assert told["claims"] == [[c.said, measure, c.found, c.source] for c, measure in signal_claims(spec, record)]
        assert len(told["claims"]) == 4
    else:
        assert told["finding"] == initial_finding(spec, record)
        assert told["claims"] == []


def test_numbers_that_left_float32_are_null_and_never_a_word_that_is_no_json():
    words = {**SMALL, "depth": "302", "norm": "none", "branch_scale": "4"}
    for view in looks.VIEWS:
        status, _, text = post("/look", **words, view=view)
        assert status == 200
        told = json.loads(text, parse_constant=lambda word: pytest.fail(word))
        assert None in told["record"]["plain"]["activation_grad_norm"]


def test_viewers_are_told_apart_and_their_names_are_not_kept_at_any_length(prober):
    post("/look", **SMALL, viewer="a" * 1000)
    post("/look", **SMALL)
    assert prober.viewers == ["a" * 64, ""]


@pytest.mark.parametrize("path", ["/look", "/look.csv", "/look.py"])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"depth": "abc"}, "depth=abc: allowed is a whole number from 2 to 1,202"),
        ({"cut": "900"}, "cut=900: depth 8 has shortcuts 1 to 3"),
        ({"order": "relu"}, "order=relu: allowed is one of original, bn_after"),
        ({"colour": "red"}, "colour=red: no such setting"),
        ({"lr": "nan"}, "lr=nan: allowed is a number"),
        ({"width": "9" * 500}, "(500 characters)"),
    ],
    ids=str,
)
def test_wrong_words_are_one_line_and_400(prober, path, words, says):
    status, headers, text = get(path, **{**SMALL, **words})
    assert (status, headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert says in text
    assert len(text.splitlines()) == 1
    assert prober.measured == 0


def test_an_unknown_view_is_named_with_those_that_there_are(prober):
    status, _, text = get("/look", **SMALL, view="pie" * 100)
    assert status == 400
    assert text == f"view={('pie' * 100)[:40]!r}: allowed is start or signal"
    assert prober.measured == 0


def test_to_get_measures_nothing(prober):
    for path in ("/look", "/look.csv"):
        status, _, text = get(path, **SMALL, viewer="me")
        assert (status, text) == (404, "This has not been measured here yet: open the page.")
    assert addresses.request(APP, "/look", "POST", {}, **SMALL)[0] == 400
    assert prober.measured == 0
    told = post("/look", **SMALL)[2]
    assert prober.measured == 1
    assert get("/look", **SMALL)[2] == told
    assert prober.measured == 1


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (LookFailed("MNIST is not in the folder.", "mnist"), 503, "MNIST is not in the folder."),
        (Superseded(), 409, "Something else was asked for meanwhile."),
        (TimeoutError(), 503, "too large to be measured in two minutes"),
    ],
    ids=["failed", "superseded", "slow"],
)
def test_what_goes_wrong_has_a_status_and_a_sentence(prober, error, status, says):
    prober.instead = error
    found, headers, text = post("/look", **SMALL)
    assert found == status
    assert says in text
    assert headers["content-type"].startswith("text/plain")


def test_what_is_past_the_limits_is_declined_with_an_estimate(prober):
    status, _, text = post("/look", depth="1202", width="256", batch="1024", device="cpu")
    assert status == 400
    assert "the limit is" in text
    assert prober.measured == 0


# -- files ---------------------------------------------------------------------------------------


def test_the_table_is_a_file_named_by_its_digest():
    spec = Spec.of(SMALL)
    post("/look", **SMALL)
    status, headers, text = get("/look.csv", **SMALL)
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert headers["content-disposition"] == f'attachment; filename="resviz-signal-{spec.digest}.csv"'
    assert text == to_csv(INITIAL(spec))
    assert len(list(csv.DictReader(io.StringIO(text)))) == 8


SCRIPTS = {
    "basic": {},
    "orders": {"order": "full", "norm": "group", "activation": "gelu"},
    "contents": {"gate": "exclusive", "gate_bias": "0.5", "shortcut_scale": "0.7", "branch_scale": "1.5"},
    "dropout": {"shortcut_dropout": "0.5", "seed": "3", "norm": "none"},
    "fully connected": {"kind": "mlp", "width": "32", "norm": "none", "init": "torch", "depth": "20"},
    "bottleneck": {"block": "bottleneck", "depth": "11", "stages": "2", "shortcut": "B", "order": "bn_after"},
    "lesions": {"cut": "1", "remove": "2", "order": "relu_only", "init": "zero_gamma"},
    "plain": {"block": "plain", "dataset": "spirals", "init": "xavier"},
    "changed later": {"edits": "1:cut:2", "examples": "200", "order": "relu_before"},
}
ROW = r"(plain|residual): layer (\d+), output gradient (\S+), output spread (\S+), weight gradient (\S+)"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What each downloaded script prints where this package cannot be imported."""
    folder = tmp_path_factory.mktemp("scripts")
    paths = []
    for name, words in SCRIPTS.items():
        status, headers, text = get("/look.py", **{**SMALL, **words})
        assert status == 200
        spec = Spec.of({**SMALL, **words})
        assert headers["content-disposition"] == f'attachment; filename="resviz-signal-{spec.digest}.py"'
        assert f"resviz signal {spec.command()}" in ast.get_docstring(ast.parse(text))
        paths.append(f"{name.replace(' ', '_')}.py")
        (folder / paths[-1]).write_text(text)
    done = subprocess.run(
        with_torch().command("tests.scripts:main", *paths), cwd=folder, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    parts = re.split(r"^# (\w+)\.py\n", done.stdout, flags=re.MULTILINE)
    return {name.replace("_", " "): text for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.process
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_script_runs_alone_and_prints_the_numbers_of_the_record(printed, name):
    spec = Spec.of({**SMALL, **SCRIPTS[name]})
    record = INITIAL(spec)
    rows = re.findall(ROW, printed[name])
    assert len(rows) == 2 * spec.depth
    for arm in ARMS:
        mine = [row for row in rows if row[0] == arm]
        assert [int(row[1]) for row in mine] == list(range(1, spec.depth + 1))
        back, spread, weights = ([float(row[i]) for row in mine] for i in (2, 3, 4))
        a = record.arms[arm]
        assert weights == pytest.approx(a.grad_norm, rel=1e-5)
        assert back == pytest.approx((*a.activation_grad_norm, 0.0), rel=1e-5)
        assert spread == pytest.approx((*a.activation_std, 0.0), rel=1e-5, abs=1e-12)
