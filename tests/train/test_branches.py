"""Runs whose settings change on the way: against networks built anew at each change, and gone on with from kept states."""

import functools
import io
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch.nn import functional

from resviz.data.tensors import batches, load
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import FIELDS, LIVE, Spec
from resviz.nets.settings import ORDERS
from resviz.train.records import Event, Record
from resviz.train.twins.lockstep import train
from resviz.train.twins.trainer import State, Trainer
from resviz.words.text import write_numbers
from tests.examples import examples
from tests.pairs import covering

pytestmark = pytest.mark.heavy  # real networks learn in all of these

SMALL = {"depth": 8, "width": 4, "examples": 96, "batch": 32, "epochs": 3, "device": "cpu"}  # 9 steps

BASE = (
    {
        "depth": st.integers(4, 9),
        "width": st.sampled_from([2, 4]),
        "stages": st.integers(1, 2),
        "seed": st.integers(0, 9),
    }
    | {
        name: st.sampled_from(list(FIELDS[name].choices))
        for name in (
            "kind",
            "block",
            "order",
            "norm",
            "init",
            "shortcut",
            "gate",
            "activation",
            "optimizer",
            "schedule",
        )
    }
    | {"shortcut_dropout": st.sampled_from([0.0, 0.0, 0.5])}
)
CHANGES = {
    "cut": st.sets(st.integers(1, 3)).map(write_numbers),
    "remove": st.sets(st.integers(1, 3)).map(write_numbers),
    "branch_scale": st.sampled_from(["0.0", "0.5", "1.0", "2.0"]),
    "shortcut_scale": st.sampled_from(["0.0", "0.5", "1.0", "2.0"]),
    "lr": st.sampled_from(["0.001", "0.02", "0.1"]),
    "warmup": st.sampled_from(["0", "4"]),
    "momentum": st.sampled_from(["0.0", "0.5", "0.9"]),
    "weight_decay": st.sampled_from(["0.0", "0.01"]),
    "epochs": st.sampled_from(["2", "3", "4"]),
} | {name: BASE[name] for name in ("activation", "optimizer", "schedule")}


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Short runs of small networks, with up to seven changes; of what is drawn, what can be used."""
    words = {name: draw(values) for name, values in BASE.items()} | {
        name: draw(values) for name, values in CHANGES.items() if name not in BASE and draw(st.booleans())
    }
    keys = draw(st.lists(st.sampled_from(list(CHANGES)), min_size=3, max_size=7))
    edits = [(draw(st.integers(1, 9)), key, draw(CHANGES[key])) for key in keys]
    return Spec.read(SMALL | words | {"edits": edits})[0]


def records(spec: Spec, **more: Any) -> list[Record]:
    return [event for event in train(spec, **more) if isinstance(event, Record)]


whole_run = functools.cache(records)  # for runs that several tests look at


def exact(events: Iterable[Event]) -> list[str]:
    """Every number to its last bit: NaN equals nothing, but its text does."""
    return [repr(event) for event in events]


class Kept:
    """Keeps the states after some steps, as a file would; the even ones are wanted when an arm begins them."""

    fork = None

    def __init__(self, *steps: int) -> None:
        self.wanted, self.files = set(steps), dict[int, bytes]()

    def wants(self, step: int) -> bool:
        return step % 2 == 1 and step in self.wanted

    def begins(self, arm: str, step: int) -> bool:
        return step % 2 == 0 and step in self.wanted

    def keep(self, spec: Spec, step: int, state: dict[str, State]) -> None:
        file = io.BytesIO()
        torch.save(state, file)
        self.files[step] = file.getvalue()

    def nearest(self, spec: Spec, step: int) -> tuple[int, dict[str, State]] | None:
        there = max((s for s in self.files if s <= step), default=None)
        return there and (there, torch.load(io.BytesIO(self.files[there]), weights_only=True))


# -- against a loop by hand ----------------------------------------------------------------------


def by_hand(spec: Spec, arm: str) -> Iterator[tuple[float, float]]:
    """Loss and learning rate of every step. At each change the network is built as the settings then say, and takes
    over the weights; an optimiser of the same kind takes over what it remembers."""
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    data = load(spec.dataset, spec.examples).for_kind(spec.kind)
    order = batches(len(data.train_y), spec.batch, spec.seed)
    words, net, optimizer = spec.words() | {"edits": ""}, None, None
    for step in range(1, spec.steps + 1):
        changed = {e.key: e.value for e in spec.edits if e.at == step - 1}
        if changed or not net:
            before, now = (net, optimizer), Spec.of(words := words | changed)
            net = build(now, arm).to(memory_format=torch.channels_last)
            more = {"momentum": now.momentum} if now.optimizer == "sgd" else {}
            optimizer = kinds[now.optimizer](net.parameters(), weight_decay=now.weight_decay, fused=True, **more)
            if before[0]:
                net.load_state_dict(before[0].state_dict())
                if type(before[1]) is type(optimizer):
                    for p, old in zip(net.parameters(), before[0].parameters(), strict=True):
                        if before[1].state[old]:
                            optimizer.state[p] = before[1].state[old]
                if more:
                    for p in net.parameters():  # the fused step takes momentum for all or for none
                        if optimizer.state[p].get("momentum_buffer") is None:
                            optimizer.state[p]["momentum_buffer"] = torch.zeros_like(p)
        chosen = next(order)
        net.begin(step)
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(data.inputs(data.train_x[chosen])), data.train_y[chosen])
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = now.lr_at(step, now.steps)
        optimizer.step()
        yield loss.item(), group["lr"]


MANY = Spec(**SMALL, optimizer="adam", stages=2, shortcut="B").branch(3, cut=[2], lr=0.1, activation="tanh")


@examples(12)
@given(specs())
@example(MANY)
@example(MANY.branch(5, optimizer="sgd", remove=[1], cut=[]).branch(7, momentum=0.5, remove=[]))
def test_a_run_with_changes_is_that_of_networks_built_anew_at_each_change(spec):
    found = records(spec)
    for arm in ARMS:
        mine = [(r.arms[arm].loss, r.lr) for r in found if arm in r.arms]
        theirs = list(by_hand(spec, arm))
        ended = any(arm in r.ended for r in found)
        assert len(theirs) == spec.steps
        assert mine == (theirs[: len(mine)] if ended else theirs)


# -- what a change does, and when ----------------------------------------------------------------


AT = 4
FIRST_SEEN = [  # what changes, to what, and after how many steps a loss shows it
    ("activation", "tanh", 1),
    ("cut", "2", 1),
    ("remove", "2", 1),
    ("branch_scale", "0.5", 1),
    ("shortcut_scale", "0.5", 1),
    ("optimizer", "adam", 2),
    ("lr", "0.1", 2),
    ("schedule", "cosine", 2),
    ("warmup", "8", 2),
    ("momentum", "0.5", 2),
    ("weight_decay", "0.1", 2),
]


def test_every_setting_that_may_change_is_tried():
    assert {key for key, _, _ in FIRST_SEEN} | {"epochs"} == set(LIVE)


@pytest.mark.parametrize(("key", "value", "after"), FIRST_SEEN)
def test_a_change_acts_from_the_step_after_it_on(key, value, after):
    """In both arms, but for what is about the shortcut: the plain network has none."""
    spec = Spec(**SMALL)
    whole, changed = whole_run(spec), records(spec.branch(AT, **{key: value}))
    assert len(whole) == len(changed) == 9
    assert exact(changed[:AT]) == exact(whole[:AT])
    for arm in ARMS:
        same = [a.arms[arm].loss == b.arms[arm].loss for a, b in zip(whole, changed, strict=True)]
        nothing = arm == "plain" and key in ("cut", "shortcut_scale")
        first = len(same) if nothing else AT + after - 1
        assert same == [True] * first + [False] * (9 - first)
        told = changed[AT].arms[arm]  # measured in full at the step after the change
        assert told.activation_std and told.residual_ratio and told.test_accuracy is not None
    rates = [r.lr for r in changed]
    assert rates == [spec.lr] * AT + [Spec(**SMALL | {key: value}).lr_at(step, 9) for step in range(AT + 1, 10)]


def test_a_cut_leaves_the_plain_arm_to_the_bit():
    spec = Spec(**SMALL, shortcut="B", stages=2)
    whole, cut = records(spec.branch(AT, lr=0.1)), records(spec.branch(AT, lr=0.1, cut=[1, 2]))
    assert [r.arms["plain"] for r in whole] == [r.arms["plain"] for r in cut]
    assert whole[AT].arms["residual"] != cut[AT].arms["residual"]


def test_another_length_changes_where_the_run_ends_and_the_schedule():
    spec = Spec(**SMALL, schedule="cosine")
    whole, longer, shorter = (records(s) for s in (spec, spec.branch(9, epochs=5), spec.branch(AT, epochs=2)))
    assert [len(r) for r in (whole, longer, shorter)] == [9, 15, 6]
    assert exact(longer[:9]) == exact(whole)
    assert [r.lr for r in shorter] == [spec.lr_at(s, 9 if s <= AT else 6) for s in range(1, 7)]
    tested = [r.step for r in longer if r.arms["plain"].train_accuracy is not None]
    assert tested == [9, 15]


def test_a_change_for_one_step_is_not_forgotten_but_what_it_set_is():
    spec = Spec(**SMALL)
    there, back = spec.branch(AT, cut=[1, 3]), spec.branch(AT, cut=[1, 3]).branch(AT + 1, cut=[])
    whole, changed, restored = records(spec), records(there), records(back)
    assert exact(restored[:AT]) == exact(whole[:AT])
    assert restored[AT].arms["residual"].loss == changed[AT].arms["residual"].loss
    losses = {r[AT + 1].arms["residual"].loss for r in (whole, changed, restored)}
    assert len(losses) == 3


@pytest.mark.parametrize(
    "words",
    [
        {"block": "basic", "shortcut": "A", "shortcut_dropout": 0.5},
        {"block": "basic", "shortcut": "B", "order": "full"},
        {"block": "basic", "shortcut": "C", "order": "bn_after", "gate": "exclusive"},
        {"block": "bottleneck", "shortcut": "A", "order": "relu_only"},
        {"block": "bottleneck", "shortcut": "B", "gate": "shortcut_only"},
        {"block": "bottleneck", "shortcut": "C", "order": "relu_before", "kind": "mlp", "shortcut_scale": 0.5},
    ],
    ids=lambda words: "-".join(map(str, words.values())),
)
def test_with_every_shortcut_cut_the_residual_network_is_the_plain_one(words):
    spec = Spec(**SMALL | {"depth": 12}, stages=2, **words)
    every = write_numbers(range(1, spec.blocks + 1))
    for r in records(spec.replace(cut=every)):
        assert r.arms["residual"] == r.arms["plain"]


def test_with_every_block_removed_both_arms_are_one_network():
    for r in records(Spec(**SMALL, remove=(1, 2, 3), stages=2)):
        assert r.arms["residual"] == r.arms["plain"]


@pytest.mark.parametrize("block", FIELDS["block"].choices)
@pytest.mark.parametrize("order", ORDERS)
def test_a_block_taken_out_measures_0_and_learns_nothing(order, block):
    words = SMALL | {"depth": 11 if block == "bottleneck" else 8, "stages": 2, "weight_decay": 0.1, "gate": "exclusive"}
    spec = Spec(**words, block=block, order=order).branch(AT, remove=[2]).branch(6, remove=[])
    keeper = Kept(AT, 6)
    found = records(spec, keeper=keeper)
    convs = spec.convs_per_block
    inside = [spec.stem_convs + convs + i for i in range(convs)]  # of the second block
    for r in found:
        out = AT < r.step <= 6
        for arm in ARMS:
            a = r.arms[arm]
            assert [i for i, norm in enumerate(a.grad_norm) if norm == 0] == (inside if out else [])
            if a.residual_ratio:
                assert [ratio == 0 for ratio in a.residual_ratio] == [out and n == 1 for n in range(spec.blocks)]
                assert [i for i, std in enumerate(a.activation_std) if std == 0] == (inside if out else [])
    (_, before), (_, after) = keeper.nearest(spec, AT), keeper.nearest(spec, 6)
    for arm in ARMS:
        old, new = (weights_of(spec, arm, state[arm]) for state in (before, after))
        kept = {name: torch.equal(old[name], value) for name, value in new.items()}
        gone = [same for name, same in kept.items() if name.startswith("blocks.1.")]  # its gate too
        assert gone and all(gone)
        assert not any(same for name, same in kept.items() if "conv" in name and not name.startswith("blocks.1."))


def weights_of(spec, arm, state):
    """The network of a kept state, by name."""
    there = Trainer(spec, arm, torch.device("cpu"))
    there.load(state)
    return there.net.state_dict()


# -- going on from a kept state ------------------------------------------------------------------


OPTIMIZERS = FIELDS["optimizer"].choices


@covering(first=OPTIMIZERS, then=OPTIMIZERS, key=["cut", "remove", "activation"], survival=[1.0, 0.5])
def test_what_each_optimiser_remembers_is_kept_through_every_change(first, then, key, survival):
    """Two changes of the optimiser and of the network, with a state kept before, at and after the first of them."""
    changed = {"cut": [2], "remove": [1], "activation": "tanh"}[key]
    back = {"cut": [], "remove": [], "activation": "relu"}[key]
    spec = Spec(**SMALL | {"epochs": 2}, optimizer=first, survival=survival)  # 6 steps
    spec = spec.branch(2, **{"optimizer": then, key: changed}).branch(4, **{"optimizer": first, key: back})
    keeper = Kept(1, 2, 3)
    whole = records(spec, keeper=keeper)
    assert sorted(keeper.files) == [1, 2, 3]
    for after in (1, 2, 5):
        assert exact(records(spec, after=after, keeper=keeper)) == exact(whole[after:])


def test_it_is_the_kept_state_that_a_run_goes_on_from():
    """Not the beginning: with the state of another seed it goes on to other numbers."""
    spec, keeper, other = Spec(**SMALL), Kept(5), Kept(5)
    whole = records(spec, keeper=keeper)
    records(spec.replace(seed=1), keeper=other)
    tails = [records(spec, after=5, keeper=one) for one in (keeper, other)]
    assert tails[0] == whole[5:] and [r.step for r in tails[1]] == [6, 7, 8, 9]
    assert all(a.arms[arm].loss != b.arms[arm].loss for a, b in zip(*tails, strict=True) for arm in ARMS)


def test_a_state_is_of_its_own_memory_and_no_step_changes_it():
    class Watching(Kept):
        def keep(self, spec, step, state):
            super().keep(spec, step, state)
            held.append((step, state))

    held: list[tuple[int, dict[str, State]]] = []
    spec = Spec(**SMALL, optimizer="adam")
    keeper = Watching(2, 5)
    list(train(spec, keeper=keeper))
    assert [step for step, _ in held] == [2, 5]
    for step, state in held:
        file = io.BytesIO()
        torch.save(state, file)
        assert file.getvalue() == keeper.files[step]
    list(train(spec, after=5, keeper=Kept()))
    before = dict(keeper.files)
    list(train(spec, after=5, keeper=keeper))
    assert keeper.files == before


def test_a_run_in_which_an_arm_has_ended_goes_on_without_it():
    spec = Spec(**SMALL | {"depth": 32}, norm="none", activation="leaky_relu", lr=100).branch(3, lr=0.001)
    keeper = Kept(*range(1, 10))
    start, *whole = train(spec, keeper=keeper)
    ended = {arm: r.step for r in whole for arm in r.ended}
    ended_at = max(ended.values())
    for after in (0, 1, ended_at - 1, ended_at, ended_at + 1, 9):
        tail = [r for r in whole if r.step > after]
        assert exact(train(spec, after=after, keeper=keeper)) == exact([start, *tail])


def test_only_what_is_told_is_measured_in_full():
    spec = Spec(**SMALL)
    whole, tail = whole_run(spec), records(spec, after=6)
    assert tail == whole[6:]
    assert [r.step for r in tail if r.arms["plain"].test_accuracy is not None] == [9]


def test_the_state_before_the_end_of_an_extended_run_serves_both_lengths():
    spec, keeper = Spec(**SMALL), Kept(9)
    whole = records(spec, keeper=keeper)
    longer = spec.branch(9, epochs=4)
    assert records(spec, after=9, keeper=keeper) == []
    assert records(longer, after=9, keeper=keeper) == records(longer)[9:]
    assert records(longer)[:9] == whole


# -- whatever the settings ------------------------------------------------------------------------


@examples(8)
@given(specs(), st.data())
def test_a_branch_has_the_records_of_its_parent_up_to_where_it_leaves(spec, data):
    at = data.draw(st.integers(1, spec.steps - 1))
    lr = data.draw(st.sampled_from([0.5, 0.003]))
    parent, branch, trunk = (records(s) for s in (spec, spec.branch(at, lr=lr), spec.trunk(at)))
    assert exact(branch[:at]) == exact(parent[:at]) == exact(trunk[:at])


@examples(10)
@given(specs(), st.data())
def test_a_run_goes_on_from_a_kept_state_to_the_last_bit(spec, data):
    keeper = Kept(*data.draw(st.sets(st.integers(1, spec.steps), max_size=4)))
    start, *whole = train(spec)
    assert exact(train(spec, keeper=keeper)) == exact([start, *whole])  # keeping leaves no trace
    after = data.draw(st.integers(0, spec.steps))
    tail = [r for r in whole if r.step > after]
    assert exact(train(spec, after=after, keeper=keeper)) == exact([start, *tail])
    assert exact(train(spec, after=after)) == exact([start, *tail])  # with none it is replayed


@examples(8)
@given(specs(), st.data())
def test_a_branch_goes_on_from_what_its_parent_kept(spec, data):
    at = data.draw(st.integers(1, spec.steps - 1))
    keeper = Kept(*range(data.draw(st.integers(1, at)), at + 1))
    list(train(spec, keeper=keeper))
    key = data.draw(st.sampled_from([key for key in CHANGES if key != "epochs"]))
    branch = Spec.read(spec.model_dump() | {"edits": (*spec.trunk(at).edits, (at, key, data.draw(CHANGES[key])))})[0]
    assert exact(records(branch, after=at, keeper=keeper)) == exact(records(branch)[at:])


# -- on a GPU ------------------------------------------------------------------------------------


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_on_a_gpu_too_a_run_with_changes_goes_on_from_a_kept_state(optimizer):
    spec = Spec(**SMALL | {"device": "cuda"}, stages=2, shortcut="B", cut=(2,), optimizer=optimizer)
    spec = spec.branch(2, remove=[1], cut=[]).branch(AT, remove=[], activation="silu").branch(7, optimizer="adamw")
    keeper = Kept(1, 3, 5, 8)
    whole = records(spec, keeper=keeper)
    assert [a == 0 for a in whole[2].arms["plain"].residual_ratio] == [True, False, False]
    for after in range(9):
        assert exact(records(spec, after=after, keeper=keeper)) == exact(whole[after:])


class Forked(Kept):
    """Notes which steps the arms have begun; `fork` is set by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = [0]

    def begins(self, arm: str, step: int) -> bool:
        self.begun.append(step)
        return False


def test_no_arm_goes_beyond_a_step_after_which_somebody_waits_to_branch():
    """It would hold up the branch, which comes in its place; the run goes on when its next step is asked for."""
    keeper = Forked()
    spec = Spec(depth=8, width=4, examples=256, batch=64, epochs=5, device="cpu")
    steps = []
    for event in train(spec, keeper=keeper):
        if isinstance(event, Record):
            steps.append(event.step)
            if event.step == 5:
                keeper.fork = 2 + max(keeper.begun)
            if event.step == keeper.fork:
                time.sleep(0.2)
                assert max(keeper.begun) == keeper.fork
    assert steps == list(range(1, spec.steps + 1)) and keeper.fork > 5
