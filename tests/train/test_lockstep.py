"""Training against PyTorch's own operations written out by hand, bit for bit where nothing may differ."""

import functools
import math
import threading
from itertools import islice, pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.data.tensors import batches, load
from resviz.families.resnet import nets
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import checksum
from resviz.train.records import PROBE_EVERY, History, Record, Start
from resviz.train.twins.lockstep import DeviceUnavailable, evaluate_every, resolve_device, train
from resviz.train.twins.trainer import Captured, NotFinite, Trainer

pytestmark = pytest.mark.heavy  # real networks learn in all of these

CPU = torch.device("cpu")


def small(**changes) -> Spec:
    return Spec.of({"depth": 8, "width": 4, "epochs": 1, "device": "cpu", **changes})


@functools.cache
def run(spec: Spec) -> History:
    """Trained once for all tests that look at it; that a second time gives the same is a test of its own."""
    history = History(spec)
    for event in train(spec):
        history.add(event)
    return history


def first_steps(spec: Spec, steps: int) -> list[Record]:
    """The beginning of a run that is then left."""
    running = train(spec)
    next(running)
    found = list(islice(running, steps))
    running.close()
    return found


def numbers(history: History, arm: str) -> list:
    """All that was measured of one arm."""
    return [r.arms.get(arm) for r in history.records]


class Bare:
    """A training loop as a textbook has it, without a probe; in the memory format of the real one, for equal bits."""

    def __init__(self, spec: Spec, arm: str) -> None:
        self.spec, self.step = spec, 0
        self.net = build(spec, arm).to(memory_format=torch.channels_last)
        self.data = load(spec.dataset).for_kind(spec.kind)
        self.order = batches(len(self.data.train_y), spec.batch, spec.seed)
        make = {
            "sgd": lambda p: torch.optim.SGD(p, momentum=spec.momentum, weight_decay=spec.weight_decay, fused=True),
            "adam": lambda p: torch.optim.Adam(p, weight_decay=spec.weight_decay, fused=True),
            "adamw": lambda p: torch.optim.AdamW(p, weight_decay=spec.weight_decay, fused=True),
        }[spec.optimizer]
        self.optimizer = make(self.net.parameters())

    def batch(self) -> tuple[Tensor, Tensor]:
        chosen = next(self.order)
        return self.data.inputs(self.data.train_x[chosen]), self.data.train_y[chosen]

    def advance(self) -> tuple[float, float]:
        """One update; loss and accuracy before it."""
        self.step += 1
        x, y = self.batch()
        self.optimizer.zero_grad()
        logits = self.net(x)
        loss = functional.cross_entropy(logits, y)
        loss.backward()
        for group in self.optimizer.param_groups:
            group["lr"] = self.spec.lr_at(self.step, self.spec.steps)
        self.optimizer.step()
        return loss.item(), (logits.argmax(1) == y).sum().item() / len(y)

    def accuracy(self, x: Tensor, y: Tensor) -> float:
        self.net.eval()
        with torch.no_grad():
            share = (self.net(self.data.inputs(x)).argmax(1) == y).sum().item() / len(y)
        self.net.train()
        return share


# -- against a loop by hand ----------------------------------------------------------------------


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize(
    "spec",
    [
        small(),
        small(block="bottleneck", depth=11, norm="none", activation="silu"),
        small(order="bn_after", stages=2, shortcut="C"),
        small(order="relu_before", shortcut_scale=0.5, branch_scale=0.5),
        small(order="relu_only", norm="none", kind="mlp", gate="exclusive", gate_bias=-1.0),
        small(order="full", shortcut_dropout=0.5),
    ],
    ids=["basic", "bottleneck", "bn_after", "relu_before", "relu_only", "full"],
)
def test_the_first_record_is_what_one_pass_by_hand_gives(arm, spec):
    record = first_steps(spec, 1)[0].arms[arm]
    bare = Bare(spec, arm)
    x, y = bare.batch()
    for act in bare.net.activations():
        act.inplace = False  # what a layer gives is then still there when its gradient is asked for
    given, acted = [], []
    for modules, outputs in ((bare.net.outputs(), given), (bare.net.activations(), acted)):
        for module in modules:
            module.register_forward_hook(lambda m, i, output, outputs=outputs: outputs.append(output))
    bare.net.begin(1)
    loss = functional.cross_entropy(logits := bare.net(x), y)
    weights = [layer.weight for layer in bare.net.layers()]
    gradients = torch.autograd.grad(loss, [*weights, *given])

    assert record.loss == loss.item()
    assert record.accuracy == (logits.argmax(1) == y).sum().item() / spec.batch
    norms = [torch.linalg.vector_norm(g.double()).item() for g in gradients]
    assert len(norms) == spec.depth + spec.depth - 1
    np.testing.assert_allclose(record.grad_norm, norms[: spec.depth], rtol=1e-12)
    np.testing.assert_allclose(record.activation_grad_norm, norms[spec.depth :], rtol=1e-6)
    assert len(given) == spec.depth - 1
    a = [g.detach().double().numpy() for g in given]
    np.testing.assert_allclose(record.activation_mean, [v.mean() for v in a], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(record.activation_std, [v.std() for v in a], rtol=1e-5)
    # Dead are activations, wherever they stand; what a layer gives may be a sum.
    assert record.dead_fraction == tuple((v == 0).all(dim=(0, 2, 3)).double().mean().item() for v in acted)


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize(
    "spec",
    [
        small(momentum=0.8, weight_decay=0.01, schedule="cosine", warmup=3),
        small(optimizer="adam", lr=0.01, norm="none"),
        small(optimizer="adamw", lr=0.01, weight_decay=0.1, order="full"),
    ],
    ids=lambda spec: spec.optimizer,
)
def test_losses_and_last_accuracies_are_those_of_a_bare_loop(arm, spec):
    """So no probe, no evaluation and no twin leaves a trace in the training."""
    history = run(spec)
    bare = Bare(spec, arm)
    by_hand = [bare.advance() for _ in range(spec.steps)]
    assert [(r.arms[arm].loss, r.arms[arm].accuracy) for r in history.records] == by_hand
    assert len({loss for loss, _ in by_hand}) == spec.steps
    last = history.records[-1].arms[arm]
    # A batch of another size may turn a tie in the last bit.
    assert last.test_accuracy == pytest.approx(bare.accuracy(bare.data.test_x, bare.data.test_y), abs=1.01 / 360)
    assert last.train_accuracy == pytest.approx(bare.accuracy(bare.data.train_x, bare.data.train_y), abs=1.01 / 1437)


def test_the_formats_that_make_it_fast_change_no_more_than_rounding():
    """The same with images as they come, an update written out, and float64 throughout."""
    spec = small(norm="none", lr=0.05)
    net = build(spec, "residual").double()
    data = load("digits")
    order = batches(len(data.train_y), spec.batch, spec.seed)
    mean, std = (f(data.train_x.double()) for f in (torch.mean, lambda x: torch.std(x, correction=0)))
    velocity = [torch.zeros_like(p) for p in net.parameters()]
    losses = []
    for _ in range(4):
        chosen = next(order)
        loss = functional.cross_entropy(net((data.train_x[chosen].double() - mean) / std), data.train_y[chosen])
        losses.append(loss.item())
        with torch.no_grad():
            for p, v, g in zip(
                net.parameters(), velocity, torch.autograd.grad(loss, list(net.parameters())), strict=True
            ):
                v.mul_(0.9).add_(g)
                p.sub_(0.05 * v)
    np.testing.assert_allclose([r.arms["residual"].loss for r in first_steps(spec, 4)], losses, rtol=2e-5)


# -- the same again ------------------------------------------------------------------------------


def test_the_same_spec_gives_the_same_events_bit_for_bit():
    spec = small(block="bottleneck", depth=14, stages=2, shortcut="B", cut="2", seed=3, examples=512)
    assert list(train(spec)) == list(train(spec))


def test_the_callers_threads_change_nothing():
    spec, before = small(width=8, examples=512), torch.get_num_threads()
    events = []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            events.append(list(train(spec)))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert events[0] == events[1] == events[2]


def test_two_runs_in_turns_do_not_disturb_each_other():
    one, other = small(examples=512), small(examples=512, seed=1, optimizer="adam")
    both = list(zip(train(one), train(other), strict=True))
    assert [a for a, _ in both] == list(train(one))
    assert [b for _, b in both] == list(train(other))


def test_another_seed_gives_other_numbers():
    first, other = run(small()), run(small(seed=1))
    assert first.start.arms["plain"].checksum != other.start.arms["plain"].checksum
    assert first.records[0].arms["plain"].loss != other.records[0].arms["plain"].loss


# -- the twins -----------------------------------------------------------------------------------


@pytest.mark.parametrize("init", ["he", "torch", "fixup"])
@pytest.mark.parametrize(
    ("block", "more"),
    [
        ("plain", {"shortcut": "A"}),
        ("basic", {"shortcut": "A"}),
        ("basic", {"shortcut": "C"}),
        ("basic", {"shortcut": "B", "order": "full"}),
        ("basic", {"gate": "exclusive", "order": "bn_after"}),
        ("basic", {"kind": "mlp", "shortcut_dropout": 0.5, "order": "relu_before"}),
        ("bottleneck", {"shortcut": "B", "order": "relu_only"}),
    ],
)
def test_the_twins_start_from_the_same_weights(block, more, init):
    spec = small(depth=14, block=block, init=init, **more)
    shortcut = more.get("shortcut", "A")
    start = next(train(spec))
    assert isinstance(start, Start)
    assert start.device == "cpu"
    for arm in ARMS:
        net = build(spec, arm)
        assert start.arms[arm].checksum == checksum(net)
        assert start.arms[arm].params == sum(p.numel() for p in net.parameters())
    assert start.arms["plain"].checksum == start.arms["residual"].checksum
    has_projections = block != "plain" and (shortcut == "C" or (shortcut == "B" and block == "bottleneck"))
    more_weights = has_projections or "gate" in more
    assert (start.arms["plain"].params < start.arms["residual"].params) == more_weights


def test_the_twins_of_the_control_are_one_network():
    history = run(small(block="plain"))
    assert numbers(history, "plain") == numbers(history, "residual")


def test_shortcuts_make_a_difference():
    history = run(small())
    assert all(r.arms["plain"].loss != r.arms["residual"].loss for r in history.records)


def test_cut_shortcuts_change_only_the_residual_arm():
    whole, some, none = run(small()), run(small(cut="2")), run(small(cut="1-3"))
    assert numbers(whole, "plain") == numbers(some, "plain") == numbers(none, "plain")
    assert numbers(whole, "residual")[0].loss != numbers(some, "residual")[0].loss
    assert numbers(none, "residual") == numbers(none, "plain")


# -- what is measured when -----------------------------------------------------------------------


def test_every_step_is_recorded_and_the_rest_where_documented():
    spec = small(epochs=2, batch=60, schedule="step", warmup=5)
    history = run(spec)
    every = evaluate_every(spec)
    assert (spec.steps, every) == (46, 20)
    assert [r.step for r in history.records] == list(range(1, 47))
    assert [r.epoch for r in history.records] == [1] * 23 + [2] * 23
    assert [r.lr for r in history.records] == [spec.lr_at(step, 46) for step in range(1, 47)]
    assert len({r.lr for r in history.records}) == 7  # five of the warm-up, of which the last goes on, and two falls
    for arm in ARMS:
        assert history.column(arm, "loss")[0] == history.column(arm, "grad_norm")[0] == list(range(1, 47))
        probed = sorted({1, 2, 11, 46, *range(PROBE_EVERY, 47, PROBE_EVERY)})
        assert history.column(arm, "activation_grad_norm")[0] == [1, 2, 11]  # of CALM, those that the run has
        for name in ("activation_mean", "activation_std", "dead_fraction", "residual_ratio"):
            assert history.column(arm, name)[0] == probed
        assert history.column(arm, "test_accuracy")[0] == [1, 20, 40, 46]
        assert history.column(arm, "train_accuracy")[0] == [46]
        for record in numbers(history, arm):
            assert len(record.grad_norm) == spec.depth
            vectors = (record.activation_mean, record.activation_std, record.dead_fraction, record.activation_grad_norm)
            for vector in vectors:
                assert vector is None or len(vector) == spec.depth - 1
            assert record.residual_ratio is None or len(record.residual_ratio) == spec.blocks


@pytest.mark.parametrize("dataset", ["digits", "mnist", "cifar10", "spirals"])
@pytest.mark.parametrize("batch", [2, 32, 128, 1024])
def test_testing_takes_about_a_tenth_of_the_time(dataset, batch):
    """A test takes a forward pass over the test images, a step three of those over its batch."""
    spec = Spec(dataset=dataset, batch=batch)
    share = spec.data.test / (3 * batch * evaluate_every(spec))
    assert share <= 0.134
    assert share >= 0.07 or evaluate_every(spec) == 1


@pytest.mark.parametrize(("depth", "layers"), [(2, 2), (3, 3), (4, 4), (5, 5)])
def test_the_shallowest_networks(depth, layers):
    history = run(small(depth=depth, examples=256))
    assert len(history.records) == 2
    assert len(history.records[0].arms["residual"].grad_norm) == layers
    assert (numbers(history, "plain") == numbers(history, "residual")) == (depth < 4)  # below, no block fits


@pytest.mark.parametrize("dataset", ["spirals", "circles"])
def test_points_are_learnt_by_the_same_networks(dataset):
    history = run(small(dataset=dataset, epochs=3, width=16))
    assert history.records[-1].arms["residual"].loss < history.records[0].arms["residual"].loss


# -- data and device -----------------------------------------------------------------------------


def test_data_may_be_given(monkeypatch):
    spec, data = small(epochs=1, examples=512), load("digits", 512)
    expected = list(train(spec))

    def refuse(*arguments, **more):
        raise AssertionError("data were given, and loaded all the same")

    monkeypatch.setattr(nets, "load", refuse)
    assert list(train(spec, data=data)) == expected


def test_fewer_training_images_are_those_that_loading_gives():
    spec = small(examples=200, batch=50)
    assert list(train(spec)) == list(train(spec, data=load("digits", 200)))
    assert spec.steps == 4


@pytest.mark.parametrize(
    ("cuda", "mps", "auto"), [(False, False, "cpu"), (True, False, "cuda"), (False, True, "mps"), (True, True, "cuda")]
)
def test_auto_takes_the_best_device_and_an_absent_one_is_named_with_those_there(cuda, mps, auto, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert resolve_device("auto") == auto
    assert resolve_device("cpu") == "cpu"
    there = [name for name, found in (("cuda", cuda), ("mps", mps), ("cpu", True)) if found]
    for name, found in (("cuda", cuda), ("mps", mps)):
        if found:
            assert resolve_device(name) == name
        else:
            with pytest.raises(DeviceUnavailable) as error:
                resolve_device(name)
            assert str(error.value) == f"device={name}: this machine has {', '.join(there)}"


def test_a_run_on_an_absent_device_fails_before_it_starts(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceUnavailable):
        next(train(small(device="cuda")))


def test_leaving_a_run_ends_its_threads():
    before = set(threading.enumerate())
    running = train(small())
    assert len(list(islice(running, 3))) == 3
    assert len(set(threading.enumerate()) - before) == 2
    running.close()
    assert set(threading.enumerate()) <= before


# -- the ends of float32 -------------------------------------------------------------------------


def first_not_finite(spec: Spec, arm: str, steps: int) -> int | None:
    """After so many updates by hand, the first layer whose output on the next batch is not finite."""
    bare = Bare(spec, arm)
    for _ in range(steps):
        bare.advance()
    x, _ = bare.batch()
    outputs = []
    for layer in bare.net.layers():
        layer.register_forward_hook(lambda m, i, output: outputs.append(bool(output.isfinite().all())))
    bare.net(x)
    return outputs.index(False) + 1 if False in outputs else None


def test_an_arm_whose_numbers_explode_ends_with_the_facts_and_its_twin_goes_on():
    spec = small(depth=32, norm="none", activation="leaky_relu", lr=100)
    history = run(spec)
    step, why = history.ended("residual")
    assert 1 < step < spec.steps
    assert [r.step for r in history.records] == list(range(1, spec.steps + 1))
    assert all(set(r.arms) == ({"residual", "plain"} if r.step < step else {"plain"}) for r in history.records)
    assert [set(r.ended) for r in history.records if r.ended] == [{"residual"}]

    layer = first_not_finite(spec, "residual", step - 1)
    norms = history.records[step - 2].arms["residual"].grad_norm
    assert why == (
        f"going forward, the signal leaves the range of float32 (up to 3.4e+38) at layer {layer}. "
        f"One step before, the largest gradient norm was {max(norms):.2g}, at layer {norms.index(max(norms)) + 1}."
    )

    alone = run(
        spec.replace(cut="1-15")
    )  # both arms plain, neither ends: the twin's numbers are as if it had been alone
    assert numbers(history, "plain") == numbers(alone, "plain")
    last = history.records[-1].arms["plain"]
    assert last.train_accuracy is not None
    assert last.test_accuracy is not None


def test_when_both_arms_have_ended_the_run_ends():
    spec = small(norm="none", activation="leaky_relu", lr=100)
    history = run(spec)
    assert history.records[-1].arms == {}
    assert len(history.records) < spec.steps
    ends = [history.ended(arm)[0] for arm in ARMS]
    assert max(ends) == history.records[-1].step
    for arm in ARMS:
        for name in ("loss", "grad_norm"):
            assert np.isfinite(history.column(arm, name)[1]).all()


def arm_with(change, **more) -> tuple[Trainer, Tensor, Tensor]:
    """An arm without normalisation whose weights `change` has had its way with, and a batch."""
    spec = small(norm="none", activation="leaky_relu", init="torch", **more)
    arm, bare = Trainer(spec, "plain", CPU), Bare(spec, "plain")
    with torch.no_grad():
        change(arm.net.layers())
    return arm, *bare.batch()


@pytest.mark.parametrize("layer", [1, 4, 8])
def test_going_forward_the_first_layer_that_overflows_is_named(layer):
    arm, x, y = arm_with(lambda layers: layers[layer - 1].weight.mul_(1e20).mul_(1e20))
    with pytest.raises(NotFinite) as error:
        arm.step(1, x, y, 0.1, True)
    assert (
        str(error.value) == f"going forward, the signal leaves the range of float32 (up to 3.4e+38) at layer {layer}."
    )


@pytest.mark.parametrize("layer", [2, 5])
def test_going_back_the_last_layer_that_overflows_is_named(layer):
    """A layer made small and the next made as much larger: outputs stay, the gradient between them does not."""

    def change(layers):
        layers[layer - 1].weight.mul_(1e-36)
        layers[layer].weight.mul_(1e36)
        layers[-1].weight.mul_(1e8)

    arm, x, y = arm_with(change)
    loss, _, *norms = arm.measure(x, y, False).tolist()
    assert math.isfinite(loss)
    assert max(i for i, norm in enumerate(norms, start=1) if not math.isfinite(norm)) == layer
    with pytest.raises(NotFinite) as error:
        arm.step(1, x, y, 0.1, False)
    assert str(error.value) == f"going back, the gradient leaves the range of float32 (up to 3.4e+38) at layer {layer}."


def test_a_loss_that_overflows_behind_finite_outputs_is_named():
    def change(layers):
        layers[-1].weight.zero_()
        layers[-1].bias.copy_(torch.tensor([3e38, -3e38] * 5))

    arm, x, y = arm_with(change)
    with pytest.raises(NotFinite, match=r"^the loss is (infinite|NaN), although every layer's output is finite\.$"):
        arm.step(1, x, y, 0.1, True)


def test_what_cannot_be_measured_is_not_learnt_from():
    arm, x, y = arm_with(lambda layers: layers[3].weight.mul_(1e20).mul_(1e20))
    before = [p.clone() for p in arm.parameters]
    with pytest.raises(NotFinite):
        arm.step(1, x, y, 0.1, True)
    assert all(torch.equal(a, b) for a, b in zip(arm.parameters, before, strict=True))


# -- on a GPU ------------------------------------------------------------------------------------


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_a_captured_step_is_the_step_run_eagerly(monkeypatch):
    """With and without probes, and with a shortcut cut in between: a graph has its branches frozen in."""
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    device = torch.device("cuda")
    spec = small(depth=14, device="cuda")
    data = load("digits").to(device)
    captured, eager = (Trainer(spec, "residual", device) for _ in range(2))
    for p in eager.parameters:
        p.grad = torch.zeros_like(p)
    order = batches(len(data.train_y), spec.batch, 0)
    for step in range(1, 9):
        chosen = next(order).to(device)
        x, y = data.inputs(data.train_x[chosen]), data.train_y[chosen]
        probe, lr = step % 2 == 0, 0.02 / step
        if step == 5:
            captured.net.cut([3])
            eager.net.cut([3])
        record = captured.step(step, x, y, lr, probe)
        loss, accuracy, *rest = eager.measure(x, y, probe).tolist()
        for group in eager.optimizer.param_groups:
            group["lr"] = lr
        eager.optimizer.step()
        assert record.loss == pytest.approx(loss, rel=1e-5)
        assert record.accuracy == pytest.approx(accuracy, abs=1.01 / spec.batch)
        np.testing.assert_allclose(record.grad_norm, rest[:14], rtol=1e-4)
        if probe:
            vectors = record.activation_mean, record.activation_std, record.dead_fraction
            np.testing.assert_allclose(np.stack(vectors, axis=1).ravel(), rest[14:53], rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(record.residual_ratio, rest[53:], rtol=1e-4)
        else:
            assert record.activation_std is None
    assert len(captured._graphs) == 4  # probed or not, cut or not
    assert all(isinstance(graph, Captured) for graph in captured._graphs.values())
    for (name, a), b in zip(captured.net.state_dict().items(), eager.net.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
def test_on_a_gpu_too_the_same_spec_gives_the_same_events():
    spec = small(device="cuda")
    assert list(train(spec)) == list(train(spec))
    assert next(train(spec)).device == "cuda"


# -- what it is all for --------------------------------------------------------------------------


DEEP = (
    # As many steps of a quarter of the batch, to a learning rate of 0: three epochs are enough.
    pytest.param(
        Spec(depth=56, batch=32, epochs=3, schedule="cosine", device="cpu"), id="short", marks=pytest.mark.heavy
    ),
    # The experiment that the app opens with.
    pytest.param(Spec(device="cpu"), id="usual", marks=(pytest.mark.grid, pytest.mark.heavy, pytest.mark.slow)),
)


@pytest.fixture(scope="module", params=DEEP)
def deep(request) -> History:
    """A training of the usual network at depth 56, on digits."""
    return run(request.param)


def test_the_app_opens_with_twelve_epochs_at_depth_56():
    assert Spec() == Spec(depth=56, width=16, batch=128, epochs=12, dataset="digits")


def test_at_depth_56_only_the_residual_network_learns(deep):
    assert deep.last("residual", "test_accuracy") >= 0.95
    assert deep.last("residual", "train_accuracy") >= 0.95
    assert deep.last("plain", "test_accuracy") <= 0.5


def test_at_depth_56_the_plain_networks_gradient_explodes_at_the_start(deep):
    """With batch normalisation it explodes, not vanishes (Yang 2019, arXiv 1902.08129)."""
    first = deep.records[0]
    ratios = {arm: first.arms[arm].grad_norm[0] / first.arms[arm].grad_norm[-2] for arm in ARMS}
    assert ratios["plain"] > 100
    assert ratios["plain"] > 20 * ratios["residual"]


def test_a_long_run_has_every_step(deep):
    assert isinstance(deep.records[-1], Record)
    assert all(b.step == a.step + 1 for a, b in pairwise(deep.records))
    assert len(deep.records) == deep.spec.steps == 132
    assert all(isinstance(layer, nn.Module) for layer in build(deep.spec, "plain").layers())
