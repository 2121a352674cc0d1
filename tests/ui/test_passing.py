"""Start and Signal as the browser's half drives them: what one pass measures, situations, guesses, files."""

import ast
import csv
import io
import json
import re
import subprocess

import pytest

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.findings import initial_finding
from resviz.families.resnet.script import script
from resviz.families.resnet.spec import Spec
from resviz.runs.run import encoded
from resviz.topic import pages
from resviz.topics.signal import figures as signal_figures
from resviz.topics.signal.words import DIRECTIONS, OPENING, direction_back, signal_claims, signal_finding
from resviz.topics.start import figures as start_figures
from resviz.train.profiles import to_csv
from resviz.train.twins.initial import Initial
from tests.forked import with_torch
from tests.ui import addresses
from tests.ui.desk import Fails, here
from tests.ui.driving import Driven, words_of
from tests.ui.opening import address, open_page

SMALL = {"depth": "8", "width": "4", "examples": "64", "batch": "64", "device": "cpu"}
INITIAL = Initial()
PAGES = ("start", "signal")
SITUATIONS = {
    "Batch normalisation": {},
    "None, small weights": {"norm": "none", "init": "torch"},
    "None, He’s weights": {"norm": "none"},
    "… branch × 1/√L": {"norm": "none", "branch_scale": "0.577"},
    "Zero gamma": {"init": "zero_gamma"},
}


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    scheduler = addresses.furnish(tmp_path, monkeypatch)
    scheduler.pool.answers = here
    yield scheduler.pool
    scheduler.store.close()


def spec_of(page="start", **words):
    return Spec.of({**(OPENING if page == "signal" else {}), **SMALL, **words})


# -- what it shows ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_mounts_its_panels_and_writes_nothing_into_the_address(name):
    page = open_page(name)
    found = [json.loads(c.proto.bytes) for c in page.get("bidi_component")]
    declared = [(kind, shown) for topic in pages()[name] for kind, shown in topic.shows.items()]
    assert [(told["kind"], told["beside"], told["alone"]) for told in found] == [
        (kind, shown.beside, shown.alone) for kind, shown in declared
    ]
    assert [(shown.beside, shown.alone) for _, shown in declared].count((False, False)) == 1, "one has the address"
    assert address(page) == {} and not page.warning and not page.error


@pytest.mark.parametrize("page", PAGES)
def test_it_tells_what_was_measured_in_figures_on_the_drawing_and_in_a_finding(page):
    panel, spec = Driven(page, **SMALL, cut="2", remove="3"), spec_of(page, cut="2", remove="3")
    record = INITIAL(spec)
    assert panel.state["record"] == json.loads(json.dumps(encoded(record)))
    net = panel.card("net")["net"]
    assert (net["cut"], net["remove"], net["network"]["blocks"]) == ([2], [3], 3)
    if page == "signal":
        assert panel.finding == signal_finding(spec, record)
        claims = [[c.said, measure, c.found, c.source] for c, measure in signal_claims(spec, record)]
        assert panel.card("signal_claims")["rows"]["rows"] == claims and len(claims) == 4
        charts = signal_figures.templates(spec)
        assert net["arms"] == ["residual", "plain"]
    else:
        assert panel.finding == initial_finding(spec, record)
        charts = start_figures.templates(spec)
        assert net["arms"] == ["residual"] and panel.card("net_plain")["net"]["arms"] == ["plain"]
    for chart in charts:
        shown = panel.card(chart["id"])
        assert shown["figure"] == json.loads(json.dumps(chart["figure"])), "the browser binds it to the record"


def test_start_opens_with_the_default_experiment_and_signal_with_fewer_images(desk):
    start, signal = Driven("start"), Driven("signal")
    assert (start.words, signal.words) == ({}, OPENING)
    assert [q.spec.batch for q in desk.asked] == [128, 32]
    assert "32 images go forward through 56 layers" in signal.state["about"]
    assert "56 layers deep" in start.state["about"]
    assert Driven("signal", batch="16", depth="8").words == {"batch": "16", "depth": "8"}, "a link is taken at its word"


def test_numbers_that_left_float32_are_null_and_never_a_word_that_is_no_json():
    for page in PAGES:
        panel = Driven(page, **{**SMALL, "depth": "302", "norm": "none", "branch_scale": "4"})
        assert None in panel.state["record"]["plain"]["activation_grad_norm"]
        assert all(trace["bind"] for trace in panel.figures[1]["figure"]["data"])


@pytest.mark.parametrize("page", PAGES)
def test_a_drawing_tells_networks_apart_whose_charts_are_the_same(page):
    words = ({}, {"block": "plain"}, {"shortcut": "C"}, {"stages": "3"}, {"stages": "3", "shortcut": "B"})
    networks = [Driven(page, **{**SMALL, **each}).card("net")["net"]["network"] for each in words]
    assert len({json.dumps(network) for network in networks}) == len(networks)


def test_start_leads_on_with_the_same_settings():
    panel = Driven("start", **SMALL, cut="2", edits="1:cut:1")
    links = {page.partition("?")[0]: words_of(page.partition("?")[2]) for _, page, _ in panel.state["onward"]}
    assert list(links) == list(pages())[1:]
    for page, words in links.items():  # these have networks of their own
        own = page in ("calculator", "euler", "depth")
        assert words == ({} if own else words_of(panel.query))


# -- what a person changes ---------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_the_switch_cuts_all_shortcuts_and_restores_them(page):
    panel = Driven(page, **SMALL)
    switch = panel.part("switch", "switch")
    assert (panel.state["values"]["switch"], panel.state["said"]["switch"]) == ("", "+ x is on")
    panel.change(cut=switch["all"])
    assert panel.words["cut"] == "1-3" and panel.state["said"]["switch"] == "+ x is off"
    assert panel.card("net")["net"]["cut"] == [1, 2, 3]
    panel.change(cut="2")
    assert panel.state["said"]["switch"] == "+ x is on in 2 of 3"
    panel.change(cut=None)
    assert "cut" not in panel.words
    assert Driven(page, **SMALL, block="plain").state["said"]["switch"] == "no + x here"


def test_every_situation_is_one_press_away():
    panel = Driven("signal", **SMALL)
    for label in [*list(SITUATIONS)[1:], "Batch normalisation"]:
        panel.pill(label)
        spec = spec_of("signal", **SITUATIONS[label])
        assert Spec.of(panel.words) == spec and panel.state["values"]["Try"] == label
        assert panel.finding == signal_finding(spec, INITIAL(spec))


def test_guesses_are_held_against_what_is_measured():
    panel = Driven("signal", **SMALL)
    (guess,) = panel.parts("guess")
    asked = (
        ("PyTorch’s own small weights", "plain", SITUATIONS["None, small weights"]),
        ("He’s larger weights", "residual", SITUATIONS["None, He’s weights"]),
        ("every branch times 1/√L", "residual", SITUATIONS["… branch × 1/√L"]),
        ("Batch normalisation, and He’s weights", "plain", {}),
    )
    for question, (situation, arm, words) in zip(guess["questions"], asked, strict=True):
        assert situation in question["text"] and f"**{arm}** network" in question["text"]
        assert question["choices"] == list(DIRECTIONS)
        panel.change(question["set"])
        assert Spec.of(panel.words) == spec_of("signal", **words)
        assert panel.state["truth"] == list(direction_back(INITIAL(spec_of("signal", **words)), arm))


@pytest.mark.parametrize("page", PAGES)
def test_what_cannot_be_is_said_with_what_can_and_the_rest_is_used(page):
    panel = Driven(page, depth="5000", init="zero_gamma", norm="none", colour="red", width="4")
    said = " ".join(panel.problems)
    assert "depth=5000: allowed is a whole number from 2 to 1,202" in said
    assert "needs a normalisation, whose gamma it zeroes" in said and "colour=red: no such setting" in said
    assert panel.words.items() >= {"norm": "none", "width": "4"}.items() and "init" not in panel.words
    panel = Driven(page, **{**SMALL, "cut": "9"})
    assert panel.problems == ["cut=9: depth 8 has shortcuts 1 to 3"] and panel.card("net")["net"]["cut"] == []
    panel.change(width="no")
    assert panel.problems == ["width=no: allowed is a whole number from 1 to 1,024"] and panel.words["width"] == "4"


@pytest.mark.parametrize("page", PAGES)
def test_a_setting_keeps_what_else_the_address_says_and_with_it_the_branches(page):
    branch = {"depth": "8", "epochs": "3", "cut": "3", "edits": "10:cut:1-2 20:lr:0.1"}
    panel = Driven(page, **branch)
    panel.change(norm="layer")
    assert panel.words.items() >= {**branch, "norm": "layer"}.items() and not panel.problems
    panel.change(depth="6")  # whose third shortcut is gone
    assert panel.problems == ["cut=3: depth 6 has shortcuts 1 to 2"]
    assert (panel.words["depth"], panel.words["edits"], "cut" in panel.words) == ("6", "10:cut:1-2 20:lr:0.1", False)


# -- what is computed, and when ------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_to_get_measures_nothing(page, desk):
    told = addresses.state(f"/panel/{page}", looks=True, **SMALL)
    assert (told["status"], told["version"], desk.asked) == ("waiting", "", [])
    status, _, text = addresses.fetch(f"/panel/{page}.csv", **SMALL)
    assert (status, text) == (404, "This has not been computed here yet: open the page.")
    panel = Driven(page, **SMALL)
    assert len(desk.asked) == 1 and panel.version
    assert addresses.state(f"/panel/{page}", looks=True, **SMALL)["figures"] == panel.figures


def test_both_pages_ask_the_same_question_once(desk):
    Driven("start", **SMALL)
    Driven("signal", **SMALL)
    assert len(desk.asked) == 1


def test_what_goes_wrong_is_a_sentence_with_what_would_help(desk):
    def fails(question):
        raise Fails("MNIST is not in the folder.", "mnist")

    desk.answers = fails
    panel = Driven("start", **SMALL)
    assert (panel.state["trouble"], panel.state["missing"]) == ("MNIST is not in the folder.", "mnist")
    assert panel.figures is None


def test_while_it_is_measured_that_is_said(desk):
    desk.answers = None
    panel = Driven("signal", **SMALL)
    assert (panel.state["status"], panel.state["says"]) == ("running", "One pass through each network …")


@pytest.mark.parametrize("page", PAGES)
def test_what_is_past_the_limits_is_declined_with_an_estimate(page, desk):
    panel = Driven(page, depth="1202", width="256", batch="1024", device="cpu")
    assert panel.state["barred"] and "the limit is" in panel.state["trouble"]
    assert desk.asked == []


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_the_table_is_a_file_named_by_its_digest(page):
    panel, spec = Driven(page, **SMALL), spec_of(page)
    status, headers, text = panel.file()
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert headers["content-disposition"] == f'attachment; filename="resviz-{page}-{spec.digest}.csv"'
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
    """What the script of each pass prints where this package cannot be imported."""
    folder = tmp_path_factory.mktemp("scripts")
    paths = []
    for name, words in SCRIPTS.items():
        spec = Spec.of({**SMALL, **words})
        text = script(spec, one_pass=True)
        assert f"resviz signal {spec.command()}" in ast.get_docstring(ast.parse(text))
        paths.append(f"{name.replace(' ', '_')}.py")
        (folder / paths[-1]).write_text(text)
    done = subprocess.run(
        with_torch().command("tests.scripts:main", *paths), cwd=folder, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    parts = re.split(r"^# (\w+)\.py\n", done.stdout, flags=re.MULTILINE)
    return {name.replace("_", " "): text for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_script_of_the_pass_can_be_taken_along(name):
    panel, spec = Driven("signal", **{**SMALL, **SCRIPTS[name]}), Spec.of({**SMALL, **SCRIPTS[name]})
    status, headers, text = panel.file("py")
    assert (status, text) == (200, script(spec, one_pass=True, record=INITIAL(spec)))
    assert headers["content-disposition"] == f'attachment; filename="resviz-signal-{spec.digest}.py"'


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
