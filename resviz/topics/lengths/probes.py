"""The backward pass along single paths through a residual network (Veit 2016, arXiv 1605.06431, section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from resviz.nets.blocks import Block
from resviz.nets.resnet import ResNet, still


@dataclass
class Link:
    """One block in the backward pass. x: its input; carried, added: the two terms of `total` (one is None if there is only one:
    shortcut and branch); y: its output."""

    x: Tensor
    carried: Tensor | None
    added: Tensor | None
    total: Tensor
    y: Tensor


class Unravelled:
    """The blocks of a network, each with its own autograd graph, over images x (N, C, H, W) of classes y (N,).

    At a block with a shortcut a path takes either the branch or the shortcut; at a block that is removed, or whose shortcut is
    cut, there is no choice. `choices` are the numbers of the blocks with a choice, from 1 at the input.
    """

    def __init__(self, net: ResNet, x: Tensor, y: Tensor) -> None:
        net = still(net)
        self.links: list[Link] = []
        self.choices: list[int] = []
        with torch.enable_grad():
            at = net.stem(x).detach()
            for number, block in enumerate(net.residual_blocks(), start=1):
                link = _link(block, at.requires_grad_())
                if link.carried is not None and link.added is not None:
                    self.choices.append(number)
                self.links.append(link)
                at = link.y.detach()
            last = at.requires_grad_()
            logits = net.head(net.final(last).mean((2, 3)))
            loss = functional.cross_entropy(logits, y, reduction="sum")
        (self.arriving,) = torch.autograd.grad(loss, last)

    def gradient(self, through: Tensor) -> Tensor:
        """Return the gradient of each image's loss with respect to the input of the first block, (N, c, h, w), along one path for
        each image: `through` (N, choices) is True at the blocks whose branch it takes."""
        back = self.arriving
        columns = iter(through.unbind(1)[::-1])
        for link in reversed(self.links):
            (back,) = torch.autograd.grad(link.y, link.total, back, retain_graph=True)
            if link.carried is None or link.added is None:
                there = link.carried if link.added is None else link.added
                assert there is not None
                back = _through(there, link.x, back)
                continue
            chosen = next(columns)[:, None, None, None]
            if not chosen.any():
                back = _through(link.carried, link.x, back)
            elif chosen.all():
                back = _through(link.added, link.x, back)
            else:
                back = torch.where(chosen, _through(link.added, link.x, back), _through(link.carried, link.x, back))
        return back

    def whole(self) -> Tensor:
        """Return the same along all paths together, which is the full gradient."""
        back = self.arriving
        for link in reversed(self.links):
            (back,) = torch.autograd.grad(link.y, link.x, back, retain_graph=True)
        return back


def _link(block: Block, x: Tensor) -> Link:
    if block.removed:
        y = block.past(x)
        return Link(x, y, None, y, y)
    carried, added = block.terms(x, block.branch(x))
    total = added if carried is None else added + carried
    return Link(x, carried, added, total, block.after(total))


def _through(output: Tensor, x: Tensor, back: Tensor) -> Tensor:
    if output is x:  # the identity has no graph
        return back
    (found,) = torch.autograd.grad(output, x, back, retain_graph=True)
    return found


def sampled(count: int, length: int, choices: int, generator: torch.Generator) -> Tensor:
    """Return random paths (count, choices), bool: `length` blocks are True in each row, every such set equally likely."""
    order = torch.rand(count, choices, generator=generator).argsort(1)
    return order < length


def norms_by_length(paths: Unravelled, repeats: int, generator: torch.Generator) -> Iterator[tuple[int, list[float]]]:
    """Yield (length, norms) for every length from 0: the gradient norms along `repeats` random paths per image."""
    images, device = len(paths.arriving), paths.arriving.device
    for length in range(len(paths.choices) + 1):
        found: list[float] = []
        for _ in range(repeats):
            through = sampled(images, length, len(paths.choices), generator).to(device)
            found += torch.linalg.vector_norm(paths.gradient(through).flatten(1), dim=1).tolist()
        yield length, found
