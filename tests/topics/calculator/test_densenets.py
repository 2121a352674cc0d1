"""CIFAR DenseNets against the paper's table, and every output of a count against every other one."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from resviz.topics.calculator.architectures import Counted, count, count_all
from resviz.topics.calculator.cards import count_figures
from resviz.topics.calculator.claims import network_error
from resviz.topics.calculator.presets import NETS
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.words import as_json, rows, to_csv, to_markdown, to_text
from resviz.words.text import SpecError

PLAIN = {"bottleneck": "no", "compression": "1"}
BC = {"bottleneck": "yes", "compression": "0.5"}

# Huang 2017, Table 2: parameters in millions as printed there, and the error on CIFAR-10 with augmentation; the exact count by
# the definition: stem, layers, transitions, norms and the last layer with its bias.
TABLE = [
    ({"depth": "40", "growth": "12", **PLAIN}, 1_019_722, 1.0, 5.24),
    ({"depth": "100", "growth": "12", **PLAIN}, None, 7.0, 4.10),
    ({"depth": "100", "growth": "24", **PLAIN}, None, 27.2, 3.74),
    ({"depth": "100", "growth": "12", **BC}, 769_162, 0.8, 4.51),
    ({"depth": "250", "growth": "24", **BC}, None, 15.3, 3.62),
    ({"depth": "190", "growth": "40", **BC}, 25_624_430, 25.6, 3.46),
    ({"depth": "22", "growth": "12", **BC}, 71_686, 0.1, None),
]


def by_definition(depth: int, growth: int, bottleneck: bool, share: float, classes: int = 10) -> int:
    """The parameters, layer by layer (Huang 2017, sections 3 and 4.2)."""
    layers = (depth - 4) // (6 if bottleneck else 3)
    width = 2 * growth if bottleneck and share < 1 else 16
    found = 27 * width
    for block in range(3):
        for _ in range(layers):
            inside = 4 * growth
            found += 2 * width + (
                width * inside + 2 * inside + 9 * inside * growth if bottleneck else 9 * width * growth
            )
            width += growth
        if block < 2:
            kept = int(width * share)
            found += 2 * width + width * kept
            width = kept
    return found + 2 * width + width * classes + classes


@pytest.mark.parametrize(("words", "exact", "printed", "error"), TABLE)
def test_the_papers_table(words, exact, printed, error):
    spec = CountSpec.of({"net": "cifar_densenet", **words})
    found = count(spec).total.sums.all_parameters
    assert found == by_definition(spec.depth, spec.growth, spec.bottleneck == "yes", spec.compression)
    assert exact in (None, found)
    assert round(found / 1e6, 1) == printed
    known = network_error(spec.own_words)
    assert (known and known.error) == error


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"depth": "101", **BC}, "6n+4 layers, such as 100 and 106; nearest that works: 100"),
        ({"depth": "41", **PLAIN}, "3n+4 layers, such as 40 and 43; nearest that works: 40"),
        ({"depth": "5", **BC}, "6n+4 layers, such as 10 and 16; nearest that works: 10"),
        ({"compression": "0"}, "allowed is a number from 0.1 to 1; nearest that works: 0.1"),
        ({"compression": "1.5"}, "allowed is a number from 0.1 to 1; nearest that works: 1"),
        ({"growth": "0"}, "allowed is a whole number from 1 to 512; nearest that works: 1"),
        ({"width": "32"}, "has its own; it can be chosen for"),
    ],
)
def test_what_there_is_not_is_refused_with_its_neighbours(words, says):
    with pytest.raises(SpecError, match=re.escape(says)):
        CountSpec.of({"net": "cifar_densenet", **words})


@pytest.mark.parametrize("net", [net for net in NETS if net != "cifar_densenet"])
def test_settings_of_densenets_leave_other_links_as_they_were(net):
    spec = CountSpec.of({"net": net})
    assert not {"growth", "bottleneck", "compression"} & spec.words().keys()
    with pytest.raises(SpecError, match=r"growth=24: .* has its own; it can be chosen for cifar_densenet"):
        CountSpec.of({"net": net, "growth": "24"})


# -- one count, and all that is said of it -----------------------------------------------------------


def cells(counted: Counted, text: str) -> list[list[str]]:
    """The rows of a table in Markdown or in a terminal, by their stages' names."""
    names = [part.stage.name for part in (*counted.parts, counted.total)]
    lines = [re.split(r"\s{2,}|\s*\|\s*", line.strip().strip("|").strip()) for line in text.splitlines()]
    return [line for line in lines if line[0] in names]


@pytest.mark.parametrize("net", NETS)
def test_every_output_says_the_same(net):
    """The page's table, the text, Markdown, CSV and JSON."""
    (counted,) = count_all(CountSpec.of({"net": net}))
    told = json.loads(json.dumps(as_json(counted)))
    lines = list(csv.DictReader(io.StringIO(to_csv([counted]))))
    shown = rows(counted)
    assert len(lines) == len(shown) == len(told["stages"]) + 1
    whole = {**told, "name": "total", "receptive_field": lines[-1]["receptive_field"]}
    for row, line, stage in zip(shown, lines, [*told["stages"], whole], strict=True):
        assert row[0] == line["stage"] == stage["name"]
        for place, name in ((3, "params"), (4, "macs"), (5, "activation_bytes"), (6, "receptive_field")):
            assert row[place].replace(",", "") == line[name] == str(stage[name]), (row[0], name)
    if net == "block":
        assert lines[-1]["receptive_field"] == lines[0]["receptive_field"] == "3"
        assert "3 × 3" in count_figures([counted])[0]["markup"]
    else:
        assert [line["receptive_field"] for line in lines[-2:]] == ["all", "all"]
        assert cells(counted, to_markdown([counted])) == shown
        assert [line[-4:] for line in cells(counted, to_text(counted))] == [row[-4:] for row in shown]
        (table,) = (figure for figure in count_figures([counted]) if figure["id"].startswith("count_stages"))
        assert table["rows"]["rows"] == shown
