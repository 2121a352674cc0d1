"""Trains one arm: its network, its optimiser, and one training step with every probe on."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from resviz.data.tensors import Data
from resviz.probes.activations import ActivationStats
from resviz.probes.gradients import BackwardSignal, gradient_norms
from resviz.train.records import ArmRecord
from resviz.train.spec import TrainingSpec
from resviz.train.twins.task import Task
from resviz.train.twins.twin import Twin

EVALUATION_BATCH = 512

# Fused: one pass over all parameters instead of one operation each.
OPTIMIZERS: dict[str, Callable[[list[torch.nn.Parameter], TrainingSpec], torch.optim.Optimizer]] = {
    "sgd": lambda p, s: torch.optim.SGD(p, s.lr, momentum=s.momentum, weight_decay=s.weight_decay, fused=True),
    "adam": lambda p, s: torch.optim.Adam(p, s.lr, weight_decay=s.weight_decay, fused=True),
    "adamw": lambda p, s: torch.optim.AdamW(p, s.lr, weight_decay=s.weight_decay, fused=True),
}


# The wrappers around an optimiser's methods import torch's compiler, 3 seconds and 150 MB, only to exclude them from it.
# Nothing here is ever compiled: `step` is called unwrapped, and this attribute is where the other wrapper looks first.
if _add := getattr(torch.optim.Optimizer.add_param_group, "__wrapped__", None):
    vars(_add)["__dynamo_disable"] = _add


# The state of an arm at one step, apart from its settings: only tensors and plain values, so that it can be stored on disk.
State = dict[str, Any]


class NotFinite(ArithmeticError):
    """A loss or gradient left the range of float32; the message says where."""


class Trainer:
    """Trains the arm called `name`. All state of the arm is held here; nothing is shared with the other arm."""

    def __init__(self, spec: TrainingSpec, name: str, device: torch.device) -> None:
        self.name, self.device = name, device
        self.now = spec.during(1)
        self.task: Task = spec.family.of("task")()
        self.twin: Twin = spec.family.of("twin")(self.now, name)
        self.net = self.twin.net.to(device).to(memory_format=torch.channels_last)
        self.parameters = list(self.net.parameters())
        self.weights = [layer.weight for layer in self.twin.layers]
        self.dtype = torch.float32 if device.type == "mps" else torch.float64  # Apple GPUs have no float64
        self._watch()
        self._optimize()
        self._graphs: dict[tuple[bool, bool, tuple[bool, ...]], Captured] = {}
        self._last_norms: list[float] = []
        self.ended = False

    def _watch(self) -> None:
        outputs, acting = self.twin.outputs, self.twin.acting
        self.stats = ActivationStats(outputs, self.dtype)
        # If they are the same modules, one measurement serves for both.
        self.acting = self.stats if list(acting) == list(outputs) else ActivationStats(acting, self.dtype)
        self.signal = BackwardSignal(outputs, self.dtype)
        self.ratio = self.twin.ratio(self.stats, self.dtype)

    def _optimize(self) -> None:
        self.optimizer = OPTIMIZERS[self.now.optimizer](self.parameters, self.now)
        self._update = partial(inspect.unwrap(type(self.optimizer).step), self.optimizer)
        if self.twin.sleeps:
            self._begin_momentum()

    # -- changes during training -------------------------------------------------------------------

    def apply(self, now: TrainingSpec) -> None:
        """Continue with other settings, of those that may change: the weights stay, and so does the optimiser's state, unless
        the optimiser itself changes."""
        before, self.now = self.now, now
        if self.twin.apply(now):
            self._watch()
        if now.optimizer != before.optimizer:
            self._optimize()
        for group in self.optimizer.param_groups:
            group["weight_decay"] = now.weight_decay
            if "momentum" in group:
                group["momentum"] = now.momentum
        for p in self.parameters:
            p.grad = None
        self._begin_momentum()
        self._graphs.clear()

    def shift(self, number: int, x: Tensor, now: TrainingSpec) -> tuple[float, float] | None:
        """Do what `apply` does, just before step `number` on the batch x (N, C, H, W), and measure how it changes what the first
        block concerned passes on: see ArmRecord. Returns None if no block is concerned, or a norm is 0 or not finite."""
        if (part := self.twin.touched(now)) is None:
            self.apply(now)
            return None
        before = self._output(part, number, x)
        self.apply(now)
        after = self._output(part, number, x)
        sizes = [torch.linalg.vector_norm(t, dim=1) for t in (before, after)]
        told = torch.stack(
            [sizes[1].norm() / sizes[0].norm(), ((before * after).sum(1) / (sizes[0] * sizes[1])).mean()]
        )
        ratio, cosine = told.tolist()
        return (ratio, cosine) if math.isfinite(ratio) and math.isfinite(cosine) else None

    def _output(self, part: Callable[[Tensor], Tensor], number: int, x: Tensor) -> Tensor:
        """Return what a part of the network passes on at step `number`, (N, numbers), without a trace in the network."""
        self.twin.begin(number)
        with torch.no_grad(), buffers_kept(self.net):
            return part(x).flatten(1).to(self.dtype, copy=True)

    def _begin_momentum(self) -> None:
        """Give each parameter a momentum of 0 where it has none: SGD's fused step needs one for all parameters or for none, and
        parameters that no step has used yet have none."""
        for p in self.parameters if self.now.optimizer == "sgd" else ():
            if self.optimizer.state[p].get("momentum_buffer") is None:
                self.optimizer.state[p]["momentum_buffer"] = torch.zeros_like(p)

    def state(self) -> State:
        """Return what `load` needs to continue from here with the same numbers: a few large tensors, since a thousand small
        ones would take longer to copy and store than the step itself."""
        optimizer = [
            sorted(k for k, v in self.optimizer.state.get(p, {}).items() if v is not None) for p in self.parameters
        ]
        floats, whole = self._parts(optimizer)
        return {
            "floats": torch.cat([t.detach().reshape(-1) for t in floats]),
            "whole": torch.stack(whole) if whole else None,
            "optimizer": optimizer,
            "norms": list(self._last_norms),
            "ended": self.ended,
        }

    def load(self, state: State) -> None:
        """Restore `state`; its settings must be applied already."""
        self._last_norms, self.ended = list(state["norms"]), state["ended"]
        for p, keys in zip(self.parameters, state["optimizer"], strict=True):
            for key in keys:
                # "step" is one number, all else has the parameter's shape and order in memory.
                self.optimizer.state[p][key] = (
                    torch.zeros((), device=self.device) if key == "step" else torch.empty_like(p)
                )
        floats, whole = self._parts(state["optimizer"])
        with torch.no_grad():
            for t, kept in zip(floats, state["floats"].to(self.device).split([t.numel() for t in floats]), strict=True):
                t.copy_(kept.view(t.shape))
            for t, kept in zip(whole, state["whole"] if whole else (), strict=True):
                t.copy_(kept)

    def _parts(self, optimizer: list[list[str]]) -> tuple[list[Tensor], list[Tensor]]:
        """Return all tensors that a step changes, in a fixed order: the floating-point ones, and the integer counters."""
        buffers = list(self.net.buffers())
        floats = [*self.parameters, *(b for b in buffers if b.is_floating_point())]
        floats += [
            self.optimizer.state[p][key] for p, keys in zip(self.parameters, optimizer, strict=True) for key in keys
        ]
        return floats, [b for b in buffers if not b.is_floating_point()]

    # -- a step ------------------------------------------------------------------------------------

    def step(self, number: int, x: Tensor, y: Tensor, lr: float, probe: bool, signal: bool = False) -> ArmRecord:
        """Make update `number`, counted from 1, on the batch x (N, C, H, W), y (N,). `probe` also measures activations,
        `signal` also the gradients with respect to the layers' outputs.

        Raises NotFinite, before the update, if the loss or a gradient is NaN or infinite.
        """
        self.twin.begin(number)
        captured = self.device.type == "cuda" and self.twin.steady
        measured = self._graph(x, y, probe, signal)(x, y) if captured else self.measure(x, y, probe, signal)
        numbers: list[float] = measured.tolist()  # the only transfer of a step
        loss, _, *rest = numbers
        norms = rest[: len(self.weights)]
        if not all(map(math.isfinite, (loss, *norms))):
            self.ended = True
            raise NotFinite(self._diagnose(x, loss, norms))
        self._last_norms = norms
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        with torch.no_grad():
            self._update()
        return self._record(numbers, probe, signal)

    def first_pass(self, x: Tensor, y: Tensor) -> ArmRecord:
        """Return what `step` would measure on this batch, without an update; a number outside the range of float32 is inf or NaN.

        Runs in training mode, so that batch normalisation uses the batch's own statistics; its running statistics change.
        """
        self.twin.begin(1)
        return self._record(self.measure(x, y, probe=True, signal=True).tolist(), probe=True, signal=True)

    def _record(self, numbers: list[float], probe: bool, signal: bool) -> ArmRecord:
        loss, accuracy, *rest = numbers
        values = iter(rest)

        def take(count: int) -> tuple[float, ...]:
            return tuple(islice(values, count))

        depth = len(self.weights)
        record = ArmRecord(loss, accuracy, take(depth))
        if signal:
            record = replace(record, activation_grad_norm=take(depth - 1))
        if not probe:
            return record
        mean, std, dead, ratio = (take(n) for n in (depth - 1, depth - 1, depth - 1, self.now.branches))
        return replace(record, activation_mean=mean, activation_std=std, dead_fraction=dead, residual_ratio=ratio)

    def measure(self, x: Tensor, y: Tensor, probe: bool, signal: bool = False) -> Tensor:
        """Run a forward and a backward pass. Returns one vector on the device: loss, accuracy, gradient norms of the weights
        (depth,); with `signal`, gradient norms of the layers' outputs (depth - 1,); with `probe`, the activations' means,
        standard deviations and dead shares, (depth - 1,) each, and residual ratios (blocks,)."""
        if self.device.type == "cuda":
            torch._foreach_zero_(
                [p.grad for p in self.parameters if p.grad is not None]
            )  # a CUDA graph holds their addresses
        else:
            for p in self.parameters:
                p.grad = None
        apart = self.acting is not self.stats
        with (
            self.stats.measuring(probe),
            self.acting.measuring(probe) if apart else nullcontext(),
            self.ratio.measuring(probe),
            self.signal.measuring(signal),
        ):
            out = self.net(x)
        loss = self.task.loss(out, y)
        loss.backward()
        with torch.no_grad():
            score = self.task.score(out, y).to(self.dtype).mean()
            parts = [loss.detach().to(self.dtype)[None], score[None], gradient_norms(self.weights, self.dtype)]
            if signal:
                parts.append(self.signal.values().to(loss.device))
            if probe:
                mean, std, dead = self.stats.values().unbind(1)
                if apart:
                    dead = self.acting.values()[:, 2]
                parts += [mean, std, dead, self.ratio.values().to(loss.device)]
            return torch.cat(parts)

    def score(self, data: Data, x: Tensor, y: Tensor) -> float:
        """Return the mean score of the examples x with targets y, in evaluation mode."""
        self.net.eval()
        total = torch.zeros((), dtype=torch.int64, device=self.device)
        with torch.no_grad():
            for inputs, targets in zip(x.split(EVALUATION_BATCH), y.split(EVALUATION_BATCH), strict=True):
                total = total + self.task.score(self.net(data.inputs(inputs)), targets).sum()
        self.net.train()
        return total.item() / len(y)

    def _graph(self, x: Tensor, y: Tensor, probe: bool, signal: bool) -> Captured:
        # A captured graph always runs the same kernels, so each pattern of cut shortcuts has its own.
        key = probe, signal, self.twin.pattern
        if key not in self._graphs:
            self._graphs[key] = Captured(self, x, y, probe, signal)
        return self._graphs[key]

    def _diagnose(self, x: Tensor, loss: float, norms: list[float]) -> str:
        """Say where the range of float32 was left: at the first such layer of one more forward pass, otherwise at the layer
        nearest the output with a non-finite gradient norm."""
        grown = ""
        if self._last_norms:
            top = max(self._last_norms)
            grown = f" One step before, the largest gradient norm was {top:.2g}, at layer {self._last_norms.index(top) + 1}."
        limit = f"the range of float32 (up to {torch.finfo(torch.float32).max:.1e})"
        if layer := self._first_not_finite(x):
            return f"going forward, the signal leaves {limit} at layer {layer}.{grown}"
        if not math.isfinite(loss):
            return f"the loss is {'NaN' if math.isnan(loss) else 'infinite'}, although every layer's output is finite.{grown}"
        bad = max(i for i, n in enumerate(norms, start=1) if not math.isfinite(n))
        return f"going back, the gradient leaves {limit} at layer {bad}.{grown}"

    def _first_not_finite(self, x: Tensor) -> int | None:
        layers = self.twin.layers
        finite = [True] * len(layers)

        def watch(row: int) -> Callable[..., None]:
            def check(module: torch.nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
                finite[row] = bool(output.isfinite().all())

            return check

        hooks = [layer.register_forward_hook(watch(row)) for row, layer in enumerate(layers)]
        with torch.no_grad():
            self.net(x)
        for hook in hooks:
            hook.remove()
        return None if all(finite) else finite.index(False) + 1


@contextmanager
def buffers_kept(net: torch.nn.Module) -> Iterator[None]:
    """Afterwards all buffers of a network, such as running statistics, have the values they had before."""
    before = [(b, b.clone()) for b in net.buffers()]
    yield
    with torch.no_grad():
        for buffer, kept in before:
            buffer.copy_(kept)


class Captured:
    """`Trainer.measure` as one CUDA graph: small networks are limited by kernel launches, and a graph needs only one."""

    def __init__(self, arm: Trainer, x: Tensor, y: Tensor, probe: bool, signal: bool) -> None:
        self.x, self.y = x.clone(memory_format=torch.preserve_format), y.clone()
        idle = arm.twin.idle()
        for p in arm.parameters:
            if p.grad is None and p not in idle:
                p.grad = torch.zeros_like(p)
        with buffers_kept(arm.net):  # the warm-up passes change the running statistics
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                for _ in range(3):
                    arm.measure(self.x, self.y, probe, signal)
            torch.cuda.current_stream().wait_stream(stream)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.result = arm.measure(self.x, self.y, probe, signal)

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        self.x.copy_(x)
        self.y.copy_(y)
        self.graph.replay()
        return self.result
