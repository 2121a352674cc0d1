"""Trajectories, decision regions and eigenvalues of networks in the plane, as numbers for a figure."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from resviz.nets.plane import Blocks
from resviz.words.say import rounded
from resviz.words.text import Vector

MARGIN = 0.08  # on each side of the points, as a share of their extent


EDGE = 0.995  # quantile of the coordinates up to which points are inside the picture


SMALLEST = 1e-15  # absolute values below this become 0


POWERS = np.array([float(f"1e{k}") for k in range(40)])
JACOBIANS = 12  # points at which each block's Jacobian is taken


def picture(arms: list[list[Tensor]]) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of a square that contains nearly all points of all arms at all blocks."""
    everything = torch.cat([torch.cat(states) for states in arms])
    everything = everything[everything.isfinite().all(1)]
    low, high = (everything.quantile(q, dim=0) for q in (1 - EDGE, EDGE))
    middle, half = (low + high) / 2, ((high - low).max() / 2 * (1 + 2 * MARGIN)).clamp(0.5, 1e4)
    half = torch.maximum(half, middle.abs().max() / 100)  # else four digits could not tell its sides apart
    left, bottom = (middle - half).tolist()
    right, top = (middle + half).tolist()
    return rounded(left), rounded(right), rounded(bottom), rounded(top)


def grid(box: tuple[float, float, float, float], count: int) -> Tensor:
    """The centres of count x count cells of a picture, row by row from the bottom: (count^2, 2)."""
    left, right, bottom, top = box
    at = (torch.arange(count) + 0.5) / count
    y, x = torch.meshgrid(bottom + at * (top - bottom), left + at * (right - left), indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


def regions(net: Blocks, nodes: Tensor, every: int = 1) -> tuple[str, ...]:
    """The classes of points put on the nodes before each block, and after the last, by the rest of the network: N + 1 strings.
    `every`: only before one of so many blocks, and after the last; N is a multiple of it."""
    x = nodes
    for k in range(len(net)):  # earlier copies of the nodes pass this block; a new copy starts after it
        x = net.block(k, x)
        if (k + 1) % every == 0:
            x = torch.cat([x, nodes])
    return signs(net.logit(x), len(nodes))


def signs(logits: Tensor, count: int) -> tuple[str, ...]:
    """The class of each logit, 1 if it is above 0 and else 0, as strings of `count` digits."""
    text = ((logits.detach() > 0).byte() + ord("0")).numpy().tobytes().decode()
    return tuple(text[first : first + count] for first in range(0, len(text), count))


def row(values: Tensor) -> Vector:
    """Round (P,) numbers for a figure, as `rows` does."""
    return rows(values[None])[0]


def trajectories(states: list[Tensor]) -> tuple[tuple[Vector, ...], tuple[Vector, ...]]:
    """The x and y coordinates of trajectories, rounded for a figure. states: K of (P, d >= 2); out: K rows each."""
    x, y = torch.stack(states)[:, :, :2].unbind(2)
    return rows(x), rows(y)


def rows(values: Tensor) -> tuple[Vector, ...]:
    """Round (K, P) numbers for a figure to four digits, a thousandth of its side, like `rounded` but in a tenth of the time.
    Numbers that are not finite end up far outside the figure."""
    found = values.detach().double().nan_to_num(1e6, 1e6, -1e6).numpy()
    size = np.abs(found)
    after = 3 - np.floor(np.log10(np.where(size < SMALLEST, 1.0, size))).astype(int)  # decimal places
    up, down = POWERS[after.clip(0)], POWERS[(-after).clip(0)]
    # A whole number divided by a power of ten is the double nearest to that decimal, and so is written with four digits.
    return tuple(map(tuple, np.where(size < SMALLEST, 0.0, np.rint(found / down * up) / up * down).tolist()))


def eigenvalues(net: Blocks, states: list[Tensor]) -> tuple[tuple[float, float], ...]:
    """Eigenvalues v of h df_k/dx at some points that enter each block; |1 + v| is the growth of a small difference there."""
    found: list[tuple[float, float]] = []
    with torch.enable_grad():
        for k in range(len(net)):
            x = states[k][:: max(1, len(states[k]) // JACOBIANS)][:JACOBIANS].detach().requires_grad_()
            out = net.h * net.field(k, x)
            rows = [torch.autograd.grad(out[:, i].sum(), x, retain_graph=True)[0] for i in range(x.shape[1])]
            jacobians = torch.stack(rows, dim=1)
            jacobians = jacobians[jacobians.isfinite().flatten(1).all(1)]  # LAPACK fails on the others
            values = torch.linalg.eigvals(jacobians).flatten()
            found += [(rounded(v.real), rounded(v.imag)) for v in values.tolist()]
    return tuple(found)
