"""Drawings of a count: stacked bars of stages, the terms of a block as a sum, comparisons, and a measured step."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from resviz.topics.calculator.architectures import Counted, Part
from resviz.topics.calculator.measured import Roofline, seconds
from resviz.topics.calculator.terms import Comparison, Term
from resviz.topics.calculator.words import UNITS, short
from resviz.words.say import percent

WIDTH = 1120
LEFT, RIGHT = 118, 96  # px: width of the label left of a bar, and of its sum right of it
BAR, BETWEEN, TITLE, APART = (
    27,
    15,
    24,
    16,
)  # px: height of a bar, of the ribbons between two bars, of a title; distance between networks
LETTER = 7.4  # px: mean width of a character of a label

# Colours of stages, dark (input) to light: Viridis, whose lightness colour-blind people can tell apart.
_RAMP = ("#440154", "#443983", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725")


def bars(networks: Sequence[Counted]) -> str:
    """SVG bars of the parameters, operations and memory of each network, each on one scale; ribbons connect the same stage."""
    largest = [max(max(_values(each, each.total)[i] for each in networks), 1) for i in range(3)]
    parts: list[str] = []
    top = 0.0
    for each in networks:
        parts.append(f'<text x="0" y="{top + 16:.0f}" class="rc-name">{escape(each.spec.label)}</text>')
        drawn = _network(each, largest, top + TITLE)
        parts += [*drawn, *_unnamed(each, "".join(drawn), top + 16)]
        top += TITLE + 3 * BAR + 2 * BETWEEN + APART
    spoken = "; ".join(_spoken(each) for each in networks)
    height = top - APART
    return (
        f"{''.join(map(_totals, networks))}"
        f'<svg class="rc-bars" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(spoken)}">'
        f"{''.join(parts)}</svg>"
    )


def _values(counted: Counted, part: Part) -> tuple[int, int, int]:
    return part.sums.all_parameters, counted.operations(part), part.sums.kept


def _sums(counted: Counted) -> tuple[str, str, str]:
    a, b, c = _values(counted, counted.total)
    return short(a), short(b), short(c, "B")


def _totals(counted: Counted) -> str:
    """A line of text with the sums, for narrow screens, where the ends of the bars are not in sight."""
    a, b, c = _sums(counted)
    words = f"{a} parameters, {b} {UNITS[counted.spec.unit]}, {c} in training"
    return f'<p class="rc-totals"><b>{escape(counted.spec.label)}</b>: {words}</p>'


def _network(counted: Counted, largest: Sequence[int], top: float) -> list[str]:
    names = ("parameters", UNITS[counted.spec.unit], "training memory")
    totals = _values(counted, counted.total)
    colors = ramp(len(counted.parts))
    edges: list[list[float]] = []
    drawn: list[str] = []
    for row in range(3):
        y, at = top + row * (BAR + BETWEEN), float(LEFT)
        scale = (WIDTH - LEFT - RIGHT) / largest[row]
        edges.append([at])
        drawn.append(f'<text x="{LEFT - 10}" y="{y + 18.5:.1f}" class="rc-what">{names[row]}</text>')
        for number, (part, color) in enumerate(zip(counted.parts, colors, strict=True)):
            value = _values(counted, part)[row]
            width = value * scale
            share = value / totals[row] if totals[row] else 0.0
            drawn.append(
                f'<g class="rc-{number}"><title>{escape(_title(part))}: {value:,} {names[row]}, {percent(share)}</title>'
                f'<rect x="{at:.1f}" y="{y:.1f}" width="{width:.2f}" height="{BAR}" fill="{color}" class="rc-part"/>'
                f"{_label(part.stage.name, share, at, width, y, color)}</g>"
            )
            at += width
            edges[-1].append(at)
        drawn.append(f'<text x="{at + 9:.1f}" y="{y + 18.5:.1f}" class="rc-sum">{_sums(counted)[row]}</text>')
    ribbons = []
    for row, (above, below) in enumerate(pairwise(edges)):
        y = top + row * (BAR + BETWEEN) + BAR
        for number, ((a, b), (c, d), color) in enumerate(zip(pairwise(above), pairwise(below), colors, strict=True)):
            ribbons.append(
                f'<path d="M{a:.1f},{y:.1f}H{b:.1f}L{d:.1f},{y + BETWEEN:.1f}H{c:.1f}Z" fill="{color}" '
                f'class="rc-ribbon rc-{number}"/>'
            )
    return ['<g class="rc-net">', *ribbons, *drawn, "</g>"]


def _title(part: Part) -> str:
    blocks = f", {part.stage.blocks} blocks" if part.stage.blocks > 1 else ""
    return f"{part.stage.name}{blocks}, gives {' × '.join(map(str, part.stage.shape))}"


def _unnamed(counted: Counted, drawn: str, y: float) -> list[str]:
    """A legend, in the line of the network's name, of the parts whose name no bar has room for."""
    legend: list[str] = []
    right = float(WIDTH - RIGHT)
    for part, color in reversed(list(zip(counted.parts, ramp(len(counted.parts)), strict=True))):
        name = _short(part.stage.name)
        if f">{escape(name)} ·" in drawn or f">{escape(name.removeprefix('stage '))}<" in drawn or right < WIDTH / 3:
            continue
        right -= len(name) * LETTER
        legend.append(f'<text x="{right:.1f}" y="{y:.1f}" class="rc-key">{escape(name)}</text>')
        right -= 16
        legend.append(f'<rect x="{right:.1f}" y="{y - 10:.1f}" width="11" height="11" fill="{color}"/>')
        right -= 16
    return legend


def _short(name: str) -> str:
    return name.replace("dense block", "block").replace("transition", "tr.")


def _label(name: str, share: float, at: float, width: float, y: float, color: str) -> str:
    """The longest label that fits into a part of a bar; empty if none does."""
    short_name = _short(name)
    for text in (
        f"{short_name} · {percent(round(share, 3))}",
        percent(round(share, 2)),
        short_name.removeprefix("stage "),
    ):
        if len(text) * LETTER + 8 < width:
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
