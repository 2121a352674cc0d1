"""What a flow cannot do: the settings, the record as JSON, and findings that hold whatever was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.crossing.question import LABEL, MODELS, SOLVED, Crossing, CrossingSpec, Trajectories, solved
from resviz.topics.crossing.words import finding
from resviz.words.fields import facts
from resviz.words.text import SpecError
from tests.contract.checks import check_sentences
from tests.examples import examples

PLACES = ((-1.0, 1.0), (1.0, -1.0))
ROOM = "With an extra dimension there is room to go around."


def way(error, *, line=True, turned=0, **changes) -> Trajectories:
    shading = () if line else ("01", "10")
    record = Trajectories(49, error, (0.7, None), PLACES, () if line else PLACES, shading, turned, 37 if line else 0)
    return replace(record, **changes)


def made(*errors, task="crossing", step=None, turned=(37, 0, 37), stopped=(None, None, None), steps=1500) -> Crossing:
    """A record by hand. What is named three times is of MODELS in turn."""
    spec = CrossingSpec(task=task, steps=steps)
    step = steps if step is None else step
    line = task == "crossing"
    measured = zip(MODELS, errors or (0.003, 1.02, 0.001), turned, stopped, strict=True)
    models = {name: way(error, line=line, turned=n if line else 0, stopped=at) for name, error, n, at in measured}
    floor, box = 1.0133 if line else None, (-2.0, 2.0, -2.0, 2.0)
    return Crossing(spec, step / steps, step, floor, box, (0, 1), models, (1, 9))


def rings(*errors, **more) -> Crossing:
    return made(*errors, task="rings", **more)


# -- settings --------------------------------------------------------------------------------------


def test_the_settings():
    for key, wrong in (("task", "spirals"), ("blocks", 0), ("blocks", 21), ("augment", 0), ("augment", 6), ("lr", 2)):
        with pytest.raises(SpecError, match=f"{key}={wrong}: allowed is"):
            CrossingSpec.of({key: wrong})
    assert all(fact.label and fact.help.endswith(".") for fact in facts(CrossingSpec).values())


# -- the finding -----------------------------------------------------------------------------------


def test_the_usual_on_the_line():
    first, why = finding(made()).split("\n\n")
    assert first.startswith("The residual network solves it (mean squared error 0.003); the flow does not solve it")
    assert "the flow with an extra dimension solves it" in first
    assert "No map that keeps the points in order can get below 1.01 here" in why
    assert "In the flow 0 of 37 neighbours changed places, in the residual network 37 of 37." in why
    assert "too long" not in why
    assert why.endswith(ROOM)


def test_the_usual_in_the_plane():
    first, why = finding(rings(0.0, 0.002, 0.0)).split("\n\n")
    assert "The residual network solves it (all points classified correctly)" in first
    assert "the flow does not solve it (0.2% of the points misclassified)" in first
    assert "keeps what is inside the outer ring inside" in why and "some points are misclassified" in why
    assert why.endswith(ROOM)


def test_solved_is_below_the_line_or_without_a_mistake():
    for error, yes in ((0.0, True), (SOLVED - 1e-6, True), (SOLVED, False), (1.0, False)):
        assert all(solved(made(error, error, error), name) == yes for name in MODELS)
    for error, yes in ((0.0, True), (0.0005, False), (1.0, False)):
        assert all(solved(rings(error, error, error), name) == yes for name in MODELS)


def test_each_model_is_told_by_its_own_error():
    for number, name in enumerate(MODELS):
        errors = [1.5, 1.5, 1.5]
        errors[number] = 0.01
        first = finding(made(*errors)).split("\n\n")[0]
        said = {part.split(" (")[0].strip().lower() for part in first.split(";")}
        for other in MODELS:
            assert f"the {LABEL[other]} {'solves it' if other == name else 'does not solve it'}" in said


def test_room_is_no_reason_where_it_did_not_help():
    for record in (made(0.003, 1.02, 1.0), rings(0.0, 0.1, 0.1), rings(0.0, 0.0, 0.0)):
        assert ROOM not in finding(record)


def test_a_flow_may_part_what_was_looked_at():
    text = finding(rings(0.1, 0.0, 0.1))
    assert "the flow solves it" in text and "gaps between them" in text
    assert "some points are misclassified" not in text


def test_a_flow_whose_points_changed_places_is_not_said_to_keep_them():
    """Ten steps of Runge and Kutta's method do not follow a field that has become too steep: with a learning rate of 1 most
    flows on the line turn some of their points."""
    text = finding(made(0.003, 4.05, 0.001, turned=(37, 30, 37)))
    assert "In the flow 30 of 37 neighbours changed places" in text
    assert "solver’s steps have become too long" in text


def test_all_wrong_is_a_hundred_percent():
    assert "100% of the points misclassified" in finding(rings(1.0, 0.5, 0.0))


def test_stopped_is_said_with_its_step():
    assert "float range" not in finding(made())
    text = finding(made(0.003, 3.0, 1e6, stopped=(None, 1234, 5)))
    assert "Training of the flow left float range at step 1,234." in text
    assert "Training of the flow with an extra dimension left float range at step 5." in text
    assert text.count("float range") == 2


def test_unfinished_says_how_far_it_is():
    assert finding(made(step=1200)).startswith("After 1,200 of 1,500 steps: the residual network")
    assert finding(rings(0.1, 0.1, 0.1, step=0)).startswith("After 0 of 1,500 steps: the residual")
    assert not finding(made()).startswith("After")


ERRORS = st.sampled_from([0.0, 0.049, 0.05, 1.0, 1e6]) | st.floats(0, 30)
SHARES = st.integers(0, 1980).map(lambda n: n / 2000)


@examples(60)
@given(
    st.one_of(
        st.tuples(st.just("crossing"), st.tuples(*[ERRORS] * 3)), st.tuples(st.just("rings"), st.tuples(*[SHARES] * 3))
    ),
    st.tuples(*[st.none() | st.integers(1, 1500)] * 3),
    st.integers(0, 1500),
)
def test_a_finding_of_anything(measured, stopped, step):
    task, errors = measured
    record = made(*errors, task=task, step=step, stopped=stopped)
    text = finding(record)
    check_sentences(text)
    assert text.count("does not solve it") + text.count(" solves it") == 3
    assert text.count(" solves it") == sum(solved(record, name) for name in MODELS)
    assert (ROOM in text) == (solved(record, "augmented") and not solved(record, "flow"))
    assert text.count("left float range") == 3 - stopped.count(None)
    assert text.startswith("After") == (step < 1500)
