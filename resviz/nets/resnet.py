"""The residual network of He 2015, section 4.2, for any depth, and its twin without shortcuts."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from resviz.nets.blocks import ACTIVATIONS, NORMS, Block, conv
from resviz.nets.init import initialise
from resviz.nets.settings import EXPANSION, ORDERS

KINDS = nn.ReLU | nn.LeakyReLU | nn.GELU | nn.SiLU | nn.Tanh


class ResNet(nn.Module):
    """Stem, stages of blocks, global average, one linear layer.

    x: (N, channels, H, W) to logits: (N, classes). Each stage after the first halves H and W and doubles `width`.
    `blocks` says how many blocks each stage has; `stem_convs` how many convolutions stand before the first.
    """

    def __init__(
        self,
        *,
        channels: int,
        classes: int,
        blocks: Sequence[int],
        width: int = 16,
        stem_convs: int = 1,
        kernel: int = 3,
        block: str = "basic",
        order: str = "original",
        norm: str = "batch",
        activation: str = "relu",
        init: str = "he",
        seed: int = 0,
        survival: float = 1.0,
        **shortcuts: Any,
    ) -> None:
        """`shortcuts` are those of `Block`: shortcut, shortcut_scale, gate, gate_bias, shortcut_dropout, branch_scale."""
        super().__init__()
        # What stands before the first convolution of a block stands before that of the first block too, so the stem
        # ends without it, and behind the last block it follows on its own.
        before = ORDERS[order].before
        stem: list[nn.Module] = []
        for i in range(stem_convs):
            stem.append(conv(channels if i == 0 else width, width, kernel))
            left = ("norm", "act") if i < stem_convs - 1 else ("norm", "act")[: 2 - len(before)]
            stem += parts(left, width, norm, activation)
        self.stem = nn.Sequential(*stem)
        self.blocks = nn.ModuleList()
        inputs = width
        for stage, count in enumerate(blocks):
            for i in range(count):
                inner = width * 2**stage
                stride = 2 if stage > 0 and i == 0 else 1
                self.blocks.append(
                    Block(
                        inputs,
                        inner,
                        stride,
                        kernel=kernel,
                        block=block,
                        order=order,
                        norm=norm,
                        activation=activation,
                        **shortcuts,
                    )
                )
                inputs = inner * EXPANSION[block]
        self.final = nn.Sequential(*parts(before, inputs, norm, activation))
        self.head = nn.Linear(inputs, classes)
        for number, made in enumerate(self.residual_blocks(), start=1):
            # Linear decay: Huang 2016 (arXiv 1603.09382), equation 4
            made.survival = 1.0 - number / len(self.blocks) * (1.0 - survival)
        self.initialise(init, seed)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.residual_blocks():
            x = block.past(x) if block.removed else block(x)
        return self.head(self.final(x).mean((2, 3)))

    def initialise(self, init: str, seed: int) -> None:
        """Draw all weights anew, as if the network had just been built with these settings."""
        self.seed = seed
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
                module.reset_parameters()
        initialise(self.layers(), self.residual_blocks(), init, seed)

    def residual_blocks(self) -> list[Block]:
        return [b for b in self.blocks if isinstance(b, Block)]

    def layers(self) -> list[nn.Conv2d | nn.Linear]:
        """The layers that depth counts, input first: convolutions off the shortcuts, then the head."""
        return [
            m for name, m in self.named_modules() if isinstance(m, nn.Conv2d | nn.Linear) and ".shortcut" not in name
        ]

    def activations(self) -> list[nn.Module]:
        """The activation that follows each convolution, input first: one fewer than `layers`."""
        return [m for m in self.modules() if isinstance(m, KINDS)]

    def outputs(self) -> list[nn.Module]:
        """The module that gives each convolution's layer as the next one takes it, input first: one fewer than `layers`.

        Inside a block, and in the stem, that is the activation that follows the convolution; at a block's end it is what
        leaves the block, the sum included; where a stem ends without an activation, what leaves the stem.
        """
        found: list[nn.Module] = []
        for parts, last in [(self.stem, self.stem), *((block.branch, block) for block in self.residual_blocks())]:
            act: nn.Module | None = None
            convs = 0
            for module in parts:
                if isinstance(module, KINDS):
                    act = module
                elif isinstance(module, nn.Conv2d):
                    convs += 1
                    if convs > 1 and act is not None:
                        found.append(act)
            found.append(last)
        return found

    def begin(self, step: int) -> None:
        """Make dropout, if there is any, drop what it drops at this training step, and stochastic depth leave out what it leaves
        out: the same every time."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        awake = torch.rand(len(self.blocks), generator=generator).tolist()
        for number, block in enumerate(self.residual_blocks()):
            if block.shortcut_dropout is not None:
                block.shortcut_dropout.reseed((self.seed * 1_000_003 + step) * 1009 + number, self.head.weight.device)
            # What has no way past it cannot be left out.
            block.asleep = block.connected and awake[number] >= block.survival

    def cut(self, numbers: Iterable[int]) -> None:
        """Cut exactly the shortcuts of these blocks, counted from 1 at the input, and restore all others.

        Takes effect at the next forward pass. Raises IndexError for a block that does not exist.
        """
        chosen = self._existing(numbers)
        for number, block in enumerate(self.residual_blocks(), start=1):
            block.connected = number not in chosen

    def remove(self, numbers: Iterable[int]) -> None:
        """Take out exactly these blocks, counted from 1 at the input, and put all others back (Veit 2016, section 4.1).

        x then goes past the block, by its shortcut where shapes change. Takes effect at the next forward pass; a block
        taken out gets no gradient. Raises IndexError for a block that does not exist.
        """
        chosen = self._existing(numbers)
        for number, block in enumerate(self.residual_blocks(), start=1):
            block.removed = number in chosen

    def _existing(self, numbers: Iterable[int]) -> set[int]:
        chosen = set(numbers)
        if wrong := sorted(n for n in chosen if not 1 <= n <= len(self.blocks)):
            raise IndexError(f"no block {wrong}: this network has blocks 1 to {len(self.blocks)}")
        return chosen

    def activate(self, activation: str) -> None:
        """Put another nonlinearity everywhere; weights stay."""
        for part in (self.stem, self.final):
            for i, module in enumerate(part):
                if isinstance(module, KINDS):
                    part[i] = ACTIVATIONS[activation]()
        for block in self.residual_blocks():
            block.activate(activation)

    def cut_all(self) -> None:
        """Make this the plain network. Its projections, if any, go too: they are no part of it."""
        for block in self.residual_blocks():
            block.make_plain()


def parts(names: Sequence[str], channels: int, norm: str, activation: str) -> list[nn.Module]:
    """A normalisation (unless norm is "none") and an activation, or what is named of them."""
    made = {"norm": lambda: NORMS[norm](channels), "act": lambda: ACTIVATIONS[activation]()}
    return [made[name]() for name in names if name == "act" or norm != "none"]


def still(net: ResNet) -> ResNet:
    """A copy to look into: in evaluation mode, its weights at rest, and nothing done in place, so that every number on the way
    stays what it was."""
    made = copy.deepcopy(net).eval().requires_grad_(False)
    for module in made.modules():
        if isinstance(module, nn.ReLU | nn.LeakyReLU):
            module.inplace = False
    return made


def checksum(net: ResNet) -> str:
    """16 hexadecimal digits of all weights that both arms have, bit by bit: projections are left out."""
    digest = hashlib.sha256()
    for name, value in net.named_parameters():
        if ".shortcut" not in name:
            digest.update(name.encode())
            digest.update(value.detach().to("cpu").contiguous(memory_format=torch.contiguous_format).numpy().tobytes())
    return digest.hexdigest()[:16]
