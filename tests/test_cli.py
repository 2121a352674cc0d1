"""The command line: the same words and numbers as the app, and one line where something cannot be used."""

import csv
import json

import pytest

from resviz.cli import main
from resviz.families.resnet.spec import Spec
from resviz.topics.calculator.question import CountSpec
from resviz.train.records import History, from_table
from resviz.train.twins.lockstep import train
from resviz.words.text import parse_words

SMALL = ["depth=8", "width=4", "epochs=1", "device=cpu"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["depth=abc"], "depth=abc: allowed is a whole number from 2 to 1,202"),
        (["depth=99999"], "depth=99999: allowed is a whole number from 2 to 1,202"),
        (["cut=900"], "cut=900: depth 56 has shortcuts 1 to 27"),
        (["lr=-1"], "lr=-1: allowed is a number from 0.000001 to 100"),
        (["lr=1e30"], "lr=1e30: allowed is a number from 0.000001 to 100"),
        (["norm="], "norm=: allowed is one of batch, layer, group, none"),
        (["colour=red"], "colour=red: no such setting"),
        (["remove=900"], "remove=900: depth 56 has blocks 1 to 27"),
        (["edits=soon:cut:7"], "edits=soon:cut:7: allowed is step:setting:value, such as 60:cut:7 90:lr:0.01"),
        (["edits=60:cut:900"], "edits=60:cut:900: depth 56 has shortcuts 1 to 27"),
        (
            ["edits=60:cut:7 60:depth:8"],
            "edits=60:depth:8: depth cannot change on the way; what can is activation, shortcut_scale, branch_scale, cut",
        ),
        (
            ["edits=60:colour:red"],
            "edits=60:colour:red: no such setting; what can is activation, shortcut_scale, branch_scale, cut",
        ),
        (["edits=140:cut:7"], "edits=140:cut:7: the run has 132 steps: a change can come after step 1 to 131"),
        (["edits=" + "9" * 1_000_000], "(1,000,000 characters)"),
        (["depth"], "write settings as key=value"),
        (["depth=2", "depth=3"], "given twice; the first was 2"),
        (["--bogus"], "unrecognized arguments: --bogus"),
        (["--out", "run.txt"], "'run.txt' ends in '.txt'; allowed are .csv, .parquet, .json"),
        (["--out", "/no/such/folder/run.csv"], "there is no folder '/no/such/folder'"),
        (["seed=" + "9" * 1_000_000], "(1,000,000 characters)"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_words_are_one_line_and_exit_2(capsys, words, says):
    assert main(["train", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1
    assert len(err) < 600


def test_a_run_that_cannot_be_made_exits_1(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    assert main(["train", "dataset=mnist", "epochs=1"]) == 1
    err = capsys.readouterr().err
    assert "MNIST is not in" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["edits=5:cut:2 8:epochs:2", "remove=1"]], ids=["whole", "changed"])
def test_json_has_the_documented_shape_and_the_numbers_of_the_generator(capsys, words):
    assert main(["train", *SMALL, *words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    spec = Spec.of(parse_words([*SMALL, *words]))
    history = History(spec)
    for event in train(spec):
        history.add(event)
    assert told["spec"] == json.loads(spec.model_dump_json())
    assert told["digest"] == spec.digest
    assert told["device"] == "cpu"
    assert told["seconds"] > 0
    for arm in ("plain", "residual"):
        found = told["arms"][arm]
        assert len(found["loss"]) == spec.steps
        assert found["params"] == history.start.arms[arm].params
        assert found["loss"] == history.column(arm, "loss")[1]
        assert found["grad_norm"] == [list(v) for v in history.column(arm, "grad_norm")[1]]
        assert found["test_accuracy"] == history.last(arm, "test_accuracy")
        assert found["train_accuracy"] == history.last(arm, "train_accuracy")
    assert told["arms"]["plain"]["initial_checksum"] == told["arms"]["residual"]["initial_checksum"]


def test_out_writes_every_kind(capsys, tmp_path):
    import pyarrow.parquet as pq

    for suffix in ("csv", "parquet", "json"):
        assert main(["train", *SMALL, "--out", str(tmp_path / f"run.{suffix}")]) == 0
    assert "After step 11" in capsys.readouterr().out
    history = from_table(pq.read_table(tmp_path / "run.parquet"))
    lines = (tmp_path / "run.csv").read_text().splitlines()
    told = json.loads((tmp_path / "run.json").read_text())
    assert len(history.records) == len(lines) - 1 == len(told["arms"]["plain"]["loss"]) == 11
    column = lines[0].split(",").index("residual.loss")
    assert [float(line.split(",")[column]) for line in lines[1:]] == told["arms"]["residual"]["loss"]
    assert told["seconds"] > 0


def test_help_lists_every_setting(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["train", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert all(f"{name}=" in text for name in Spec.model_fields)
    assert "expansion=" not in text


# -- count -----------------------------------------------------------------------------------------


def counted(capsys, *words):
    assert main(["count", *words, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and len(out.splitlines()) == 1
    return json.loads(out)


@pytest.mark.parametrize(
    ("words", "known"),
    [
        ([], {"network": "ResNet-50", "params": 25_557_032}),
        (["net=resnet50"], {"params": 25_557_032, "macs": 4_089_184_256, "convention": "v1.5"}),
        (["net=resnet50", "input=224", "convention=v1.5"], {"params": 25_557_032, "macs": 4_089_184_256}),
        (["net=resnet50", "convention=v1"], {"params": 25_557_032, "macs": 3_857_973_248, "convention": "v1"}),
        (["net=cifar", "depth=110", "shortcut=C"], {"params": 1_826_202}),
        (["block=bottleneck", "in=256", "inner=64"], {"params": 70_400, "conv_weights": 69_632, "macs": 218_365_952}),
        (["block=bottleneck", "inputs=256", "inner=64"], {"params": 70_400, "conv_weights": 69_632}),
    ],
    ids=" ".join,
)
def test_count_prints_known_numbers(capsys, words, known):
    told = counted(capsys, *words)
    assert {key: told[key] for key in known} == known
    for key in ("params", "macs", "flops", "conv_weights", "activation_bytes"):
        assert sum(stage[key] for stage in told["stages"]) == told[key]
    assert sum(told["parameters"].values()) == told["params"]
    assert told["flops"] == 2 * told["macs"]


def test_count_takes_the_image_and_the_operations(capsys):
    whole, quarter = counted(capsys, "net=resnet50"), counted(capsys, "net=resnet50", "input=112")
    assert quarter["params"] == whole["params"]
    # 112 is halved five times as 224 is, but to 4 pixels at the end, which is more than half of 7.
    assert whole["macs"] / 4 < quarter["macs"] < whole["macs"] / 3
    assert [stage["shape"] for stage in quarter["stages"]][-2:] == [[2048, 4, 4], [1000, 1, 1]]
    assert counted(capsys, "net=resnet50", "counted=linear")["macs"] == 2_048_000


def test_count_names_the_other_network_inside(capsys):
    told = counted(capsys, "net=resnet50", "other=resnet34")
    assert told["params"] == 25_557_032
    assert told["other"] == counted(capsys, "net=resnet34")
    assert told["other"]["params"] == 21_797_672
    assert "other" not in counted(capsys, "net=resnet50")


def test_count_writes_every_kind(capsys, tmp_path):
    words = ["net=resnet50", "other=resnet34"]
    for suffix in ("csv", "md", "json"):
        assert main(["count", *words, "--out", str(tmp_path / f"table.{suffix}")]) == 0
    capsys.readouterr()
    told = counted(capsys, *words)
    assert json.loads((tmp_path / "table.json").read_text(encoding="utf-8")) == told

    nets = {"ResNet-50": told, "ResNet-34": told["other"]}
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(dict.fromkeys(line["network"] for line in lines)) == list(nets)
    for label, net in nets.items():
        *stages, total = (line for line in lines if line["network"] == label)
        for line, stage in zip(stages, net["stages"], strict=True):
            assert line["stage"] == stage["name"]
            assert line["shape"] == "x".join(map(str, stage["shape"]))
            assert all(line[key] == str(stage[key]) for key in ("params", "macs", "conv_weights", "receptive_field"))
        assert total["stage"] == "total"
        assert (int(total["params"]), int(total["macs"])) == (net["params"], net["macs"])

    text = (tmp_path / "table.md").read_text(encoding="utf-8")
    tables = dict(part.split("\n", 1) for part in text.split("### ")[1:])
    assert list(tables) == list(nets)
    for label, net in nets.items():
        rows = [line.strip("| ").split(" | ") for line in tables[label].splitlines() if line.startswith("|")]
        assert {len(row) for row in rows} == {7}
        for row, stage in zip(rows[2:-1], net["stages"], strict=True):
            assert (row[0], row[3], row[4]) == (stage["name"], f"{stage['params']:,}", f"{stage['macs']:,}")
        assert (rows[-1][0], rows[-1][3], rows[-1][4]) == ("total", f"{net['params']:,}", f"{net['macs']:,}")


def test_count_prints_a_table_to_read(capsys):
    assert main(["count", "net=resnet50", "other=resnet34"]) == 0
    out = capsys.readouterr().out
    assert "**" not in out and "|" not in out
    one, rest = out.split("\nResNet-34\n")
    head, *rows = one.split("\n\n")[1].splitlines()
    assert [row.split("  ")[0] for row in rows] == [
        "stem", "stage 1", "stage 2", "stage 3", "stage 4", "head", "total",
    ]  # fmt: skip
    for name, number in (("parameters", "25,557,032"), ("MACs", "4,089,184,256"), ("sees, pixels", "all")):
        assert rows[-1].index(number) + len(number) == head.index(name) + len(name)
    assert len({len(row) for row in (head, *rows)}) == 1
    for text in (one, rest):
        assert text.count("In the MACs, multiply-accumulates: convolutions + ") == 1
    assert "ResNet-50 has 58.6% of its parameters in stage 4" in one
    assert "ResNet-34 has 60.2% of its parameters in stage 4" in rest
    assert "Beside ResNet-34, ResNet-50 has 17.2% more parameters, 11.6% more MACs" in rest


def test_count_tells_a_block_term_by_term(capsys):
    assert main(["count", "block=bottleneck", "in=256", "inner=64", "unit=flops"]) == 0
    label, table, how, finding = capsys.readouterr().out.split("\n\n")
    assert label == "bottleneck block 256-64-64-256"
    head, *terms, total = [[cell for cell in row.split("  ") if cell] for row in table.splitlines()]
    assert [cell.strip() for cell in head] == ["layer", "formula", "with numbers", "parameters", "FLOPs"]
    assert [row[0] for row in terms] == ["1×1, 256 → 64", "3×3, 64 → 64", "1×1, 64 → 256", "normalisations"]
    assert terms[1][1:3] == ["9 · inside · inside", "9 · 64 · 64"]
    for column, told in ((-2, 70_400), (-1, 436_731_904)):
        assert sum(int(row[column].replace(",", "")) for row in terms) == told
        assert int(total[column].replace(",", "")) == told
    assert "FLOPs, two for a multiply-accumulate: " in how
    assert "= 69,632 weights, basic 18 · 256² = 1,179,648, 16.9 times as many" in finding


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["groups=7"], "groups=7: ResNet-50 has its own; it can be chosen for block, custom, resnext29"),
        (["block=bottleneck", "groups=7"], "64 channels cannot be split into 7 equal groups"),
        (["block=bottleneck", "inner=0"], "inner=0: allowed is a whole number from 1 to 16,384"),
        (["block=bottleneck", "in=0"], "inputs=0: allowed is a whole number from 1 to 16,384"),
        (["net=resnet50", "input=5"], "input=5: too small: the first convolution looks at 7 x 7"),
        (["net=resnet51"], "net=resnet51: allowed is one of resnet18, resnet34, resnet50"),
        (
            ["net=cifar", "depth=111"],
            "depth=111: this family has 6n+2 layers, such as 110 and 116; nearest that works: 110",
        ),
        (["other=resnet51"], "net=resnet51: allowed is one of resnet18"),
        (["net=resnet50", "other=block"], "other=block: a block goes beside a block, a network beside a network"),
        (["convention=v2"], "convention=v2: allowed is one of v1.5, v1"),
        (["counted=conv,tanh"], "counted=conv,tanh: allowed is names of conv, projection"),
        (["colour=red"], "colour=red: no such setting; there are net, depth"),
        (["resnet50"], "write settings as key=value"),
        (["net=resnet18", "net=resnet34"], "net=resnet34: given twice; the first was resnet18"),
        (["net=" + "9" * 1_000_000], "(1,000,000 characters)"),
        (["--out", "table.parquet"], "'table.parquet' ends in '.parquet'; allowed are .csv, .md, .json"),
        (["--out", "table"], "'table' ends in ''; allowed are .csv, .md, .json"),
        (["--out", "/no/such/folder/table.md"], "there is no folder '/no/such/folder'"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_count_says_in_one_line_what_cannot_be_used(capsys, words, says):
    assert main(["count", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1
    assert len(err) < 600


def test_count_that_cannot_be_written_exits_1(capsys, tmp_path):
    (tmp_path / "table.md").mkdir()
    assert main(["count", "--out", str(tmp_path / "table.md")]) == 1
    assert "table.md'" in capsys.readouterr().err


def test_help_of_count_lists_its_own_settings(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["count", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert all(f"\n  {name}=" in text for name in CountSpec.model_fields)
    assert "also written in=" in text
    assert "optimizer=" not in text
