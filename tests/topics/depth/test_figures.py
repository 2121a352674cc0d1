"""Error against depth as drawn: both halves, both arms, every seed, the last gradients, and what papers report."""

import csv
import io
import math
import re
from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given

from resviz.draw.palette import ARM_COLOR, FAINT, faded
from resviz.draw.table import to_csv, with_table
from resviz.families.resnet.family import ARMS
from resviz.runs.studies import Outcome, Study
from resviz.topics.depth.claims import DEPTH_ERRORS
from resviz.topics.depth.figures import figures
from resviz.words.say import percent
from tests.contract.charts import by_id, check_arms, trace
from tests.contract.checks import check_cards
from tests.contract.records import STUDIES
from tests.examples import examples

IDS = ["depth_train", "depth_test", "depth_profile_residual", "depth_profile_plain", "depth_published"]
HALVES = ("train", "test")


def study(depths="8,14,20", seeds=2, **words):
    return Study.of("depth", {"depths": depths, "seeds": str(seeds), **words})


def outcome(train=0.75, test=0.5, gradients=(1.0, 0.5, 0.25), **words):
    return Outcome(9, (2.0, 1.0), train, test, gradients=gradients, **words)


def results(asked, error=lambda arm, depth, n, half: 0.01 * depth + 0.05 * (arm == "plain") + 0.02 * n):
    """All runs ended, with errors as a function says."""
    return {
        (f"{arm}-{depth}", n): outcome(
            *(1 - error(arm, depth, n, half) for half in HALVES),
            gradients=tuple(10.0 ** (-k / 4 - (arm == "plain")) for k in range(depth)),
        )
        for depth in asked.depths
        for arm in ARMS
        for n in range(asked.seeds)
    }


def accuracies(asked, found, arm, depth, half):
    runs = [found.get((f"{arm}-{depth}", n)) for n in range(asked.seeds)]
    values = [getattr(r, f"{half}_accuracy") for r in runs if r and r.ended]
    return [v for v in values if v is not None]


# -- whatever is there -----------------------------------------------------------------------------


@examples(30)
@given(STUDIES["depth"])
def test_whatever_there_is_of_a_study_makes_figures(case):
    asked, found = case
    made = check_cards(figures(asked, found))
    assert [t["id"] for t in made] == IDS
    assert all("height" in t for t in made)
    for t in made:
        if t["figure"]["layout"]["yaxis"].get("type") == "log":
            assert all(v is None or v > 0 for shown in t["figure"]["data"] for v in shown["y"])


@examples(30)
@given(STUDIES["depth"])
def test_means_and_seeds_are_those_of_the_runs_that_ended(case):
    asked, found = case
    for half, t in zip(HALVES, figures(asked, found), strict=False):
        check_arms(t)
        for arm in ARMS:
            there = {d: v for d in asked.depths if (v := accuracies(asked, found, arm, d, half))}
            line, dots = trace(t, arm), trace(t, f"{arm}, each seed")
            assert line["x"] == sorted(there)
            assert line["y"] == pytest.approx([1 - fmean(there[d]) for d in sorted(there)], abs=5.1e-6)
            assert dots["x"] == [d for d in sorted(there) for _ in there[d]]
            assert dots["y"] == pytest.approx([1 - v for d in sorted(there) for v in there[d]], abs=5.1e-6)
            assert dots["marker"]["color"] == ARM_COLOR[arm]


@examples(30)
@given(STUDIES["depth"])
def test_the_table_has_what_is_drawn_and_counts_what_left_float_range(case):
    asked, found = case
    for half, t in zip(HALVES, figures(asked, found), strict=False):
        assert t["table"]["header"] == ["layers", *ARMS]
        for depth, row in zip(asked.depths, t["table"]["rows"], strict=True):
            assert row[0] == str(depth)
            for arm, cell in zip(ARMS, row[1:], strict=True):
                values = [1 - v for v in accuracies(asked, found, arm, depth, half)]
                lost = sum(r.stopped is not None for n in range(asked.seeds) if (r := found.get((f"{arm}-{depth}", n))))
                said = re.fullmatch(r"(–|([\d.]+%) \(([\d.]+%)–([\d.]+%)\))(?:; (\d+) left float range)?", cell)
                assert said and int(said[5] or 0) == lost
                assert (said[1] == "–") == (not values)
                if values:
                    assert [said[k] for k in (2, 3, 4)] == [percent(f(values)) for f in (fmean, min, max)]


@pytest.mark.parametrize("found", [{}, {("residual-8", 0): Outcome(3, (2.0,), ended=False)}], ids=["nothing", "one"])
def test_before_a_run_has_ended_the_axes_are_there(found):
    made = check_cards(figures(study(), found))
    for t in made[:2]:
        assert trace(t, "plain")["x"] == trace(t, "residual")["y"] == []
        assert [row[1:] for row in t["table"]["rows"]] == [["–", "–"]] * 3
        assert t["figure"]["layout"]["xaxis"]["tickvals"] == [8, 14, 20]
    for t in made[2:4]:
        assert t["figure"]["data"] == [] and with_table(t)["table"]["rows"] == []
        low, high = t["figure"]["layout"]["yaxis"]["range"]
        assert low < high


def test_a_study_of_depth_shows_these_figures_on_its_page():
    asked = study()
    assert figures(asked, results(asked))


# -- errors ----------------------------------------------------------------------------------------


def test_both_halves_stand_on_the_same_axes():
    asked = study()
    layouts = [t["figure"]["layout"] for t in figures(asked, results(asked))[:2]]
    for axis in ("xaxis", "yaxis"):
        assert layouts[0][axis] == layouts[1][axis]
    low, high = layouts[0]["xaxis"]["range"]
    assert low < 8 and high > 20 and layouts[0]["xaxis"]["tickvals"] == [8, 14, 20]
    for axis in layouts:
        assert axis["yaxis"]["range"][0] <= 0 and axis["yaxis"]["range"][1] >= 0.9, "no error up to that of guessing"


def test_a_single_depth_has_room_around_it():
    low, high = figures(study("8"), {})[0]["figure"]["layout"]["xaxis"]["range"]
    assert low < 8 < high


@pytest.mark.parametrize(("dataset", "chance"), [("digits", 0.9), ("moons", 0.5)])
def test_guessing_is_a_dotted_line(dataset, chance):
    for t in figures(study(dataset=dataset), {})[:2]:
        (line,) = t["figure"]["layout"]["shapes"]
        assert line["y0"] == line["y1"] == pytest.approx(chance)
        assert line["line"] == {"color": FAINT, "width": 1, "dash": "dot"} and "dotted: guessing" in t["note"]


def test_train_is_train_and_test_is_test():
    asked = study()
    found = results(asked, lambda arm, depth, n, half: 0.125 if half == "train" else 0.5)
    train, test = figures(asked, found)[:2]
    assert trace(train, "plain")["y"] == [0.125] * 3 and trace(test, "plain")["y"] == [0.5] * 3
    assert "Training" in train["title"] and "unseen" not in train["note"]
    assert "Test" in test["title"] and "unseen" in test["note"]
    assert f"{asked.base.train_examples:,} images" in train["note"] and "360 unseen" in test["note"]


def test_a_band_goes_from_the_best_seed_to_the_worst_and_back():
    asked = study(seeds=3)
    found = results(asked, lambda arm, depth, n, half: (0.25, 0.125, 0.75)[n] + depth / 256)
    for t in figures(asked, found)[:2]:
        for arm in ARMS:
            (band,) = [d for d in t["figure"]["data"] if d.get("fillcolor") == faded(ARM_COLOR[arm], 0.16)]
            assert band["x"] == [8, 14, 20, 20, 14, 8] and band["hoverinfo"] == "skip"
            assert band["y"] == pytest.approx(
                [0.75 + d / 256 for d in (8, 14, 20)] + [0.125 + d / 256 for d in (20, 14, 8)], abs=5.1e-6
            )
    alone = figures(study(seeds=1), results(study(seeds=1)))[0]
    assert not any("fill" in d for d in alone["figure"]["data"]), "one seed has no band"


def test_a_seed_says_its_own_number():
    asked = study(seeds=2, seed="40")
    for t in figures(asked, results(asked))[:2]:
        dots = trace(t, "plain, each seed")
        assert dots["customdata"] == [40, 41] * 3 and "seed %{customdata}" in dots["hovertemplate"]
        assert "%{x} layers" in trace(t, "plain")["hovertemplate"]


def test_what_left_float_range_has_no_point_and_is_counted():
    asked = study()
    found = results(asked) | {("plain-20", n): Outcome(4, (2.0,), stopped=5, gradients=(1e30,) * 20) for n in (0, 1)}
    found |= {("plain-14", 1): Outcome(4, (2.0,), stopped=5)}
    t = check_cards(figures(asked, found))[0]
    assert trace(t, "plain")["x"] == [8, 14] and trace(t, "plain, each seed")["x"] == [8, 8, 14]
    rows = {row[0]: row[2] for row in t["table"]["rows"]}
    assert rows == {
        "8": "14% (13%–15%)",
        "14": "19% (19%–19%); 1 left float range",
        "20": "–; 2 left float range",
    }


# -- gradients -------------------------------------------------------------------------------------


def test_gradients_of_both_arms_are_on_one_range_that_holds_them():
    asked = study()
    residual, plain = figures(asked, results(asked))[2:4]
    assert residual["figure"]["layout"]["yaxis"] == plain["figure"]["layout"]["yaxis"]
    assert residual["figure"]["layout"]["xaxis"] == plain["figure"]["layout"]["xaxis"]
    low, high = plain["figure"]["layout"]["yaxis"]["range"]
    drawn = [math.log10(v) for t in (residual, plain) for d in t["figure"]["data"] for v in d["y"]]
    assert low < min(drawn) and max(drawn) < high
    left, right = plain["figure"]["layout"]["xaxis"]["range"]
    assert left < 1 and right > 20, "every layer of the deepest"


@pytest.mark.parametrize("arm", ARMS)
def test_a_line_for_each_depth_the_darker_the_deeper(arm):
    asked = study()
    t = by_id(check_cards(figures(asked, results(asked))), f"depth_profile_{arm}")
    assert [d["name"] for d in t["figure"]["data"]] == ["8 layers", "14 layers", "20 layers"]
    colors = [d["line"]["color"] for d in t["figure"]["data"]]
    strengths = [float(c.rstrip(")").split(",")[-1]) for c in colors]
    assert all(a < b for a, b in pairwise(strengths)) and strengths[-1] == 1
    assert colors == [faded(ARM_COLOR[arm], s) for s in strengths]
    assert {d["line"]["dash"] for d in t["figure"]["data"]} == {"solid" if arm == "residual" else "dash"}
    assert t["title"].startswith(arm.capitalize()) and "the darker, the deeper" in t["note"]
    for depth, shown in zip(asked.depths, t["figure"]["data"], strict=True):
        assert shown["x"] == list(range(1, depth + 1))
        wanted = results(asked)[f"{arm}-{depth}", 0].gradients
        assert shown["y"] == pytest.approx(list(wanted), rel=5.1e-3)


def test_a_gradient_of_0_or_beyond_float_range_is_a_gap():
    asked = study("8", 1)
    found = {(f"{arm}-8", 0): outcome(gradients=(0.0, 0.5, math.inf, 0.25)) for arm in ARMS}
    for t in check_cards(figures(asked, found))[2:4]:
        assert t["figure"]["data"][0]["y"] == [None, 0.5, None, 0.25]
        assert with_table(t)["table"]["rows"] == [["1", "–"], ["2", "0.5"], ["3", "–"], ["4", "0.25"]]


def test_without_any_gradient_but_0_there_is_still_a_range():
    asked = study("8", 1)
    found = {(f"{arm}-8", 0): outcome(gradients=(0.0, 0.0)) for arm in ARMS}
    for t in check_cards(figures(asked, found))[2:4]:
        assert t["figure"]["data"][0]["y"] == [None, None]


def test_the_gradient_is_that_of_the_first_seed_that_has_ended():
    asked = study("8", 3)
    found = {
        ("residual-8", 0): outcome(gradients=(9.0, 9.0), ended=False),
        ("residual-8", 1): outcome(gradients=(2.0, 1.0)),
        ("residual-8", 2): outcome(gradients=(7.0, 7.0)),
    }
    assert figures(asked, found)[2]["figure"]["data"][0]["y"] == [2.0, 1.0]


def test_a_depth_alone_is_as_strong_as_among_others():
    """A depth that has ended early looks as it will when all have."""
    asked = study()
    alone = {key: value for key, value in results(asked).items() if key[0].endswith("-8")}
    few, all_ = (figures(asked, r)[2]["figure"]["data"] for r in (alone, results(asked)))
    assert [d["line"] for d in few] == [d["line"] for d in all_[:1]]


# -- published -------------------------------------------------------------------------------------


def test_published_errors_are_those_of_the_papers():
    t = check_cards(figures(study(), {}))[4]
    for row, shown in zip(DEPTH_ERRORS, t["figure"]["data"], strict=True):
        assert shown["name"].startswith(row.source) and shown["name"].endswith(row.arm)
        assert list(zip(shown["x"], (round(100 * y, 6) for y in shown["y"]), strict=True)) == list(row.errors)
        assert shown["line"]["color"] == ARM_COLOR[row.arm]
    assert len(t["table"]["rows"]) == sum(len(row.errors) for row in DEPTH_ERRORS)
    for source, arm, layers, error in t["table"]["rows"]:
        (row,) = [r for r in DEPTH_ERRORS if (r.source, r.arm) == (source, arm)]
        assert (int(layers), float(error.removesuffix("%"))) in row.errors
    assert "CIFAR-10" in t["note"] and "another data set" in t["title"]


def test_he_2015_found_no_degradation_with_shortcuts_and_li_2018_did_without():
    """He 2015, Table 6: 8.75% at 20 layers to 6.43% at 110; Li 2018: plain, 8.18% to 16.44%."""
    t = figures(study(), {})[4]
    for shown in t["figure"]["data"]:
        rises = [b > a for a, b in pairwise(shown["y"])]
        assert all(rises) if "plain" in shown["name"] else not any(rises)
    assert min(t["figure"]["data"][0]["y"]) == pytest.approx(0.0643)


def test_the_csv_has_every_table_under_its_title():
    asked = study()
    made = figures(asked, results(asked))
    lines = list(csv.reader(io.StringIO(to_csv(made))))
    assert [line[0] for line in lines if len(line) == 1] == [t["title"] for t in made]
    assert ["8", "9% (8%–10%)", "14% (13%–15%)"] in lines
    assert ["at", "8 layers", "14 layers", "20 layers"] in lines
