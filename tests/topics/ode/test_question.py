"""A Neural ODE beside a residual network: the settings, the record as JSON, and findings that hold whatever was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.ode.question import CHEN_TABLE_1, TOLERANCES, Learnt, Memory, NeuralOde, NeuralOdeSpec, kilobytes
from resviz.topics.ode.words import finding
from resviz.words.fields import facts
from resviz.words.text import SpecError
from tests.contract.checks import check_sentences
from tests.examples import examples

PLACES = ((-1.0, 1.0), (0.5, 0.25))
GAVE_UP = Memory(1e-6, None, None, None, None)
NO_MEMORY = "no memory to compare"


def learnt(accuracy=0.99, parameters=197, **changes) -> Learnt:
    record = Learnt(parameters, accuracy, accuracy, (0.5, accuracy), (0.7, 0.1), 2.5, PLACES, PLACES, ("01", "10"))
    return replace(record, **changes)


def memories(*sizes) -> tuple[Memory, ...]:
    """With the adjoint and through the solver, at the tolerances of the panel."""
    return tuple(
        Memory(tol, adjoint, backprop, None if adjoint is None else 20, None if adjoint is None else 26)
        for tol, (adjoint, backprop) in zip(TOLERANCES, sizes, strict=False)
    )


USUAL = memories((80_000, 1_000_000), (80_000, 2_000_000), (80_000, 4_000_000))


def made(ode=None, residual=None, *, spec=None, step=200, done=1.0, **changes) -> NeuralOde:
    record = NeuralOde(
        spec=spec or NeuralOdeSpec(steps=200, tol=1e-3),
        done=done,
        step=step,
        box=(-2.0, 2.0, -2.0, 2.0),
        labels=(0, 1),
        nets={"ode": ode or learnt(), "residual": residual or learnt(0.95, 1623)},
        at=(100, 200),
        forward=(14, 56),
        backward=(20, 62),
        reached=(60, 2.04),
        memory=USUAL,
    )
    return replace(record, **changes)


# -- settings --------------------------------------------------------------------------------------


def test_the_settings():
    for key, wrong in (("tol", 0), ("tol", 0.6), ("tol", 1e-8), ("augment", 6), ("gradient", "both"), ("steps", 1001)):
        with pytest.raises(SpecError, match=f"{key}={wrong}: allowed is"):
            NeuralOdeSpec.of({key: wrong})
    assert all(fact.label and fact.help.endswith(".") for fact in facts(NeuralOdeSpec).values())


def test_published_numbers():
    """Chen 2018, Table 1, as in REFERENCE.md."""
    assert {name: (error, size) for name, error, size in CHEN_TABLE_1} == {
        "ResNet": (0.41, 0.60), "RK-Net": (0.47, None), "ODE-Net": (0.42, 0.22),
    }  # fmt: skip


# -- the finding -----------------------------------------------------------------------------------


def test_the_usual():
    first, second = finding(made()).split("\n\n")
    assert first.startswith(
        "The flow classifies 99% of new points correctly with 197 parameters; the residual network of 10 blocks"
    )
    assert "classifies 95% of new points correctly with 1,623." in first and "No difference" not in first
    assert "evaluates the field 56 times forward, 62 backward (at first 14 forward)." in first
    assert "At tolerance 0.001 a training pass holds at most 4 MB" in second
    assert "80 kB with the adjoint: 50 times less." in second
    assert (
        "From tolerance 0.1 to 0.001 that grows 4 times through the solver; with the adjoint it does not grow."
        in second
    )
    assert "95% of new points were classified correctly after step 60, 2.0 s of training." in second


def test_equal_accuracies_make_no_difference():
    assert "No difference in accuracy here." in finding(made(learnt(0.97), learnt(0.97)))
    assert "No difference" not in finding(made(learnt(0.97), learnt(0.9725)))


def test_a_flow_that_cannot_be_followed_has_no_accuracy():
    text = finding(made(learnt(None)))
    assert "The flow classifies" not in text and "solver" in text.split(";")[0]
    assert "residual network of 10 blocks classifies 95% of new points correctly" in text


def test_backprop_takes_the_field_no_more():
    text = finding(made(backward=(0, 0)))
    assert "56 times forward, none backward: autograd goes back through the solver" in text
    assert "(at first" not in finding(made(forward=(56, 56)))


def test_before_the_first_step_nothing_is_said_of_steps():
    text = finding(made(step=0, done=0.0, at=(), forward=(), backward=(), reached=None, memory=()))
    assert text.startswith("After 0 of 200 steps: The flow classifies") and "evaluates the field" not in text
    assert "\n" not in text and "tolerance" not in text


def test_why_training_ended_is_said():
    why = "Training of the flow ended at step 9. The solver gave up after 2,000 evaluations of the field."
    assert f" {why} A step of training" in finding(made(stopped=why, step=8))


def test_the_tolerance_of_the_spec_is_the_one_compared():
    text = finding(made(spec=NeuralOdeSpec(tol=0.01)))
    assert "At tolerance 0.01 a training pass holds at most 2 MB" in text and "25 times less." in text


def test_where_the_solver_gave_up_there_is_no_memory():
    for sizes in ((None, 4_000_000), (80_000, None), (None, None)):
        text = finding(made(memory=memories((80_000, 1_000_000), (80_000, 2_000_000), sizes)))
        assert f"At tolerance 0.001 the solver gave up, so there is {NO_MEMORY}" in text
        assert "times less" not in text and "grows" not in text
    # What one tolerance lacks says nothing of another, but there is no growth to name.
    text = finding(made(memory=(*USUAL, GAVE_UP)))
    assert "50 times less" in text and "grows" not in text


def test_less_is_said_only_where_it_is_less():
    for adjoint, backprop in ((80_000, 80_000), (80_000, 40_000)):
        text = finding(made(memory=memories(*[(adjoint, backprop)] * 3)))
        assert "times less" not in text and "grows" not in text
    growing = memories((80_000, 1_000_000), (80_000, 2_000_000), (160_000, 4_000_000))
    assert "grows 4 times through the solver; with the adjoint it grows 2 times." in finding(made(memory=growing))


def test_what_shrinks_is_not_said_to_grow():
    text = finding(made(memory=memories((100_000, 1_000_000), (80_000, 2_000_000), (50_000, 4_000_000))))
    assert "the adjoint it grows" not in text


def test_sizes_in_words():
    found = [kilobytes(n) for n in (0, 999, 1000, 12_345, 999_400, 1_000_000, 4_560_000, 123_456_789)]
    assert found == ["0 bytes", "999 bytes", "1 kB", "12.3 kB", "999 kB", "1 MB", "4.56 MB", "123 MB"]


@pytest.mark.parametrize("size", [999_499, 999_500, 999_999, 1_000_000])
def test_a_size_near_a_million_bytes_is_a_number(size):
    assert "e+" not in kilobytes(size)


SHARES = st.integers(0, 400).map(lambda n: n / 400)
BYTES = st.integers(1, 999_000) | st.integers(1_000_000, 900_000_000)  # between the two: a test of its own above
SIZES = st.tuples(*[st.none() | BYTES] * 2)


@examples(60)
@given(
    st.tuples(st.none() | SHARES, SHARES),
    st.lists(st.tuples(st.integers(1, 2000), st.integers(0, 2000)), max_size=3),
    st.lists(SIZES, max_size=6),
    st.none() | st.tuples(st.integers(1, 1000), st.floats(0, 99)),
    st.sampled_from(["", "Training of the flow ended at step 3. The loss left float range."]),
    st.sampled_from([1e-2, 1e-4]),
)
def test_a_finding_of_anything(shares, evaluations, sizes, reached, stopped, tol):
    forward, backward = (tuple(n) for n in zip(*evaluations, strict=True)) if evaluations else ((), ())
    record = made(
        learnt(shares[0]),
        learnt(shares[1]),
        spec=NeuralOdeSpec(tol=tol),
        step=len(forward),
        done=1.0 if sizes else 0.5,
        forward=forward,
        backward=backward,
        memory=memories(*sizes),
        reached=reached,
        stopped=stopped,
    )
    text = finding(record)
    check_sentences(text)
    assert ("No difference in accuracy" in text) == (shares[0] == shares[1])
    assert ("The flow classifies" in text) == (shares[0] is not None)
    assert ("evaluates the field" in text) == bool(evaluations)
    assert (stopped in text) and ("float range" in text) == bool(stopped)
    assert ("At tolerance" in text) == bool(sizes)
    own = next((m for m in record.memory if m.tol == tol), record.memory[-1] if record.memory else GAVE_UP)
    whole = own.adjoint_bytes is not None and own.backprop_bytes is not None
    assert (NO_MEMORY in text) == (bool(sizes) and not whole)
    assert ("times less" in text) == (whole and own.backprop_bytes > 1.05 * own.adjoint_bytes)
