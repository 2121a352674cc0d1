"""The settings of the network's size, cuts and removed blocks, by name; every default, limit, label and help text.

They are defined only here. Widgets, the command line, links and error messages are all made from them.
"""

from __future__ import annotations

from typing import Literal

from resviz.nets.settings import BlockFields
from resviz.words.fields import Frozen, setting_field
from resviz.words.text import Numbers

MAX_DEPTH = 1202  # the deepest network of He 2015, section 4.2


class Size(Frozen):
    """The size of a network."""

    kind: Literal["conv", "mlp"] = setting_field(
        "conv",
        "layers",
        "Convolutions, or fully connected layers, which take an image as one row of numbers.",
        choices={"conv": "convolutions", "mlp": "fully connected"},
    )
    depth: int = setting_field(
        56,
        "depth",
        "Layers with weights that a signal passes: convolutions and the last, fully "
        "connected one. 6n+2 gives the networks of He 2015; layers that fill no whole block go "
        "into the stem.",
        ge=2,
        le=MAX_DEPTH,
    )
    width: int = setting_field(
        16, "width", "Channels of the first stage; each later stage doubles them.", ge=1, le=1024
    )
    stages: int = setting_field(
        1,
        "stages",
        "Each stage after the first halves the image and doubles the channels. He 2015 uses three on CIFAR.",
        ge=1,
        le=3,
    )


class NetSpec(BlockFields, Size):
    """The network of the residual arm; the plain arm is the same network without its shortcuts."""

    cut: Numbers = setting_field(
        (),
        "cut shortcuts",
        "Numbers of the blocks whose shortcut is cut, from 1 at the input, such as 3,7,10-12: x + F(x) becomes F(x).",
        live=True,
    )
    remove: Numbers = setting_field(
        (),
        "remove blocks",
        "Numbers of the blocks taken out of both networks: only what the shortcut carries is left, x itself unless it "
        "projects or pads (Veit 2016 calls this a lesion).",
        live=True,
    )
    survival: float = setting_field(
        1.0,
        "survival of the last block",
        "Stochastic depth: each training step leaves blocks of the residual network out at random. The last block is kept with "
        "this probability, the first nearly always, those between in a line (Huang 2016, section 3); 1 keeps all.",
        ge=0.05,
        le=1.0,
    )

    @property
    def blocks(self) -> int:
        """The number of blocks; also the number of shortcuts that can be cut, unless the block is plain."""
        return (self.depth - 2) // self.convs_per_block

    @property
    def stem_convs(self) -> int:
        """The number of convolutions before the first block: one, and those that fill no whole block."""
        return self.depth - 1 - self.blocks * self.convs_per_block

    @property
    def blocks_per_stage(self) -> tuple[int, ...]:
        """The number of blocks in each stage, as equal as possible, earlier stages larger; empty stages are dropped."""
        each, more = divmod(self.blocks, self.stages)
        counts = [each + (i < more) for i in range(self.stages)]
        return tuple(n for n in counts if n)
