"""Settings of one block and the image that goes through it, and the record of the result. No torch: the server imports this."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from resviz.data.ownpicture import NO_PICTURE, names_picture, own_picture
from resviz.nets.settings import EXPANSION, BlockFields
from resviz.words.fields import Worded, facts, setting_field
from resviz.words.text import Problem

SIDES = {"digit": 8, "china": 64, "flower": 64, "own": 64}  # pixels: side of the square that goes in
DIGITS = 1797


class BlockSpec(BlockFields, Worded):
    """A single block, after one convolution that makes its x from an image."""

    LATER: ClassVar[tuple[str, ...]] = ("own",)

    inputs: int = setting_field(16, "channels in", "Channels of x.", ge=1, le=256)
    width: int = setting_field(
        16, "channels inside", "Channels of the branch; a bottleneck gives four times as many back.", ge=1, le=256
    )
    stride: int = setting_field(1, "stride", "2 halves height and width.", ge=1, le=2)
    image: Literal["digit", "china", "flower", "own"] = setting_field(
        "china",
        "image",
        "What goes in: a handwritten digit or a photograph that ships with scikit-learn, or a picture of your own.",
        choices={"china": "a temple", "flower": "a flower", "digit": "a digit", "own": "my own"},
    )
    example: int = setting_field(0, "which digit", "The number of the digit.", ge=0, le=DIGITS - 1)
    entering: Literal["relu", "signed"] = setting_field(
        "relu",
        "x comes from",
        "In a network x has passed the activation of the block before, so that nothing in it is negative under a ReLU; a "
        "signed x has not.",
        choices={"relu": "an activation", "signed": "a convolution (signed)"},
    )
    seed: int = setting_field(0, "seed", "Fixes the weights.", ge=0, le=2**31 - 1)
    own: str = own_picture(
        "Names the file that was chosen on this page; it stays on the machine that runs this app, and only its middle, 64 x 64 "
        "pixels, goes in."
    )

    @property
    def outputs(self) -> int:
        return self.width * EXPANSION[self.block]

    @property
    def shapes(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """(channels, height, width) of x and of F(x)."""
        side = SIDES[self.image]
        return (self.inputs, side, side), (self.outputs, -(-side // self.stride), -(-side // self.stride))

    @property
    def changes(self) -> bool:
        return self.stride != 1 or self.inputs != self.outputs

    def _conflict(self) -> tuple[Problem, Any] | None:
        if reason := self._zero_gamma():
            return self._wrong(*reason)
        if not names_picture(self.own):
            return self._wrong("own", NO_PICTURE)
        if self.block != "plain" and self.shortcut == "A" and self.inputs > self.outputs:
            x, f = ("x".join(map(str, shape)) for shape in self.shapes)
            problem = Problem(
                "shortcut",
                "A",
                f"x is {x} and F(x) {f} (channels x height x width): padding with zeros adds channels and takes none away; "
                "B projects",
            )
            return problem, "B"
        return None


BLOCK_FIELDS = facts(BlockSpec)


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a node. norm: Euclidean. low, high: its least and greatest number. there: the number at the channel's marked
    pixel, None where the node has no such pixel."""

    norm: float
    low: float
    high: float
    there: float | None


@dataclass(frozen=True, slots=True)
class Node:
    """The tensor at one place of the block. `role` is the place: x, branch, F, shortcut, sum, after or y; `part` is what
    computed it, such as conv1 or norm2.

    norm: Euclidean, over all channels and pixels. negative, zero: shares of its numbers that are below 0 and exactly 0.
    picture: PNG of the first channels side by side, one byte a pixel; all nodes share one scale.
    channels: the numbers of these first channels.
    """

    role: str
    part: str
    shape: tuple[int, int, int]
    norm: float
    negative: float
    zero: float
    picture: bytes
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """The result of one forward and backward pass of an image through a block.

    image: PNG of the input. scale: the absolute value at both ends of the colours. nodes: in the order of the computation.
    same_as_x: largest |y - x|, None where shapes differ; relu_of_x: whether y is max(0, x) to the last bit.
    gradients: norm of the gradient of each weight of the branch, by its name, for a random gradient of y.
    parameters, macs: of the block, counted in the module that was built; shown: channels in each picture.
    marked: (row, column) of one pixel in each of the first channels of the sum, where both of its terms can be seen.
    """

    image: bytes
    scale: float
    nodes: tuple[Node, ...]
    same_as_x: float | None
    relu_of_x: bool
    gradients: dict[str, float]
    parameters: int
    macs: int
    shown: int
    marked: tuple[tuple[int, int], ...]

    def node(self, role: str) -> Node | None:
        return next((node for node in self.nodes if node.role == role), None)


def decimals(scale: float) -> int:
    """Return how many digits behind the point tell apart numbers whose colours differ, if the colours end at `scale`."""
    return max(0, 2 - math.floor(math.log10(scale))) if 0 < scale < math.inf else 2
