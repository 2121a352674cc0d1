"""Records come back unchanged from a table and from text, and a summary is JSON that every reader takes."""

import csv
import io
import json
import math
from dataclasses import asdict

import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.train.records import (
    LAYERWISE,
    SCALARS,
    ArmRecord,
    History,
    Machine,
    Record,
    from_table,
    record_from_json,
    record_to_json,
    save,
    summary,
    to_csv,
    to_table,
)
from tests.examples import examples


def exact(history: History) -> str:
    """Every number to its last bit, signs of zeros and NaNs included: NaN equals nothing, but its text does."""
    return repr((history.spec, history.start, history.records))


def strict(value: object) -> object:
    """Through JSON as a strict reader takes it."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(json.dumps(value, allow_nan=False), parse_constant=refuse)


# -- a history -----------------------------------------------------------------------------------


def test_questions_to_a_history(make_history):
    spec = Spec(depth=4)
    history = make_history(
        spec,
        accuracies={"residual": [0.1, None, 0.3], "plain": [0.2, None, None]},
        losses={"residual": [3.0, 2.0, 1.0], "plain": [3.0, 2.5, None]},
        ended={"plain": 3},
    )
    assert history.column("residual", "test_accuracy") == ([1, 3], [0.1, 0.3])
    assert history.column("plain", "loss") == ([1, 2], [3.0, 2.5])
    assert history.column("plain", "activation_std") == ([], [])
    assert history.last("residual", "loss") == 1.0
    assert history.last("plain", "test_accuracy") == 0.2
    assert history.last("plain", "train_accuracy") is None
    assert history.ended("plain") == (3, "plain left.")
    assert history.ended("residual") is None


def test_until_is_the_history_as_it_stood_and_leaves_the_whole_as_it_is(make_history):
    history = make_history(
        Spec(depth=4), losses={"residual": [3.0, 2.0, 1.0], "plain": [3.0, None, None]}, ended={"plain": 2}
    )
    for step, length in ((0, 0), (1, 1), (2, 2), (3, 3), (99, 3)):
        seen = history.until(step)
        assert seen.records == history.records[:length]
        assert (seen.spec, seen.start) == (history.spec, history.start)
    assert history.until(1).ended("plain") is None
    assert history.until(1).last("residual", "loss") == 3.0
    assert len(history.records) == 3


# -- tables --------------------------------------------------------------------------------------


@examples(25)
@given(data=st.data())
def test_a_table_gives_the_history_back_exactly(histories, data):
    history = data.draw(histories(finite=False))
    assert exact(from_table(to_table(history))) == exact(history)


def test_a_parquet_file_gives_a_real_run_back_exactly(real_run, tmp_path):
    path = tmp_path / "run.parquet"
    save(real_run, path)
    assert from_table(pq.read_table(path)) == real_run


def test_a_history_without_records_comes_back():
    history = History(Spec(depth=4))
    assert from_table(to_table(history)) == history


def test_what_computed_a_run_comes_back_and_of_an_earlier_run_is_not_known(real_run):
    made, here = real_run.machine, torch.backends.cpu.get_cpu_capability()
    assert (made.torch, made.instructions) == (torch.__version__, here) and made.processor
    assert str(made) == f"torch {torch.__version__}, {here}, {made.processor}"
    assert summary(real_run, 1.0)["machine"] == asdict(made)
    table = to_table(real_run)
    assert from_table(table).machine == made
    start = json.loads(table.schema.metadata[b"start"])
    del start["machine"]  # as it was written before
    earlier = from_table(table.replace_schema_metadata({**table.schema.metadata, b"start": json.dumps(start)}))
    assert earlier.records == real_run.records and earlier.machine == History(Spec()).machine == Machine()
    assert str(Machine()) == "" and str(Machine("2.9.0", "", "NVIDIA H200")) == "torch 2.9.0, NVIDIA H200"


def test_an_arm_that_ended_is_absent_and_says_why(tmp_path):
    record = ArmRecord(math.inf, 0.5, (math.nan, -0.0))
    history = History(Spec(depth=2), None, [Record(1, 1, 0.1, {"plain": record}, {"residual": "the loss is NaN."})])
    save(history, tmp_path / "run.parquet")
    back = from_table(pq.read_table(tmp_path / "run.parquet"))
    assert exact(back) == exact(history)
    assert set(back.records[0].arms) == {"plain"}
    assert back.ended("residual") == (1, "the loss is NaN.")
    assert math.copysign(1, back.records[0].arms["plain"].grad_norm[1]) == -1


def without_spec(table):
    return table.replace_schema_metadata({"start": "null"})


def with_half_a_spec(table):
    return table.replace_schema_metadata({**table.schema.metadata, b"spec": b"{"})


def with_an_impossible_spec(table):
    return table.replace_schema_metadata({**table.schema.metadata, b"spec": b'{"depth": 1}'})


def without_a_column(table):
    return table.drop_columns(["plain.loss"])


@pytest.mark.parametrize("damage", [without_spec, with_half_a_spec, with_an_impossible_spec, without_a_column])
def test_another_table_is_refused(damage, make_history):
    table = to_table(make_history(Spec(depth=4), losses={"residual": [1.0]}))
    with pytest.raises(ValueError):  # noqa: PT011 (pydantic's, json's or ours: all are ValueErrors)
        from_table(damage(table))


# -- one record ----------------------------------------------------------------------------------


@examples(25)
@given(data=st.data())
def test_json_gives_a_record_back_exactly(histories, data):
    for record in data.draw(histories(finite=False)).records:
        text = record_to_json(record)
        assert "\n" not in text
        assert repr(record_from_json(text)) == repr(record)


def test_json_gives_the_records_of_a_real_run_back(real_run):
    assert [record_from_json(record_to_json(r)) for r in real_run.records] == real_run.records


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "5", "[]", "{}", '{"arms": {}}', '{"arms": [], "step": 1, "epoch": 1, "lr": 1}',
     '{"arms": {"plain": 5}, "step": 1, "epoch": 1, "lr": 1}',
     '{"arms": {"plain": {"loss": 1}}, "step": 1, "epoch": 1, "lr": 1}',
     '{"arms": {}, "step": 1, "epoch": 1, "lr": 1, "colour": "red"}'],
)  # fmt: skip
def test_another_text_is_no_record(text):
    with pytest.raises(ValueError):  # noqa: PT011 (json's or ours: both are ValueErrors)
        record_from_json(text)


# -- CSV -----------------------------------------------------------------------------------------


def columns(spec: Spec) -> list[str]:
    names = ["step", "epoch", "lr"]
    for arm in ("residual", "plain"):
        names += [f"{arm}.{n}" for n in ("loss", "accuracy", "train_accuracy", "test_accuracy")]
        names += [f"{arm}.grad_norm.{i}" for i in range(1, spec.depth + 1)]
        for n in ("activation_grad_norm", "activation_mean", "activation_std", "dead_fraction"):
            names += [f"{arm}.{n}.{i}" for i in range(1, spec.depth)]
        names += [f"{arm}.residual_ratio.{i}" for i in range(1, spec.blocks + 1)]
    return names


@examples(25)
@given(data=st.data())
def test_csv_has_one_line_a_step_and_every_number_exactly(histories, data):
    history = data.draw(histories(finite=False))
    header, *lines = csv.reader(io.StringIO(to_csv(history)))
    assert header == columns(history.spec)
    assert len(lines) == len(history.records)
    for line, record in zip(lines, history.records, strict=True):
        cells = dict(zip(header, line, strict=True))
        assert (int(cells["step"]), int(cells["epoch"])) == (record.step, record.epoch)
        assert repr(float(cells["lr"])) == repr(record.lr)
        for arm in ARMS:
            a = record.arms.get(arm)
            for name in SCALARS:
                assert_cell(cells[f"{arm}.{name}"], getattr(a, name, None))
            for name in LAYERWISE:
                width = sum(cell.startswith(f"{arm}.{name}.") for cell in header)
                for i, value in enumerate(getattr(a, name, None) or [None] * width, start=1):
                    assert_cell(cells[f"{arm}.{name}.{i}"], value)


def assert_cell(cell: str, value: float | None) -> None:
    assert cell == "" if value is None else repr(float(cell)) == repr(value)


# -- the summary ---------------------------------------------------------------------------------


def test_summary_of_a_real_run(real_run):
    told = strict(summary(real_run, 1.23456))
    assert set(told) == {"spec", "digest", "device", "machine", "seconds", "arms"}
    assert Spec.of(told["spec"]) == real_run.spec
    assert told["digest"] == real_run.spec.digest
    assert (told["device"], told["seconds"]) == ("cpu", 1.235)
    assert set(told["arms"]) == {"residual", "plain"}
    for arm, values in told["arms"].items():
        assert set(values) == {"params", "initial_checksum", "loss", "grad_norm", "train_accuracy", "test_accuracy"}
        assert values["params"] == real_run.start.arms[arm].params
        assert values["initial_checksum"] == real_run.start.arms[arm].checksum
        assert values["loss"] == [r.arms[arm].loss for r in real_run.records]
        assert values["grad_norm"] == [list(r.arms[arm].grad_norm) for r in real_run.records]
        assert values["train_accuracy"] == real_run.records[-1].arms[arm].train_accuracy
        assert values["test_accuracy"] == real_run.records[-1].arms[arm].test_accuracy


@examples(25)
@given(data=st.data())
def test_summary_is_strict_json_whatever_happened(histories, data):
    """A number that is not finite is null, any other is itself, and an arm that ended says when and why."""
    history = data.draw(histories(finite=False))
    told = strict(summary(history, 2.0))
    for arm, values in told["arms"].items():
        expected = [v if math.isfinite(v) else None for v in history.column(arm, "loss")[1]]
        assert repr(values["loss"]) == repr(expected)
        norms = history.column(arm, "grad_norm")[1]
        assert repr(values["grad_norm"]) == repr([[v if math.isfinite(v) else None for v in row] for row in norms])
        stopped = history.ended(arm)
        assert values.get("ended") == (stopped and {"step": stopped[0], "why": stopped[1]})
        assert (values["params"] is None) == (history.start is None)


# -- saving --------------------------------------------------------------------------------------


def test_the_suffix_chooses_the_form(real_run, tmp_path):
    for suffix in (".csv", ".parquet", ".json"):
        save(real_run, tmp_path / f"run{suffix}", 4.5)
    assert (tmp_path / "run.csv").read_text() == to_csv(real_run)
    assert from_table(pq.read_table(tmp_path / "run.parquet")) == real_run
    assert json.loads((tmp_path / "run.json").read_text()) == strict(summary(real_run, 4.5))


@pytest.mark.parametrize("name", ["run.txt", "run", "run.csv.gz", "run.JSONL"])
def test_another_suffix_is_refused_with_what_is_allowed(name, real_run, tmp_path):
    with pytest.raises(ValueError, match=r"allowed are \.csv, \.parquet(,| and) \.json") as error:
        save(real_run, tmp_path / name)
    assert name in str(error.value)
    assert list(tmp_path.iterdir()) == []
