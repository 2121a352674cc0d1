"""Shattered gradients against closed forms, finite differences, and the numbers measured elsewhere."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.shattered import question as words
from resviz.topics.shattered import words as said
from resviz.topics.shattered.experiment import (
    EPS,
    along,
    autocorrelation,
    between,
    draw,
    mean_cosine,
    normalised,
    output,
    shattered,
)
from resviz.topics.shattered.question import LAGS, NETS, POINTS, Curve, Shattered, ShatteredSpec, chance, theory
from resviz.topics.shattered.words import finding, reach
from resviz.train.plane import ARMS
from resviz.words.text import SpecError
from tests.examples import examples

# Depths L = 1..4, measured with other code.
REFERENCE = {"plain": (0.493, 0.248, 0.118, 0.062), "residual": (0.755, 0.602, 0.513, 0.450)}


@pytest.fixture(scope="module")
def usual() -> Shattered:
    """At the defaults."""
    return shattered(ShatteredSpec())


@pytest.fixture(scope="module")
def wide() -> Shattered:
    """Four blocks, many draws of wide networks."""
    return shattered(ShatteredSpec(depth=6, width=512, seeds=20))


@pytest.fixture(scope="module")
def small() -> Shattered:
    return shattered(ShatteredSpec(depth=8, width=24, seeds=2))


# -- independent inputs ----------------------------------------------------------------------------


def test_theory_is_the_product_of_its_factors():
    k = 1 - 1 / math.pi
    assert [theory("plain", n) for n in (0, 1, 2, 10)] == [1, 1 / 2, 1 / 4, 2**-10]
    assert theory("residual", 0) == 1
    assert theory("residual", 1) == 3 / 4
    assert theory("residual", 2) == pytest.approx(3 / 4 * (k + 1.5) / (k + 2), rel=1e-12)
    # L^(-1 / 2k) in the long run: ten times as many blocks, 10^-0.733 of the cosine.
    assert theory("residual", 20_000) / theory("residual", 2_000) == pytest.approx(10 ** (-1 / (2 * k)), rel=1e-3)


def test_the_variance_that_theory_divides_by_is_the_measured_one():
    spec = ShatteredSpec(depth=10, width=512)
    generator = torch.Generator().manual_seed(3)
    weights = draw(spec, generator)
    x = torch.randn(1024, 512, generator=generator)
    for number, matrix in enumerate(weights.matrices):
        assert x.var(0).mean().item() == pytest.approx(1 + number * (1 - 1 / math.pi), rel=0.03)
        x = x + normalised(x).relu() @ matrix.T


@pytest.mark.heavy
def test_measured_cosines_are_those_of_theory(wide):
    assert wide.depths == (1, 2, 3, 4)
    for arm in ARMS:
        assert wide.cosine[arm].mean == pytest.approx(wide.theory[arm], rel=0.05), arm
        assert wide.theory[arm] == tuple(theory(arm, n) for n in wide.depths)


@pytest.mark.heavy
def test_the_usual_sizes_give_the_numbers_measured_elsewhere(usual):
    assert usual.depths == (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
    for arm, known in REFERENCE.items():
        assert usual.cosine[arm].mean[:4] == pytest.approx(known, abs=0.02), arm


@pytest.mark.heavy
def test_theory_holds_to_the_last_block(usual):
    assert usual.cosine["residual"].mean == pytest.approx(usual.theory["residual"], rel=0.1)
    assert abs(usual.cosine["plain"].mean[-1]) < chance(usual.spec) < usual.cosine["plain"].mean[5]


def test_a_range_holds_its_average(usual):
    for curve in [*usual.cosine.values(), *usual.autocorrelation.values()]:
        assert all(a <= b + 1e-12 and b <= c + 1e-12 for a, b, c in zip(curve.low, curve.mean, curve.high, strict=True))


def test_the_cosine_is_that_of_all_pairs():
    vectors = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))
    v = vectors.double().numpy()
    pairs = [v[i] @ v[j] / np.linalg.norm(v[i]) / np.linalg.norm(v[j]) for i in range(7) for j in range(7) if i != j]
    assert mean_cosine(vectors) == pytest.approx(np.mean(pairs), rel=1e-12)


def test_chance_is_twice_the_standard_deviation_of_unrelated_directions():
    spec = ShatteredSpec(width=16)
    generator = torch.Generator().manual_seed(1)
    found = [mean_cosine(torch.randn(words.INPUTS, 16, generator=generator)) for _ in range(400)]
    assert np.std(found) * 2 == pytest.approx(chance(spec), rel=0.12)


# -- gradients -------------------------------------------------------------------------------------


def by_hand(weights, x, net, depth, kept=None):
    """The network once more, in numpy and float64; `kept` are the statistics of a batch that went before.

    x: (N,), out: (N,) and the statistics of this batch.
    """
    h = np.maximum(np.outer(x, weights.stem.double().numpy()) + weights.bias.double().numpy(), 0)
    found = []
    for number, matrix in enumerate(() if net == "shallow" else weights.matrices[: depth - 2]):
        w = matrix.double().numpy()
        if number == 0:
            h = h @ w.T
            continue
        mean, std = (h.mean(0), np.sqrt(h.var(0) + EPS)) if kept is None else kept[number - 1]
        found.append((mean, std))
        branch = np.maximum((h - mean) / std, 0) @ w.T
        h = h + branch if net == "residual" else branch
    return h @ weights.head.double().numpy(), found


@pytest.mark.parametrize("net", NETS)
def test_the_gradient_of_a_point_is_a_finite_difference_with_the_batch_held_fixed(net):
    depth = 7
    weights = draw(ShatteredSpec(depth=depth, width=32), torch.Generator().manual_seed(5))
    x = torch.linspace(-2, 2, POINTS)
    gradient = along(x, weights, net, depth).double().numpy()
    at = x.double().numpy()
    values, kept = by_hand(weights, at, net, depth)
    assert output(x, weights, net, depth).double().numpy() == pytest.approx(values, rel=1e-3, abs=1e-4)
    h = 1e-7
    (up, _), (down, _) = (by_hand(weights, at + d, net, depth, kept) for d in (h, -h))
    expected = (up - down) / (2 * h)
    # A point may lie so close to where a neuron switches that float32 and float64 put it on different sides.
    close = np.isclose(gradient, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
    assert close.mean() > 0.98


@pytest.mark.parametrize("arm", ARMS)
def test_each_input_has_its_own_gradient(arm):
    """Of a sum, and one by one, with the batch's statistics constant: the same."""
    spec = ShatteredSpec(depth=5, width=16)
    generator = torch.Generator().manual_seed(2)
    weights = draw(spec, generator)
    x = torch.randn(6, 16, generator=generator)
    *_, last = between(x, weights, arm, (1, 3))
    h = inputs = x.clone().requires_grad_()
    for matrix in weights.matrices[:3]:
        mean, std = h.detach().mean(0), (h.detach().var(0, unbiased=False) + EPS).sqrt()
        branch = torch.relu((h - mean) / std) @ matrix.T
        h = h + branch if arm == "residual" else branch
    for n, value in enumerate(h @ weights.head):
        (one,) = torch.autograd.grad(value, inputs, retain_graph=True)
        torch.testing.assert_close(one[n], last[n], rtol=1e-4, atol=1e-5)
        assert one[[i for i in range(6) if i != n]].abs().max() == 0


def test_each_number_of_blocks_is_measured_as_a_network_of_its_own():
    spec = ShatteredSpec(depth=8, width=16)
    generator = torch.Generator().manual_seed(2)
    weights = draw(spec, generator)
    x = torch.randn(8, 16, generator=generator)
    for depth, found in zip((1, 2, 5), between(x, weights, "residual", (1, 2, 5)), strict=True):
        assert torch.equal(found, between(x, weights, "residual", (depth,))[0])


# -- autocorrelation -------------------------------------------------------------------------------


def test_autocorrelation_against_numpy():
    series = torch.randn(3, 100, generator=torch.Generator().manual_seed(0)).cumsum(1)
    found = autocorrelation(series)
    for row, values in zip(found, series.double().numpy(), strict=True):
        y = values - values.mean()
        full = np.correlate(y, y, "full")[len(y) - 1 :]
        assert row.tolist() == pytest.approx((full / full[0])[:LAGS], abs=1e-12)


def test_a_line_that_never_changes_counts_as_correlated():
    assert autocorrelation(torch.full((1, POINTS), 0.5)).tolist() == [[1.0] * LAGS]


def test_at_lag_0_it_is_1(usual, small):
    for record in (usual, small):
        for curve in record.autocorrelation.values():
            assert curve.mean[0] == curve.low[0] == curve.high[0] == 1
        assert [values[0] for values in record.noise.values()] == [1, 1]


def test_the_plain_deep_network_forgets_faster_than_the_residual_one_and_that_faster_than_the_shallow_one(usual):
    curves = usual.autocorrelation
    for lag in (1, 2, 3):
        assert curves["plain"].high[lag] < curves["residual"].low[lag]
        assert curves["residual"].high[lag] < curves["shallow"].low[lag]
    reaches = [reach(curves[net].mean, usual.step) for net in ("plain", "residual", "shallow")]
    assert reaches == sorted(reaches)


def test_the_references_are_noise(usual):
    n = POINTS
    # Of white noise around its own mean: -(n - lag) / (n (n - 1)) on average.
    expected = [-(n - lag) / (n * (n - 1)) for lag in range(1, LAGS)]
    assert usual.noise["white"][1:] == pytest.approx(expected, abs=0.012)
    assert all(a > b for a, b in pairwise(usual.noise["brown"]))
    # The deep plain network is like white noise, the shallow one like brown.
    assert np.abs(np.subtract(usual.autocorrelation["plain"].mean, usual.noise["white"])).max() < 0.15
    assert np.abs(np.subtract(usual.autocorrelation["shallow"].mean, usual.noise["brown"]))[:10].max() < 0.15


# -- the record ------------------------------------------------------------------------------------


def test_shapes(small):
    assert len(small.x) == POINTS and (small.x[0], small.x[-1]) == (-2, 2)
    assert small.step == pytest.approx(4 / (POINTS - 1))
    assert {net: len(v) for net, v in small.gradient.items()} == dict.fromkeys(NETS, POINTS)
    for curve in small.autocorrelation.values():
        assert len(curve.mean) == len(curve.low) == len(curve.high) == LAGS
    for arm in ARMS:
        assert len(small.cosine[arm].mean) == len(small.theory[arm]) == len(small.depths)


def test_equal_specs_give_equal_numbers_to_the_bit(small):
    torch.manual_seed(99)
    threads = torch.get_num_threads()
    again = shattered(ShatteredSpec(depth=8, width=24, seeds=2))
    assert again == small
    assert words.to_json(again) == words.to_json(small)
    assert torch.get_num_threads() == threads
    assert shattered(small.spec.replace(seed=1)).gradient != small.gradient


def test_more_draws_begin_with_the_same(small):
    assert shattered(small.spec.replace(seeds=1)).gradient == small.gradient


@pytest.mark.parametrize("depth", [2, 3])
def test_without_room_for_a_block_both_deep_networks_are_one(depth):
    record = shattered(ShatteredSpec(depth=depth, width=16, seeds=1))
    assert record.gradient["plain"] == record.gradient["residual"]
    assert (record.gradient["shallow"] == record.gradient["plain"]) == (depth == 2)
    assert "no difference here: fewer than four layers" in finding(record)
    assert record.spec.alike


def test_json_keeps_every_bit(usual):
    text = words.to_json(usual)
    assert words.from_json(text) == usual
    assert words.to_json(words.from_json(text)) == text
    assert len(text) < 50_000


@examples(50)
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=4), st.integers(0, 2**31 - 1))
def test_json_keeps_any_numbers(values, seed):
    v = tuple(values)
    curve = Curve(v, v[::-1], v)
    record = Shattered(
        ShatteredSpec(seed=seed), v, dict.fromkeys(NETS, v), dict.fromkeys(NETS, curve), dict.fromkeys(words.NOISES, v),
        (1, 2), dict.fromkeys(ARMS, curve), dict.fromkeys(ARMS, v),
    )  # fmt: skip
    assert words.from_json(words.to_json(record)) == record


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"spec": {"depth": 1}}', '{"spec": {}, "x": 1}'])
def test_what_is_no_record_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        words.from_json(text)


def test_a_record_that_lacks_a_part_is_refused(small):
    values = json.loads(words.to_json(small))
    for name in values:
        with pytest.raises(ValueError, match="not a record"):
            words.from_json(json.dumps({k: v for k, v in values.items() if k != name}))


def test_the_settings():
    assert ShatteredSpec().model_dump() == {"depth": 50, "width": 200, "seeds": 5, "seed": 0}
    for key, low, high in (("depth", 2, 200), ("width", 16, 512), ("seeds", 1, 20)):
        for wrong in (low - 1, high + 1):
            with pytest.raises(SpecError, match=f"{key}={wrong}: allowed is a whole number from {low} to {high}"):
                ShatteredSpec.of({key: wrong})
    assert ShatteredSpec(depth=200).depths[-1] == 192
    assert ShatteredSpec(depth=2).depths == (1,)


# -- the finding -----------------------------------------------------------------------------------


def test_reach_goes_to_where_the_line_meets_a_half():
    assert reach((1.0, 0.75, 0.25), 0.1) == pytest.approx(0.15)
    assert reach((1.0, 0.5, 0.9), 0.1) == pytest.approx(0.1)
    assert reach((1.0, 0.9, 0.6), 0.1) is None
    assert reach((0.2,), 0.1) == 0


def test_the_finding_at_the_usual_sizes(usual):
    text = finding(usual)
    along_line, independent = text.split("\n\n")
    assert "for less than one step, 0.016, in the plain one of 50" in along_line
    assert said.times(reach(usual.autocorrelation["residual"].mean, usual.step)) in along_line
    assert "Through 48 blocks" in independent and "0 up to chance" in independent
    assert f"{said.times(usual.cosine['residual'].mean[-1])} (theory: 0.097)" in independent
    assert "no difference" not in text


def test_equal_networks_make_no_difference(usual):
    same = replace(
        usual,
        autocorrelation={**usual.autocorrelation, "residual": usual.autocorrelation["plain"]},
        cosine={"plain": usual.cosine["plain"], "residual": usual.cosine["plain"]},
    )
    first, second = finding(same).split("\n\n")
    assert "no difference here: to the last digit" in first
    assert "in both networks: no difference here" in second


def test_what_overlaps_is_no_difference_that_could_be_seen(usual):
    def blurred(curve: Curve) -> Curve:
        return Curve(curve.mean, tuple(v - 1 for v in curve.mean), tuple(v + 1 for v in curve.mean))

    text = finding(
        replace(
            usual,
            autocorrelation={net: blurred(c) for net, c in usual.autocorrelation.items()},
            cosine={arm: blurred(c) for arm, c in usual.cosine.items()},
        )
    )
    assert text.count("no difference that 5 draws of the weights could show") == 2


def test_what_never_falls_reaches_farther_than_was_measured(usual):
    flat = Curve((1.0,) * LAGS, (1.0,) * LAGS, (1.0,) * LAGS)
    text = finding(replace(usual, autocorrelation={**usual.autocorrelation, "shallow": flat, "residual": flat}))
    assert "farther than 0.75 in the network of 2 layers" in text
    assert "farther than 0.75 in the residual one" in text
