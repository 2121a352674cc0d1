"""The figures of a solved equation show what was computed, as far as it can be drawn, and nothing that is not a number."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given

from resviz.draw.palette import ARM_COLOR, METHOD_COLOR, METHOD_DASH, METHOD_SYMBOL, TEXT
from resviz.draw.table import rows_of
from resviz.topics.solve.experiment import adaptive
from resviz.topics.solve.figures import compared, errors, figures, trajectories
from resviz.topics.solve.question import Adaptive, SolveSpec, solve
from resviz.topics.solve.solvers import FIXED, METHODS
from resviz.topics.solve.stability import stability
from resviz.topics.solve.systems import SYSTEMS
from resviz.words.say import written
from tests.contract.checks import check_cards
from tests.examples import examples
from tests.topics.solve.contract import solved as any_record

IDS = ["solve_ways", "solve_errors", "solve_stability", "solve_compared"]


def trace(template, name):
    (found,) = [t for t in template["figure"]["data"] if t.get("name") == name]
    return found


def leaves(value):
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def assert_near(found, known):
    """To five digits, of numbers some of which are near 0."""
    assert np.array(found) == pytest.approx(np.array(known), rel=6e-5, abs=1e-5)


def points(t):
    return [(x, y) for x, y in zip(t["x"], t["y"], strict=True) if x is not None]


def check_ways(record, template):
    layout, traces = template["figure"]["layout"], template["figure"]["data"]
    (left, right), (bottom, top) = layout["xaxis"]["range"], layout["yaxis"]["range"]
    assert left < right and bottom < top
    flat = record.spec.equations.dimension == 1
    assert len(traces) == 1 + 4 + (not flat) + (record.adaptive is not None)
    across, up = (right - left) * 0.21, (top - bottom) * 0.21  # three cells of 15 on each side, and a stroke
    far = max(
        1e5, 2.001 * max(map(abs, (left, right, bottom, top)))
    )  # plotly cannot count much further than the picture
    for t in traces:
        for x, y in points(t):
            if "name" in t:
                assert max(abs(x), abs(y)) <= far
            else:
                assert left - across <= x <= right + across and bottom - up <= y <= top + up
    # the true solution begins inside
    x, y = points(trace(template, "exact" if record.truth.exact else "reference"))[0]
    assert left <= x <= right and bottom <= y <= top
    assert ("it leaves the picture" in template["note"]) == any(
        not (left <= x <= right and bottom <= y <= top) for x, y in places(record)
    )


def places(record):
    spec = record.spec
    path = record.adaptive if spec.method == "dopri5" else record.fixed[spec.method]
    if path is None:
        return []
    if spec.equations.dimension == 1:
        return list(zip(path.times, (x for (x,) in path.states), strict=True))
    return list(path.states)


def check(record):
    """What holds of the figures of any record."""
    found = check_cards(figures(record))
    assert [t["id"] for t in found] == IDS
    assert all(cell for t in found for row in rows_of(t)["rows"] for cell in row), "no cell is left empty"
    check_ways(record, found[0])
    labels = [a["text"] for a in found[1]["figure"]["layout"]["annotations"]]
    drawn = [METHODS[name].label for name, o in record.orders.items() if trace(found[1], METHODS[name].label)["x"]]
    assert sorted(text.split(":")[0] for text in labels) == sorted(drawn)
    slopes = {METHODS[name].label: o.slope for name, o in record.orders.items() if o.slope is not None}
    assert {text: f"{slopes[text.split(':')[0]]:.2f}" in text for text in labels if ":" in text} == {
        text: True for text in labels if text.split(":")[0] in slopes
    }
    assert all(v > 0 for t in found[1]["figure"]["data"] for v in (*t["x"], *t["y"]))
    names = [a["text"] for a in found[2]["figure"]["layout"]["annotations"]]
    assert names == ["forward<br>Euler", "midpoint,<br>Heun", "RK4", "Dormand–<br>Prince"]
    return found


# -- any of them -----------------------------------------------------------------------------------


@examples(15)
@given(any_record())
def test_any_record_can_be_drawn(record):
    check(record)


EVERY = list(product(SYSTEMS, METHODS))
DIAGONAL = [(system, list(METHODS)[k % len(METHODS)]) for k, system in enumerate(SYSTEMS)]


@pytest.mark.parametrize(
    "cases", [*([case] for case in DIAGONAL), pytest.param(EVERY, marks=pytest.mark.grid)], ids=str
)
def test_every_system_and_every_method(cases):
    """With its orders, and with what torchdiffeq makes of it. Other pairs are drawn above."""
    for system, method in cases:
        spec = SolveSpec(system=system, method=method)
        check(solve(spec, adaptive(spec.replace(method="dopri5", tol=1e-3))))


@pytest.mark.parametrize(
    ("words", "methods"),
    [
        ({"system": "lotka_volterra", "start": (5, -5), "n": 2000}, ["euler", "dopri5"]),
        ({"system": "van_der_pol", "mu": 100}, ["euler", "rk4", "dopri5"]),
        ({"system": "oscillator", "n": 20, "T": 1000}, ["euler", "rk4", "dopri5"]),
        ({"system": "pendulum", "start": (0, 0)}, ["rk4", "dopri5"]),
        ({"system": "decay", "start": (0,)}, ["euler", "dopri5"]),
        ({"system": "decay", "n": 1, "T": 1000}, ["euler", "rk4", "dopri5"]),
        ({"n": 20_000}, ["rk4"]),
        ({"T": 1e-9}, ["euler", "dopri5"]),
    ],
    ids=str,
)
def test_odd_ones_can_be_drawn(words, methods):
    for method in methods:
        check_odd(words, method)


def check_odd(words, method):
    spec = SolveSpec(**words, method=method)
    ran = Adaptive((0.0, spec.time / 2), (spec.begin, spec.begin), 20, 1, "Gave up.") if method == "dopri5" else None
    check(solve(spec, ran, orders=words.get("mu") != 100))


def test_while_the_rest_is_at_work():
    spec = SolveSpec(method="dopri5")
    found = check(solve(spec, orders=False))
    assert found[0]["table"]["rows"] == []
    assert found[1]["table"]["rows"] == []
    assert found[3]["rows"]["rows"][-1] == ["Dormand–Prince", "…", "…", "…", "5, adaptive"]


def test_a_solution_that_grows_is_seen_to_its_end():
    """100 e^t: the picture is as large as that, and so are the lines in it."""
    template = trajectories(solve(SolveSpec(system="lotka_volterra", start=(100, 0)), orders=False))
    right = template["figure"]["layout"]["xaxis"]["range"][1]
    assert max(x for x, _ in points(trace(template, "reference"))) > 0.5 * right


def test_eigenvalues_of_states_of_any_size():
    record = solve(SolveSpec(system="lotka_volterra", start=(100, 0), T=1000), orders=False)
    for leaf in leaves(stability(record)):
        assert not isinstance(leaf, float) or abs(leaf) < math.inf


def test_a_time_too_short_to_divide_can_be_drawn():
    spec, problem = SolveSpec.read({"T": "1e-322"})
    if not problem:
        check(solve(spec))


def test_an_error_beyond_the_range_of_floats_is_no_number_in_a_table():
    spec = SolveSpec(
        system="oscillator", method="midpoint", n=165, T=1000, start=(19.40982896458989, -48.36152311226496)
    )
    check(solve(spec, orders=False))


# -- the ways --------------------------------------------------------------------------------------


def test_the_ways_are_the_states():
    record = solve(SolveSpec(system="pendulum", n=60), adaptive(SolveSpec(system="pendulum")), orders=False)
    template = trajectories(record)
    shown = {"reference": record.truth, "Dormand–Prince": record.adaptive}
    shown |= {METHODS[name].label: record.fixed[name] for name in FIXED}
    for name, path in shown.items():
        assert_near(points(trace(template, name)), path.states)
    assert template["figure"]["layout"]["yaxis"]["scaleanchor"] == "x"
    assert template["title"] == "Forward Euler on x' = v, v' = −sin x"
    rows = template["table"]["rows"]
    assert template["table"]["header"] == ["time", "x", "v"] and len(rows) == 61
    assert_near([[float(v) for v in row[1:]] for row in rows], record.fixed["euler"].states)


def test_the_ways_of_one_unknown_go_over_time():
    record = solve(SolveSpec(system="decay", n=30, method="heun"), orders=False)
    template = trajectories(record)
    path = record.fixed["heun"]
    shown = trace(template, "Heun")
    assert shown["x"] == pytest.approx(path.times, rel=1e-4)
    assert shown["y"] == pytest.approx([x for (x,) in path.states], rel=1e-4)
    assert template["figure"]["layout"]["xaxis"]["title"]["text"] == "time"
    assert "scaleanchor" not in template["figure"]["layout"]["yaxis"]
    assert len(template["figure"]["data"]) == 5  # no arrows


def test_the_arrows_are_the_field():
    record = solve(SolveSpec(system="lotka_volterra"), orders=False)
    arrows = trajectories(record)["figure"]["data"][0]
    assert len(arrows["x"]) == 3 * 21 * 21  # 15 along each side of the picture, and 3 beyond each
    (left, right), (bottom, top) = (trajectories(record)["figure"]["layout"][a]["range"] for a in ("xaxis", "yaxis"))
    starts = list(zip(arrows["x"][::3], arrows["y"][::3], strict=True))
    assert sum(left < x < right and bottom < y < top for x, y in starts) == 15 * 15
    for i in range(0, len(arrows["x"]), 3):
        assert arrows["x"][i + 2] is arrows["y"][i + 2] is None
        x, y = arrows["x"][i], arrows["y"][i]
        dx, dy = arrows["x"][i + 1] - x, arrows["y"][i + 1] - y
        fx, fy = record.spec.equations.field((x, y))
        assert math.hypot(dx / (right - left), dy / (top - bottom)) * 15 == pytest.approx(0.6, rel=1e-2)
        assert dx * fx + dy * fy == pytest.approx(math.hypot(dx, dy) * math.hypot(fx, fy), rel=1e-3)


def test_the_chosen_method_is_the_thick_one_in_its_colour():
    assert METHOD_COLOR["euler"] == ARM_COLOR["residual"]
    assert set(METHOD_COLOR) == set(METHOD_SYMBOL) == set(METHOD_DASH) == set(METHODS)
    assert len(set(METHOD_COLOR.values())) == len(set(METHOD_SYMBOL.values())) == len(set(METHOD_DASH.values())) == 5
    for method in FIXED:
        traces = trajectories(solve(SolveSpec(method=method), orders=False))["figure"]["data"]
        assert traces[-1]["name"] == METHODS[method].label
        assert traces[-1]["line"] == {"color": METHOD_COLOR[method], "width": 2.5}
        assert all(t["line"]["width"] < 2 for t in traces[2:-1])


def test_markers_only_where_they_can_be_told_apart():
    for n, mode in ((299, "lines+markers"), (300, "lines")):
        assert trajectories(solve(SolveSpec(n=n), orders=False))["figure"]["data"][-1]["mode"] == mode


def test_the_picture_grows_with_the_chosen_method_but_not_for_ever():
    width = {}
    for method in FIXED:
        left, right = trajectories(solve(SolveSpec(method=method), orders=False))["figure"]["layout"]["xaxis"]["range"]
        width[method] = right - left
    assert width["rk4"] == pytest.approx(2.16, abs=0.01)  # the circle and its margin
    assert width["euler"] > 1.3 * width["rk4"]
    template = trajectories(solve(SolveSpec(n=20), orders=False))  # outside by far
    left, right = template["figure"]["layout"]["xaxis"]["range"]
    assert right - left == pytest.approx(2.8 * 2.16, abs=0.01)
    assert "it leaves the picture" in template["note"]


@pytest.mark.parametrize("n", [1999, 4500, 20_000])
def test_a_long_line_is_thinned_and_reaches_its_end(n):
    record = solve(SolveSpec(n=n, T=5), orders=False)
    shown = points(trace(trajectories(record), "forward Euler"))
    assert len(shown) <= 2001
    assert shown[-1] == pytest.approx(record.fixed["euler"].states[-1], rel=1e-4)


# -- errors ----------------------------------------------------------------------------------------


def test_errors_are_those_of_the_orders():
    record = solve(SolveSpec(system="decay", method="heun"))
    template = errors(record)
    for name in FIXED:
        shown, found = trace(template, METHODS[name].label), record.orders[name]
        pairs = [(h, e) for h, e in zip(found.h, found.error, strict=True) if e and e < 100]
        assert points(shown) == pairs
        assert shown["line"]["width"] == (3 if name == "heun" else 1.5)
    (line,) = template["figure"]["layout"]["shapes"]
    assert line["x0"] == line["x1"] == record.spec.h
    texts = {a["text"]: a for a in template["figure"]["layout"]["annotations"]}
    for name in FIXED:
        label = texts[f"{METHODS[name].label}: {record.orders[name].slope:.2f}"]
        x, y = points(trace(template, METHODS[name].label))[-1]
        assert (label["x"], label["y"]) == pytest.approx((math.log10(x), math.log10(y)))  # on log axes
        assert label["font"]["color"] == TEXT, "the curves' colours are too pale for words"
    rows = template["table"]["rows"]
    assert [row[0] for row in rows] == [f"{h:.4g}" for h in sorted(record.orders["euler"].h)]
    assert rows[0][1] == f"{record.orders['euler'].error[-1]:.3g}"


def test_errors_of_steps_that_explode_are_only_in_the_table():
    record = solve(SolveSpec(system="decay", T=60))
    template, found = errors(record), record.orders["heun"]
    assert found.error[0] > 1e7  # 98.5^4
    shown = points(trace(template, "Heun"))
    assert shown == [(h, e) for h, e in zip(found.h, found.error, strict=True) if e and e < 100]
    assert 0 < len(shown) < len(found.h)
    assert template["table"]["rows"][-1][3] == f"{found.error[0]:.3g}"


def test_labels_that_would_lie_on_each_other_are_moved():
    found = errors(solve(SolveSpec(system="decay")))["figure"]["layout"]["annotations"]
    heights = [(a["y"], a["yshift"]) for a in found]
    for (y, shift), (below, moved) in pairwise(heights):
        assert y >= below and (y - below > 0.5 or moved < shift)


def test_no_line_for_steps_that_are_chosen_by_the_method():
    assert errors(solve(SolveSpec(method="dopri5")))["figure"]["layout"]["shapes"] == []


# -- stability -------------------------------------------------------------------------------------


def test_the_marks_are_h_times_the_eigenvalues():
    template = stability(solve(SolveSpec(n=50), orders=False))
    marks = points(trace(template, "h × eigenvalue"))
    assert sorted(marks) == [(0, -0.2), (0, 0.2)]
    assert template["note"].endswith("z = hλ, the step times the eigenvalues, none inside")
    assert stability(solve(SolveSpec(method="rk4"), orders=False))["note"].endswith(", all inside")
    assert [row[2] for row in template["table"]["rows"]] == ["1.02", "1.02"]
    template = stability(solve(SolveSpec(system="decay", n=3), orders=False))
    assert points(trace(template, "h × eigenvalue")) == [(-2, 0)]
    assert template["note"].endswith(", all inside")


def test_names_of_the_curves_lie_on_no_curve_and_point_at_their_own():
    """A name takes 12 px a line and 6.2 px a letter, where a unit is 47 px: on a screen of 1366 px."""
    unit = 47.0
    for method in METHODS:
        template = stability(solve(SolveSpec(method=method), orders=False))
        curves = {
            t["name"].split(":")[0]: [complex(*p) for p in points(t)]
            for t in template["figure"]["data"] if "|R(z)| = 1" in t["name"]
        }  # fmt: skip
        for label in template["figure"]["layout"]["annotations"]:
            name, end = label["text"].replace("<br>", " ").replace("– ", "–"), complex(label["x"], label["y"])
            own = next(
                at for known, at in curves.items() if known in name or (known, name) == ("Heun", "midpoint, Heun")
            )
            assert min(abs(z - end) for z in own) < 0.12, name
            lines = label["text"].split("<br>")
            wide, high = 6.2 * max(map(len, lines)) / unit, 14 * len(lines) / unit
            left = label["ax"] if label["xanchor"] == "left" else label["ax"] - wide
            for curve in curves.values():
                assert not any(
                    left < z.real < left + wide and abs(z.imag - label["ay"]) < high / 2 for z in between(curve)
                ), name
            assert left + wide <= 1.6 + 10 / unit and left >= -4.6, "inside the chart"


def between(curve):
    """A curve with places between its points, so that none is passed over."""
    return [a + k / 5 * (b - a) for a, b in pairwise(curve) for k in range(5)]


def test_all_three_charts_fill_the_height_of_their_cards():
    """One with equal scales may be narrower than its card but is as high as the others, as its axes are fitted by their range."""
    for spec in (SolveSpec(), SolveSpec(system="decay")):
        found = figures(solve(spec))[:3]
        assert {t["height"] for t in found} == {372}
        assert all("constrain" not in found[0]["figure"]["layout"][axis] for axis in ("xaxis", "yaxis"))


def test_marks_along_a_nonlinear_solution():
    record = solve(SolveSpec(system="van_der_pol"), orders=False)
    template = stability(record)
    marks = [complex(*p) for p in points(trace(template, "h × eigenvalue"))]
    known = {record.spec.h * v for x in record.truth.states[::10] for v in record.spec.equations.eigenvalues(x)}
    assert len(marks) == len(known) == 82
    assert all(min(abs(m - k) for k in known) < 1e-3 for m in marks)
    inside = sum(abs(1 + m) <= 1 for m in known)
    assert f"eigenvalues along the solution, {inside} of 82 inside" in template["note"]


@pytest.mark.parametrize("method", METHODS)
def test_the_regions_edges_are_where_a_step_keeps_its_size(method):
    template = stability(solve(SolveSpec(method=method), orders=False))
    bold = template["figure"]["data"][3 + (method == "heun")]
    assert bold["name"] == f"{METHODS[method].label}: |R(z)| = 1" and bold["fill"] == "toself"
    for t in template["figure"]["data"][:-1]:
        (name,) = [n for n, m in METHODS.items() if t["name"].startswith(m.label)]
        assert all(abs(abs(METHODS[name].stability(complex(*p))) - 1) < 1e-3 for p in points(t))
    assert len([t for t in template["figure"]["data"] if t.get("fill") == "toself"]) == 1


def test_blocks_are_drawn_beside_the_eigenvalues():
    blocks = ((-0.5, 0.1), (-1.5, 1.2), (-2.5, 0.0), (0.1, 0.0))
    template = stability(solve(SolveSpec(), orders=False, blocks=blocks))
    assert points(trace(template, "trained blocks, of a recorded run on two spirals")) == list(blocks)
    assert "diamonds: trained blocks, 1 of 4 in Euler’s disc" in template["note"]
    assert "diamonds" not in stability(solve(SolveSpec(), orders=False))["note"]


# -- the table -------------------------------------------------------------------------------------


def test_what_the_methods_did():
    spec = SolveSpec(system="decay", T=1, n=10)
    ran = adaptive(spec)
    record = solve(spec, ran)
    template = compared(record)
    assert template["note"] == "to T = 1"
    rows = {row[0]: row[1:] for row in template["rows"]["rows"]}
    assert rows["forward Euler"] == ["10", "10", "0.0192", f"1; measured {record.orders['euler'].slope:.2f}"]
    assert rows["RK4"][:3] == ["10", "40", "3.3 × 10⁻⁷"] and rows["RK4"][3].startswith("4; measured 4.0")
    steps, taken, away, order = rows["Dormand–Prince"]
    assert (steps, taken, order) == (str(len(ran.times) - 1), str(ran.evaluations), "5, adaptive")
    assert away == written(record.error["dopri5"])
    rows = {row[0]: row[1:] for row in compared(solve(spec))["rows"]["rows"]}
    assert rows["Dormand–Prince"][:3] == ["…"] * 3


def test_who_did_not_get_there():
    record = solve(
        SolveSpec(system="van_der_pol", mu=100), Adaptive((0.0,), ((2.0, 0.0),), 9, 0, "Gave up."), orders=False
    )
    ends = [row[3] for row in compared(record)["rows"]["rows"]]
    assert ends[0] == f"left float range at step {record.fixed['euler'].left}" and ends[4] == "did not get there"
    ends = [
        row[3] for row in compared(solve(SolveSpec(system="lotka_volterra", start=(5, -5), T=0.3, n=3)))["rows"]["rows"]
    ]
    assert ends == ["–", "–", "–", "–", "…"]
