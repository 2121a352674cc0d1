"""The figures of a study, from results made up by hand."""

from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.draw.bound import fill
from resviz.draw.labels import spaced
from resviz.draw.palette import ARM_COLOR, FAINT
from resviz.draw.table import with_table
from resviz.runs.studies import Outcome, Study, kinds
from resviz.topics.calm.figures import figures as calm_figures
from resviz.topics.compared.figures import MOST_POINTS, figures
from resviz.train.records import History
from resviz.ui.boards import Studied
from tests.contract.checks import check_cards
from tests.contract.kinds import panel_of_study

SCORES = (0.8, 0.85, 0.9)


def results(study, steps=66):
    loss = tuple(2.3 - 1.5 * step / steps for step in range(steps))
    return {
        (choice.name, n): Outcome(steps, loss, 0.9, SCORES[n % 3] - 0.05 * row)
        for row, choice in enumerate(study.choices)
        for n in range(study.seeds)
    }


def calm_results(study):
    signal = tuple((step, tuple(10.0 ** (-layer / 20) / step for layer in range(55))) for step in (1, 2, 11, 101))
    return {("residual", 0): Outcome(132, (1.0,), signal=signal), ("plain", 0): Outcome(132, (1.0,), signal=signal)}


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("part", ["none", "some", "all"])
def test_figures_have_a_height_and_a_table_at_every_stage(kind, part):
    study = Study.of(kind, {})
    found = results(study) if study.compares else calm_results(study)
    kept = {"none": {}, "some": dict(list(found.items())[:2]), "all": found}[part]
    shown = Studied(study, kept)
    for template in check_cards(panel_of_study(kind).figures(shown)):
        template = with_table(template)
        assert set(template) == {"id", "title", "note", "figure", "height", "table"}
        fill(template, History(study.base))


@pytest.mark.parametrize("kind", ["orders", "contents", "options"])
def test_every_choice_has_its_row_its_seeds_and_its_mean(kind):
    study = Study.of(kind, {})
    figure = figures(study, results(study))[0]["figure"]
    data, layout = figure["data"], figure["layout"]
    assert layout["yaxis"]["ticktext"] == [choice.label for choice in study.choices]
    for row, choice in enumerate(study.choices):
        seeds, mean = data[2 * row], data[2 * row + 1]
        assert seeds["x"] == pytest.approx([score - 0.05 * row for score in SCORES], abs=1e-4)
        assert all(abs(y - row) < 0.5 for y in seeds["y"]) and len(set(seeds["y"])) == 3
        assert mean["x"] == [pytest.approx(fmean(seeds["x"]), abs=1e-3)] and mean["y"] == [row]
        color = ARM_COLOR[choice.arm] if row == 0 or choice.name == "plain" else FAINT
        assert seeds["marker"]["color"] == mean["marker"]["line"]["color"] == color
        assert choice.name == "plain" or choice.arm == "residual"
        low, high = layout["xaxis"]["range"]
        assert all(low <= x <= high for x in seeds["x"])
    band = layout["shapes"][0]
    assert (band["x0"], band["x1"]) == (min(SCORES), max(SCORES))


def test_published_errors_stand_at_the_end_of_their_rows():
    study = Study.of("orders", {})
    words = {a["y"]: a["text"] for a in figures(study, {})[0]["figure"]["layout"]["annotations"]}
    assert words == {0: "6.61 / 5.93", 1: "8.17 / 6.50", 2: "7.84 / 6.14", 3: "6.71 / 5.91", 4: "6.37 / 5.46"}
    assert "ResNet-110 / ResNet-164 on CIFAR-10 (He 2016" in figures(study, {})[0]["note"]


def test_a_run_that_left_the_range_has_no_dot_but_is_counted():
    study = Study.of("contents", {})
    found = results(study) | {("half", 1): Outcome(7, (2.0,) * 7, stopped=8)}
    figure = figures(study, found)[0]["figure"]
    assert len(figure["data"][2]["x"]) == 2
    assert "1 of 3 left the range of float32" in [a["text"] for a in figure["layout"]["annotations"]]


def test_losses_are_medians_in_a_band_and_the_two_that_matter_lie_on_top():
    study = Study.of("contents", {})
    found = results(study)
    for n, shift in enumerate((-0.1, 0.0, 0.3)):
        found["identity", n] = Outcome(3, tuple(v + shift for v in (2.0, 1.5, 1.0)), 0.9, 0.9)
    data = figures(study, found)[1]["figure"]["data"]
    names = [trace["name"] for trace in data if not trace["name"].endswith(", range")]
    assert len(names) == 9 and names[-2:] == ["identity", "plain: no shortcut"]
    line = next(trace for trace in data if trace["name"] == "identity")
    band = next(trace for trace in data if trace["name"] == "identity, range")
    assert (line["x"], line["y"]) == ([1, 2, 3], [2.0, 1.5, 1.0])
    assert band["y"] == pytest.approx([2.3, 1.8, 1.3, 0.9, 1.4, 1.9])


def test_every_line_is_named_once_at_its_end():
    study = Study.of("contents", {})
    layout = figures(study, results(study))[1]["figure"]["layout"]
    assert sorted(a["text"] for a in layout["annotations"]) == sorted(choice.label for choice in study.choices)
    heights = sorted(a["y"] for a in layout["annotations"])
    low, high = layout["yaxis"]["range"]
    assert all(low <= y <= high for y in heights)
    assert min(b - a for a, b in pairwise(heights)) > 0.04 * (high - low)


def test_long_runs_are_thinned_and_keep_their_ends():
    study = Study.of("options", {"epochs": "100"})
    line = next(
        t
        for t in figures(study, results(study, study.base.steps))[1]["figure"]["data"]
        if t["name"] == study.choices[1].label
    )
    assert len(line["x"]) <= MOST_POINTS + 1
    assert (line["x"][0], line["x"][-1]) == (1, 1100)


def test_the_calm_lines_go_from_pale_to_strong_on_one_range():
    study = Study.of("calm", {})
    plain, residual = calm_figures(study, calm_results(study))
    assert plain["figure"]["layout"]["yaxis"]["range"] == residual["figure"]["layout"]["yaxis"]["range"]
    for template, arm in ((plain, "plain"), (residual, "residual")):
        traces = template["figure"]["data"]
        strengths = [float(trace["line"]["color"].rstrip(")").split(",")[-1]) for trace in traces]
        assert strengths == sorted(strengths) and strengths[-1] == 1.0
        assert {trace["line"]["dash"] for trace in traces} == {"solid" if arm == "residual" else "dash"}
        assert [trace["name"] for trace in traces] == [
            "before the first update", "after 1 update", "after 10 updates", "after 100 updates",
        ]  # fmt: skip
        assert all(len(trace["y"]) == 55 for trace in traces)
        named = {a["text"] for a in template["figure"]["layout"]["annotations"]}
        assert named == {"0", "1", "10", "100"}


@given(st.lists(st.floats(0, 1), max_size=9).map(sorted))
def test_labels_are_kept_apart_in_their_order(values):
    places = spaced(values, 0.1, 0.05, 1.0)
    assert len(places) == len(values)
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(places))
    assert all(0.05 - 1e-9 <= place <= 1.0 + 1e-9 for place in places)


def test_labels_with_room_stay_where_they_are():
    assert spaced([0.2, 0.5, 0.9], 0.1, 0.0, 1.0) == pytest.approx([0.2, 0.5, 0.9])
    assert spaced([0.5, 0.5], 0.1, 0.0, 1.0) == pytest.approx([0.45, 0.55])
