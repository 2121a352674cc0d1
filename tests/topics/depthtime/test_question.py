"""What is said of a network's steps: chance in closed form, the spec alone, and sentences that hold whatever was measured."""

import math
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from resviz.families.resnet.spec import Spec
from resviz.topics.depthtime.question import (
    MOST_SHOWN,
    DepthTime,
    Walk,
    aligned,
    chance,
    nothing,
    shown,
    signed,
    stepping,
)
from resviz.topics.depthtime.words import chance_of_mean, finding

ADAPTER = TypeAdapter(DepthTime)


def made(size=(0.5, 0.2, 0.1), next=(0.1, 0.3), numbers=None, **more) -> Walk:
    blocks = len(size)
    numbers = numbers or tuple(0 if v is None else 1024 for v in size)
    usual = {
        "at": 132,
        "cosines": ((1.0,) * blocks,) * blocks,
        "longest": blocks,
        "length": 10.0,
        "distance": 4.0,
        "straightness": 0.4,
        "right_angles": 0.5,
        "lost": None,
    }
    return Walk(size=size, next=next, numbers=numbers, **{**usual, **more})


def done(walk: Walk, before: Walk | None = None, **spec) -> DepthTime:
    spec = Spec(**{"depth": 2 + 2 * len(walk.size), **spec})
    return DepthTime(spec, 1.0, walk.at, before or replace(walk, at=0), walk, 256)


# -- chance ----------------------------------------------------------------------------------------


def test_what_is_never_negative_has_a_cosine_by_chance():
    assert aligned("relu") == pytest.approx(1 / math.pi, rel=1e-4)
    assert aligned("leaky_relu") == pytest.approx(0.99**2 / math.pi / (1 + 0.01**2), rel=1e-4)
    assert aligned("tanh") == pytest.approx(0, abs=1e-12)


def test_aligned_is_what_random_activations_give():
    import torch
    from torch.nn import functional

    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 400_000, generator=generator)
    for name in ("relu", "leaky_relu", "gelu", "silu", "tanh"):
        act = getattr(functional, name)
        found = torch.cosine_similarity(act(a), act(b), dim=0).item()
        assert aligned(name) == pytest.approx(found, abs=5e-3)


def test_chance_falls_with_the_root_of_the_dimension():
    walk = made(numbers=(1024, 1024, 16))
    assert chance(Spec(), walk, 1) == (0.0, 1 / 32)
    assert chance(Spec(order="relu_before"), walk, 1)[0] == pytest.approx(1 / math.pi, rel=1e-4)
    assert chance(Spec(order="relu_before", activation="tanh"), walk, 1)[0] == 0
    assert chance_of_mean(Spec(), walk) == (0.0, pytest.approx(1 / 32 / math.sqrt(2)))
    assert chance_of_mean(Spec(), replace(walk, next=(0.3, None))) == (0.0, 1 / 32)


# -- which blocks ----------------------------------------------------------------------------------


@given(st.integers(0, 600))
def test_the_matrix_shows_first_and_last_and_not_too_many(blocks):
    found = shown(blocks)
    assert len(found) == min(blocks, MOST_SHOWN)
    assert list(found) == sorted(set(found))
    assert not found or (found[0], found[-1]) == (1, blocks)


def test_blocks_with_a_step():
    assert stepping(Spec(depth=12, cut="2", remove="2,4")) == (1, 3, 5)
    assert stepping(Spec(depth=12, block="plain")) == ()
    assert stepping(Spec(depth=3)) == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"depth": "2"}, "At depth 2 this network has no block"),
        ({"depth": "3", "block": "bottleneck"}, "has no block"),
        ({"block": "plain"}, "no shortcut"),
        ({"depth": "8", "cut": "1,2", "remove": "3"}, "cut from its shortcut or taken out"),
        ({"depth": "8", "edits": "60:cut:1-3"}, "cut from its shortcut or taken out"),
    ],
)
def test_nothing_to_measure_is_said(words, said):
    spec = Spec.of(words)
    assert said in nothing(spec)
    assert finding(DepthTime(spec, 1.0)) == nothing(spec)


def test_a_shortcut_that_comes_back_is_a_step():
    assert nothing(Spec.of({"depth": "8", "cut": "1-3", "edits": "60:cut:1-2"})) == ""


# -- the finding -----------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_record():
    before = made(size=(2.0, 1.5, 1.0), next=(0.0, 0.01), at=0)
    text = finding(done(made(), before))
    assert "After 132 steps of training" in text
    assert "0.2 times as long as the x" in text and "from 0.1 (block 3) to 0.5 (block 1)" in text
    assert "before training the median was 1.5" in text
    assert "the ReLU comes after it" in text
    assert "cosine of 0.2 (the mean of 2 pairs), from 0.1 (blocks 1 and 2) to 0.3 (blocks 2 and 3)" in text
    assert "before training it was 0.005" in text
    assert "0.031 (1/√1,024)" in text and "all of the 2 pairs" in text
    assert "x covers 10 in all and ends 4 from where it began: 0.4 of the way" in text and "0.5." in text
    assert "more alike than chance would have it, yet nearer to unrelated" in text


@pytest.mark.parametrize(
    ("cosines", "said"),
    [
        ((0.9, 0.95), "nearer to equal directions than to unrelated ones"),
        ((0.01, -0.01), "no more alike than chance"),
        ((-0.5, -0.4), "turned against each other"),
        ((0.1, 0.1), "yet nearer to unrelated"),
    ],
)
def test_it_concludes_from_the_cosines(cosines, said):
    assert said in finding(done(made(next=cosines)))


def test_what_ends_in_its_activation_is_measured_against_another_chance():
    text = finding(done(made(next=(0.32, 0.31)), order="relu_before"))
    assert "no more alike than chance" in text and "about 0.32" in text and "last thing in F" in text
    assert "less alike than chance" in finding(done(made(next=(0.1, 0.1)), order="relu_before"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"order": "bn_after"}, "normalisation and ReLU come after it"),
        ({"order": "bn_after", "norm": "none"}, "the ReLU comes after it"),
        ({"order": "full"}, "nothing comes after the sum"),
        ({"activation": "tanh"}, "the tanh comes after it"),
    ],
)
def test_where_the_activation_stands_is_said(words, said):
    assert said in finding(done(made(), **words))


def test_blocks_without_a_step_are_named():
    text = finding(done(made(size=(0.5, None, 0.2, None, None), next=(None,) * 4), cut="2", remove="4,5"))
    assert "Block 2 has no step: its shortcut is cut" in text
    assert "Blocks 4 to 5 have no step: they are taken out." in text
    assert "No two neighbouring blocks" in text


def test_a_run_that_ended_says_where_and_concludes_nothing():
    walk = made(size=(0.5, None, None), next=(None, None), at=6, lost=2, length=None, straightness=None)
    record = replace(done(walk), ended="the loss is NaN.", step=6)
    text = finding(record)
    assert text.startswith(
        "The residual network stopped at step 7: the loss is NaN. Measured are the weights after 6 steps."
    )
    assert "At block 2 numbers leave the range of float32" in text
    assert "Euler" not in text
    first = replace(record, step=0, now=replace(walk, at=0))
    assert "It made no step at all." in finding(first) and "Before training the F(x)" in finding(first)


def test_young_running_statistics_are_named():
    young = done(replace(made(), at=11))
    assert "After only 11 steps, 31% of the running means" in finding(young)
    assert "running" not in finding(replace(young, spec=young.spec.replace(norm="layer")))
    assert "running" not in finding(done(made()))


def test_one_block_and_zeros():
    assert "that block 1 adds is 0.5 times as long" in finding(done(made(size=(0.5,), next=(), longest=1)))
    text = finding(done(made(size=(0.0, 0.0), next=(None,), length=0.0, distance=0.0, straightness=None)))
    assert "is 0 times as long" in text and "of the way" not in text
    assert "What the shortcuts carry is 0" in finding(done(made(size=(None, None), next=(0.1,), numbers=(4, 4))))
    assert "about as long as the x" in finding(done(made(size=(1.0, 1.0))))


def test_under_way_it_is_short():
    begun = DepthTime(Spec(), 0.0)
    assert finding(begun) == "After 0 of 132 training steps: the network is being built."
    looked = replace(begun, before=made(at=0), step=40, done=0.3)
    assert finding(looked).startswith("After 40 of 132 training steps a block's F(x) is 0.2 times as long as its x")
    assert "measured before training" in finding(looked)
    assert "measured after 33 steps" in finding(replace(looked, now=made(at=33)))
    assert "measured" not in finding(replace(looked, now=made(at=40)))


def test_cosines_in_words():
    assert [signed(v) for v in (0.0, -0.00001, 0.0312, -0.5, 1.0, -0.0046)] == [
        "0",
        "0",
        "0.031",
        "−0.5",
        "1",
        "−0.005",
    ]


# -- whatever was measured -------------------------------------------------------------------------


@pytest.mark.process
def test_it_does_without_torch():
    code = (
        "import sys, resviz.topics.depthtime.question, resviz.topics.depthtime.figures; print('torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert said.stdout.strip() == "False", said.stderr
