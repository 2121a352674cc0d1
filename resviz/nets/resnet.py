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
    """A residual network: stem, stages of blocks, global average pooling, one linear layer.

    x: (N, channels, H, W) to logits: (N, classes). Each stage after the first halves H and W and doubles `width`.
    `blocks` is the number of blocks of each stage, `stem_convs` the number of convolutions before the first block.
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
        """`shortcuts` are arguments of `Block`: shortcut, shortcut_scale, gate, gate_bias, shortcut_dropout, branch_scale."""
        super().__init__()
        # The parts that an order puts before a convolution also begin the first block. So the stem ends without them, and
        # they follow the last block.
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
        return self.head(self.final(self.features(x)).mean((2, 3)))

    def features(self, x: Tensor, last: int | None = None) -> Tensor:
        """Return what block `last`, counted from 1 at the input, passes on, by default that of the last block: (N, C, H', W')."""
        x = self.stem(x)
        for block in self.residual_blocks()[:last]:
            x = block.past(x) if block.removed else block(x)
        return x

    def initialise(self, init: str, seed: int) -> None:
        """Redraw all weights, as if the network had just been built with this scheme and seed."""
        self.seed = seed
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
                module.reset_parameters()
        initialise(self.layers(), self.residual_blocks(), init, seed)

    def residual_blocks(self) -> list[Block]:
        return [b for b in self.blocks if isinstance(b, Block)]

    def layers(self) -> list[nn.Conv2d | nn.Linear]:
        """The layers that count towards the depth, input first: all convolutions that are not on shortcuts, then the head."""
        return [
            m for name, m in self.named_modules() if isinstance(m, nn.Conv2d | nn.Linear) and ".shortcut" not in name
        ]

    def activations(self) -> list[nn.Module]:
        """The activation that follows each convolution, input first: one fewer than `layers`."""
        return [m for m in self.modules() if isinstance(m, KINDS)]

    def outputs(self) -> list[nn.Module]:
        """For each convolution, the module whose output the next layer receives, input first: one fewer than `layers`.

        Within a block or the stem, it is the activation before the next convolution. For the last convolution of a block it is
        the block itself, the sum included; for that of the stem, it is the stem.
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
        """Fix the random choices of this training step: the numbers that dropout drops and the branches that stochastic depth
        leaves out. They depend only on the seed and the step."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        awake = torch.rand(len(self.blocks), generator=generator).tolist()
        for number, block in enumerate(self.residual_blocks()):
            if block.shortcut_dropout is not None:
                block.shortcut_dropout.reseed((self.seed * 1_000_003 + step) * 1009 + number, self.head.weight.device)
            # A branch without a shortcut cannot be left out.
            block.asleep = block.connected and awake[number] >= block.survival

    def cut(self, numbers: Iterable[int]) -> None:
        """Cut exactly the shortcuts of these blocks, counted from 1 at the input, and restore all others.

        Takes effect at the next forward pass. Raises IndexError for a block that does not exist.
        """
        chosen = self._existing(numbers)
        for number, block in enumerate(self.residual_blocks(), start=1):
            block.connected = number not in chosen

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove exactly these blocks, counted from 1 at the input, and restore all others (Veit 2016, section 4.1).

        The shortcut of a removed block stays. Takes effect at the next forward pass; the branch of a removed block gets no
        gradient. Raises IndexError for a block that does not exist.
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
        """Replace every activation; the weights stay as they are."""
        for part in (self.stem, self.final):
            for i, module in enumerate(part):
                if isinstance(module, KINDS):
                    part[i] = ACTIVATIONS[activation]()
        for block in self.residual_blocks():
            block.activate(activation)

    def cut_all(self) -> None:
        """Turn this into the plain network: cut all shortcuts and drop their parameters."""
        for block in self.residual_blocks():
            block.make_plain()


def parts(names: Sequence[str], channels: int, norm: str, activation: str) -> list[nn.Module]:
    """The modules in `names`, "norm" or "act", in this order; without normalisation if `norm` is "none"."""
    made = {"norm": lambda: NORMS[norm](channels), "act": lambda: ACTIVATIONS[activation]()}
    return [made[name]() for name in names if name == "act" or norm != "none"]


def still(net: ResNet) -> ResNet:
    """A copy for measurements: in evaluation mode, with frozen weights and no in-place activations, so that no intermediate
    result is overwritten."""
    made = copy.deepcopy(net).eval().requires_grad_(False)
    for module in made.modules():
        if isinstance(module, nn.ReLU | nn.LeakyReLU):
            module.inplace = False
    return made


def checksum(net: ResNet) -> str:
    """A digest, 16 hexadecimal digits, of all weights that both arms have; those on shortcuts are left out."""
    digest = hashlib.sha256()
    for name, value in net.named_parameters():
        if ".shortcut" not in name:
            digest.update(name.encode())
            digest.update(value.detach().to("cpu").contiguous(memory_format=torch.contiguous_format).numpy().tobytes())
    return digest.hexdigest()[:16]
