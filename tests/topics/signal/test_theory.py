"""What theory says of a signal, held against networks that are really built and measured."""

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import FIELDS, Spec
from resviz.nets.settings import ORDERS
from resviz.topics.signal.theory import BACK, BATCH_NORM_RELU, FORTH, RELU_OF_NORMAL, Slope, padding_loss, slopes
from resviz.train.twins.initial import Initial
from tests.examples import examples
from tests.strategies import values_of

pytestmark = pytest.mark.heavy  # whole networks are built in most of these

SEEDS = range(2)
# Wide and fully connected, as theory has it; few images are enough, since each layer has 256 numbers of each.
WIDE = {"kind": "mlp", "width": 256, "depth": 32, "norm": "none", "examples": 32, "batch": 32, "device": "cpu"}
PER_LAYER = 0.03
LINES = [(arm, name) for arm in ARMS for name in (BACK, FORTH)]


@pytest.fixture(scope="module")
def profiles():
    """The record of a spec's networks, each measured once."""
    initial = Initial()
    yield cache(initial)
    initial.close()


def ends(spec: Spec) -> list[int]:
    """The layers, from 1, that leave the stem or a block."""
    return list(range(spec.stem_convs, spec.depth, spec.convs_per_block))


def measured(profiles, line: Slope, *specs: Spec) -> float:
    """By which factor a quantity grows every `line.per` layers in its direction, in the middle two thirds of the blocks:
    the geometric mean over these specs."""
    logs = []
    for spec in specs:
        values = getattr(profiles(spec).arms[line.arm], line.name)
        layers = ends(spec)
        a, b = layers[len(layers) // 6], layers[-1 - len(layers) // 6]
        rise = (math.log(values[b - 1]) - math.log(values[a - 1])) / (b - a)
        logs.append(line.per * (-rise if line.name == BACK else rise))
    return math.exp(sum(logs) / len(logs))


def wide(**words) -> list[Spec]:
    return [Spec.of({**WIDE, **words, "seed": seed}) for seed in SEEDS]


def by_line(spec: Spec) -> dict[tuple[str, str], Slope]:
    found = {(line.arm, line.name): line for line in slopes(spec)}
    assert len(found) == len(slopes(spec))
    return found


# -- without normalisation -----------------------------------------------------------------------

PLAIN = {"he": 1.0, "xavier": 1 / math.sqrt(2), "torch": 1 / math.sqrt(6), "orthogonal": 1.0}


@pytest.mark.parametrize("init", PLAIN)
@pytest.mark.parametrize("name", [BACK, FORTH])
def test_a_plain_network_grows_by_its_initial_weights_alone(profiles, init, name):
    specs = wide(init=init)
    line = by_line(specs[0])["plain", name]
    assert line.factor == pytest.approx(PLAIN[init], rel=1e-12)
    assert not line.bound
    assert measured(profiles, line, *specs) == pytest.approx(line.factor, rel=PER_LAYER)


SUMS = {
    "full": ({"order": "full"}, math.sqrt(2)),
    "relu_only": ({"order": "relu_only"}, math.sqrt(2)),
    "scaled": (
        {"order": "full", "init": "xavier", "branch_scale": 1.5, "shortcut_scale": 0.8},
        math.sqrt(0.8**2 + 1.5**2 / 4),
    ),
    "orthogonal": (
        {"order": "relu_only", "init": "orthogonal", "branch_scale": 0.5, "shortcut_scale": 1.2},
        math.sqrt(1.2**2 + 0.5**2),
    ),
}


@pytest.mark.parametrize("case", SUMS)
@pytest.mark.parametrize("name", [BACK, FORTH])
def test_a_sum_of_independent_terms_grows_as_their_variances_add_up(profiles, case, name):
    words, expected = SUMS[case]
    specs = wide(**words)
    line = by_line(specs[0])["residual", name]
    assert line.factor == pytest.approx(expected, rel=1e-12)
    assert (line.bound, line.per) == (False, 2)
    # per block, and so twice what a layer may be off
    assert measured(profiles, line, *specs) == pytest.approx(line.factor, rel=2 * PER_LAYER)


@pytest.mark.parametrize("name", [BACK, FORTH])
def test_the_scale_of_a_branch_without_a_shortcut_is_spread_over_its_layers(profiles, name):
    specs = wide(order="full", init="xavier", branch_scale=1.5, shortcut_scale=0.8)
    line = by_line(specs[0])["plain", name]
    assert line.factor == pytest.approx(math.sqrt(1.5 / 2), rel=1e-12)
    assert measured(profiles, line, *specs) == pytest.approx(line.factor, rel=PER_LAYER)


BOUNDS = {"he": math.sqrt(3), "torch": math.sqrt(1 + 2 / 36), "xavier": math.sqrt(1.5), "orthogonal": math.sqrt(3)}


@pytest.mark.parametrize("init", BOUNDS)
@pytest.mark.parametrize("name", [BACK, FORTH])
def test_with_a_relu_after_the_sum_the_limit_is_not_passed_at_any_layer(profiles, init, name):
    """Nor is it far off: one that nothing comes near would say nothing."""
    specs = wide(init=init)
    line = by_line(specs[0])["residual", name]
    assert line.bound
    assert line.factor == pytest.approx(BOUNDS[init], rel=1e-12)
    assert 0.8 * line.factor < measured(profiles, line, *specs) < line.factor
    for spec in specs:
        values = getattr(profiles(spec).arms["residual"], name)
        way = ends(spec)[::-1] if name == BACK else ends(spec)
        for steps, layer in enumerate(way):
            assert values[layer - 1] < 1.03 * values[way[0] - 1] * line.factor**steps, layer


@pytest.mark.parametrize("name", [BACK, FORTH])
@pytest.mark.parametrize("scale", [0.7, 1.3])
def test_a_block_whose_branch_is_zero_passes_on_what_its_shortcut_carries(profiles, name, scale):
    """Zero gamma with batch normalisation, whose own gradient is gone with the branch's."""
    spec = Spec.of({**WIDE, "norm": "batch", "init": "zero_gamma", "shortcut_scale": scale})
    line = by_line(spec)["residual", name]
    assert (line.factor, line.per, line.bound) == (scale, 2, False)
    assert measured(profiles, line, spec) == pytest.approx(scale, rel=1e-5)


# -- batch normalisation -------------------------------------------------------------------------


def test_batch_normalisation_and_relu_make_the_gradient_grow_as_yang_2019_found(profiles):
    """For wide layers and large batches: a narrow network and a small batch are further off."""
    assert pytest.approx(1.211, abs=5e-4) == BATCH_NORM_RELU
    off = {}
    for width, batch in ((16, 8), (256, 512)):
        specs = [Spec(kind="mlp", width=width, depth=32, batch=batch, seed=seed, device="cpu") for seed in range(2)]
        line = by_line(specs[0])["plain", BACK]
        assert line.factor == BATCH_NORM_RELU
        assert "wide layers and large batches" in line.says
        factor = measured(profiles, line, *specs)
        off[width] = abs(factor - BATCH_NORM_RELU)
    assert 1.15 < factor < 1.25
    assert off[256] < 0.02 < off[16]


def test_normalised_activations_have_the_spread_of_a_relu_of_a_normal_number(profiles):
    spec = Spec(kind="mlp", width=256, depth=32, batch=512, device="cpu")
    line = by_line(spec)["plain", FORTH]
    assert (line.factor, line.level) == (1.0, RELU_OF_NORMAL)
    z = np.random.default_rng(0).standard_normal(2_000_000)
    assert np.maximum(z, 0).std() == pytest.approx(RELU_OF_NORMAL, rel=2e-3)
    assert profiles(spec).arms["plain"].activation_std == pytest.approx([RELU_OF_NORMAL] * 31, rel=0.05)


# -- the border of an image ----------------------------------------------------------------------


@pytest.mark.parametrize(("dataset", "side"), [("digits", 8), ("mnist", 28), ("cifar10", 32)])
def test_the_border_takes_what_the_largest_eigenvalue_leaves(dataset, side):
    """A 3x3 convolution of independent weights averages the variance over its taps, and finds 0 beyond the border."""
    averaging = sum(np.eye(side, k=k) for k in (-1, 0, 1)) / 3
    largest = np.linalg.eigvalsh(averaging).max()
    assert padding_loss(Spec(dataset=dataset)) == pytest.approx(largest**2, rel=1e-12)
    assert largest < 1


def test_what_has_no_border_loses_nothing():
    assert padding_loss(Spec(kind="mlp")) == 1.0
    assert padding_loss(Spec(dataset="spirals")) == 1.0


@pytest.mark.parametrize("words", [{"init": "he"}, {"init": "xavier", "order": "full"}], ids=str)
def test_small_images_lose_at_their_border_what_theory_says(profiles, words):
    specs = [
        Spec.of(
            {**words, "norm": "none", "width": 64, "depth": 32, "examples": 32, "batch": 32, "device": "cpu", "seed": s}
        )
        for s in SEEDS
    ]
    lines = [line for line in slopes(specs[0]) if not line.bound]
    assert len(lines) == (4 if "order" in words else 2)
    for line in lines:
        found = measured(profiles, line, *specs)
        assert found == pytest.approx(line.factor, rel=0.04 * line.per)
        wrong = line.factor / math.sqrt(padding_loss(specs[0])) if line.arm == "plain" else math.inf
        assert abs(found - line.factor) < abs(found - wrong), "without the border it would have fitted better"


# -- where there is none -------------------------------------------------------------------------

NOWHERE = [
    {"activation": "tanh"},
    {"activation": "leaky_relu"},
    {"activation": "gelu"},
    {"stages": 2},
    {"block": "bottleneck"},
    {"depth": 2},
    {"norm": "layer", "order": "full"},
    {"norm": "group", "order": "full"},
    {"remove": "2", "norm": "none"},
]
NO_RESIDUAL = [
    {"gate": "exclusive"},
    {"gate": "shortcut_only"},
    {"cut": "1"},
    {"shortcut": "C"},
    {"shortcut_dropout": 0.5},
    {"order": "relu_before"},
    {"block": "plain"},
]


@pytest.mark.parametrize("words", NOWHERE, ids=str)
def test_there_is_no_line_where_theory_has_none(words):
    assert slopes(Spec.of({"depth": 12, **words})) == ()


@pytest.mark.parametrize("words", NO_RESIDUAL, ids=str)
def test_the_residual_network_has_no_line_where_something_sits_on_its_shortcuts(words):
    found = slopes(Spec.of({"depth": 12, "norm": "none", **words}))
    assert {line.arm for line in found} == {"plain"}
    if "order" not in words:  # nor does what sits there concern the plain one
        assert found == tuple(line for line in slopes(Spec(depth=12, norm="none")) if line.arm == "plain")


@pytest.mark.parametrize("order", ORDERS)
def test_normalised_blocks_that_add_up_follow_no_straight_line(order):
    assert not [line for line in slopes(Spec(depth=12, order=order)) if line.arm == "residual"]


@pytest.mark.parametrize("order", ORDERS)
def test_where_a_block_normalises_the_sum_a_branch_of_zero_keeps_no_slope(profiles, order):
    """Fixup's branches are 0; what the shortcut carries meets a normalisation only if that stands behind the sum."""
    spec = Spec(kind="mlp", width=64, depth=12, order=order, init="fixup", shortcut_scale=0.7, batch=64, device="cpu")
    values = profiles(spec).arms["residual"].activation_std
    drawn = by_line(spec).get(("residual", FORTH))
    if drawn is None:
        assert order == "bn_after"
        return
    layers = ends(spec)
    for a, b in pairwise(layers):
        assert values[b - 1] / values[a - 1] == pytest.approx(drawn.factor, rel=1e-4)


# -- any spec ------------------------------------------------------------------------------------


WORDS = {name: values_of(fact, fact.low, fact.high, fact.default) for name, fact in FIELDS.items()}
SPECS = st.fixed_dictionaries(WORDS).map(lambda w: Spec.read(w)[0])
# Those for which theory has something to say.
KNOWN = st.fixed_dictionaries(
    {
        "depth": st.integers(2, 40),
        "order": st.sampled_from(list(ORDERS)),
        "norm": st.sampled_from(["none", "batch"]),
        "init": st.sampled_from(list(FIELDS["init"].choices)),
        "branch_scale": st.sampled_from([0.0, 5e-324, 1e-200, 1.0]) | st.floats(0, 4),
        "shortcut_scale": st.sampled_from([0.0, 5e-324, 1e-200, 1.0]) | st.floats(0, 4),
    }
).map(lambda w: Spec.read(w)[0])


@examples(150)
@given(SPECS | KNOWN)
@example(Spec(init="zero_gamma", shortcut_scale=0.0))
@example(Spec(norm="none", branch_scale=0.0, shortcut_scale=0.0))
def test_a_slope_is_a_positive_number(spec):
    """Or 0, where a shortcut that carries nothing is all there is; tests/topics/signal/test_figures.py draws such a one."""
    found = slopes(spec)
    assert len({(line.arm, line.name) for line in found}) == len(found)
    for line in found:
        assert 0 <= line.factor < math.inf
        assert line.factor > 0 or (line.arm == "residual" and spec.shortcut_scale**2 == 0)
        assert line.per in (1, spec.convs_per_block)
        assert line.level is None or line.level > 0
        assert f"× {line.factor:.3g} a " in line.says
        assert ("at most" in line.says) == line.bound
    assert "residual" not in {line.arm for line in found} or spec.shortcuts
