"""`resviz euler`: the numbers that any implementation gives, files, and one line where something cannot be used."""

import csv
import io
import json
import math
import warnings

import pytest

from resviz.cli import main
from resviz.topics.solve.experiment import adaptive
from resviz.topics.solve.question import SolveSpec, solve
from resviz.topics.solve.solvers import METHODS
from resviz.topics.solve.words import as_json, finding, order_finding, order_json, stability_finding
from resviz.words.text import parse_words


def told(capsys, *words):
    assert main(["euler", *words, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and len(out.splitlines()) == 1
    return json.loads(out, parse_constant=pytest.fail)


def said(capsys, *words):
    assert main(["euler", *words]) == 0
    out, err = capsys.readouterr()
    assert err == "" and len(out.splitlines()) == 1
    return out.strip()


def plain(value):
    return json.loads(json.dumps(value, allow_nan=False))


# -- known numbers ---------------------------------------------------------------------------------


def test_rk4_on_decay(capsys):
    """resviz euler system=decay method=rk4 n=10 T=1 --json"""
    found = told(capsys, "system=decay", "method=rk4", "n=10", "T=1")
    assert {"error", "trajectory", "evaluations"} <= set(found)
    assert found["error"] == pytest.approx(3.3324e-7, rel=0.01)
    assert found["evaluations"] == 40
    assert len(found["trajectory"]) == 11 and found["trajectory"][0] == [1]
    assert abs(found["trajectory"][-1][0] - math.exp(-1)) == pytest.approx(found["error"])
    assert found["times"] == pytest.approx([k / 10 for k in range(11)])


@pytest.mark.parametrize(
    ("method", "error", "tolerance", "evaluations"),
    [
        ("euler", 0.019201, {"abs": 1e-6}, 10),
        ("midpoint", 6.6154e-4, {"rel": 0.01}, 20),
        ("heun", 6.6154e-4, {"rel": 0.01}, 20),
        ("rk4", 3.3324e-7, {"rel": 0.01}, 40),
    ],
)
def test_errors_on_decay(capsys, method, error, tolerance, evaluations):
    found = told(capsys, "system=decay", f"method={method}", "n=10", "T=1")
    assert found["error"] == pytest.approx(error, **tolerance)
    assert found["evaluations"] == evaluations


def test_euler_on_a_rotation(capsys):
    """resviz euler system=rotation method=euler h=0.1 n=100 --json"""
    found = told(capsys, "system=rotation", "method=euler", "h=0.1", "n=100")
    assert (found["h"], found["n"], found["T"]) == (pytest.approx(0.1), 100, pytest.approx(10))
    assert math.hypot(*found["trajectory"][-1]) == pytest.approx(1.64463, abs=1e-5)
    assert math.hypot(*found["trajectory"][-1]) == pytest.approx(1.01**50, rel=1e-12)
    assert found["left_float_range"] is None


@pytest.mark.parametrize(
    ("method", "order", "allowed"), [("euler", 1, 0.05), ("midpoint", 2, 0.1), ("heun", 2, 0.1), ("rk4", 4, 0.1)]
)
@pytest.mark.parametrize("time", [[], ["T=1"]], ids=str)
def test_slopes_on_decay(capsys, method, order, allowed, time):
    """resviz euler study=order system=decay method=heun --json"""
    found = told(capsys, "study=order", "system=decay", f"method={method}", *time)
    assert found["slope"] == pytest.approx(order, abs=allowed)
    assert found["expected"] == order
    assert found == plain(order_json(SolveSpec.of(parse_words([f"method={method}", "system=decay", *time]))))


@pytest.mark.parametrize(
    ("method", "real", "imaginary"),
    [
        ("euler", -2, 0),
        ("midpoint", -2, 0),
        ("heun", -2, 0),
        ("rk4", -2.7853, 2 * math.sqrt(2)),
        ("dopri5", -3.3066, 0.9972),
    ],
)
def test_limits_of_stability(capsys, method, real, imaginary):
    """resviz euler study=stability method=rk4 --json"""
    found = told(capsys, "study=stability", f"method={method}")
    assert found["real"] == pytest.approx(real, abs=1e-3)
    assert found["imaginary"] == pytest.approx(imaginary, abs=1e-3)
    assert found["polynomial"] == METHODS[method].stability.coef.tolist()


def test_steps_that_adapt(capsys):
    found = told(capsys, "system=decay", "method=dopri5", "tol=1e-8")
    assert found["error"] < 1e-7 and found["trouble"] is None and found["tol"] == 1e-8
    assert found["evaluations"] == 2 + 6 * (len(found["times"]) - 1 + found["rejected"])
    spec = SolveSpec(system="decay", method="dopri5", tol=1e-8)
    assert found == plain(as_json(solve(spec, adaptive(spec), orders=False)))


# -- in words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["system=pendulum", "method=midpoint"],
        ["system=lotka_volterra", "start=3,1"],
        ["system=van_der_pol", "mu=100"],
        ["system=lotka_volterra", "start=5,-5"],
        ["system=decay", "h=0.25"],
        ["system=decay", "start=-3"],
    ],
    ids=str,
)
def test_it_says_and_prints_what_python_gives(capsys, words):
    record = solve(SolveSpec.of(parse_words(words)), orders=False)
    assert said(capsys, *words) == finding(record)
    assert told(capsys, *words) == plain(as_json(record))


def test_it_says_what_a_study_found(capsys):
    assert said(capsys, "study=order", "method=rk4") == order_finding(SolveSpec(method="rk4"))
    assert said(capsys, "study=stability", "method=heun") == stability_finding(SolveSpec(method="heun"))


def test_what_left_the_range_of_floats_is_said_with_step_and_time(capsys):
    text = said(capsys, "system=van_der_pol", "mu=100")
    assert text.startswith("Forward Euler left the range of floats at step 10, t = 3: ")
    found = told(capsys, "system=van_der_pol", "mu=100")
    assert found["left_float_range"] == {"step": 10, "time": pytest.approx(3)}
    assert found["error"] is None and len(found["trajectory"]) == 10


@pytest.mark.parametrize("method", ["euler", "dopri5"])
def test_a_solution_that_runs_off(capsys, method):
    found = told(capsys, "system=lotka_volterra", "start=5,-5", f"method={method}")
    assert found["error"] is None
    assert all(math.isfinite(v) for x in found["trajectory"] for v in x)
    if method == "dopri5":
        assert "its step underflowed" in found["trouble"]
        assert said(capsys, "system=lotka_volterra", "start=5,-5", "method=dopri5") == found["trouble"]


def test_warnings_of_what_computes_are_not_the_users(capsys):
    """100 e^t leaves the floats: SciPy and NumPy have something to say of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told(capsys, "system=lotka_volterra", "start=100,0", "T=800")


# -- files -----------------------------------------------------------------------------------------


def test_out_writes_the_trajectory(capsys, tmp_path):
    words = ["system=lotka_volterra", "n=20", "method=rk4"]
    known = told(capsys, *words)
    for suffix in ("csv", "json"):
        assert said(capsys, *words, "--out", str(tmp_path / f"way.{suffix}")).startswith("RK4, 20 steps")
    assert json.loads((tmp_path / "way.json").read_text(encoding="utf-8")) == known
    header, *rows = csv.reader(io.StringIO((tmp_path / "way.csv").read_text(encoding="utf-8")))
    assert header == ["t", "x", "y"]
    assert [float(row[0]) for row in rows] == known["times"]
    assert [[float(v) for v in row[1:]] for row in rows] == known["trajectory"]


@pytest.mark.parametrize("study", ["order", "stability"])
def test_a_study_is_written_as_json_only(capsys, tmp_path, study):
    out = tmp_path / "study.json"
    assert main(["euler", f"study={study}", "--json", "--out", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8")) == json.loads(capsys.readouterr().out)
    assert main(["euler", f"study={study}", "--out", str(tmp_path / "study.csv")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "study.csv': a study is written as .json" in err
    assert not (tmp_path / "study.csv").exists()


def test_what_cannot_be_written_exits_1(capsys, tmp_path):
    (tmp_path / "way.csv").mkdir()
    assert main(["euler", "--out", str(tmp_path / "way.csv")]) == 1
    out, err = capsys.readouterr()
    assert out == "" and "way.csv': " in err and len(err.splitlines()) == 1


# -- what cannot be used ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["system=pendulums"], "system=pendulums: allowed is one of decay, rotation, oscillator"),
        (["method=rk5"], "method=rk5: allowed is one of euler, midpoint, heun, rk4, dopri5"),
        (["n=0"], "n=0: allowed is a whole number from 1 to 20,000; nearest that works: 1"),
        (["n=abc"], "n=abc: allowed is a whole number from 1 to 20,000"),
        (
            ["T=-1"],
            "T=-1: allowed is a number from 0.001 to 1000: without T it is as long as suits the system; nearest that",
        ),
        (
            ["T=0"],
            "T=0: allowed is a number from 0.001 to 1000: without T it is as long as suits the system; nearest that",
        ),
        (["T=0", "h=0.1"], "T=0: allowed is a number from 0.001 to 1000: without T it is as long as suits the system"),
        (["T=nan"], "T=nan: allowed is a number from 0.001 to 1000"),
        (["h=0"], "h=0: allowed is a number above 0 and up to 1000"),
        (["h=abc", "n=5"], "h=abc: allowed is a number above 0 and up to 1000"),
        (["h=0.2", "n=30", "T=3"], "h=0.2: T=3 is not 30 steps of it; nearest that works: h=0.1"),
        (["h=600", "n=2"], "h=600: with n=2 that is longer than the longest T, 1000; nearest that works: 500"),
        (["start=1"], "start=1: rotation takes a number for x and y"),
        (["system=decay", "start=1,2"], "start=1,2: decay takes a number for x"),
        (["start=abc"], "start=abc: allowed is one number for each unknown, from -100 to 100, such as 2,0"),
        (["start=1e9,0"], "start=1e9,0: allowed is one number for each unknown, from -100 to 100"),
        (["mu=1000"], "mu=1000: allowed is a number from 0 to 100; nearest that works: 100"),
        (["tol=0"], "tol=0: allowed is a number from 1e-13 to 0.1"),
        (["study=order", "method=dopri5"], "study=order: Dormand–Prince chooses its own steps"),
        (["colour=red"], "colour=red: no such setting; there are system, method, n, T"),
        (["rotation"], "write settings as key=value"),
        (["n=5", "n=6"], "n=6: given twice; the first was 5"),
        (["h=0.1", "h=0.2"], "h=0.2: given twice; the first was 0.1"),
        (["start=" + "9" * 1_000_000], "(1,000,000 characters)"),
        (["n=" + "9" * 1_000_000], "(1,000,000 characters)"),
        (["h=" + "9" * 1_000_000], "(1,000,000 characters)"),
        (["--bogus"], "unrecognized arguments: --bogus"),
        (["--out", "way.parquet"], "'way.parquet' ends in '.parquet'; allowed are .csv, .json"),
        (["--out", "way"], "'way' ends in ''; allowed are .csv, .json"),
        (["--out", "/no/such/folder/way.csv"], "there is no folder '/no/such/folder'"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_words_are_one_line_and_exit_2(capsys, words, says):
    assert main(["euler", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.startswith("resviz: ") and len(err.splitlines()) == 1
    assert len(err) < 600


@pytest.mark.parametrize("word", ["start=1\n2", "h=0.1\n", "system=decay\nn"], ids=repr)
def test_a_line_break_in_a_word_makes_no_second_line(capsys, word):
    code = main(["euler", word])
    out, err = capsys.readouterr()
    assert (code, len(out.splitlines()), len(err.splitlines())) in ((2, 0, 1), (0, 1, 0))


# -- around it -------------------------------------------------------------------------------------


def test_help_lists_its_own_settings(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["euler", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert all(f"\n  {name}=" in text for name in SolveSpec.model_fields)
    assert "or h=, the length of a step" in text
    assert "depth=" not in text
