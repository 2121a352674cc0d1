"""How a cut shortcut or a removed block changes what the block passes on, against the same passes by hand."""

import copy

import pytest
import torch
from torch.nn import functional

from resviz.data.tensors import batches, load
from resviz.families.resnet.spec import Spec
from resviz.train.records import History, Record, from_table, to_table
from resviz.train.twins.lockstep import train
from resviz.train.twins.trainer import Trainer

SMALL = {"depth": 8, "width": 4, "batch": 32, "examples": 96, "epochs": 3, "device": "cpu"}


def records(spec):
    return [event for event in train(spec) if isinstance(event, Record)]


def before(spec, arm, steps):
    """The network after so many steps, and the next batch."""
    data = load(spec.dataset, spec.examples).for_kind(spec.kind)
    order = batches(len(data.train_y), spec.batch, spec.seed)
    trainer = Trainer(spec, arm, torch.device("cpu"))
    for number in range(1, steps + 1):
        chosen = next(order)
        trainer.step(
            number, data.inputs(data.train_x[chosen]), data.train_y[chosen], spec.lr_at(number, spec.steps), False
        )
    return trainer.net, data.inputs(data.train_x[next(order)])


def passed_on(net, x, block, *, cut=(), removed=()):
    """What `block` passes on, by its definition: act(x + F(x)), act(F(x)) where the shortcut is cut, x where it is removed."""
    net = copy.deepcopy(net)
    with torch.no_grad():
        x = net.stem(x)
        for number, part in enumerate(net.residual_blocks()[:block], start=1):
            if number in removed:
                x = part.shortcut(x)
            else:
                x = functional.relu(part.branch(x) + (0 if number in cut else part.shortcut(x)))
    return x.flatten(1).double()


@pytest.mark.parametrize(
    ("arm", "change", "block"),
    [
        ("residual", {"cut": [2]}, 2),
        ("residual", {"cut": [2, 3]}, 2),
        ("residual", {"remove": [1], "cut": [3]}, 1),
        ("residual", {"cut": [3]}, 3),
        ("plain", {"remove": [1]}, 1),
    ],
)
def test_the_first_block_of_a_change_is_compared_with_itself_before(arm, change, block):
    spec = Spec(**SMALL)
    changed = records(spec.branch(4, **change))
    assert [r.step for r in changed if r.arms[arm].shift] == [5]
    net, x = before(spec, arm, 4)
    plain = range(1, 4) if arm == "plain" else ()
    old = passed_on(net, x, block, cut=plain)
    new = passed_on(net, x, block, cut=plain or change.get("cut", ()), removed=change.get("remove", ()))
    ratio, cosine = changed[4].arms[arm].shift
    assert ratio == pytest.approx((new.norm() / old.norm()).item(), rel=1e-5)
    assert cosine == pytest.approx(functional.cosine_similarity(new, old, dim=1).mean().item(), rel=1e-5)
    assert 0 < cosine < 0.999


def test_a_restored_shortcut_is_compared_with_the_cut_one():
    spec = Spec(**SMALL, cut=(2,))
    net, x = before(spec, "residual", 4)
    ratio, _ = records(spec.branch(4, cut=[]))[4].arms["residual"].shift
    old, new = (passed_on(net, x, 2, cut=cut) for cut in ((2,), ()))
    assert ratio == pytest.approx((new.norm() / old.norm()).item(), rel=1e-5)


@pytest.mark.parametrize("change", [{"lr": 0.5}, {"cut": [2], "activation": "tanh"}, {"cut": [2], "branch_scale": 0.5}])
def test_what_changes_more_than_skips_and_blocks_is_not_told_as_their_effect(change):
    assert not any(r.arms[arm].shift for r in records(Spec(**SMALL).branch(4, **change)) for arm in r.arms)


def test_the_plain_network_has_no_shortcut_to_cut():
    assert not any(r.arms["plain"].shift for r in records(Spec(**SMALL).branch(4, cut=[2])))


def test_measuring_leaves_no_trace(monkeypatch):
    """Statistics of normalisation, dropout and the blocks that stochastic depth leaves out are those of a run not measured."""
    spec = Spec(**SMALL, survival=0.5, shortcut_dropout=0.3).branch(4, cut=[2])
    measured = records(spec)
    monkeypatch.setattr(Trainer, "shift", lambda self, number, x, now: self.apply(now))
    bare = records(spec)
    assert measured[4].arms["residual"].shift
    assert [repr(r.arms).replace(repr(measured[4].arms["residual"].shift), "None") for r in measured] == [
        repr(r.arms) for r in bare
    ]


def test_a_table_keeps_it_and_one_that_was_stored_before_is_read_without():
    spec = Spec(**SMALL).branch(4, cut=[2])
    history = History(spec)
    for event in train(spec):
        history.add(event)
    table = to_table(history)
    assert repr(from_table(table).records) == repr(history.records)
    old = from_table(table.drop_columns(["residual.shift", "plain.shift"]))
    assert old.records[4].arms["residual"].shift is None
    assert old.records[4].arms["residual"].loss == history.records[4].arms["residual"].loss
