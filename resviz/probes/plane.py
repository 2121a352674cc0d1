"""What networks in the plane do to points and to the plane around them, as numbers for a picture."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from resviz.nets.plane import Blocks
from resviz.words.say import rounded
from resviz.words.text import Vector

MARGIN = 0.08  # of the picture around the points


EDGE = 0.995  # share of the points that the picture is sure to hold


SMALLEST = 1e-15  # in a picture: less is 0


POWERS = np.array([float(f"1e{k}") for k in range(40)])
JACOBIANS = 12  # points at which each block's Jacobian is taken


def picture(arms: list[list[Tensor]]) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of a square that holds nearly all points of all arms at all blocks."""
    everything = torch.cat([torch.cat(states) for states in arms])
    everything = everything[everything.isfinite().all(1)]
    low, high = (everything.quantile(q, dim=0) for q in (1 - EDGE, EDGE))
    middle, half = (low + high) / 2, ((high - low).max() / 2 * (1 + 2 * MARGIN)).clamp(0.5, 1e4)
    half = torch.maximum(half, middle.abs().max() / 100)  # or four digits would not tell its sides apart
    left, bottom = (middle - half).tolist()
    right, top = (middle + half).tolist()
    return rounded(left), rounded(right), rounded(bottom), rounded(top)


def grid(box: tuple[float, float, float, float], count: int) -> Tensor:
    """The middles of count x count cells of a picture, row by row from below: (count^2, 2)."""
    left, right, bottom, top = box
    at = (torch.arange(count) + 0.5) / count
    y, x = torch.meshgrid(bottom + at * (top - bottom), left + at * (right - left), indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


def regions(net: Blocks, nodes: Tensor) -> tuple[str, ...]:
    """For each block, and the end: what the network from there on says of points that stand on the nodes."""
    x = nodes
    for k in range(len(net)):  # all that have started go on together, and the next start behind them
        x = torch.cat([net.block(k, x), nodes])
    return signs(net.logit(x), len(nodes))


def signs(logits: Tensor, count: int) -> tuple[str, ...]:
    """0 or 1 for each, the second class, as strings of `count`."""
    text = ((logits.detach() > 0).byte() + ord("0")).numpy().tobytes().decode()
    return tuple(text[first : first + count] for first in range(0, len(text), count))


def row(values: Tensor) -> Vector:
    """Numbers for a picture, of (P,), as `rows` has them."""
    return rows(values[None])[0]


def trajectories(states: list[Tensor]) -> tuple[tuple[Vector, ...], tuple[Vector, ...]]:
    """x and y of points on their way, for a picture. states: K of (P, d >= 2); out: K rows each."""
    x, y = torch.stack(states)[:, :, :2].unbind(2)
    return rows(x), rows(y)


def rows(values: Tensor) -> tuple[Vector, ...]:
    """Numbers for a picture, of (K, P): to four digits, a thousandth of its side; what is not finite far outside of it. `rounded`
    of each, in a tenth of its time."""
    found = values.detach().double().nan_to_num(1e6, 1e6, -1e6).numpy()
    size = np.abs(found)
    after = 3 - np.floor(np.log10(np.where(size < SMALLEST, 1.0, size))).astype(int)  # places behind the point
    up, down = POWERS[after.clip(0)], POWERS[(-after).clip(0)]
    # A whole number over a power of ten gives the double nearest to that decimal, which is then written with four digits.
    return tuple(map(tuple, np.where(size < SMALLEST, 0.0, np.rint(found / down * up) / up * down).tolist()))


def eigenvalues(net: Blocks, states: list[Tensor]) -> tuple[tuple[float, float], ...]:
    """Of h df_k/dx, at a few of the points as they enter each block: |1 + one of them| is how a small difference there grows."""
    found: list[tuple[float, float]] = []
    with torch.enable_grad():
        for k in range(len(net)):
            x = states[k][:: max(1, len(states[k]) // JACOBIANS)][:JACOBIANS].detach().requires_grad_()
            out = net.h * net.field(k, x)
            rows = [torch.autograd.grad(out[:, i].sum(), x, retain_graph=True)[0] for i in range(x.shape[1])]
            jacobians = torch.stack(rows, dim=1)
            jacobians = jacobians[jacobians.isfinite().flatten(1).all(1)]  # LAPACK does not survive the others
            values = torch.linalg.eigvals(jacobians).flatten()
            found += [(rounded(v.real), rounded(v.imag)) for v in values.tolist()]
    return tuple(found)
