"""Drawings of a count: stacked bars of stages, the terms of a block as a sum, comparisons, and a measured step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap

from resviz.topics.calculator.architectures import Counted, Part
from resviz.topics.calculator.measured import Roofline, seconds
from resviz.topics.calculator.terms import Comparison, Term
from resviz.topics.calculator.words import UNITS, short
from resviz.words.say import percent

BAR, TITLE, APART = 27, 24, 16  # px: height of a bar, of a network's name; distance between networks


@dataclass(frozen=True)
class Layout:
    """How bars are laid out, in px: `left` is the room for a bar's name beside it; where it is 0, name and sum stand above the
    bar. `between` is the height between two bars; `letter` the mean width of a character of a label."""

    name: str
    width: int
    left: int
    right: int
    between: int
    letter: float


WIDE = Layout("wide", 1120, left=126, right=100, between=15, letter=7.9)
NARROW = Layout("narrow", 420, left=0, right=0, between=28, letter=8.4)

# Colours of stages, dark (input) to light: Viridis, whose lightness colour-blind people can tell apart.
_RAMP = ("#440154", "#443983", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725")


def bars(networks: Sequence[Counted]) -> str:
    """SVG bars of the parameters, operations and memory of each network, each on one scale; ribbons connect the same stage.

    They are drawn twice, for wide and for narrow screens; the style sheet shows one of both.
    """
    return f'<div class="rc-drawn">{"".join(bars_in(networks, layout) for layout in (WIDE, NARROW))}</div>'


def bars_in(networks: Sequence[Counted], layout: Layout) -> str:
    """Return the SVG bars of one layout."""
    largest = [max(max(_values(each, each.total)[i] for each in networks), 1) for i in range(3)]
    parts: list[str] = []
    top = 0.0
    for each in networks:
        heading, height = _heading(each, largest, layout, top)
        top += height + (0 if layout.left else layout.between)
        parts += [*heading, *_network(each, largest, layout, top)]
        top += 3 * BAR + 2 * layout.between + APART
    spoken = "; ".join(_spoken(each) for each in networks)
    return (
        f'<svg class="rc-bars rc-{layout.name}" viewBox="0 0 {layout.width} {top - APART:.0f}" role="img" '
        f'aria-label="{escape(spoken)}">{"".join(parts)}</svg>'
    )


def _values(counted: Counted, part: Part) -> tuple[int, int, int]:
    return part.sums.all_parameters, counted.operations(part), part.sums.kept


def _sums(counted: Counted) -> tuple[str, str, str]:
    a, b, c = _values(counted, counted.total)
    return short(a), short(b), short(c, "B")


def _network(counted: Counted, largest: Sequence[int], layout: Layout, top: float) -> list[str]:
    names = ("parameters", UNITS[counted.spec.unit], "training memory")
    totals = _values(counted, counted.total)
    colors = ramp(len(counted.parts))
    edges: list[list[float]] = []
    drawn: list[str] = []
    for row in range(3):
        y, at = top + row * (BAR + layout.between), float(layout.left)
        scale = (layout.width - layout.left - layout.right) / largest[row]
        edges.append([at])
        for number, (part, color) in enumerate(zip(counted.parts, colors, strict=True)):
            value = _values(counted, part)[row]
            width = value * scale
            share = value / totals[row] if totals[row] else 0.0
            drawn.append(
                f'<g class="rc-{number}"><title>{escape(_title(part))}: {value:,} {names[row]}, {percent(share)}</title>'
                f'<rect x="{at:.1f}" y="{y:.1f}" width="{width:.2f}" height="{BAR}" fill="{color}" class="rc-part"/>'
                f"{_label(part.stage.name, share, at, width, y, color, layout)}</g>"
            )
            at += width
            edges[-1].append(at)
        drawn += _beside(names[row], _sums(counted)[row], layout, y, at)
    ribbons = []
    for row, (above, below) in enumerate(pairwise(edges)):
        y = top + row * (BAR + layout.between) + BAR
        for number, ((a, b), (c, d), color) in enumerate(zip(pairwise(above), pairwise(below), colors, strict=True)):
            ribbons.append(
                f'<path d="M{a:.1f},{y:.1f}H{b:.1f}L{d:.1f},{y + layout.between:.1f}H{c:.1f}Z" fill="{color}" '
                f'class="rc-ribbon rc-{number}"/>'
            )
    return ['<g class="rc-net">', *ribbons, *drawn, "</g>"]


def _beside(name: str, total: str, layout: Layout, y: float, end: float) -> list[str]:
    """A bar's name left of it and its sum at its end, or both above it where there is no room."""
    if layout.left:
        return [
            f'<text x="{layout.left - 10}" y="{y + 18.5:.1f}" class="rc-what">{name}</text>',
            f'<text x="{end + 9:.1f}" y="{y + 18.5:.1f}" class="rc-sum">{total}</text>',
        ]
    return [
        f'<text x="0" y="{y - 8:.1f}" class="rc-over">{name}</text>',
        f'<text x="{layout.width}" y="{y - 8:.1f}" class="rc-over rc-sum">{total}</text>',
    ]


def _title(part: Part) -> str:
    blocks = f", {part.stage.blocks} blocks" if part.stage.blocks > 1 else ""
    return f"{part.stage.name}{blocks}, gives {' × '.join(map(str, part.stage.shape))}"


def _heading(counted: Counted, largest: Sequence[int], layout: Layout, top: float) -> tuple[list[str], int]:
    """A network's name and a legend of the parts that no bar has room to name, beside it or in a line below; and its height."""
    bold = layout.letter + 1.6  # px: mean width of a character of the name
    lines = wrap(counted.spec.label, int(layout.width / bold))
    names = [
        f'<text x="0" y="{top + 16 + TITLE * i:.0f}" class="rc-name">{escape(line)}</text>'
        for i, line in enumerate(lines)
    ]
    keys = _unnamed(counted, largest, layout)
    widths = [len(name) * layout.letter + 32 for name, _ in keys]
    right = layout.width - layout.right
    at = right - sum(widths)
    if keys and at < bold * len(lines[-1]):
        at = right + 1.0  # no room beside the name
    for (name, color), width in zip(keys, widths, strict=True):
        if at + width > right + 0.01:
            lines.append("")
            at = 0.0
        y = top + 16 + TITLE * (len(lines) - 1)
        names += [
            f'<rect x="{at:.1f}" y="{y - 10:.1f}" width="11" height="11" fill="{color}"/>',
            f'<text x="{at + 16:.1f}" y="{y:.1f}" class="rc-key">{escape(name)}</text>',
        ]
        at += width
    return names, TITLE * len(lines)


def _unnamed(counted: Counted, largest: Sequence[int], layout: Layout) -> list[tuple[str, str]]:
    """Name and colour of the parts that no bar has room to name."""
    drawn = "".join(_network(counted, largest, layout, 0))
    names = [_short(part.stage.name) for part in counted.parts]
    return [
        (name, color)
        for name, color in zip(names, ramp(len(names)), strict=True)
        if f">{escape(name)} ·" not in drawn and f">{escape(name.removeprefix('stage '))}<" not in drawn
    ]


def _short(name: str) -> str:
    return name.replace("dense block", "block").replace("transition", "tr.")


def _label(name: str, share: float, at: float, width: float, y: float, color: str, layout: Layout) -> str:
    """The longest label that fits into a part of a bar; empty if none does."""
    short_name = _short(name)
    for text in (
        f"{short_name} · {percent(round(share, 3))}",
        percent(round(share, 2)),
        short_name.removeprefix("stage "),
    ):
        if len(text) * layout.letter + 8 < width:
            ink = _ink(color)
            return f'<text x="{at + width / 2:.1f}" y="{y + 18.5:.1f}" class="rc-in" fill="{ink}">{escape(text)}</text>'
    return ""


def ramp(count: int) -> list[str]:
    """Return `count` colours from the dark end of the ramp to the light end."""
    if count == 1:
        return [_RAMP[1]]
    found = []
    for i in range(count):
        place = i * (len(_RAMP) - 1) / (count - 1)
        low = min(int(place), len(_RAMP) - 2)
        a, b = (_channels(_RAMP[j]) for j in (low, low + 1))
        mixed = (round(p + (q - p) * (place - low)) for p, q in zip(a, b, strict=True))
        found.append("#" + "".join(f"{v:02x}" for v in mixed))
    return found


def _channels(color: str) -> tuple[int, ...]:
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def _ink(color: str) -> str:
    """White or black, whichever is easier to read on this colour (WCAG 2.2, relative luminance)."""
    parts = [c / 255 for c in _channels(color)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#fff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000"


def _spoken(counted: Counted) -> str:
    parameters, operations, memory = _sums(counted)
    unit = UNITS[counted.spec.unit]
    return f"{counted.spec.label}: {parameters} parameters, {operations} {unit}, {memory} to train on one image"


def block_sum(counted: Counted, found: Sequence[Term]) -> str:
    """Return an HTML table: every term of a block as a formula with its numbers, and the sum."""
    whole = counted.total.sums.all_parameters
    unit = UNITS[counted.spec.unit]
    lines = "".join(
        f'<tr><th scope="row">{escape(t.layer)}</th><td class="rc-formula">{escape(t.formula)}</td>'
        f'<td class="rc-figures">{escape(t.figures)}</td><td class="rc-number">{_number(t.parameters)}</td>'
        f'<td class="rc-bar"><i style="width:{100 * t.parameters / whole if whole else 0:.1f}%"></i></td>'
        f'<td class="rc-number">{_number(t.operations)}</td><td class="rc-number">{t.sees or ""}</td></tr>'
        for t in found
    )
    sees, weights = counted.total.stage.sees, counted.total.sums.conv_weights
    channels, height, width = counted.total.stage.shape
    return (
        '<table class="rc-terms"><thead><tr><th scope="col">layer</th><th scope="col" colspan="2">parameters, as a product</th>'
        f'<th scope="col" class="rc-number">parameters</th><th></th><th scope="col" class="rc-number">{unit}</th>'
        f'<th scope="col" class="rc-number">sees</th></tr></thead><tbody>{lines}</tbody>'
        f'<tfoot><tr><th scope="row">sum</th><td colspan="2" class="rc-note">{weights:,} in convolutions; '
        f"gives {channels:,} × {height} × {width}; training keeps {short(counted.total.sums.kept, 'B')} for each image</td>"
        f'<td class="rc-number">{whole:,}</td><td></td><td class="rc-number">{counted.operations(counted.total):,}</td>'
        f'<td class="rc-number">{sees} × {sees}</td></tr></tfoot></table>'
    )


def _number(value: int) -> str:
    return f"{value:,}" if value else "–"


def compared(found: Sequence[Comparison], this: str, that: str) -> str:
    """Return the comparisons (equal outside, equal inside) side by side as HTML: two bars each, every pair on its own scale."""
    cards = []
    for each in found:
        largest = max(each.this_weights, each.that_weights)
        pair = "".join(
            f'<div class="rc-pair"><span>{name}</span><b><i class="{kind}" style="width:{100 * weights / largest:.1f}%"></i></b>'
            f"<span>{escape(formula)} = {weights:,}</span></div>"
            for name, kind, formula, weights in (
                (this, "rc-this", each.this, each.this_weights),
                (that, "rc-that", each.that, each.that_weights),
            )
        )
        cards.append(
            f"<section><h4>{escape(each.title)}</h4>{pair}<p>{escape(ratio_in_words(each, this, that))}</p></section>"
        )
    below = "Weights of the convolutions, in blocks that take as many channels as they give."
    return f'<div class="rc-compared">{"".join(cards)}</div><p class="rc-below">{below}</p>'


def ratio_in_words(found: Comparison, this: str, that: str) -> str:
    """Return a sentence that says which kind has more weights, and how many times as many."""
    if found.this_weights == found.that_weights:
        return "Both have exactly as many weights."
    more, times = (that, found.ratio) if found.ratio > 1 else (this, 1 / found.ratio)
    less = this if more == that else that
    text = f"The {more} has {float(f'{times:.4g}'):,g} times the weights of the {less}"
    return f"{text}; the {less} has {1 / times:.3g} of the {more}." if times < 1000 else f"{text}."


def roofs(found: Sequence[tuple[str, Roofline]]) -> str:
    """Return HTML bars of the measured step and its lower bounds for each network, all on one scale."""
    longest = max(line.measured for _, line in found)
    lines = []
    for name, line in found:
        lines.append(f"<h4>{escape(name)}</h4>")
        for what, kind, value in (
            ("measured", "rc-measured", line.measured),
            ("products alone", "rc-floor", line.arithmetic),
            ("memory alone", "rc-floor", line.memory),
        ):
            bar = f'<i class="{kind}" style="width:{100 * min(value / longest, 1):.1f}%"></i>'
            lines.append(f"<span>{what}</span>{bar}<span>{seconds(value)}</span>")
    return f'<div class="rc-roof">{"".join(lines)}</div>'
