"""What is said of a count: tables are read back, sentences and formulas are worked out again."""

import csv
import io
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.count.layers import KINDS
from resviz.topics.calculator.architectures import Counted, Part, count
from resviz.topics.calculator.presets import NETS
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.words import HEAD, as_json, head, how, network_finding, rows, short, to_csv, to_markdown
from resviz.words.say import percent
from tests.examples import examples
from tests.strategies import count_specs

NETWORKS = [net for net in NETS if net != "block"]


def counted(**words: Any) -> Counted:
    return count(CountSpec.of(words))


# -- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1, "1"),
        (999, "999"),
        (999.4, "999"),
        (999.6, "1.00 k"),
        (1000, "1.00 k"),
        (1234, "1.23 k"),
        (12_345, "12.3 k"),
        (123_456, "123 k"),
        (999_400, "999 k"),
        (999_500, "1.00 M"),
        (25_557_032, "25.6 M"),
        (269_722, "270 k"),
        (999_499_999, "999 M"),
        (4_089_184_256, "4.09 G"),
        (999_500_000_000, "1.00 T"),
        (1_234_000_000_000, "1.23 T"),
    ],
)
def test_three_digits(number, text):
    assert short(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(9996, "10.0 k"), (99_960, "100 k"), (9_996_000, "10.0 M"), (9994, "9.99 k")]
)
def test_three_digits_where_rounding_makes_one_more(number, text):
    assert short(number) == text


@examples(200)
@given(st.integers(1000, 10**14) | st.integers(4, 14).flatmap(lambda n: st.integers(10**n - 10 ** (n - 2), 10**n)))
def test_any_number_has_three_digits_and_is_near(number):
    text = short(number)
    digits, letter = text.split(" ")
    assert len(digits.replace(".", "")) == 3
    size = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}[letter]
    places = len(digits.partition(".")[2])
    assert abs(float(digits) - number / size) <= 0.500001 * 10.0**-places
    assert short(number, "B") == f"{text}B"


def test_a_unit_stands_behind_its_letter():
    assert short(85_913_504, "B") == "85.9 MB"
    assert short(12, "B") == "12 B"
    assert short(0, "B") == "0 B"


# -- tables --------------------------------------------------------------------------------------


@examples(40)
@given(count_specs())
def test_a_table_has_every_stage_and_their_sum(spec):
    found = count(spec)
    names = head(spec)
    assert names == [{"operations": {"macs": "MACs", "flops": "FLOPs"}[spec.unit]}.get(name, name) for name in HEAD]
    table = [dict(zip(names, row, strict=True)) for row in rows(found)]
    assert [row["stage"] for row in table] == [*(part.stage.name for part in found.parts), "total"]
    for row, part in zip(table, (*found.parts, found.total), strict=True):
        assert row["output"] == " × ".join(map(str, part.stage.shape))
        assert row["parameters"] == f"{part.sums.all_parameters:,}"
        assert row[names[4]] == f"{found.operations(part):,}"
        assert row["training memory, bytes"] == f"{part.sums.kept:,}"
        all_of_it = row["stage"] == "head" or (row["stage"] == "total" and spec.net != "block")
        assert row["sees, pixels"] == ("all" if all_of_it else f"{part.stage.sees:,}")
    for name in ("parameters", names[4], "training memory, bytes"):
        *stages, whole = (int(row[name].replace(",", "")) for row in table)
        assert sum(stages) == whole
    assert table[-1]["blocks"] == ""
    assert [int(row["blocks"].replace(",", "")) for row in table[:-1]] == [part.stage.blocks for part in found.parts]


@examples(25)
@given(st.lists(count_specs(), min_size=1, max_size=3))
def test_csv_is_read_back(specs):
    found = [count(spec) for spec in specs]
    table = list(csv.DictReader(io.StringIO(to_csv(found))))
    expected = [(each, part) for each in found for part in (*each.parts, each.total)]
    assert len(table) == len(expected)
    for line, (each, part) in zip(table, expected, strict=True):
        assert None not in line
        assert None not in line.values()
        assert (line["network"], line["stage"]) == (each.spec.label, part.stage.name)
        numbers = {key: int(line[key]) for key in line if key not in ("network", "stage", "shape", "receptive_field")}
        assert line["receptive_field"] == str(part.stage.field)
        assert numbers == {
            "blocks": part.stage.blocks,
            "params": part.sums.all_parameters,
            "conv_weights": part.sums.conv_weights,
            "macs": part.sums.macs(each.spec.counted),
            "flops": part.sums.flops(each.spec.counted),
            "activation_bytes": part.sums.kept,
        }
        assert line["shape"] == "x".join(map(str, part.stage.shape))


@examples(25)
@given(st.lists(count_specs(), min_size=1, max_size=2))
def test_markdown_has_a_table_for_each_network(specs):
    found = [count(spec) for spec in specs]
    text = to_markdown(found)
    lines = text.split("\n")
    assert [line[4:] for line in lines if line.startswith("### ")] == [spec.label for spec in specs]
    table = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in table} == {len(HEAD) + 1}
    assert len(table) == sum(len(each.parts) + 3 for each in found)
    starts = [i for i, line in enumerate(lines) if line.startswith("### ")]
    for at, each in zip(starts, found, strict=True):
        body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[at + 2 :]][
            : len(each.parts) + 3
        ]
        assert body[0] == head(each.spec)
        assert body[1] == ["---", *["---:"] * (len(HEAD) - 1)]
        assert body[2:] == rows(each)
        assert lines[at + 1] == lines[at + len(body) + 2] == ""  # a table ends where a line is empty
        assert lines[at + len(body) + 3] == how(each.spec)


@examples(25)
@given(count_specs())
def test_json_is_read_back(spec):
    found = count(spec)
    read = json.loads(json.dumps(as_json(found)))
    sums = found.total.sums
    assert read["network"] == spec.label
    assert CountSpec.of(read["settings"]) == spec
    assert read["convention"] == spec.convention
    assert read["counted"] == list(spec.counted)
    assert read["params"] == sums.all_parameters == sum(read["parameters"].values())
    assert read["conv_weights"] == sums.conv_weights
    assert read["macs"] == sums.macs(spec.counted) == sum(read["operations"][name] for name in spec.counted)
    assert read["flops"] == sums.flops(spec.counted)
    assert read["activation_bytes"] == sums.kept
    assert read["parameters"] == sums.parameters
    assert read["operations"] == sums.operations
    assert [stage["name"] for stage in read["stages"]] == [part.stage.name for part in found.parts]
    for key in ("params", "conv_weights", "macs", "flops", "activation_bytes"):
        assert sum(stage[key] for stage in read["stages"]) == read[key]
    for stage, part in zip(read["stages"], found.parts, strict=True):
        assert stage["shape"] == list(part.stage.shape)
        assert (stage["blocks"], stage["receptive_field"]) == (part.stage.blocks, part.stage.field)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            {},
            "In the MACs, multiply-accumulates: convolutions + projections on shortcuts + fully connected layers; bottlenecks "
            "have their stride in the 3x3. Left out: normalisation, ReLU, pooling, additions of shortcuts, biases. Every "
            "parameter is counted.",
        ),
        (
            {"net": "resnet34", "unit": "flops", "counted": "conv"},
            "In the FLOPs, two for a multiply-accumulate: convolutions. Left out: projections on shortcuts, fully connected "
            "layers, normalisation, ReLU, pooling, additions of shortcuts, biases. Every parameter is counted.",
        ),
        (
            {"convention": "v1", "counted": ",".join(KINDS)},
            "In the MACs, multiply-accumulates: convolutions + projections on shortcuts + fully connected layers + "
            "normalisation + ReLU + pooling + additions of shortcuts + biases; bottlenecks have their stride in the first 1x1. "
            "Left out: nothing. Every parameter is counted.",
        ),
        (
            {"net": "vgg16", "counted": ""},
            "In the MACs, multiply-accumulates: nothing. Left out: convolutions, projections on shortcuts, fully connected "
            "layers, normalisation, ReLU, pooling, additions of shortcuts, biases. Every parameter is counted.",
        ),
    ],
)
def test_the_convention_in_a_sentence(words, text):
    assert how(CountSpec.of(words)) == text


# -- findings ------------------------------------------------------------------------------------


def named(found: Counted, text: str) -> Part:
    """The stage that a text names, "stage 4" or "the stem"."""
    (part,) = (part for part in found.parts if text.lower() in (part.stage.name, f"the {part.stage.name}"))
    return part


def check_finding(found: Counted) -> None:
    """Every statement of the finding, worked out again."""
    text = network_finding(found)
    stage = r"((?:the )?[a-z]+(?: [a-z]+)*(?: \d)?)"
    sums, work = found.total.sums, found.operations(found.total)
    match = re.fullmatch(rf"\*\*(.+?)\*\* has (\S+%) of its parameters in {stage}([,;].*)", text)
    assert match, text
    label, share, name, rest = match.groups()
    assert label == found.spec.label
    part = named(found, name)
    assert part.sums.all_parameters == max(each.sums.all_parameters for each in found.parts)
    assert share == percent(part.sums.all_parameters / sums.all_parameters)
    if rest == "; nothing of what it does is counted.":
        assert work == 0
        return
    rest, memory, full, most_kept = re.fullmatch(
        rf"(.*)\. ({stage[1:-1]}) needs (the most) memory to train, (\S+%)\.", rest, re.I
    ).groups()
    assert full == "the most"
    assert memory[0].isupper()
    fullest = named(found, memory)
    assert fullest.sums.kept == max(each.sums.kept for each in found.parts)
    assert most_kept == percent(fullest.sums.kept / sums.kept)
    most_work = max(found.operations(each) for each in found.parts)
    if both := re.fullmatch(r", which does the most work too: (\S+%)", rest):
        assert found.operations(part) == most_work
        assert both[1] == percent(most_work / work)
        return
    its, busy, done, has = re.fullmatch(
        rf", which does (\S+%) of the work; {stage} does the most, (\S+%), with (\S+%) of the parameters", rest
    ).groups()
    busiest = named(found, busy)
    assert busiest is not part
    assert found.operations(busiest) == most_work
    assert its == percent(found.operations(part) / work)
    assert done == percent(most_work / work)
    assert has == percent(busiest.sums.all_parameters / sums.all_parameters)


@pytest.mark.parametrize("net", NETS)
def test_the_finding_of_every_network_is_true(net):
    check_finding(counted(net=net))
    check_finding(counted(net=net, counted="norm,relu,pool"))


@examples(80)
@given(count_specs())
def test_the_finding_of_any_settings_is_true(spec):
    check_finding(count(spec))


def test_the_finding_where_nothing_is_counted():
    assert network_finding(counted(counted="")).endswith("; nothing of what it does is counted.")
    assert network_finding(counted(net="cifar", counted="projection")).endswith("nothing of what it does is counted.")


def test_findings_that_a_page_opens_with():
    assert network_finding(counted(net="vgg16")) == (
        "**VGG-16** has 89.4% of its parameters in the head, which does 0.8% of the work; stage 3 does the most, 29.9%, "
        "with 1.07% of the parameters. Stage 1 needs the most memory to train, "
        f"{percent(counted(net='vgg16').parts[0].sums.kept / counted(net='vgg16').total.sums.kept)}."
    )
