"""What is asked of a solver goes through words, links and JSON; the word h; what is said of what cannot be used."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.solve.question import MOST_STEPS, SolveSpec, write_point
from resviz.topics.solve.solvers import METHODS
from resviz.topics.solve.systems import SYSTEMS
from resviz.words.fields import facts
from resviz.words.text import SpecError
from tests.topics.solve.specs import FACTS, UNKNOWNS, any_words


def refusal(**words):
    with pytest.raises(SpecError) as error:
        SolveSpec.of(words)
    return str(error.value)


# -- round trips -----------------------------------------------------------------------------------


@given(any_words())
def test_the_parts_of_a_problem(values):
    spec = SolveSpec(**values)
    assert spec.replace(n=7).replace(n=spec.n) == spec
    assert spec.h == spec.time / spec.n
    assert spec.time == (values["T"] or SYSTEMS[spec.system](spec.mu).time)
    assert spec.begin == (tuple(values["start"]) or SYSTEMS[spec.system](spec.mu).start)
    problem = spec.problem
    assert (problem.system, problem.time, problem.begin) == (spec.system, spec.time, spec.begin)
    assert problem.problem == problem
    # What the true solution does not depend on is not in it, so that it is found again.
    assert spec.replace(n=3, tol=1e-3).problem == problem
    assert (problem.equations is spec.equations) or problem.mu == spec.mu


def test_the_default_says_nothing():
    spec = SolveSpec()
    assert spec.words() == {} and spec.query() == ""
    assert (spec.system, spec.method, spec.n, spec.time, spec.h, spec.begin) == (
        "rotation", "euler", 50, 10, 0.2, (1, 0)
    )  # fmt: skip


def test_every_setting_says_what_it_is():
    assert list(FACTS["system"].choices) == list(SYSTEMS)
    assert list(FACTS["method"].choices) == list(METHODS)
    for fact in facts(SolveSpec).values():
        assert fact.label and fact.help.endswith(".")


@given(st.lists(st.floats(-100, 100), max_size=2))
def test_a_start_keeps_every_bit(numbers):
    assert SolveSpec(start=write_point(tuple(numbers))).start == tuple(numbers)


def test_minus_zero_is_zero():
    assert SolveSpec(start="-0,0").digest == SolveSpec(start="0,-0.0").digest == SolveSpec(start=(0.0, 0.0)).digest
    assert SolveSpec.of({"T": ""}).words() == SolveSpec(T=-0.0).words() == {}


def test_a_start_is_read_as_people_write_it():
    for text in ("2,-0.5", " 2 , -.5 ", "2,-5e-1", "2,,-0.5,"):
        assert SolveSpec.of({"start": text}).start == (2, -0.5)
    assert SolveSpec.of({"start": ""}) == SolveSpec()
    assert SolveSpec.of({"system": "decay", "start": "3"}).begin == (3,)


# -- the word h ------------------------------------------------------------------------------------


@given(st.integers(1, MOST_STEPS), st.data(), st.sampled_from(list(SYSTEMS)))
def test_h_with_n_sets_the_time(n, data, system):
    h = data.draw(st.floats(1e-3 / n, 1000 / n).filter(lambda h: 1e-3 <= h * n <= 1000))  # rounding aside, all of them
    spec = SolveSpec.of({"system": system, "h": repr(h), "n": str(n)})
    assert (spec.n, spec.T, spec.system) == (n, h * n, system)
    assert spec.h == pytest.approx(h, rel=1e-15)


@given(st.floats(1e-3, 1000), st.integers(1, MOST_STEPS))
def test_h_with_a_time_sets_n(time, n):
    spec = SolveSpec.of({"T": repr(time), "h": repr(time / n)})
    assert (spec.n, spec.T) == (n, time)


@pytest.mark.parametrize("system", SYSTEMS)
def test_h_alone_goes_with_the_systems_own_time(system):
    time = SYSTEMS[system](1.0).time
    spec = SolveSpec.of({"system": system, "h": "0.25"})
    assert (spec.n, spec.T, spec.h) == (time * 4, 0, 0.25)


def test_h_n_and_time_that_agree():
    spec = SolveSpec.of({"h": "0.1", "n": "30", "T": "3"})
    assert (spec.n, spec.T) == (30, 3)
    assert SolveSpec.of({"h": "0.2", "n": "50", "T": ""}) == SolveSpec()
    assert SolveSpec.of({"h": "1000", "T": "1000"}).n == 1


def test_h_n_and_time_that_do_not_agree():
    said = refusal(h="0.2", n="30", T="3")
    assert said == "h=0.2: T=3 is not 30 steps of it; nearest that works: h=0.1"
    assert refusal(h="0.3", T="1").startswith("h=0.3: T=1 is not 3 steps of it; nearest that works: h=0.333")
    assert refusal(h="30", system="decay") == "h=30: T=6 is not 1 steps of it; nearest that works: h=6"
    assert refusal(h="1e-9", T="1") == "h=1e-9: T=1 is not 20000 steps of it; nearest that works: h=5e-05"
    assert "h=600: with n=2 that is longer than the longest T, 1000; nearest that works: 500" in refusal(h="600", n="2")


@pytest.mark.parametrize("h", ["0", "-0.1", "abc", "", "nan", "inf", "-inf", "1000.1", "1e400", "1,2,3", "9" * 10_000])
def test_a_bad_h(h):
    for more in ({}, {"n": "5"}, {"T": "3"}):
        said = refusal(h=h, **more)
        assert said.startswith("h=" + h[:40])
        assert said.endswith(": allowed is a number above 0 and up to 1000")
        assert len(said) < 200
    spec, problems = SolveSpec.read({"h": h, "n": "5"})
    assert spec == SolveSpec(n=5) and [p.key for p in problems] == ["h"]


def test_a_bad_h_beside_other_bad_words():
    spec, problems = SolveSpec.read({"h": "0.1", "n": "many", "colour": "red"})
    assert {p.key for p in problems} == {"n", "colour"} and spec == SolveSpec()
    _, problems = SolveSpec.read({"h": "no", "mu": "-1"})
    assert {p.key for p in problems} == {"h", "mu"}


@given(st.sampled_from([{}, {"n": 6}, {"T": 1.0}, {"T": 0.7, "n": 3}]), st.floats(1e-4, 1000))
def test_the_nearest_h_that_is_said_to_work_works(words, h):
    _, problems = SolveSpec.read({**words, "h": repr(h)})
    for problem in problems:
        nearest = re.search(r"nearest that works: (?:h=)?(\S+)$", str(problem))[1]
        SolveSpec.of({**words, "h": nearest})


@pytest.mark.parametrize("h", ["0.30000001", "0.33333333"])
def test_a_refused_h_is_quoted_as_it_was_given(h):
    assert refusal(T="1", h=h).startswith(f"h={h}: ")


@pytest.mark.parametrize("h", ["1e-310", "5e-324"])
def test_an_h_too_short_to_count_its_steps_is_refused(h):
    assert refusal(h=h).startswith(f"h={h}: T=10 is not ")


# -- what cannot be used ---------------------------------------------------------------------------


OF_T = "allowed is a number from 0.001 to 1000: without T it is as long as suits the system"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"system": "pendulums"}, "system=pendulums: allowed is one of " + ", ".join(SYSTEMS)),
        ({"method": "rk5"}, "method=rk5: allowed is one of " + ", ".join(METHODS)),
        ({"method": ""}, "method=: allowed is one of "),
        ({"n": "0"}, "n=0: allowed is a whole number from 1 to 20,000; nearest that works: 1"),
        ({"n": "20001"}, "n=20001: allowed is a whole number from 1 to 20,000; nearest that works: 20000"),
        ({"n": "1.5"}, "n=1.5: allowed is a whole number"),
        ({"T": "-1"}, f"T=-1: {OF_T}; nearest that works: 0.001"),
        ({"T": "1001"}, f"T=1001: {OF_T}; nearest that works: 1000"),
        ({"T": "nan"}, "T=nan: allowed is a number from 0.001 to 1000"),
        ({"T": "inf"}, "T=inf: allowed is a number from 0.001 to 1000"),
        ({"mu": "101"}, "mu=101: allowed is a number from 0 to 100; nearest that works: 100"),
        ({"tol": "1e-14"}, "tol=1e-14: allowed is a number from 1e-13 to 0.1; nearest that works: 1e-13"),
        ({"tol": "1"}, "nearest that works: 0.1"),
        ({"eigenvalues": "both"}, "eigenvalues=both: allowed is one of system, blocks"),
        ({"study": "error"}, "study=error: allowed is one of none, order, stability"),
        ({"study": "order", "method": "dopri5"}, "study=order: Dormand–Prince chooses its own steps"),
        ({"colour": "red"}, "colour=red: no such setting; there are system, method, n, T"),
    ],
    ids=str,
)
def test_what_is_said_of_words_that_cannot_be_used(words, says):
    assert says in refusal(**words)


def test_dormand_prince_has_a_stability_to_study():
    assert SolveSpec.of({"study": "stability", "method": "dopri5"}).study == "stability"


@pytest.mark.parametrize("start", ["abc", "1,two", "nan,0", "inf,0", "1e9,0", "100.1,0", "1,2,3", "9" * 100_000])
def test_a_start_that_is_none(start):
    said = refusal(start=start)
    assert said.startswith("start=" + start[:40])
    assert said.endswith("allowed is one number for each unknown, from -100 to 100, such as 2,0")
    assert len(said) < 200
    assert SolveSpec.read({"start": start, "n": "5"})[0] == SolveSpec(n=5)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_start_of_another_system(system):
    made, wrong = SYSTEMS[system](2.0), "1,2" if UNKNOWNS[system] == 1 else "1"
    said = refusal(system=system, start=wrong)
    assert said == f"start={wrong}: {made.label} takes a number for {' and '.join(made.names)}"
    spec, _ = SolveSpec.read({"system": system, "start": wrong})
    assert spec == SolveSpec(system=system) and spec.begin == made.start


@pytest.mark.parametrize("words", [{"start": 5}, {"start": None}, {"start": [[1], 2]}, {"h": None}], ids=str)
def test_a_value_of_another_kind_is_refused_as_any_is(words):
    """From Python; words are always text."""
    (key,) = words
    assert f"{key}=" in refusal(**words)


def test_a_spec_is_a_value():
    spec = SolveSpec(n=3)
    with pytest.raises(ValueError, match="frozen"):
        spec.n = 4
    assert {SolveSpec(n=3): 1}[spec] == 1
    assert math.isclose(spec.h, 10 / 3)
