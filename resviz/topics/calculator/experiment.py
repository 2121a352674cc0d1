"""Check a count against a network built on the meta device, and measure training steps of a real one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.measured import MOST_LAYERS, SIDE, Check, StepTime, layers_of
from resviz.topics.calculator.nets import build, torchvisions_name
from resviz.topics.calculator.question import CountSpec
from resviz.train.twins.lockstep import resolve_device
from resviz.words.text import Mistake

BATCH = 2  # images of a check: with a single image autograd keeps views where it otherwise keeps copies
ENOUGH = 2.0  # seconds of measured steps that are enough
FEWEST, MOST = 3, 30  # measured steps
COPIED = 1 << 26  # bytes copied to measure the bandwidth: more than a cache holds
REPEATS = 5


def check(spec: CountSpec) -> Check:
    """Build the network on the meta device, and count it layer by layer. Raises Mistake if it has too many layers."""
    if (layers := layers_of(count(spec))) > MOST_LAYERS:
        raise Mistake(f"{spec.label} is made of {layers:,} parts; up to {MOST_LAYERS:,} are built for a check.")
    with torch.device("meta"):
        net, x = build(spec), _inputs(spec, BATCH)
    # Parameters, buffers and the input of a single block are not kept because of the image.
    own = {_storage(t) for t in (*net.parameters(), *net.buffers(), *([x] if spec.net == "block" else []))}
    kept: dict[Any, tuple[int, Any]] = {}  # holds the storage too: if it were freed, another one could get its address

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if tensor.ndim > 1 and storage._cdata not in own:
            kept[storage._cdata] = storage.nbytes(), storage
        return tensor

    with FlopCounterMode(display=False) as flops, saved_tensors_hooks(note, lambda tensor: tensor):
        _loss(net, x, spec)
    parameters = sum(p.numel() for p in net.parameters())
    return Check(
        _built(spec), parameters, flops.get_total_flops() // 2 // BATCH, sum(b for b, _ in kept.values()) // BATCH
    )


def _built(spec: CountSpec) -> str:
    if name := torchvisions_name(spec):
        return f"torchvision’s {name}"
    return "the same network built of torch’s layers (torchvision has none like it)"


def _inputs(spec: CountSpec, batch: int) -> Tensor:
    channels = spec.inputs if spec.net == "block" else spec.channels
    return torch.randn(batch, channels, spec.input, spec.input)


def _loss(net: nn.Module, x: Tensor, spec: CountSpec) -> Tensor:
    out = net(x)
    if spec.net == "block":
        return out
    return functional.cross_entropy(out, torch.zeros(len(x), dtype=torch.long, device=x.device))


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


def time_step(spec: CountSpec) -> StepTime:
    """Time training steps of `spec.batch` random images on the best device of this machine, with torch's current number of
    threads. The peak rate of the machine is measured before and after them."""
    device = torch.device(resolve_device("auto"))
    rates = [_rate(device)]
    net, x = build(spec), _inputs(spec, spec.batch)
    net = net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = x.to(device, memory_format=torch.channels_last).requires_grad_(spec.net == "block")
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss = _loss(net, x, spec)
        loss.backward(torch.ones_like(loss))
        optimizer.step()

    step()  # warm-up: allocates memory and chooses kernels
    took: list[float] = []
    while len(took) < FEWEST or (sum(took) < ENOUGH and len(took) < MOST):
        took.append(_timed(step, device))
    rates.append(_rate(device))
    return StepTime(
        spec.batch,
        device.type,
        torch.get_num_threads(),
        statistics.median(took),
        min(took),
        len(took),
        max(rates),
        _bandwidth(device),
    )


def _rate(device: torch.device) -> float:
    """MACs per second of a product of two square matrices, the best of a few runs."""
    a, b = torch.randn(2, SIDE, SIDE, device=device)
    out = torch.empty_like(a)
    return SIDE**3 / _best(lambda: torch.mm(a, b, out=out), device)


def _bandwidth(device: torch.device) -> float:
    """Bytes per second, read and written, of a copy, the best of a few runs."""
    source = torch.ones(COPIED, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * COPIED / _best(lambda: target.copy_(source), device)


def _best(work: Callable[[], object], device: torch.device) -> float:
    _timed(work, device)
    return min(_timed(work, device) for _ in range(REPEATS))


def _timed(work: Callable[[], object], device: torch.device) -> float:
    """Seconds that the work takes; on a GPU until it has finished."""
    wait = (lambda: None) if device.type == "cpu" else getattr(torch, device.type).synchronize
    wait()
    began = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - began
