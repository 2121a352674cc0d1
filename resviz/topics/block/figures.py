"""One image through one block, drawn as its flow: x, the branch with its parts, the shortcut, the sum, y."""

from __future__ import annotations

import base64
from html import escape

from resviz.topics.block.question import BlockRecord, BlockSpec, Node
from resviz.topics.block.words import branch_name, convolutions, way_in_words

WIDTH, HEIGHT = 1120, 228
BIG, LANE, TOP = 122, 112, 78  # px: side of a large picture; the line of the branch, and the top of large pictures
GAP, PLUS = 12, 34
MOST_SMALL = 84

_ACT = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "gelu": "GELU", "silu": "SiLU", "tanh": "tanh"}
_NORM = {"batch": "BN", "layer": "LN", "group": "GN"}


def flow(spec: BlockSpec, record: BlockRecord) -> str:
    """The picture as SVG, with every node's norm under it; colours on one scale."""
    branch = [n for n in record.nodes if n.role == "branch"]
    after = [n for n in record.nodes if n.role == "after"]
    x, f, total, y = (record.node(role) for role in ("x", "F", "sum", "y"))
    assert x is not None
    assert f is not None
    assert total is not None
    assert y is not None
    large = [x, f, total, y] if after else [x, f, y]
    count = len(branch) + len(after)
    gaps = GAP * (len(large) + count + 1)
    small = min(MOST_SMALL, (WIDTH - len(large) * BIG - PLUS - gaps) / max(1, count))

    parts: list[str] = []
    middle = TOP + BIG / 2
    at = 0.0
    places: dict[str, float] = {}

    def put(node: Node, side: float, title: str, strong: bool = False) -> None:
        nonlocal at
        top = middle - side / 2
        parts.append(
            f"<g><title>{escape(title)}: {_shape(node)}, norm {node.norm:.3g}, {node.negative:.0%} negative, {node.zero:.0%} "
            f'exactly 0</title><image href="{_uri(node.picture)}" x="{at:.1f}" y="{top:.1f}" width="{side:.1f}" '
            f'height="{side:.1f}" preserveAspectRatio="xMidYMid meet" style="image-rendering:pixelated"/>'
            f'<text x="{at + side / 2:.1f}" y="{top - 7:.1f}" class="{"rb-strong" if strong else ""}">{escape(title)}</text>'
            f'<text x="{at + side / 2:.1f}" y="{top + side + 17:.1f}" class="rb-norm">{_size(node.norm)}</text></g>'
        )
        places[node.role] = at + side / 2
        at += side + GAP

    def arrow() -> None:
        parts.append(f'<path d="M{at - GAP + 1:.1f},{middle}h{GAP - 3}" class="rb-wire"/>')

    put(x, BIG, "x", strong=True)
    start = places["x"]
    for node in branch:
        arrow()
        put(node, small, _title(node, spec))
    arrow()
    put(f, BIG, branch_name(spec), strong=True)
    arrow()
    plus = at + PLUS / 2
    plain = spec.block == "plain"
    if not plain:
        parts.append(
            f'<circle cx="{plus:.1f}" cy="{middle}" r="13" class="rb-plus"/>'
            f'<path d="M{plus - 6:.1f},{middle}h12M{plus:.1f},{middle - 6}v12" class="rb-cross"/>'
        )
    at += PLUS + GAP
    arrow()
    if after:
        put(total, BIG, "F(x)" if plain else "the sum", strong=True)
        for node in after:
            arrow()
            put(node, small, _title(node, spec))
        arrow()
    put(y, BIG, "y", strong=True)

    words = way_in_words(spec)
    way = record.node("shortcut")
    centre = (start + plus) / 2
    if plain or way is None:
        parts.append(f'<text x="{centre:.1f}" y="30" class="rb-faint">no shortcut: x reaches y through F alone</text>')
    else:
        up = TOP - 26
        arc = f"M{start:.1f},{up}V34Q{start:.1f},22 {start + 14:.1f},22H{plus - 14:.1f}Q{plus:.1f},22 {plus:.1f},34V{middle - 15}"
        label = f"{words}: {_size(way.norm)}"
        half = 4.2 * len(label) + 10
        parts.append(
            f'<path d="{arc}" class="rb-arc"/><path d="M{plus - 5:.1f},{middle - 22}l5,7l5,-7" class="rb-arc"/>'
            f'<rect x="{centre - half:.1f}" y="8" width="{2 * half:.1f}" height="27" rx="13" class="rb-label"/>'
            f'<text x="{centre:.1f}" y="26.5" class="rb-way">{escape(label)}</text>'
        )
    used = at - GAP
    spoken = (
        f"x of norm {x.norm:.3g} goes through {len(branch)} parts to F(x) of norm {f.norm:.3g}; "
        + ("no shortcut" if plain or way is None else f"the shortcut ({words}) brings norm {way.norm:.3g}")
        + f"; the sum has norm {total.norm:.3g}, y {y.norm:.3g}"
    )
    return (
        f'<svg class="rb-flow" viewBox="0 0 {used:.0f} {HEIGHT}" role="img" aria-label="{escape(spoken)}">{"".join(parts)}</svg>'
        f"{_key(record)}"
    )


def _key(record: BlockRecord) -> str:
    channels = max(node.shape[0] for node in record.nodes)
    some = f", of the first {record.shown} of {channels} channels" if channels > record.shown else ""
    return (
        f'<div class="rb-key"><img src="{_uri(record.image)}" alt="the image that went in" width="36" height="36"/>'
        f"<span>went in. Pictures{some}: white is 0; under each its norm ‖·‖.</span><span>−{record.scale:.2g}</span>"
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
