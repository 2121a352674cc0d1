"""Answers that come with the package: there for what each panel opens with, from real runs, and no others."""

import json
import math
import re
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache

import pytest

from resviz import topic
from resviz.families.resnet.family import ARMS
from resviz.runs import recorded as module
from resviz.runs.questions import KINDS, Question, answerer
from resviz.runs.recorded import (
    HOLDING,
    KEEPING,
    OPENING,
    STUDIES,
    Damaged,
    Recorded,
    held,
    opening,
    path_of,
    recorded,
    recorded_study,
)
from resviz.runs.studies import Study, outcome
from resviz.topics.flow.question import PlaneSpec
from resviz.topics.rollout.question import RolloutSpec
from resviz.topics.solve.question import SolveSpec
from resviz.train.plane import CELLS
from resviz.train.records import History
from resviz.train.twins.lockstep import train
from tests.contract.kinds import ENTRIES, forget

SHARE = 0.002  # of an accuracy: less than one of 400 points
LOSS = 0.05  # of a loss or an error, as a share of it
BEGINNING = 15  # points of a curve; from about the twentieth on the plain network's depends on how a CPU rounds
WHERE = {kind: path_of(opening(kind)) for kind in OPENING}  # in the package
TOGETHER = {kind: (KINDS[kind].topic.folder / f"{kind}.json").read_text("utf-8") for kind in HOLDING}
QUICK = ("flow", "rollout")  # a few seconds each; of the others the beginning is computed


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Another place for recorded answers, and nothing read before."""
    monkeypatch.setattr(topic.Topic, "folder", tmp_path / "recorded")
    recorded.cache_clear()
    yield tmp_path / "recorded"
    recorded.cache_clear()


@pytest.fixture(scope="module")
def computed():
    """What the quick ones give here, by kind."""
    return cache(lambda kind: [part for part in answerer(kind)(KINDS[kind].spec()) if part is not None][-1])


def known(kind: str) -> Recorded:
    found = recorded(opening(kind))
    assert found is not None, f"what {kind} opens with has changed: make record"
    return found


# -- what is there -------------------------------------------------------------------------------


def test_everything_that_is_learnt_in_parts_opens_with_a_recorded_answer():
    # Of photographs the weights are not ours to give.
    assert {*OPENING, *HOLDING, *KEEPING} == {name for name, kind in KINDS.items() if kind.parts} - {"photograph"}
    assert len(set(OPENING)) == len(OPENING)


@pytest.mark.parametrize("kind", OPENING)
def test_it_answers_the_defaults_of_today_to_the_end(kind):
    spec = KINDS[kind].spec()
    assert spec.words() == {}
    record = known(kind).record
    assert record.spec == spec
    assert record.spec.digest in path_of(opening(kind)).name
    assert record.done == 1


def test_no_file_is_left_of_other_defaults():
    there = {path for path in topic.FOLDER.glob("*/*.json") if path.parent.name in topic.topics()}
    studies = {t.folder / f"study-{kind}-{Study.of(kind, {}).digest}.json" for kind, t in STUDIES.items()}
    together = {KINDS[kind].topic.folder / f"{kind}.json" for kind in HOLDING}
    assert there == {*WHERE.values(), *studies, *together}


@pytest.mark.parametrize("kind", HOLDING)
def test_answers_that_lie_together_are_each_whole_and_to_the_question_asked(kind):
    questions = held(kind)
    assert len({question.key for question in questions}) == len(questions) > 1
    assert questions[0] == opening(kind)
    for question in questions:
        found = recorded(question)
        assert found.record.spec == question.spec and found.record.done == 1
        assert KINDS[kind].from_text(KINDS[kind].to_text(found.record)) == found.record
    assert recorded(Question(kind, opening(kind).spec.replace(seed=5))) is None


def test_a_file_with_answers_to_other_questions_is_not_taken(folder):
    (kind,) = HOLDING
    module._held.cache_clear()
    head, _, *others = TOGETHER[kind].splitlines()
    folder.mkdir()
    for text in ("\n".join([head, *others, ""]), "\n".join(["{}", *others, ""]), "no JSON\n"):
        (folder / f"{kind}.json").write_text(text)
        assert declined(opening(kind))
    (folder / f"{kind}.json").write_text(TOGETHER[kind])
    assert not declined(opening(kind))
    module._held.cache_clear()


def test_answers_that_lie_together_are_read_back_as_they_were_computed(folder, monkeypatch):
    (kind,) = HOLDING
    module._held.cache_clear()
    small = KINDS[kind].spec.of(ENTRIES[kind].small)
    monkeypatch.setattr(module, "held", lambda kind: [Question(kind, small)])
    folder.mkdir()
    made = module.record_held(kind)
    assert recorded(Question(kind, small)) == Recorded(list(answerer(kind)(small))[-1], made)
    forget()
    module._held.cache_clear()


@pytest.mark.parametrize("kind", OPENING)
def test_it_says_when_in_how_long_and_with_what_it_was_made(kind):
    made = known(kind).made
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d), (\d+\.\d) s on a CPU, torch (\d+)\.\d+\.\d+\S*", made)
    assert found, made
    assert date(2026, 1, 1) < date.fromisoformat(found[1])
    assert 0 < float(found[2]) < 90
    assert int(found[3]) >= 2


@pytest.mark.parametrize("kind", OPENING)
def test_the_file_is_two_lines_of_json_without_nan_or_infinity(kind):
    text = path_of(opening(kind)).read_text(encoding="utf-8")
    head, body = text.splitlines()
    assert text.endswith("\n")
    head, body = (json.loads(line, parse_constant=lambda word: pytest.fail(word)) for line in (head, body))
    assert list(head) == ["made"]
    assert all(math.isfinite(number) for number in numbers(body))
    least = {"attribution": 150, "lesion": 50, "several": 300, "lengths": 25, "blocks": 480, "walls": 70}.get(kind, 500)
    del body["spec"]
    assert len(list(numbers(body))) > least, "of so few numbers nothing can be drawn"


@pytest.mark.parametrize("kind", OPENING)
def test_it_goes_through_text_unchanged(kind):
    record = known(kind).record
    assert KINDS[kind].from_text(KINDS[kind].to_text(record)) == record


# -- real runs -----------------------------------------------------------------------------------


def numbers(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def shape(value):
    """A record without its numbers: names, lengths, and where there is None."""
    if is_dataclass(value):
        return {each.name: shape(getattr(value, each.name)) for each in fields(value) if each.name != "spec"}
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [shape(each) for each in value]
    return len(value) if isinstance(value, str) else None if value is None else 0


@pytest.mark.heavy
@pytest.mark.parametrize("kind", QUICK)
def test_it_has_the_form_that_is_computed_today(computed, kind):
    found, expected = shape(known(kind).record), shape(computed(kind))
    if kind == "rollout":  # when a network leaves float range is a result
        for part in (found, expected):
            del part["path"], part["energy"]
    assert found == expected


@pytest.mark.heavy
def test_the_flow_is_what_learning_it_here_gives(computed):
    mine, theirs = computed("flow"), known("flow").record
    assert theirs.labels == mine.labels
    assert theirs.curve_steps == mine.curve_steps
    assert theirs.box == pytest.approx(mine.box, rel=LOSS)
    for arm in ARMS:
        a, b = theirs.arms[arm], mine.arms[arm]
        assert a.parameters == b.parameters
        assert (a.x[0], a.y[0]) == (pytest.approx(b.x[0], abs=2e-3), pytest.approx(b.y[0], abs=2e-3))
        assert theirs.curve[arm][:BEGINNING] == pytest.approx(mine.curve[arm][:BEGINNING], rel=1e-3)
        assert theirs.curve[arm][-1] == a.loss, "the curve ends where the arm does"
        assert {len(region) for region in a.regions} == {CELLS**2}
    a, b = theirs.arms["residual"], mine.arms["residual"]
    assert a.test_accuracy == pytest.approx(b.test_accuracy, abs=SHARE)
    assert a.train_accuracy == pytest.approx(b.train_accuracy, abs=SHARE)
    assert a.loss == pytest.approx(b.loss, rel=LOSS)
    assert a.straightness == pytest.approx(b.straightness, rel=LOSS)
    assert 0.5 < theirs.arms["plain"].test_accuracy < a.test_accuracy, "what the page is about"


@pytest.mark.heavy
def test_the_rollout_is_what_learning_it_here_gives(computed):
    mine, theirs = computed("rollout"), known("rollout").record
    assert theirs.identity == pytest.approx(mine.identity, rel=1e-4)
    assert theirs.average == pytest.approx(mine.average, rel=1e-4)
    for arm, near in (("residual", LOSS), ("plain", 5 * LOSS)):
        assert theirs.loss[arm][:BEGINNING] == pytest.approx(mine.loss[arm][:BEGINNING], rel=1e-3)
        assert theirs.loss[arm][-1] == pytest.approx(mine.loss[arm][-1], rel=near)
        assert theirs.one_step[arm][-1] == pytest.approx(mine.one_step[arm][-1], rel=near)
        assert theirs.stopped[arm] == mine.stopped[arm]


def begun(kind: str, far):
    """What is computed here, as far as that takes."""
    parts = answerer(kind)(KINDS[kind].spec())
    return next(part for part in parts if part is not None and far(part))


@pytest.mark.heavy
def test_the_crossing_begins_as_it_does_here():
    theirs = known("crossing").record
    mine = begun("crossing", lambda part: len(part.at) >= BEGINNING)
    assert theirs.floor == pytest.approx(mine.floor, rel=1e-6)
    assert theirs.at[:BEGINNING] == mine.at[:BEGINNING]
    for name, way in theirs.models.items():
        other = mine.models[name]
        assert way.curve[:BEGINNING] == pytest.approx(other.curve[:BEGINNING], rel=1e-3)
        assert (way.parameters, way.pairs, way.stopped) == (other.parameters, other.pairs, None)
        assert way.x[0] == pytest.approx(other.x[0])
    assert theirs.models["residual"].error < theirs.floor < theirs.models["flow"].error + SHARE


@pytest.mark.heavy
def test_the_neural_ode_begins_as_it_does_here():
    theirs = known("ode").record
    mine = begun("ode", lambda part: part.step >= BEGINNING)
    for name, net in theirs.nets.items():
        assert net.curve[:BEGINNING] == pytest.approx(mine.nets[name].curve[:BEGINNING], rel=1e-3)
        assert net.parameters == mine.nets[name].parameters
    assert theirs.forward[:5] == mine.forward[:5]


@pytest.mark.heavy
def test_depth_as_time_begins_as_it_does_here():
    theirs = known("depthtime").record
    mine = begun("depthtime", lambda part: part.before)
    assert theirs.images == mine.images
    assert theirs.before.size == pytest.approx(mine.before.size, rel=1e-3)
    assert theirs.before.next == pytest.approx(mine.before.next, abs=1e-3)
    assert theirs.before.numbers == mine.before.numbers
    assert theirs.now != theirs.before


@pytest.mark.heavy
def test_looks_into_the_default_networks_tell_the_same_run():
    """They were trained once for all."""
    lesion, several = (known(kind).record for kind in ("lesion", "several"))
    assert lesion.whole == several.whole
    assert lesion.whole["residual"] < 0.1 < 0.5 < lesion.whole["plain"], "what the pages are about"
    wrong = known("attribution").record.wrong
    assert {arm: wrong[arm] / lesion.images for arm in ARMS} == pytest.approx(lesion.whole)


@pytest.mark.heavy
def test_the_depth_study_is_what_training_it_here_gives():
    """Of its cheapest run; deeper ones take minutes."""
    study = Study.of("depth", {})
    theirs = recorded_study(study).record
    spec = study.spec(next(c for c in study.choices if c.name == "residual-8"), 0)
    history = History(spec)
    for event in train(spec.replace(device="cpu")):
        history.add(event)
    for arm in ARMS:
        mine, other = outcome(history, arm), theirs[f"{arm}-8", 0]
        assert other.ended and not other.failed
        assert other.train_accuracy == pytest.approx(mine.train_accuracy, abs=0.02)
        assert other.test_accuracy == pytest.approx(mine.test_accuracy, abs=0.03)
        assert len(other.gradients) == len(mine.gradients)


@pytest.mark.parametrize("kind", OPENING)
def test_each_tells_the_settings_that_were_asked(kind):
    """Else what is recorded would be the answer to another question on another machine."""
    spec = KINDS[kind].spec.of(ENTRIES[kind].small)
    first = next(part for part in answerer(kind)(spec) if part is not None)
    assert first.spec == spec
    assert first.done < 1


# -- making one, and what is not there -------------------------------------------------------------

SMALL = Question("rollout", RolloutSpec(steps=10, examples=10, horizon=10, hidden=2))


def test_what_is_recorded_is_read_back_as_it_was_computed(folder):
    assert not folder.exists()
    made = module.record(SMALL)
    assert [path.name for path in folder.iterdir()] == [f"rollout-{SMALL.spec.digest}.json"]
    assert path_of(SMALL).parent == folder
    found = recorded(SMALL)
    assert found == Recorded(list(answerer("rollout")(SMALL.spec))[-1], made)
    assert recorded(SMALL) is found, "it is read once"


def test_what_is_not_recorded_is_none(folder):
    assert recorded(SMALL) is None, "there is no folder"
    folder.mkdir()
    for question in (SMALL, opening("flow"), Question("adaptive", SolveSpec())):
        recorded.cache_clear()
        assert recorded(question) is None


def test_other_settings_have_no_recorded_answer():
    for kind in OPENING:
        spec = KINDS[kind].spec()
        assert recorded(Question(kind, spec.replace(seed=spec.seed + 7))) is None


HEAD = '{"made": "2026-11-21, 0.1 s on a CPU, torch 2.9.0"}\n'
FOREIGN = {
    "empty": lambda body: "",
    "no record": lambda body: HEAD,
    "of another kind": lambda body: HEAD + body_of("crossing"),
    "cut off": lambda body: HEAD + body[: len(body) // 2],
    "only a record": lambda body: body,
    "not made": lambda body: "{}\n" + body,
    "no head": lambda body: "[]\n" + body,
    "binary": lambda body: "\x00\x01",
}


def body_of(kind: str) -> str:
    return WHERE[kind].read_text(encoding="utf-8").split("\n", 1)[1]


def declined(question: Question) -> bool:
    """Whether nothing comes of a question, or an error in words."""
    try:
        return recorded(question) is None
    except Damaged as error:  # a sentence for people, that names the file
        return ".json" in str(error) and str(error).endswith(("computed here.", "make record computes it"))


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_not_ours_is_none_or_an_error_in_words(folder, what):
    folder.mkdir()
    path_of(opening("flow")).write_text(FOREIGN[what](body_of("flow")), encoding="utf-8")
    assert declined(opening("flow"))


def test_the_answer_to_another_question_is_not_taken_for_this_one(folder):
    """As when a file is renamed."""
    folder.mkdir()
    other = Question("flow", PlaneSpec(blocks=3))
    path_of(other).write_text(HEAD + body_of("flow"), encoding="utf-8")
    assert declined(other)


def test_a_file_of_ours_is_not_declined(folder):
    """Else the tests above would pass whatever is in the file."""
    folder.mkdir()
    path_of(opening("flow")).write_text(HEAD + body_of("flow"), encoding="utf-8")
    assert not declined(opening("flow"))
    assert recorded(opening("flow")).made == "2026-11-21, 0.1 s on a CPU, torch 2.9.0"
