"""The panel of the Block page: one block, an image that goes through it, its formula, and its code."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from latex2mathml.converter import convert

from resviz.data.images import SIDE
from resviz.draw.figure import Figure
from resviz.families.resnet.choices import CONTENTS as CHOICES
from resviz.families.resnet.spec import FIELDS
from resviz.topics.block.figures import drawn
from resviz.topics.block.question import BlockRecord, BlockSpec
from resviz.topics.block.words import (
    GUESSED,
    NOT_REPORTED,
    WHAT_Y_IS,
    block_finding,
    code,
    counts,
    formula,
    numbers,
    reported,
    what_y_is,
)
from resviz.ui.panel import Box, Control, File, Guess, Guessed, Panel, Rows, Scenarios
from resviz.ui.sources import Pictured

CONTENTS = {c.label: {k: str(v) for k, v in c.settings.items()} for c in CHOICES.choices if c.name != "plain"}
WEIGHTS: dict[str, dict[str, str]] = {
    "He’s weights": {},
    "Zero gamma": {"init": "zero_gamma"},
    "Zero gamma, x signed": {"init": "zero_gamma", "entering": "signed"},
}
MORE = (
    *("inputs", "width", "norm", "activation", "shortcut_scale", "branch_scale", "gate", "gate_bias"),
    *("shortcut_dropout", "init", "entering", "example", "seed"),
)


@dataclass(frozen=True)
class Through:
    """The settings of a block, and the record of an image that went through it."""

    spec: BlockSpec
    record: BlockRecord


_GUESS = Guess(
    [Guessed(f"{situation} What is y?", WHAT_Y_IS, words) for situation, words in GUESSED],
    lambda through: what_y_is(through.record),
)
_ROWS: Rows = [
    (
        *(Control(name, width=width) for name, width in (("block", 126), ("order", 192), ("shortcut", 136))),
        Scenarios(CONTENTS, "on the shortcut", listed=True, width=204),
        Control("stride", width=56),
        Control("image", width=98),
        Control("own", upload="panel/block/picture", also={"image": "own"}),
        Box("All settings", tuple(Control(name, width=180 if name in ("init", "entering") else 132) for name in MORE)),
    ),
    (Scenarios(WEIGHTS), _GUESS),
]


def _figures(through: Through) -> list[Figure]:
    spec, record = through.spec, through.record
    head, *parts = numbers(record)
    return [
        {
            "id": "block_flow",
            "title": "One image through one block",
            "note": "what each part gives, channel by channel",
            "own": drawn(spec, record),
            "table": {"header": head, "rows": parts},
        },
        {
            "id": "block_formula",
            "title": "As a formula",
            "note": "W are convolutions, * applies one",
            "markup": _formula(spec),
        },
        {"id": "block_counts", "title": "What it holds", "note": "and computes", "text": counts(spec, record)},
        _reported(spec),
    ]


def _reported(spec: BlockSpec) -> Figure:
    told: Figure = {"id": "block_reported", "title": "What papers report", "note": "test error of this choice"}
    if rows := reported(spec):
        return told | {"rows": {"header": ["error", "network", "data", "source"], "rows": rows}}
    return told | {"text": NOT_REPORTED}


def _formula(spec: BlockSpec) -> str:
    """Return the formulas as MathML, one a line. Names of several letters stay one word, as they are to be read aloud."""
    text = formula(spec).replace(r"\mathrm", r"\text").replace(r"\begin{gathered}", "").replace(r"\end{gathered}", "")
    return "".join(f'<p class="rb-formula" tabindex="0">{convert(line.strip())}</p>' for line in text.split(r"\\"))


def _csv(through: Through) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(numbers(through.record))
    return out.getvalue()


PANEL = Panel(
    BlockSpec,
    Pictured("block", told=Through, says="The image goes through …"),
    _figures,
    lambda through: block_finding(through.spec, through.record),
    rows=lambda spec: _ROWS,
    at_once=True,
    files=(
        File("Data", "csv", _csv),
        File("Code", "py", lambda through: code(through.spec), "text/x-python", "The PyTorch code of this block"),
    ),
    # Lessons pass on the settings of whole networks; those that a block lacks are ignored.
    passes=frozenset(FIELDS) - frozenset(BlockSpec.model_fields),
    picture=SIDE,
)
