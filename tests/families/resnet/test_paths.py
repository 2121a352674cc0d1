"""Lesions and disorder against networks operated on by hand, and the networks' own removal."""

from itertools import permutations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.nets import build
from resviz.families.resnet.probes import Reader, unseen
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import still
from resviz.topics.lengths.experiment import lengths
from resviz.topics.lengths.question import LengthsSpec
from resviz.topics.lesion.experiment import _spread, lesions
from resviz.topics.lesion.question import LesionSpec
from resviz.topics.several.experiment import _counts, several, shuffled
from resviz.topics.several.question import SeveralSpec
from resviz.train.twins.trained import forget, trained
from tests.examples import examples

pytestmark = pytest.mark.heavy  # real networks learn in all of these

SMALL = {"depth": 12, "width": 4, "stages": 2, "epochs": 4, "examples": 512, "batch": 64, "device": "cpu"}  # 5 blocks


def last(generator):
    *_, record = generator
    return record


def error_by_hand(net, x, y):
    with torch.no_grad():
        return (net(x).argmax(1) != y).double().mean().item()


@pytest.fixture(scope="module")
def found():
    forget()
    *_, found = trained(LesionSpec.of(SMALL).run)
    return found


@pytest.mark.parametrize("arm", ARMS)
def test_without_a_block_it_errs_as_the_network_with_that_block_removed(found, arm):
    record = last(lesions(LesionSpec.of(SMALL)))
    x, y = unseen(found, 360)
    for number, error in enumerate(record.single[arm], start=1):
        net = still(found.net(arm))
        net.remove([number])
        assert error == error_by_hand(net, x, y)
    assert record.whole[arm] == error_by_hand(found.net(arm), x, y)
    assert record.images == 360 and record.done == 1.0


def test_several_out_and_cut_together(found):
    record = last(lesions(LesionSpec.of({**SMALL, "lesion": "2,5", "sever": "4"})))
    x, y = unseen(found, 360)
    for arm in ARMS:
        net = still(found.net(arm))
        net.remove([2, 5])
        if arm == "residual":
            net.cut([4])
        assert record.together[arm] == error_by_hand(net, x, y)


def test_the_blocks_behind_which_shapes_change_are_named(found):
    assert last(lesions(LesionSpec.of(SMALL))).changes == (4,)


def test_a_block_that_gives_nothing_is_not_missed():
    """F = 0: taken out, nothing changes; and what is taken out of a plain network is all there is."""
    net = build(Spec.of(SMALL), "residual")
    with torch.no_grad():
        for block in net.residual_blocks():
            block.last_norm().weight.zero_()
            block.last_norm().bias.zero_()
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(40, 1, 8, 8, generator=generator), torch.randint(0, 10, (40,), generator=generator)
    reader = Reader(still(net), x, y)
    whole = reader.error()
    assert [reader.lesion(n) for n in range(1, 6)] == [whole] * 5
    assert reader.error(order=(3, 2, 1, 4, 5)) == whole


@examples(30)
@given(
    st.sampled_from(["original", "relu_before", "full"]),
    st.sampled_from(ARMS),
    st.sets(st.integers(1, 5)),
    st.sets(st.integers(1, 5)),
)
def test_what_has_been_gone_before_need_not_be_gone_again(order, arm, out, cut):
    net = build(Spec.of({**SMALL, "order": order}), arm)
    generator = torch.Generator().manual_seed(1)
    x, y = torch.randn(30, 1, 8, 8, generator=generator), torch.randint(0, 10, (30,), generator=generator)
    with torch.no_grad():
        net(x)
    reader = Reader(still(net), x, y)
    for _ in range(2):  # and nothing that has been kept is spoilt by it
        other = still(net)
        other.remove(out)
        if arm == "residual":
            other.cut(cut)
        assert reader.error(without=out, cut=cut) == error_by_hand(other, x, y)


def test_another_order_is_that_of_the_blocks(found):
    x, y = unseen(found, 100)
    net = still(found.net("residual"))
    reader = Reader(net, x, y)
    assert reader.alike == [[1, 2, 3], [5]]
    blocks = net.residual_blocks()
    for order in permutations((1, 2, 3)):
        with torch.no_grad():
            at = net.stem(x)
            for number in (*order, 4, 5):
                at = blocks[number - 1](at)
            read = net.head(net.final(at).mean((2, 3))).argmax(1)
        assert reader.error(order=(*order, 4, 5)) == (read != y).double().mean().item()


@given(st.integers(2, 20), st.integers(0, 12), st.integers(0, 99))
def test_only_blocks_of_one_group_change_places(blocks, swaps, seed):
    groups = [list(range(1, blocks // 2 + 1)), list(range(blocks // 2 + 1, blocks + 1)), []]
    if all(len(g) < 2 for g in groups):
        groups = [list(range(1, blocks + 1))]
    order = shuffled(blocks, groups, swaps, torch.Generator().manual_seed(seed))
    assert sorted(order) == list(range(1, blocks + 1))
    for group in groups:
        assert {order[n - 1] for n in group} == set(group)
    if swaps == 0:
        assert order == tuple(range(1, blocks + 1))


def test_several_measures_what_was_drawn(found):
    spec = SeveralSpec.of({**SMALL, "draws": 3})
    record = last(several(spec))
    assert record.counts == record.swaps == (1, 2, 3, 4, 5)
    x, y = unseen(found, 360)
    generator = torch.Generator().manual_seed(0)
    reader = {arm: Reader(still(found.net(arm)), x, y) for arm in ARMS}
    for k, count in enumerate(record.counts):
        drawn = [set((torch.randperm(5, generator=generator)[:count] + 1).tolist()) for _ in range(3)]
        for arm in ARMS:
            assert record.out[arm][k] == tuple(reader[arm].error(without=out) for out in drawn)
    for k, count in enumerate(record.swaps):
        orders = [shuffled(5, [[1, 2, 3], [5]], count, generator) for _ in range(3)]
        assert record.tau[k] == pytest.approx([kendalltau(range(5), order).statistic for order in orders], abs=1e-4)
        for arm in ARMS:
            assert record.order[arm][k] == tuple(reader[arm].error(order=order) for order in orders)
    assert record == last(several(spec)), "the same draws every time"
    assert record.out != last(several(spec.replace(draw=1))).out


def test_with_nothing_to_swap_there_are_no_swaps():
    record = last(several(SeveralSpec.of({**SMALL, "depth": 4, "stages": 1, "draws": 2})))
    assert record.counts == (1,) and record.swaps == record.tau == ()


def test_lengths_are_those_of_random_paths(found):
    record = last(lengths(LengthsSpec.of({**SMALL, "images": 30, "repeats": 2})))
    assert record.blocks == 5 and len(record.norm) == 6 and record.sampled == 60 and record.done == 1
    assert all(v is not None and v >= 0 for v in record.norm) and record.whole > 0


def test_a_plain_control_has_one_path():
    record = last(lengths(LengthsSpec.of({**SMALL, "block": "plain"})))
    assert record.blocks == 0 and len(record.norm) == 1
    assert record.norm[0] == pytest.approx(record.whole, rel=1e-4)


@pytest.mark.parametrize("ask", [lesions, several, lengths])
def test_a_network_without_a_block_has_nothing_to_lose(ask):
    spec = {lesions: LesionSpec, several: SeveralSpec, lengths: LengthsSpec}[ask].of({**SMALL, "depth": 2, "stages": 1})
    record = last(ask(spec))
    assert record.done == 1


@given(st.integers(1, 600))
def test_every_block_has_its_turn(blocks):
    assert sorted(_spread(blocks)) == list(range(1, blocks + 1))
    counts = _counts(blocks)
    assert counts[0] == 1 and counts[-1] == blocks and len(counts) <= 10 and list(counts) == sorted(set(counts))


def test_a_diverged_run_is_looked_at_as_it_was_and_says_so():
    words = {**SMALL, "norm": "none", "lr": 100.0}
    record = last(lesions(LesionSpec.of(words)))
    assert "residual" in record.training.ended
    assert all(0 <= e <= 1 for arm in ARMS for e in record.single[arm])
