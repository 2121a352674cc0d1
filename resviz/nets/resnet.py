"""The residual network of He 2015, section 4.2, for any depth, and its twin without shortcuts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from resviz.nets.blocks import ACTIVATIONS, BLOCKS, NORMS, Block, conv, without_parameters
from resviz.nets.init import initialise
from resviz.settings import EXPANSION
from resviz.spec import Spec

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
        norm: str = "batch",
        activation: str = "relu",
        shortcut: str = "A",
        branch_scale: float = 1.0,
        init: str = "he",
        seed: int = 0,
    ) -> None:
        super().__init__()
        preact = block == "preact"
        stem: list[nn.Module] = []
        for i in range(stem_convs):
            stem += [conv(channels if i == 0 else width, width, kernel), NORMS[norm](width), ACTIVATIONS[activation]()]
        # A pre-activation block brings its own normalisation and activation.
        self.stem = nn.Sequential(*stem[:-2] if preact else stem)
        self.blocks = nn.ModuleList()
        inputs = width
        for stage, count in enumerate(blocks):
            for i in range(count):
                inner = width * 2**stage
                stride = 2 if stage > 0 and i == 0 else 1
                self.blocks.append(
                    BLOCKS[block](inputs, inner, stride, kernel, norm, activation, shortcut, branch_scale)
                )
                inputs = inner * EXPANSION[block]
        self.final = nn.Sequential(*[NORMS[norm](inputs), ACTIVATIONS[activation]()] if preact else [])
        self.head = nn.Linear(inputs, classes)
        initialise(self.layers(), self.residual_blocks(), init, seed)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.residual_blocks():
            x = block.shortcut(x) if block.removed else block(x)
        return self.head(self.final(x).mean((2, 3)))

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
            block.connected = False
            block.shortcut = without_parameters(block.shortcut)


def build(spec: Spec, arm: str) -> ResNet:
    """The network of one arm, "plain" or "residual". Raises ValueError for any other."""
    if arm not in ("plain", "residual"):
        raise ValueError(f"arm {arm!r}: allowed is plain or residual")
    channels, height, _ = spec.data.shape
    net = ResNet(
        channels=channels,
        classes=spec.data.classes,
        blocks=spec.blocks_per_stage,
        width=spec.width,
        stem_convs=spec.stem_convs,
        kernel=3 if height > 1 else 1,
        block=spec.block,
        norm=spec.norm,
        activation=spec.activation,
        shortcut=spec.shortcut,
        branch_scale=spec.branch_scale,
        init=spec.init,
        seed=spec.seed,
    )
    if arm == "plain" or spec.block == "plain":
        net.cut_all()
    else:
        net.cut(spec.cut)
    net.remove(spec.remove)
    return net


def checksum(net: ResNet) -> str:
    """16 hexadecimal digits of all weights that both arms have, bit by bit: projections are left out."""
    digest = hashlib.sha256()
    for name, value in net.named_parameters():
        if ".shortcut" not in name:
            digest.update(name.encode())
            digest.update(value.detach().to("cpu").contiguous(memory_format=torch.contiguous_format).numpy().tobytes())
    return digest.hexdigest()[:16]
