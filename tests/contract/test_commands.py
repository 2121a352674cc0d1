"""Commands that answer a question about trained networks, and words that no command takes."""

import csv
import io
import json

import pytest
import torch

from resviz.cli import _commands, main
from resviz.draw.table import to_csv
from resviz.runs import questions
from resviz.runs.messages import STATES_FOLDER
from resviz.runs.questions import KINDS
from resviz.train.twins import trained as networks
from resviz.words.say import unmarked
from resviz.words.text import parse_words
from tests.commandline import said, told
from tests.contract.kinds import ASKED
from tests.runs.waiting import wait

RUN = ["depth=8", "width=4", "epochs=1", "examples=64", "batch=32", "device=cpu"]
# Commands that train a run of image networks, and what is asked of its networks, by kind.
COMMANDS = {
    name: (topic, command)
    for name, [(topic, command), *_] in _commands().items()
    if topic.studies or any(ask.from_states for ask in topic.asks.values())
}
QUESTIONS = {kind: list(asked.typed) for kind, asked in ASKED.items() if asked.typed}
REFUSED = [(list(words), says) for asked in ASKED.values() for words, says in asked.refused]
ANY_KIND, ANY = next(iter(QUESTIONS.items()))
LOST = ["width=2", "epochs=1", "examples=128", "batch=32", "device=cpu", "lr=100", "norm=none"]  # within two steps
QUIET = pytest.mark.filterwarnings("ignore:Setting")  # Captum, of its hooks

pytestmark = [pytest.mark.usefixtures("home"), QUIET]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where runs and states are kept; nothing is there, and no networks are in memory."""
    home = tmp_path / "home"
    monkeypatch.setenv("RESVIZ_HOME", str(home))
    monkeypatch.setenv(STATES_FOLDER, "")
    monkeypatch.delenv(STATES_FOLDER)  # what a command sets is gone after the test
    networks.forget()
    yield home
    networks.forget()


def fresh(capsys, *words):
    """As from a process that has no networks yet."""
    networks.forget()
    return told(capsys, *words)


def asked(kind):
    """The spec of the smallest question of a kind."""
    words = [word for word in (*QUESTIONS[kind][1:], *RUN) if not word.startswith("study=")]
    return KINDS[kind].spec.of(parse_words(words))


def last(kind):
    """The answer of the experiment itself, which has no states to go on from."""
    networks.forget()
    parts = KINDS[kind].named(KINDS[kind].asked.answers)(asked(kind))
    return [part for part in parts if part is not None][-1]


def refuse(*_):
    raise AssertionError("it is here already")


def shown(kind, record):
    """What is said and drawn of it."""
    asked = KINDS[kind].asked
    return [KINDS[kind].named(what)(record) for what in (asked.finding, asked.figures)]


# -- what is printed -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", QUESTIONS)
def test_json_is_the_last_record_of_the_experiment(capsys, kind):
    record = last(kind)
    assert record.done == 1
    found = fresh(capsys, *QUESTIONS[kind], *RUN)
    text, _ = shown(kind, record)
    assert found.pop("finding") == text != ""
    assert found["spec"] == asked(kind).model_dump() == json.loads(json.dumps(found["spec"]))
    assert found == json.loads(KINDS[kind].to_text(record))


@pytest.mark.parametrize("kind", QUESTIONS)
def test_it_says_what_json_has_as_finding_and_writes_both_kinds_of_file(capsys, tmp_path, kind):
    words, file = [*QUESTIONS[kind], *RUN], tmp_path / "found"
    known = fresh(capsys, *words)
    networks.forget()
    assert said(capsys, *words, "--out", f"{file}.json") == unmarked(known["finding"])
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8")) == known
    assert fresh(capsys, *words, "--out", f"{file}.csv") == known
    figures = shown(kind, KINDS[kind].from_text(json.dumps({k: v for k, v in known.items() if k != "finding"})))[1]
    rows = list(csv.reader(io.StringIO((tmp_path / "found.csv").read_text(encoding="utf-8"))))
    assert rows == list(csv.reader(io.StringIO(to_csv(figures))))
    assert rows[0][0] in [figure["title"] for figure in figures]
    assert len(rows) > 5 and {len(row) for row in rows} > {0, 1}


def test_the_device_that_auto_is_stays_out_of_the_answer(capsys):
    words = [*ANY, *RUN[:-1]]
    assert fresh(capsys, *words)["spec"]["device"] == "auto"


@pytest.mark.parametrize("kind", [kind for kind in QUESTIONS if not ASKED[kind].of_the_way])
def test_a_run_is_not_trained_again_for_another_question(capsys, home, monkeypatch, kind):
    """Its last states are kept, for the next process."""
    before = fresh(capsys, *QUESTIONS[kind], *RUN)
    wait(lambda: list((home / "states").rglob("*.pt")), "the states, which are written beside")
    monkeypatch.setattr(networks, "step", refuse)
    assert fresh(capsys, *QUESTIONS[kind], *RUN) == before


def test_states_are_kept_where_the_environment_says(capsys, home, tmp_path, monkeypatch):
    monkeypatch.setenv(STATES_FOLDER, str(tmp_path / "elsewhere"))
    fresh(capsys, *ANY, *RUN)
    wait(lambda: list((tmp_path / "elsewhere").rglob("*.pt")), "the states, which are written beside")
    assert not (home / "states").exists()


@pytest.mark.parametrize("kind", [kind for kind in QUESTIONS if ASKED[kind].survives])
def test_a_run_that_leaves_the_range_is_said_in_words(capsys, kind):
    words = [*QUESTIONS[kind], "depth=56", *LOST]
    found = fresh(capsys, *words)
    ended = found["training"]["ended"]
    assert ended and all("float32" in why for why in ended.values())
    for arm, why in ended.items():
        step = found["training"]["step"][arm] + 1
        assert f"The {arm} network stopped at step {step}: {why}" in found["finding"]
    networks.forget()
    assert said(capsys, *words) == unmarked(found["finding"])


def test_stopping_exits_130_and_says_what_is_lost(capsys, monkeypatch, tmp_path):
    def stop(spec):
        yield KINDS[ANY_KIND].from_text(json.dumps({"spec": spec.model_dump(), "done": 0.5}))
        raise KeyboardInterrupt

    monkeypatch.setattr(questions.Kind, "answerer", lambda kind: stop)
    assert main([*ANY, *RUN, "--out", str(tmp_path / "found.json")]) == 130
    assert capsys.readouterr() == ("", "resviz: stopped; what has been learnt so far is not kept\n")
    assert not (tmp_path / "found.json").exists()


# -- what cannot be used ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        *REFUSED,
        *(
            ([name, "lr=-1"], "lr=-1: allowed is a number from 0.000001 to 100; nearest that works: 0.000001")
            for name in COMMANDS
        ),
        *(([name, "norm=x"], "norm=x: allowed is one of batch, layer, group, none") for name in COMMANDS),
        *(([name, "colour=red"], "colour=red: no such setting; there are kind, depth, width") for name in COMMANDS),
        *(([name, "depth"], "depth=: write settings as key=value") for name in COMMANDS),
        *(([name, "--bogus"], "unrecognized arguments: --bogus") for name in COMMANDS),
        *(([name, "--out", "x.md"], "'x.md' ends in '.md'; allowed are .csv, .json") for name in COMMANDS),
        *(([name, "--out", "/no/such/x.csv"], "there is no folder '/no/such'") for name in COMMANDS),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else " ".join(value)[:40],
)
def test_wrong_words_are_one_line_and_exit_2(capsys, home, words, says):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.startswith("resviz: ") and len(err.splitlines()) == 1
    assert len(err) < 900  # with the names of all settings
    assert not home.exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_data_set_that_is_not_here_exits_1(capsys, monkeypatch, tmp_path, name):
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    assert main([name, "dataset=mnist", "epochs=1"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and "MNIST is not in" in err and len(err.splitlines()) == 1


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.skipif(torch.backends.mps.is_available(), reason="it is here")
def test_a_device_that_is_not_here_exits_1(capsys, name):
    assert main([name, "device=mps", "epochs=1"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("resviz: device=mps: this machine has ") and len(err.splitlines()) == 1


@pytest.mark.parametrize("words", [ANY], ids=["any"])
def test_what_cannot_be_written_exits_1(capsys, tmp_path, words):
    out = tmp_path / "found.csv"
    out.mkdir()
    assert main([*words, *RUN, "--out", str(out)]) == 1
    printed, err = capsys.readouterr()
    assert printed == "" and f"--out {str(out)!r}: " in err and len(err.splitlines()) == 1


# -- around it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_help_lists_the_settings_of_the_question_and_of_the_run(capsys, name):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    topic, command = COMMANDS[name]
    assert all(f"\n  {setting}=" in text for setting in topic.named(command.spec).model_fields)
    assert {"--json", "--out"} <= set(text.split())


def test_each_command_says_in_the_list_what_it_is_for(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for name, (_, command) in COMMANDS.items():
        assert f"{name} {command.help}" in text
