"""The drawing of one image through one block: x, the parts of the branch, the shortcut, the sum, y."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape

from resviz.topics.block.question import BlockRecord, BlockSpec, Node
from resviz.topics.block.words import branch_name, convolutions, shortcut_in_words

WIDTH, HEIGHT = 1120, 228
BIG, TOP = 122, 78  # px: side of a large picture, y of the top of large pictures
MIDDLE = TOP + BIG / 2
GAP, PLUS = 12, 34
MOST_SMALL = 84

_ACT = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "gelu": "GELU", "silu": "SiLU", "tanh": "tanh"}
_NORM = {"batch": "BN", "layer": "LN", "group": "GN"}


def flow(spec: BlockSpec, record: BlockRecord) -> str:
    """Return the drawing as SVG, with the norm of every node under it; all pictures share one colour scale."""
    branch, after = ([n for n in record.nodes if n.role == role] for role in ("branch", "after"))
    x, f, total, y = (_there(record, role) for role in ("x", "F", "sum", "y"))
    plain = spec.block == "plain"
    row = _Row(spec, record)
    row.put(x, BIG, "x")
    start = row.last
    row.parts_of(branch)
    row.arrow()
    row.put(f, BIG, branch_name(spec))
    plus = row.plus(drawn=not plain)
    if after:
        row.put(total, BIG, "F(x)" if plain else "the sum")
        row.parts_of(after)
        row.arrow()
    row.put(y, BIG, "y")
    way = None if plain else record.node("shortcut")
    row.drawn.append(_shortcut(spec, way, start, plus))
    spoken = (
        f"x of norm {x.norm:.3g} goes through {len(branch)} parts to F(x) of norm {f.norm:.3g}; "
        + ("no shortcut" if way is None else f"the shortcut ({shortcut_in_words(spec)}) brings norm {way.norm:.3g}")
        + f"; the sum has norm {total.norm:.3g}, y {y.norm:.3g}"
    )
    return (
        f'<svg class="rb-flow" viewBox="0 0 {row.at - GAP:.0f} {HEIGHT}" role="img" aria-label="{escape(spoken)}">'
        f"{''.join(row.drawn)}</svg>{_key(record)}"
    )


class _Row:
    """Draws pictures from left to right. `at` is the left edge of the next one, `last` the centre of the one before."""

    def __init__(self, spec: BlockSpec, record: BlockRecord) -> None:
        self.spec, self.drawn, self.at, self.last = spec, list[str](), 0.0, 0.0
        count = sum(n.role in ("branch", "after") for n in record.nodes)
        large = 4 if any(n.role == "after" for n in record.nodes) else 3
        left = WIDTH - large * BIG - PLUS - GAP * (large + count + 1)
        self.small = min(MOST_SMALL, left / max(1, count))

    def put(self, node: Node, side: float, title: str) -> None:
        """Draw one picture with its title and its norm; the title of a large picture is emphasised."""
        top, middle = MIDDLE - side / 2, self.at + side / 2
        self.drawn.append(
            f"<g><title>{escape(title)}: {_shape(node)}, norm {node.norm:.3g}, {node.negative:.0%} negative, {node.zero:.0%} "
            f'exactly 0</title><image href="{_uri(node.picture)}" x="{self.at:.1f}" y="{top:.1f}" width="{side:.1f}" '
            f'height="{side:.1f}" preserveAspectRatio="xMidYMid meet" style="image-rendering:pixelated"/>'
            f'<text x="{middle:.1f}" y="{top - 7:.1f}" class="{"rb-strong" if side == BIG else ""}">{escape(title)}</text>'
            f'<text x="{middle:.1f}" y="{top + side + 17:.1f}" class="rb-norm">{_size(node.norm)}</text></g>'
        )
        self.last = middle
        self.at += side + GAP

    def parts_of(self, nodes: Iterable[Node]) -> None:
        """Draw small pictures, each after an arrow."""
        for node in nodes:
            self.arrow()
            self.put(node, self.small, _title(node, self.spec))

    def arrow(self) -> None:
        self.drawn.append(f'<path d="M{self.at - GAP + 1:.1f},{MIDDLE}h{GAP - 3}" class="rb-wire"/>')

    def plus(self, *, drawn: bool) -> float:
        """Draw the sum between two arrows, or only leave its space; return its centre."""
        self.arrow()
        plus = self.at + PLUS / 2
        if drawn:
            self.drawn.append(
                f'<circle cx="{plus:.1f}" cy="{MIDDLE}" r="13" class="rb-plus"/>'
                f'<path d="M{plus - 6:.1f},{MIDDLE}h12M{plus:.1f},{MIDDLE - 6}v12" class="rb-cross"/>'
            )
        self.at += PLUS + GAP
        self.arrow()
        return plus


def _there(record: BlockRecord, role: str) -> Node:
    node = record.node(role)
    assert node is not None
    return node


def _shortcut(spec: BlockSpec, way: Node | None, start: float, plus: float) -> str:
    """The arc of the shortcut over the branch, from x to the sum, with its label."""
    centre = (start + plus) / 2
    if way is None:
        return f'<text x="{centre:.1f}" y="30" class="rb-faint">no shortcut: x reaches y through F alone</text>'
    up = TOP - 26
    arc = f"M{start:.1f},{up}V34Q{start:.1f},22 {start + 14:.1f},22H{plus - 14:.1f}Q{plus:.1f},22 {plus:.1f},34V{MIDDLE - 15}"
    label = f"{shortcut_in_words(spec)}: {_size(way.norm)}"
    half = 4.2 * len(label) + 10
    return (
        f'<path d="{arc}" class="rb-arc"/><path d="M{plus - 5:.1f},{MIDDLE - 22}l5,7l5,-7" class="rb-arc"/>'
        f'<rect x="{centre - half:.1f}" y="8" width="{2 * half:.1f}" height="27" rx="13" class="rb-label"/>'
        f'<text x="{centre:.1f}" y="26.5" class="rb-way">{escape(label)}</text>'
    )


def _key(record: BlockRecord) -> str:
    channels = max(node.shape[0] for node in record.nodes)
    some = f", drawn are {record.shown} of {channels} channels" if channels > record.shown else ""
    x = record.node("x")
    maps = f" x is what a first layer makes of it, {x.shape[0]} maps." if x else ""
    what = f"This picture went in.{maps}"
    return (
        f'<div class="rb-key"><img src="{_uri(record.image)}" alt="the image that went in" width="36" height="36"/>'
        f"<span>{what} White is 0; the number is its overall size ‖·‖{some}.</span><span>−{record.scale:.2g}</span>"
        f'<i aria-hidden="true"></i><span>+{record.scale:.2g}</span></div>'
    )


def _title(node: Node, spec: BlockSpec) -> str:
    kind, number = node.part.rstrip("0123456789"), node.part[-1]
    if kind == "conv":
        _, _, kernel, stride = convolutions(spec)[int(number) - 1]
        return f"{kernel}×{kernel}" + (f" ↓{stride}" if stride > 1 else "")
    return _NORM[spec.norm] if kind == "norm" else _ACT[spec.activation]


def _shape(node: Node) -> str:
    return " × ".join(map(str, node.shape))


def _size(norm: float) -> str:
    return f"‖·‖ {norm:.3g}"


def _uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
