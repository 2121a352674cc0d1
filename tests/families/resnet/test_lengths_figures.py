"""Path lengths and the unrolled network as drawn, against binomials and the records that they are drawn from."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from resviz.draw.palette import ARM_COLOR, FAINT
from resviz.draw.table import with_table
from resviz.topics.lengths.figures import figures as length_figures
from resviz.topics.lengths.question import Lengths, LengthsSpec
from resviz.topics.unravel.figures import figures as unravel_figures
from resviz.topics.unravel.question import Unravelled
from resviz.train.records import Training
from tests.contract.charts import trace
from tests.contract.checks import check_cards
from tests.examples import examples
from tests.topics.unravel.contract import UNRAVELLED

# -- lengths ---------------------------------------------------------------------------------------


def length_record(norm, **words):
    return Lengths(LengthsSpec(), 1.0, Training(), len(norm) - 1, tuple(norm), 1.0, words.pop("sampled", 128))


@examples(40)
@given(st.lists(st.none() | st.floats(0, 1e20) | st.just(0.0), min_size=2, max_size=20))
def test_whatever_paths_bring_makes_figures(norm):
    record = length_record(norm)
    share, brings = check_cards(length_figures(record))
    n = record.blocks
    paths, gradient = trace(share, "paths"), trace(share, "gradient")
    assert paths["x"] == list(range(n + 1))
    assert paths["y"] == pytest.approx(binom.pmf(range(n + 1), n, 0.5), abs=1e-6)
    if None in norm:
        assert gradient["x"] == gradient["y"] == [], "not before all lengths are known"
    else:
        weights = [math.comb(n, k) * v for k, v in enumerate(norm)]
        wanted = [w / math.fsum(weights) if any(weights) else 0.0 for w in weights]
        assert gradient["y"] == pytest.approx(wanted, abs=1e-6)
    shown = trace(brings, "residual")
    known = {k: v for k, v in enumerate(norm) if v}
    assert dict(zip(shown["x"], shown["y"], strict=True)) == known, "on a log scale 0 has no place"
    assert brings["figure"]["layout"]["yaxis"]["type"] == "log" and "128 random paths" in brings["note"]


@given(st.integers(2, 30), st.floats(0.05, 5), st.floats(1e-10, 1e10))
@examples(40)
def test_the_dotted_line_is_the_gradient_where_every_branch_does_the_same(n, a, scale):
    """REFERENCE, section 3: at attenuation a the gradient's lengths are Binomial(n, a / (1 + a))."""
    t = length_figures(length_record([scale * a**k for k in range(n + 1)]))[0]
    gradient, dotted = trace(t, "gradient")["y"], trace(t, "Binomial(n, a / (1 + a))")
    assert dotted["y"] == pytest.approx(gradient, abs=1e-4)
    assert dotted["y"] == pytest.approx(binom.pmf(range(n + 1), n, a / (1 + a)), abs=1e-4)
    assert dotted["line"]["dash"] == "dot"
    (line,) = t["figure"]["layout"]["shapes"]
    assert line["x0"] == line["x1"] == pytest.approx(n * a / (1 + a), abs=0.01)


def test_bars_lie_over_each_other_and_are_told_apart():
    t = length_figures(length_record([1.0, 0.5, 0.25]))[0]
    assert t["figure"]["layout"]["barmode"] == "overlay"
    paths, gradient = trace(t, "paths"), trace(t, "gradient")
    assert (paths["marker"]["color"], gradient["marker"]["color"]) == (FAINT, ARM_COLOR["residual"])
    assert gradient["width"] < 1, "the wider bar stays visible behind it"
    assert "of all paths" in paths["hovertemplate"] and "of the gradient" in gradient["hovertemplate"]
    assert t["figure"]["layout"]["xaxis"]["range"] == [-0.6, 2.6]
    assert "grey: all paths" in t["note"] and "blue: the gradient" in t["note"]


@pytest.mark.parametrize("norm", [(0.0, 0.0, 0.0), (None, None, None), (1.0, None, 0.5)], ids=str)
def test_without_a_gradient_there_is_no_mean(norm):
    t = length_figures(length_record(norm))[0]
    assert "shapes" not in t["figure"]["layout"]
    assert not [d for d in t["figure"]["data"] if d["name"].startswith("Binomial")]


def test_all_of_it_through_every_branch_has_a_mean_but_no_binomial():
    t = check_cards(length_figures(length_record([0.0, 0.0, 2.0])))[0]
    assert trace(t, "gradient")["y"] == [0.0, 0.0, 1.0]
    assert t["figure"]["layout"]["shapes"][0]["x0"] == 2
    assert not [d for d in t["figure"]["data"] if d["name"].startswith("Binomial")]


def test_the_csv_of_lengths_has_all_three():
    t = with_table(length_figures(length_record([1.0, 1.0, 1.0]))[0])
    assert t["table"] == {
        "header": ["at", "paths", "gradient", "Binomial(n, a / (1 + a))"],
        "rows": [["0", *["0.25"] * 3], ["1", *["0.5"] * 3], ["2", *["0.25"] * 3]],
    }


# -- unrolled --------------------------------------------------------------------------------------


@examples(30)
@given(UNRAVELLED)
def test_the_unrolled_network_is_what_was_asked_for(spec):
    record = Unravelled(spec)
    (t,) = check_cards(unravel_figures(record))
    shown = t["own"]
    assert (shown["blocks"], shown["opened"], shown["out"]) == (spec.blocks, spec.sums, list(spec.outs))
    assert f"{spec.blocks} block" in shown["said"] and f"{2**spec.sums} rows" in shown["said"]
    assert ("All ways" in t["title"]) == (spec.sums == spec.blocks)
    left = spec.blocks - len(spec.outs)
    counts = [str(math.comb(left, k)) for k in range(left + 1)]
    assert t["table"]["header"] == ["branches on the path", *map(str, range(left + 1))]
    assert t["table"]["rows"] == [["paths", *counts]]
