"""What is said of a solution, in words, JSON and CSV: nothing that is not so, and nothing that is not a number."""

import csv
import io
import json
import math
import re
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.solve.question import Adaptive, SolveSpec, solve
from resviz.topics.solve.solvers import FIXED, METHODS
from resviz.topics.solve.words import (
    HALVED,
    as_json,
    finding,
    half_step,
    order_finding,
    order_json,
    stability_finding,
    stability_json,
    to_csv,
)
from resviz.ui.panel import Guess
from resviz.ui.panels import PANELS
from resviz.words.say import written
from tests.examples import examples
from tests.topics.solve.specs import problems

OFF = SolveSpec(system="lotka_volterra", start=(5, -5))  # its true solution is at infinity before t = 1
NUMBER = r"−?\d[\d,]*(?:\.\d+)?(?: × 10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?"


def number(text):
    """What `said` said."""
    text = text.replace("−", "-").replace(",", "").replace(" × 10", "e")
    return float(text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")))


@pytest.mark.parametrize("method", FIXED)
def test_what_is_said_of_a_solution_that_runs_off(method):
    record = solve(OFF.replace(method=method, n=2000))
    assert set(record.error.values()) == {None}
    assert all(o.slope is None and o.h == o.error == o.fitted == () for o in record.orders.values())
    assert as_json(record)["error"] is None
    text = finding(record)
    left = record.fixed[method].left
    assert ("left the range of floats" if left else "but the solution itself runs off to infinity soon after") in text
    short = finding(solve(OFF.replace(method=method, n=2, T=0.3)))
    assert "but the solution itself runs off to infinity soon after t = 0.199" in short
    order_finding(OFF.replace(method=method))


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ({"method": "euler", "n": 100, "system": "decay"}, 1),
        ({"method": "heun", "n": 100}, 2),
        ({"method": "rk4", "n": 100}, 3),
        ({"method": "rk4", "n": 2000, "system": "decay"}, 3),  # hardly more than rounding
        ({"method": "euler", "n": 10, "start": (0.0, 0.0)}, 0),  # no error at all
        ({"method": "euler", "n": 10, "system": "van_der_pol"}, 0),  # both leave the range of floats
        ({"method": "euler", "n": 7, "system": "lotka_volterra"}, 0),  # only the shorter step does
        ({"method": "euler", "n": 15, "system": "lotka_volterra"}, 3),  # only the longer
    ],
    ids=str,
)
def test_a_guess_is_compared_with_the_error_at_half_the_step(words, right):
    spec = SolveSpec(**words)
    choice, says = half_step(solve(spec))
    errors = [solve(spec.replace(n=n)).error[spec.method] for n in (spec.n, 2 * spec.n)]
    for error, said in zip(
        errors, re.findall(r"range of floats|the error is ([^ ]+(?: × \S+)?)\.(?: |$)", says), strict=True
    ):
        assert said == ("" if error is None else written(error))
    assert choice == HALVED[right]
    assert ("rounding" in says) == (spec.n == 2000)


def test_there_is_no_guess_where_there_is_no_such_error():
    assert half_step(solve(SolveSpec(method="dopri5"))) is None
    assert half_step(solve(OFF)) is None
    for spec in (SolveSpec(method="dopri5"), OFF):
        assert not any(isinstance(part, Guess) for part in PANELS["solve"].parts(spec))


# -- in words --------------------------------------------------------------------------------------


def test_numbers_as_people_write_them():
    known = {
        0: "0", 1: "1", -2.5: "−2.5", 0.001: "0.001", 0.00123456: "0.00123", 123.4: "123", 999.4: "999", 1000: "1,000",
        9999: "9,999", 1e4: "1.0 × 10⁴", 3.3324e-7: "3.3 × 10⁻⁷", -1e-20: "−1.0 × 10⁻²⁰", 1.7e308: "1.7 × 10³⁰⁸",
    }  # fmt: skip
    assert {value: written(value) for value in known} == known


@given(st.floats(-1e308, 1e308).filter(lambda v: v == 0 or abs(v) > 1e-300))
def test_a_number_said_is_the_number(value):
    assert number(written(value)) == pytest.approx(value, rel=0.051)


def test_every_number_is_written_as_people_do():
    known = {999.7: "1,000", -9999: "−9,999"}
    assert {value: written(value) for value in known} == known


def test_factors_are_written_as_every_number():
    """The true solution shrinks by e^-100 a step; and 9999.7 is no 1e+04."""
    text = finding(solve(SolveSpec(system="decay", T=1000, n=10, method="heun"), orders=False))
    assert "the true solution by 3.7 × 10⁻⁴⁴" in text
    h = 1 + math.sqrt(2 * 9999.7 - 1)  # Heun multiplies by 1 - h + h^2 / 2
    text = finding(solve(SolveSpec(system="decay", T=h, n=1, method="heun"), orders=False))
    assert "|R(hλ)| = 10,000 (" in text or "|R(hλ)| = 1.0 × 10⁴ (" in text


@examples(30)
@given(problems())
def test_what_is_found_is_true(spec):
    record = solve(spec, orders=False)
    path, text = record.fixed[spec.method], finding(record)
    assert text.endswith(".") and not re.search(r"\b(nan|inf|None)\b|  |\.\.", text)
    if path.left:
        step, time = re.search(rf"left the range of floats at step (\S+), t = ({NUMBER}):", text).groups()
        assert number(step) == path.left == len(path.states)
        assert number(time) == pytest.approx(path.left * spec.h, rel=0.051)
    else:
        steps, h, taken = re.search(rf", (\S+) steps? of h = ({NUMBER}), (\S+) evaluations?", text).groups()
        assert (number(steps), number(taken)) == (spec.n, METHODS[spec.method].stages * spec.n)
        assert number(h) == pytest.approx(spec.h, rel=0.051)
        if record.error[spec.method] is None:
            assert not record.truth.whole and "the solution itself runs off to infinity" in text
        else:
            away, kind = re.search(rf"it is ({NUMBER}) away from the (exact|reference) solution", text).groups()
            assert number(away) == pytest.approx(record.error[spec.method], rel=0.051, abs=1e-300)
            assert (kind == "exact") == record.truth.exact
    if spec.equations.linear and not any(spec.begin):
        assert "stays there" in text
        return
    values = np.linalg.eigvals(np.array(spec.equations.jacobian(spec.begin)))
    factor, true = (max(abs(f(spec.h * values))) for f in (METHODS[spec.method].stability, np.exp))
    words = (
        r"\|R\(hλ\)\| = (N) \([^)]*\), the true solution by (N)"
        if spec.equations.linear
        else r"a small deviation by (N); in the true solution it is multiplied by (N) in that time"
    )
    found = re.search(words.replace("N", r"\d[\d.]*(?: × 10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|e[-+]\d+)?(?<!\.)"), text).groups()
    assert [number(v) for v in found] == pytest.approx([factor, true], rel=0.051, abs=1e-6)
    if spec.equations.linear and abs(factor - 1) > 1e-6:
        assert ("it grows where the solution does not" in text) == (factor > 1 >= true - 1e-9)
        assert ("it shrinks where the solution does not" in text) == (factor < 1 <= true + 1e-9)


def test_sentences():
    text = finding(solve(SolveSpec(system="decay", method="rk4", T=1, n=10), orders=False))
    assert text == (
        "RK4, 10 steps of h = 0.1, 40 evaluations of f: at T = 1 it is 3.3 × 10⁻⁷ away from the exact solution. "
        "In the long run each step multiplies it by |R(hλ)| = 0.9048 (the method’s factor for a step h and an eigenvalue λ "
        "of the system), the true solution by 0.9048."
    )
    assert finding(solve(SolveSpec(), orders=False)).endswith("it grows where the solution does not.")
    assert finding(solve(SolveSpec(method="rk4"), orders=False)).endswith("it shrinks where the solution does not.")
    assert ", 1 step of h = 10, 1 evaluation" in finding(solve(SolveSpec(n=1), orders=False))
    assert finding(solve(SolveSpec(system="van_der_pol", mu=100), orders=False)).startswith(
        "Forward Euler left the range of floats at step 10, t = 3: after that there is no number to draw."
    )
    ran = Adaptive((0.0, 0.25, 0.75, 1.0), ((1.0,), (0.8,), (0.5,), (0.25,)), 20, 2)
    spec = SolveSpec(system="decay", method="dopri5", T=1, tol=1e-3)
    assert finding(solve(spec, ran, orders=False)) == (
        "Dormand–Prince at tolerance 0.001: 3 steps, 2 taken back, 20 evaluations of f: at T = 1 it is 0.118 away from the exact "
        "solution. Its steps were between 0.25 and 0.5 long."
    )
    assert finding(solve(spec, orders=False)) == "Dormand–Prince is at work …"
    assert finding(solve(spec, Adaptive((0.0,), ((1.0,),), 9, 1, "Gave up."), orders=False)) == "Gave up."
    assert order_finding(SolveSpec(system="decay", method="heun")) == (
        "Heun: the error falls like h^2.00 (h from 0.00146 to 0.0117); theory gives h^2."
    )
    assert stability_finding(SolveSpec(method="rk4")) == (
        "RK4: |R(z)| ≤ 1 along the negative real axis down to −2.7853, along the imaginary axis up to 2.8284 i."
    ).replace("−", "-")
    assert stability_finding(SolveSpec()).endswith("down to -2.0000, along the imaginary axis nowhere.")


def test_a_single_evaluation_is_one():
    assert ", 1 evaluation of f:" in finding(solve(SolveSpec(n=1), orders=False))


@pytest.mark.parametrize("method", ["midpoint", "heun", "rk4"])
def test_factors_that_are_said_to_differ_differ_in_what_is_shown(method):
    text = finding(solve(SolveSpec(method=method), orders=False))
    factor, true = re.search(
        r"\|R\(hλ\)\| = (\S+?(?: × \S+)?) \(.*\), the true solution by (.+?)[:.] ?(?=it|$)", text
    ).groups()
    assert factor != true


# -- what is not so --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        {"system": "van_der_pol", "mu": 100, "start": (0.1, 0), "n": 1},  # e^1500
        {"system": "lotka_volterra", "start": (100, 0), "T": 1000},
    ],
    ids=str,
)
def test_a_factor_beyond_the_range_of_floats_is_no_error(words):
    spec = SolveSpec(**words)
    record = solve(spec, orders=False)
    assert finding(record).endswith(".")
    json.dumps(as_json(record), allow_nan=False)


def test_an_error_beyond_the_range_of_floats_is_none():
    """Both numbers of the last state are finite, its distance from the truth is not."""
    spec = SolveSpec(
        system="oscillator", method="midpoint", n=165, T=1000, start=(19.40982896458989, -48.36152311226496)
    )
    record = solve(spec, orders=False)
    assert record.fixed["midpoint"].left is None
    assert json.loads(json.dumps(as_json(record), allow_nan=False))["error"] is None
    assert "infinity" not in finding(record)  # the true one is damped


@pytest.mark.parametrize("time", [5e-324, 1e-322])
@pytest.mark.parametrize("system", ["decay", "lotka_volterra"])
def test_a_time_too_short_to_divide_is_refused_or_solved(system, time):
    spec, problems = SolveSpec.read({"system": system, "T": time})
    assert problems or solve(spec).truth.whole


def test_what_stays_where_it_is_does_not_grow():
    assert "it grows" not in finding(solve(SolveSpec(start=(0, 0)), orders=False))


def test_a_solution_that_runs_off_has_no_order_for_that_reason():
    assert "infinity" in order_finding(OFF)


@pytest.mark.parametrize(
    "words",
    [
        {"system": "pendulum", "T": 200, "n": 4000},
        {"system": "van_der_pol", "mu": 50, "T": 200, "n": 20_000},
        {"system": "lotka_volterra", "start": (100, 100), "T": 100, "n": 2000},
    ],
    ids=str,
)
def test_a_solution_that_stays_near_is_not_said_to_run_off(words):
    """Whether or not it is followed to its end: the pendulum swings for ever, animals keep to their closed curve."""
    spec = SolveSpec(**words, method="rk4")
    assert "infinity" not in finding(solve(spec, orders=False))
    assert "infinity" not in order_finding(spec)


# -- as JSON and CSV -------------------------------------------------------------------------------


@examples(25)
@given(problems())
def test_json_and_csv_hold_numbers_and_nothing_else(spec):
    record = solve(spec, orders=False)
    path, system = record.fixed[spec.method], spec.equations
    told = json.loads(json.dumps(as_json(record), allow_nan=False))
    assert told["error"] == record.error[spec.method]
    assert told["trajectory"] == [list(x) for x in path.states]
    assert told["times"] == list(path.times)
    assert told["evaluations"] == path.evaluations
    assert (told["system"], told["method"], told["n"]) == (spec.system, spec.method, spec.n)
    assert (told["T"], told["h"]) == (spec.time, spec.h)
    left = told["left_float_range"]
    assert left == (path.left and {"step": path.left, "time": path.left * spec.h})
    header, *rows = csv.reader(io.StringIO(to_csv(record)))
    assert header == ["t", *system.names]
    assert [[float(v) for v in row] for row in rows] == [[t, *x] for t, x in zip(path.times, path.states, strict=True)]
    again = SolveSpec.of(dict(parse_qsl(spec.query())))
    assert as_json(solve(again, orders=False)) == as_json(record)


def test_json_of_adaptive_steps():
    spec = SolveSpec(system="decay", method="dopri5", T=1, tol=1e-3)
    record = solve(spec, Adaptive((0.0, 0.25, 1.0), ((1.0,), (0.8,), (0.25,)), 20, 2), orders=False)
    told = json.loads(json.dumps(as_json(record), allow_nan=False))
    assert told == {
        "system": "decay", "method": "dopri5", "T": 1, "error": pytest.approx(math.exp(-1) - 0.25), "tol": 1e-3,
        "trajectory": [[1], [0.8], [0.25]], "times": [0, 0.25, 1], "evaluations": 20, "rejected": 2, "trouble": None,
    }  # fmt: skip
    assert to_csv(record) == "t,x\n0.0,1.0\n0.25,0.8\n1.0,0.25\n"
    told = as_json(solve(spec, Adaptive((0.0,), ((1.0,),), 9, 1, "Gave up."), orders=False))
    assert (told["trouble"], told["error"]) == ("Gave up.", None)


@examples(15)
@given(problems())
def test_json_of_an_order(spec):
    told = json.loads(json.dumps(order_json(spec), allow_nan=False))
    assert told["expected"] == METHODS[spec.method].order
    assert len(told["h"]) == len(told["error"])
    assert set(told["fitted"]) <= set(told["h"])
    text = order_finding(spec)
    if told["slope"] is None:
        assert len(told["fitted"]) < 3
        assert ("runs off to infinity" if not told["h"] else "fewer than three step sizes") in text
    else:
        assert f"like h^{told['slope']:.2f} (" in text and text.endswith(f"theory gives h^{told['expected']}.")


@pytest.mark.parametrize("method", METHODS)
def test_json_of_stability(method):
    told = json.loads(json.dumps(stability_json(SolveSpec(method=method)), allow_nan=False))
    assert told["polynomial"] == METHODS[method].stability.coef.tolist()
    assert f"down to {told['real']:.4f}" in stability_finding(SolveSpec(method=method))
