"""An image through one block: every number against torch, and what the block's rules promise to the bit."""

import io

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch.nn import functional, init

from resviz.data.images import photograph
from resviz.data.tensors import load
from resviz.draw.diverging import COLOURS
from resviz.families.resnet.cost import count
from resviz.families.resnet.spec import Spec
from resviz.nets.settings import ORDERS
from resviz.topics.block.experiment import GAP, SHOWN, Through, _node, made, mosaic
from resviz.topics.block.question import BLOCK_FIELDS, BlockSpec, decimals
from tests.examples import examples
from tests.pairs import covering
from tests.strategies import values_of

SMALL = {"image": "digit", "inputs": 4, "width": 4}
# The parts of F, and those behind the sum, as He 2016 draws them in Fig. 4.
DRAWN = {
    "original": ("conv1 norm1 act1 conv2 norm2", "act2"),
    "bn_after": ("conv1 norm1 act1 conv2", "norm2 act2"),
    "relu_before": ("conv1 norm1 act1 conv2 norm2 act2", ""),
    "relu_only": ("act1 conv1 norm1 act2 conv2 norm2", ""),
    "full": ("norm1 act1 conv1 norm2 act2 conv2", ""),
}


FREE = {
    name: values_of(fact, *(v for v in (fact.low, 1.0) if fact.high is not None and v <= fact.high))
    for name, fact in BLOCK_FIELDS.items()
    if name != "image"
}
SPECS = st.fixed_dictionaries({**FREE, "inputs": st.integers(1, 9), "width": st.integers(1, 9)}).map(
    lambda words: BlockSpec.read({**words, "image": "digit"})[0]
)


THROUGH = Through()


@pytest.fixture
def through():
    return THROUGH


def spec_of(**words) -> BlockSpec:
    return BlockSpec.of({**SMALL, **words})


def parts(record) -> dict[str, list[str]]:
    found = {}
    for node in record.nodes:
        found.setdefault(node.role, []).append(node.part)
    return found


def entering(spec: BlockSpec) -> tuple[torch.Tensor, torch.Generator]:
    """x, computed here once more, and the generator that drew its convolution's weights."""
    if spec.image == "digit":
        data = load("digits")
        pixels = torch.cat([data.train_x, data.test_x])[spec.example].float()
    else:
        array = np.array(Image.open(io.BytesIO(photograph(spec.image))))
        pixels = torch.from_numpy(array).permute(2, 0, 1).float()
    pixels = pixels[None]
    image = (pixels - pixels.mean((2, 3), keepdim=True)) / pixels.std((2, 3), keepdim=True)
    generator = torch.Generator().manual_seed(spec.seed)
    weight = init.kaiming_normal_(torch.empty(spec.inputs, image.shape[1], 3, 3), mode="fan_out", generator=generator)
    x = functional.batch_norm(functional.conv2d(image, weight, padding=1), None, None, training=True)
    return (x if spec.entering == "signed" else x.relu()), generator


# -- what stands where ---------------------------------------------------------------------------


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("order", ORDERS)
def test_the_parts_stand_in_the_order_of_he_2016(through, order, norm):
    record = through(spec_of(order=order, norm=norm))
    there = [[part for part in path.split() if norm != "none" or "norm" not in part] for path in DRAWN[order]]
    expected = {"x": ["x"], "branch": there[0], "F": ["F"], "shortcut": ["shortcut"], "sum": ["sum"]}
    if there[1]:
        expected["after"] = there[1]
    assert parts(record) == {**expected, "y": ["y"]}
    assert list(parts(record)) == [
        role for role in ("x", "branch", "F", "shortcut", "sum", "after", "y") if role in parts(record)
    ]


@pytest.mark.parametrize("order", ORDERS)
def test_a_bottleneck_has_three_units_and_a_plain_block_no_shortcut(through, order):
    bottleneck = parts(through(spec_of(block="bottleneck", order=order)))
    names = bottleneck["branch"] + bottleneck.get("after", [])
    assert sorted(names) == sorted(f"{part}{n}" for part in ("conv", "norm", "act") for n in (1, 2, 3))
    plain = through(spec_of(block="plain", order=order))
    assert "shortcut" not in parts(plain)
    assert plain.node("sum").norm == plain.node("F").norm


@covering(block=["plain", "basic", "bottleneck"], stride=[1, 2], order=ORDERS)
def test_every_shape_follows_from_its_convolutions(block, stride, order):
    """A bottleneck's stride stands in its 3x3 convolution, a basic block's in its first."""
    spec = spec_of(block=block, stride=stride, order=order, inputs=3, width=5)
    record = THROUGH(spec)
    after_conv = [(5, 8, 8), (5, 8 // stride, 8 // stride), (20, 8 // stride, 8 // stride)]
    if block != "bottleneck":
        after_conv = [(5, 8 // stride, 8 // stride)] * 2
    now, convs = (3, 8, 8), 0
    for node in record.nodes:
        if node.role == "branch" and node.part.startswith("conv"):
            now, convs = after_conv[convs], convs + 1
        assert node.shape == ((3, 8, 8) if node.role == "x" else now), node
        assert Image.open(io.BytesIO(node.picture)).size == sheet(node.shape)
    assert (record.nodes[0].shape, record.nodes[-1].shape) == spec.shapes


def sheet(shape) -> tuple[int, int]:
    channels = min(shape[0], SHOWN)
    columns = min(4, channels)
    return columns * (shape[2] + GAP) - GAP, -(-channels // columns) * (shape[1] + GAP) - GAP


# -- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("words", [{}, {"entering": "signed", "activation": "leaky_relu"}, {"image": "china"}], ids=str)
def test_every_norm_and_share_is_that_of_torch(through, order, words):
    """Each part by itself, on copies: nothing that works in place can hide."""
    spec = spec_of(order=order, **{"branch_scale": 0.5, "shortcut_scale": 1.5, "seed": 3, "example": 7, **words})
    record, block = through(spec), made(spec)
    x, _ = entering(spec)
    stands, now = {"x": x}, x
    with torch.no_grad():
        for name, part in block.branch.named_children():
            now = stands[name] = part(now.clone())
        stands["F"] = 0.5 * now
        stands["shortcut"] = 1.5 * x
        now = stands["sum"] = stands["F"] + stands["shortcut"]
        for name, part in block.after.named_children():
            now = stands[name] = part(now.clone())
        stands["y"] = now
    assert [node.part for node in record.nodes] == list(stands)
    for node in record.nodes:
        there = stands[node.part]
        assert node.norm == pytest.approx(float(there.double().norm()), rel=1e-5), node.part
        assert node.negative == pytest.approx(float((there < 0).float().mean()), abs=2e-3)
        assert node.zero == pytest.approx(float((there == 0).float().mean()), abs=2e-3)
        for channel, values in zip(node.channels, there[0], strict=True):
            expected = (values.double().norm(), values.min(), values.max())
            assert (channel.norm, channel.low, channel.high) == pytest.approx(tuple(map(float, expected)), rel=1e-4)
    check_marked(record)
    assert record.same_as_x == pytest.approx(float((stands["y"] - x).abs().max()), rel=1e-4)
    assert not record.relu_of_x


def check_marked(record):
    """In each channel of the sum a pixel is marked where it holds of the real numbers, and of those that are written."""
    past, f, total = (record.node(role).channels for role in ("shortcut", "F", "sum"))
    assert len(record.marked) == len(total) == min(SHOWN, record.node("sum").shape[0])
    digits = decimals(record.scale)
    for a, b, c in zip(past, f, total, strict=True):
        assert a.there + b.there == pytest.approx(c.there, rel=1e-5)
        assert round(a.there, digits) + round(b.there, digits) == pytest.approx(round(c.there, digits))
        if a.norm and b.norm:
            assert a.there != 0 != b.there


def test_gates_stand_between_the_shortcut_and_the_sum(through):
    spec = spec_of(gate="exclusive", gate_bias=0.3, order="full", shortcut_scale=2.0, branch_scale=0.5)
    record, block = through(spec), made(spec)
    x, _ = entering(spec)
    with torch.no_grad():
        g = torch.sigmoid(functional.conv2d(x, block.shortcut_gate.conv.weight, block.shortcut_gate.conv.bias))
        assert block.shortcut_gate.conv.bias.tolist() == pytest.approx([0.3] * 4)
        f = block.branch(x)
    assert record.node("shortcut").norm == pytest.approx(float((2 * (1 - g) * x).norm()), rel=1e-5)
    assert record.node("F").norm == pytest.approx(float((0.5 * g * f).norm()), rel=1e-5)


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_dropout_on_the_shortcut_drops_its_share(through, share):
    record = through(BlockSpec(entering="signed", shortcut_dropout=share, image="china"))
    node = record.node("shortcut")
    assert node.zero == pytest.approx(share, abs=0.01)
    kept = BlockSpec(entering="signed", image="china")
    assert node.norm == pytest.approx(through(kept).node("shortcut").norm / (1 - share) ** 0.5, rel=0.05)


@pytest.mark.parametrize("order", ORDERS)
def test_gradients_are_those_of_a_random_direction_of_y(through, order):
    spec = spec_of(order=order, seed=2)
    record, block = through(spec), made(spec)
    x, generator = entering(spec)
    y = block(x)
    y.backward(torch.randn(y.shape, generator=generator))
    expected = {
        name.split(".", 1)[1]: float(p.grad.norm()) for name, p in block.named_parameters() if "shortcut" not in name
    }
    assert record.gradients == pytest.approx(expected, rel=1e-4)
    assert all(norm > 0 for norm in record.gradients.values())


# -- what the rules promise to the bit -----------------------------------------------------------


@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
@pytest.mark.parametrize("image", ["digit", "china"])
def test_zero_gamma_makes_an_original_block_max_0_x(through, norm, image):
    spec = spec_of(init="zero_gamma", norm=norm, entering="signed", image=image)
    x, _ = entering(spec)
    assert torch.equal(made(spec)(x), x.relu())
    signed = through(spec)
    assert signed.relu_of_x
    assert signed.same_as_x > 0
    assert signed.node("F").norm == 0 == signed.node("F").negative
    assert signed.node("x").negative > 0.3
    assert signed.node("y").zero >= signed.node("x").negative
    positive = through(spec_of(init="zero_gamma", norm=norm, image=image))
    assert positive.same_as_x == 0
    assert positive.relu_of_x


def test_zero_gamma_makes_a_block_with_its_relu_first_the_identity(through):
    record = through(spec_of(init="zero_gamma", order="relu_only", entering="signed"))
    assert (record.same_as_x, record.relu_of_x) == (0, False)


@pytest.mark.parametrize("order", ["original", "relu_only"])
@pytest.mark.parametrize("entering", ["relu", "signed"])
def test_under_zero_gamma_only_the_last_gamma_and_beta_learn_at_first(through, order, entering):
    gradients = through(spec_of(init="zero_gamma", order=order, entering=entering)).gradients
    moving = {name for name, norm in gradients.items() if norm != 0}
    assert moving == {"norm2.weight", "norm2.bias"}
    assert gradients["norm2.weight"] > 0


@pytest.mark.parametrize("order", ORDERS)
def test_fixup_zeroes_the_last_convolution_which_then_learns_first(through, order):
    record = through(spec_of(init="fixup", order=order, norm="none", entering="signed"))
    assert record.node("F").norm == 0
    assert record.relu_of_x == bool(ORDERS[order].after)
    assert record.gradients["conv1.weight"] == 0
    if order != "relu_before":  # where a ReLU stands between that 0 and the sum, nothing comes back through it
        assert record.gradients["conv2.weight"] > 0


def test_a_block_without_its_shortcut_can_have_no_gradient_past_a_zero(through):
    record = through(spec_of(block="plain", init="zero_gamma"))
    assert record.node("y").norm == 0
    assert record.same_as_x > 0


# -- counts --------------------------------------------------------------------------------------


@examples(60)
@given(SPECS)
def test_parameters_and_macs_in_closed_form(spec):
    record, block = THROUGH(spec), made(spec)
    assert record.parameters == sum(p.numel() for p in block.parameters())
    i, w, out = spec.inputs, spec.width, spec.outputs
    side = 8 // spec.stride
    convs = [(i, w, 9, side), (w, w, 9, side)]
    if spec.block == "bottleneck":
        convs = [(i, w, 1, 8), (w, w, 9, side), (w, out, 1, side)]
    if spec.block != "plain":
        if spec.shortcut == "C" or (spec.shortcut == "B" and (spec.stride == 2 or i != out)):
            convs.append((i, out, 1, side))
        if spec.gate != "none":
            convs.append((out, out, 1, side))
    assert record.macs == sum(a * b * taps * s * s for a, b, taps, s in convs)


@covering(order=ORDERS, gate=["none", "exclusive"], norm=["batch", "group", "none"], option=["A", "C"])
def test_a_network_with_one_block_more_has_as_many_more(order, gate, norm, option):
    words = {"order": order, "gate": gate, "norm": norm, "shortcut": option}
    record = THROUGH(BlockSpec(image="digit", inputs=6, width=6, **words))
    with_block, without = (count(Spec(depth=depth, width=6, **words), "residual") for depth in (4, 2))
    assert record.parameters == with_block.parameters - without.parameters
    assert record.macs == with_block.macs - without.macs


# -- any block -----------------------------------------------------------------------------------


@examples(40)
@given(SPECS)
def test_any_block_answers_the_same_twice_whatever_came_between(spec):
    first = THROUGH(spec)
    THROUGH(spec.replace(seed=(spec.seed + 1) % 1000, shortcut="B", inputs=2))
    fresh = Through()
    assert fresh(spec) == first
    fresh.lanes.close()
    assert first.nodes[0].role == "x"
    assert first.nodes[-1].role == "y"
    for node in first.nodes:
        assert node.norm >= 0
        assert 0 <= node.negative + node.zero <= 1
        assert Image.open(io.BytesIO(node.picture)).size == sheet(node.shape)


# -- pictures ------------------------------------------------------------------------------------


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def seen(png: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(png)).convert("RGBA"))


def test_colours_run_from_end_to_end_with_0_in_the_light_middle():
    values = torch.tensor([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]) * 3
    [row] = seen(mosaic(values[None, None], 3.0))
    assert (row[:, 3] == 255).all()
    ends = [COLOURS[0], *COLOURS, COLOURS[-1]]  # what is past an end has its colour
    assert np.abs(row[:, :3].astype(int) - [rgb(colour) for _, colour in ends]).max() <= 2
    assert tuple(row[3, :3]) == rgb("#f7f7f7")
    assert row[3, :3].sum() == row[:, :3].sum(1).max()


@pytest.mark.parametrize(("channels", "rows", "columns"), [(1, 1, 1), (3, 1, 3), (4, 1, 4), (5, 2, 4), (16, 4, 4)])
def test_channels_stand_four_a_row_with_clear_gaps(channels, rows, columns):
    maps = torch.linspace(-1, 1, channels)[:, None, None].expand(channels, 5, 6)
    sheet = seen(mosaic(maps, 1.0))
    assert sheet.shape == (rows * 6 - 1, columns * 7 - 1, 4)
    for i in range(rows * columns):
        tile = sheet[i // columns * 6 :, i % columns * 7 :][:5, :6]
        assert (tile[:, :, 3] == (255 if i < channels else 0)).all()
        if i < channels:
            assert (tile == tile[0, 0]).all()
    clear = np.ones(sheet.shape[:2], bool)
    for i in range(rows * columns):
        clear[i // columns * 6 :, i % columns * 7 :][:5, :6] = False
    assert (sheet[clear][:, 3] == 0).all()
    first, last = sheet[0, 0, :3], sheet[(channels - 1) // columns * 6, (channels - 1) % columns * 7, :3]
    if channels > 1:
        assert (tuple(first), tuple(last)) == (rgb(COLOURS[0][1]), rgb(COLOURS[-1][1]))


@pytest.mark.parametrize("scale", [0.0, 1.0, float("inf"), float("nan")])
def test_numbers_that_left_every_range_are_drawn_and_counted(scale):
    maps = torch.tensor([[[float("nan"), float("inf"), -float("inf"), 0.0, -1.0, 3e38]]])
    node = _node("F", "F", maps[None], scale, ((0, 4),))
    assert (node.shape, node.negative, node.zero) == ((1, 1, 6), pytest.approx(2 / 6), pytest.approx(1 / 6))
    [row] = seen(node.picture)
    assert tuple(row[3, :3]) == rgb("#f7f7f7")
    assert node.channels[0].there == -1
    if scale == 1.0:
        assert tuple(row[1, :3]) == rgb(COLOURS[-1][1])
        assert tuple(row[2, :3]) == rgb(COLOURS[0][1])


def test_the_sign_of_a_number_is_seen_in_its_colour():
    """The browser stripes what is purple (tiles.js)."""
    values = torch.linspace(-1, 1, 255)
    [row] = seen(mosaic(values[None, None], 1.0))
    assert np.sign(row[:, 1].astype(int) - row[:, 0]).tolist() == [-1] * 127 + [0] + [1] * 127


@pytest.mark.parametrize(("scale", "digits"), [(4.0, 2), (0.5, 3), (40, 1), (5000, 0), (0.0, 2), (float("inf"), 2)])
def test_numbers_are_as_exact_as_their_colours(scale, digits):
    assert decimals(scale) == digits


def test_the_scale_leaves_out_the_outermost_numbers_only(through):
    spec = BlockSpec(image="china", entering="signed")
    record = through(spec)
    x, _ = entering(spec)
    with torch.no_grad():
        f = made(spec).branch(x)
    sizes = [t.abs().flatten() for t in (x, f, x + f, (x + f).relu())]
    assert record.scale == pytest.approx(max(float(t.quantile(0.995)) for t in sizes), rel=1e-2)


def test_the_picture_of_what_went_in_is_it(through):
    digit = np.array(Image.open(io.BytesIO(through(spec_of(example=5)).image))).astype(float)
    data = load("digits")
    pixels = torch.cat([data.train_x, data.test_x])[5, 0].numpy().astype(float)
    assert np.allclose(digit / digit.max(), pixels / pixels.max(), atol=0.01)
    assert digit.max() > 200
    china = through(spec_of(image="china"))
    assert (
        np.array(Image.open(io.BytesIO(china.image))) == np.array(Image.open(io.BytesIO(photograph("china"))))
    ).all()


def own(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def test_a_picture_of_ones_own_is_asked_for_in_words(through):
    spec = spec_of(image="own")
    for image in (None, b""):
        with pytest.raises(ValueError, match="image=own: there is no picture; choose a file, or another image"):
            through(spec, image)
    random = np.random.default_rng(0)
    one, other = (own(random.integers(0, 256, (64, 64, 3))) for _ in range(2))
    record = through(spec, one)
    assert record == through(spec, one) != through(spec, other)
    assert record.node("x").shape == (4, 64, 64)
    assert through(spec_of(), one) == through(spec_of()), "an image that was not asked for is left alone"


def test_a_picture_of_one_colour_has_nothing_to_show_and_harms_nothing(through):
    record = through(spec_of(image="own"), own(np.full((64, 64, 3), 130)))
    assert record.node("x").norm == 0
    assert record.scale >= 0
    assert record.same_as_x == 0
