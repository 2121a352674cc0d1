"""One forward and backward pass through a block: the output of every part, and the gradient of every weight."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from resviz.data.images import photograph
from resviz.data.tensors import load
from resviz.draw.diverging import COLOURS
from resviz.nets.blocks import NORMS, Block, conv
from resviz.nets.init import SCHEMES, initialise_block
from resviz.nets.settings import BlockFields
from resviz.topics.block.question import BlockRecord, BlockSpec, Channel, Node, decimals
from resviz.train.twins.lockstep import Lanes
from resviz.words.text import Mistake

SHOWN = 16  # channels in a picture, four a row
GAP = 1  # pixels between them

Place = tuple[str, str, Tensor]  # role and part, as in Node, and the tensor there


class Through:
    """Computes the records of BlockSpecs, one after the other."""

    def __init__(self) -> None:
        self.digits: Tensor | None = None
        self.lanes = Lanes(("block",))  # one thread: equal sums on every machine, and no waiting for a busy core

    def __call__(self, spec: BlockSpec, image: bytes | None = None) -> BlockRecord:
        """Return the record of a spec. `image`: a prepared PNG (resviz.data.images) where spec.image is "own". Raises ValueError
        if it is missing."""
        return self.lanes.submit("block", partial(self._through, spec, image))()

    def _through(self, spec: BlockSpec, image: bytes | None) -> BlockRecord:
        pixels = self._pixels(spec, image)
        generator = torch.Generator().manual_seed(spec.seed)
        x = _entering(spec, _standardised(pixels), generator)
        block = made(spec)
        block.train()
        if block.shortcut_dropout is not None:
            block.shortcut_dropout.reseed(spec.seed, "cpu")

        seen: list[Place] = [("x", "x", x)]
        for path, role in ((block.branch, "branch"), (block.after, "after")):
            for name, module in path.named_children():
                module.register_forward_hook(_watch(seen, role, name))
        products: list[int] = []
        for module in block.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.register_forward_hook(_counted(products))
        past, branch = block.terms(x, block.branch(x))
        seen.append(("F", "F", branch.detach().clone()))
        total = branch
        if past is not None:
            seen.append(("shortcut", "shortcut", past.detach()))
            total = branch + past
        seen.append(("sum", "sum", total.detach().clone()))  # copied: `after` may work in place
        y = block.after(total)
        seen.append(("y", "y", y.detach()))
        y.backward(torch.randn(y.shape, generator=generator))

        scale = max(_largest(t) for role, _, t in seen if role in ("x", "F", "sum", "y"))
        marked = _marked(past, branch, total, scale)
        same = x.shape == y.shape
        return BlockRecord(
            image=_png(pixels),
            scale=scale,
            nodes=tuple(_node(role, part, t, scale, marked) for role, part, t in seen),
            same_as_x=float((y - x).detach().abs().max()) if same else None,
            relu_of_x=same and torch.equal(y.detach(), x.detach().clamp_min(0)),
            gradients={
                name.partition(".")[2]: float(p.grad.norm()) if p.grad is not None else 0.0
                for name, p in block.named_parameters()
                if name.startswith(("branch.", "after."))
            },
            parameters=sum(p.numel() for p in block.parameters()),
            macs=sum(products),
            shown=SHOWN,
            marked=marked,
        )

    def _pixels(self, spec: BlockSpec, image: bytes | None) -> Tensor:
        """The image that goes in, (channels, H, W) uint8."""
        if spec.image == "digit":
            if self.digits is None:
                data = load("digits")
                self.digits = torch.cat([data.train_x, data.test_x])
            return self.digits[spec.example]
        if spec.image == "own" and not image:
            raise Mistake("image=own: there is no picture; choose a file, or another image")
        data_bytes = photograph(spec.image) if spec.image != "own" else image or b""
        return torch.from_numpy(np.array(Image.open(io.BytesIO(data_bytes)))).permute(2, 0, 1)


def made(spec: BlockSpec) -> Block:
    """Build the block of a spec with its initial weights, in training mode."""
    chosen = {name: getattr(spec, name) for name in BlockFields.model_fields if name != "init"}
    block = Block(spec.inputs, spec.width, spec.stride, **chosen)
    initialise_block(block, spec.init, torch.Generator().manual_seed(spec.seed))
    if spec.block == "plain":
        block.make_plain()
    return block


def _standardised(pixels: Tensor) -> Tensor:
    x = pixels.float()[None]
    return (x - x.mean((2, 3), keepdim=True)) / x.std((2, 3), keepdim=True).clamp_min(1e-6)


def _entering(spec: BlockSpec, image: Tensor, generator: torch.Generator) -> Tensor:
    """Return x (1, inputs, H, W): the image after a convolution, a normalisation and, unless x is signed, a ReLU."""
    stem = conv(image.shape[1], spec.inputs, 3)
    with torch.no_grad():
        SCHEMES["he"](stem.weight, generator)
        x: Tensor = NORMS["batch"](spec.inputs)(stem(image))
        return x if spec.entering == "signed" else x.clamp_min(0)


def _largest(t: Tensor) -> float:
    """The largest absolute value, without the top 0.5%."""
    flat = t.abs().flatten()
    return float(flat.kthvalue(max(1, round(0.995 * len(flat)))).values)


def _watch(seen: list[Place], role: str, name: str) -> Callable[..., None]:
    def gather(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen.append((role, name, output.detach().clone()))  # copied: the next module may work in place

    return gather


def _counted(products: list[int]) -> Callable[..., None]:
    """Return a hook that records the multiply-adds of a layer. torch's FlopCounterMode gives the same numbers, but its first use
    takes two seconds and 220 MB."""

    def count(module: nn.Conv2d | nn.Linear, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        products.append(output.numel() * module.weight[0].numel())

    return count


def _marked(past: Tensor | None, branch: Tensor, total: Tensor, scale: float) -> tuple[tuple[int, int], ...]:
    """Return a pixel of each channel shown at which both terms of the sum (1, C, H, W) are far from 0, or all that there is. If
    there is one, it is a pixel where the sum holds of the rounded numbers, too."""
    first = branch.detach()[0, :SHOWN].double()
    second = torch.zeros_like(first) if past is None else past.detach()[0, :SHOWN].double()
    sums, digits = total.detach()[0, :SHOWN].double(), decimals(scale)
    both = torch.minimum(first.abs(), second.abs())
    clear = torch.where(both.amax((1, 2), keepdim=True) > 0, both, first.abs() + second.abs()).nan_to_num()
    wrong = (first.round(decimals=digits) + second.round(decimals=digits) - sums.round(decimals=digits)).abs()
    best = (clear * (1 - 0.9 * (wrong > 0.5 * 10.0**-digits).double())).flatten(1).argmax(1)
    return tuple((int(i) // first.shape[2], int(i) % first.shape[2]) for i in best)


def _channels(t: Tensor, role: str, marked: tuple[tuple[int, int], ...]) -> tuple[Channel, ...]:
    """The numbers of the channels shown of a tensor (1, C, H, W)."""
    summed = role in ("F", "shortcut", "sum", "after", "y")
    places = [*marked, *[None] * SHOWN] if summed else [None] * SHOWN
    return tuple(
        Channel(
            float(torch.linalg.vector_norm(values, dtype=torch.float64)),
            float(values.min()),
            float(values.max()),
            None if place is None else float(values[place]),
        )
        for values, place in zip(t[0, :SHOWN], places, strict=False)
    )


def _node(role: str, part: str, t: Tensor, scale: float, marked: tuple[tuple[int, int], ...]) -> Node:
    _, channels, height, width = t.shape
    return Node(
        role,
        part,
        (channels, height, width),
        float(torch.linalg.vector_norm(t, dtype=torch.float64)),
        float((t < 0).double().mean()),
        float((t == 0).double().mean()),
        mosaic(t[0, :SHOWN], scale),
        _channels(t.detach(), role, marked),
    )


def mosaic(maps: Tensor, scale: float) -> bytes:
    """Return a PNG of maps (C, H, W), four in a row; the colours range from -scale to scale."""
    channels, height, width = maps.shape
    columns = min(4, channels)
    rows = -(-channels // columns)
    tall, wide = height + GAP, width + GAP
    sheet = np.full((rows * tall - GAP, columns * wide - GAP), 255, dtype=np.uint8)  # 255 is transparent
    shade = (maps.double() / (scale or 1.0)).clamp(-1, 1).nan_to_num()
    indices = ((shade + 1) * 127).round().to(torch.uint8).numpy()
    for i in range(channels):
        top, left = (i // columns) * tall, (i % columns) * wide
        sheet[top : top + height, left : left + width] = indices[i]
    picture = Image.fromarray(sheet, "P")
    picture.putpalette(_PALETTE)
    out = io.BytesIO()
    picture.save(out, "PNG", transparency=255)
    return out.getvalue()


def _palette() -> bytes:
    at = [stop for stop, _ in COLOURS]
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for _, c in COLOURS])
    places = np.linspace(0, 1, 255)
    bands = [np.interp(places, at, colours[:, band]) for band in range(3)]
    return bytes(np.concatenate([np.stack(bands, 1).round().astype(np.uint8), [[0, 0, 0]]]).astype(np.uint8).tobytes())


_PALETTE = _palette()


def _png(pixels: Tensor) -> bytes:
    array = pixels.permute(1, 2, 0).numpy()
    if array.shape[2] == 1:
        array = (array[:, :, 0] * (255 // max(1, int(array.max())))).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(array)).save(out, "PNG")
    return out.getvalue()
