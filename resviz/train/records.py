"""The events that a training run yields step by step, and a run's whole history. Without torch: the server reads these."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from resviz.train.spec import TrainingSpec, spec_from_json
from resviz.words.text import Vector

# Part of the name of a stored run: raise it when the same spec gives numbers other than before.
RECORDS_VERSION = 3

PROBE_EVERY = 5  # steps between two measurements of the activations
CALM = (1, 2, 11, 101)  # steps that begin after 0, 1, 10 and 100 updates: at these the backward signal is measured too

SCALARS = ("loss", "accuracy", "train_accuracy", "test_accuracy")
LAYERWISE = (
    "grad_norm",
    "activation_grad_norm",
    "activation_mean",
    "activation_std",
    "dead_fraction",
    "residual_ratio",
)

VECTORS = (*LAYERWISE, "shift")

SUFFIXES = (".csv", ".parquet", ".json")  # what `save` writes


@dataclass(frozen=True, slots=True)
class ArmStart:
    """One arm before its first step. `checksum` covers the weights that both arms have."""

    params: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What the last digits of numbers depend on besides the spec: the version of torch, the instruction set that it uses on the
    CPU, such as AVX2 ("" on a GPU), and the name of the processor or GPU. All are "" where that is not known."""

    torch: str = ""
    instructions: str = ""
    processor: str = ""

    def __str__(self) -> str:
        """In words, such as "torch 2.9.0, AVX2, AMD EPYC"; "" if it is not known."""
        parts = (f"torch {self.torch}" if self.torch else "", self.instructions, self.processor)
        return ", ".join(part for part in parts if part)


UNKNOWN = Machine()


@dataclass(frozen=True, slots=True)
class Start:
    """The first event of a run. `machine` is not known of a run kept before it was noted."""

    device: str
    arms: dict[str, ArmStart]
    machine: Machine = UNKNOWN


@dataclass(frozen=True, slots=True)
class ArmRecord:
    """The measurements of one arm at one step.

    loss, accuracy: on the step's batch, before its update. grad_norm: (depth,) norms of the weight gradients used for
    the update, input first, head last. activation_mean, activation_std: (depth - 1,) of the output that each layer gives
    to the next, dead_fraction: (depth - 1,) of each activation, and residual_ratio: (blocks,); all from the same forward
    pass, every few steps. activation_grad_norm: (depth - 1,) norms of the gradient with respect to each layer's output,
    at the steps of CALM. All are 0 in a removed block.
    shift: (2,), at the first step after skips were cut or blocks removed or the reverse: of what the first of these blocks passes
    on, on this step's batch and with the same weights, its norm after the change relative to that before, and the cosine between
    both, the mean over the examples.
    test_accuracy, train_accuracy: after the update, in evaluation mode, over the whole set; the first every so many
    steps, both at the end.
    """

    loss: float
    accuracy: float
    grad_norm: Vector
    activation_grad_norm: Vector | None = None
    activation_mean: Vector | None = None
    activation_std: Vector | None = None
    dead_fraction: Vector | None = None
    residual_ratio: Vector | None = None
    shift: Vector | None = None
    train_accuracy: float | None = None
    test_accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One step of both arms. `ended` gives the reason for each arm that stopped at this step; such an arm is not in `arms`."""

    step: int
    epoch: int
    lr: float
    arms: dict[str, ArmRecord]
    ended: dict[str, str] = field(default_factory=dict)


Event = Start | Record


@dataclass
class History:
    """A run so far: its spec, its start, and its records in order."""

    spec: TrainingSpec
    start: Start | None = None
    records: list[Record] = field(default_factory=list)

    def add(self, event: Event) -> None:
        if isinstance(event, Start):
            self.start = event
        else:
            self.records.append(event)

    def column(self, arm: str, name: str) -> tuple[list[int], list[Any]]:
        """Return the steps at which a quantity was measured, and its values there."""
        pairs = [
            (r.step, value) for r in self.records if arm in r.arms and (value := getattr(r.arms[arm], name)) is not None
        ]
        return [s for s, _ in pairs], [v for _, v in pairs]

    def last(self, arm: str, name: str) -> Any | None:
        values = self.column(arm, name)[1]
        return values[-1] if values else None

    def ended(self, arm: str) -> tuple[int, str] | None:
        """Return the step at which an arm stopped early, and why; None if it did not."""
        return next(((r.step, r.ended[arm]) for r in self.records if arm in r.ended), None)

    @property
    def machine(self) -> Machine:
        """What computed this run, as far as that is known."""
        return self.start.machine if self.start else UNKNOWN

    def until(self, step: int) -> History:
        """Return this history as it was after `step`."""
        return History(self.spec, self.start, [r for r in self.records if r.step <= step])


def summary(history: History, seconds: float) -> dict[str, Any]:
    """Return the run as plain JSON values; a number that is not finite becomes None."""
    start = history.start
    arms: dict[str, Any] = {}
    for arm in history.spec.arms:
        stopped = history.ended(arm)
        arms[arm] = {
            "params": start.arms[arm].params if start else None,
            "initial_checksum": start.arms[arm].checksum if start else None,
            "loss": _finite(history.column(arm, "loss")[1]),
            "grad_norm": _finite(history.column(arm, "grad_norm")[1]),
            "train_accuracy": history.last(arm, "train_accuracy"),
            "test_accuracy": history.last(arm, "test_accuracy"),
            **({"ended": {"step": stopped[0], "why": stopped[1]}} if stopped else {}),
        }
    return {
        "spec": history.spec.model_dump(),
        "digest": history.spec.digest,
        "device": start.device if start else None,
        "machine": asdict(start.machine) if start else None,
        "seconds": round(seconds, 3),
        "arms": arms,
    }


def _finite(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value if value is None or math.isfinite(value) else None


# -- tables ------------------------------------------------------------------------------------


def to_table(history: History) -> Any:
    """Return a pyarrow.Table with one row per step, and with the spec and the start in its metadata."""
    import pyarrow as pa

    records = history.records
    columns: dict[str, Any] = {
        "step": pa.array([r.step for r in records], pa.int32()),
        "epoch": pa.array([r.epoch for r in records], pa.int32()),
        "lr": pa.array([r.lr for r in records], pa.float64()),
    }
    for arm in history.spec.arms:
        rows = [r.arms.get(arm) for r in records]
        for name in SCALARS:
            columns[f"{arm}.{name}"] = pa.array([getattr(a, name) if a else None for a in rows], pa.float64())
        for name in VECTORS:
            columns[f"{arm}.{name}"] = pa.array([getattr(a, name) if a else None for a in rows], pa.list_(pa.float64()))
        columns[f"{arm}.ended"] = pa.array([r.ended.get(arm) for r in records], pa.string())
    meta = {
        "spec": history.spec.model_dump_json(),
        "start": json.dumps(asdict(history.start) if history.start else None),
    }
    return pa.table(columns).replace_schema_metadata(meta)


def from_table(table: Any) -> History:
    """Read a history from a table made by `to_table`. Raises ValueError for any other table."""
    meta = table.schema.metadata or {}
    try:
        spec = spec_from_json(meta[b"spec"])
        start = _read_start(json.loads(meta[b"start"]))
        rows = table.to_pylist()
        return History(spec, start, [_read_row(row, spec.arms) for row in rows])
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a table of records: {error!r}") from error


def _read_start(value: Mapping[str, Any] | None) -> Start | None:
    if value is None:
        return None
    arms = {k: ArmStart(**v) for k, v in value["arms"].items()}
    return Start(value["device"], arms, Machine(**value.get("machine", {})))


def _read_row(row: Mapping[str, Any], names: Iterable[str]) -> Record:
    arms, ended = {}, {}
    for arm in names:
        if row[f"{arm}.loss"] is not None:
            vectors: Any = {n: tuple(v) for n in VECTORS if (v := row.get(f"{arm}.{n}")) is not None}
            arms[arm] = ArmRecord(**{n: row[f"{arm}.{n}"] for n in SCALARS}, **vectors)
        if row[f"{arm}.ended"] is not None:
            ended[arm] = row[f"{arm}.ended"]
    return Record(row["step"], row["epoch"], row["lr"], arms, ended)


def record_to_json(record: Record) -> str:
    """Return one record as JSON text, exact to the last bit, including numbers that are not finite."""
    return json.dumps(asdict(record))


def record_from_json(text: str) -> Record:
    """Read a record from a text made by `record_to_json`. Raises ValueError for any other text."""
    try:
        values = json.loads(text)
        arms: dict[str, Any] = values.pop("arms")
        for arm, a in arms.items():
            vectors: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in a.items()}
            arms[arm] = ArmRecord(**vectors)
        return Record(arms=arms, **values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a record: {error!r}") from error


def to_csv(history: History) -> str:
    """Return one line per step and one column per number; `residual.grad_norm.1` is the layer at the input."""
    return "\n".join(",".join(line) for line in _csv_lines(history)) + "\n"


def _csv_lines(history: History) -> Iterator[list[str]]:
    spec = history.spec
    widths = dict.fromkeys(LAYERWISE, spec.layers - 1) | {"grad_norm": spec.layers, "residual_ratio": spec.branches}
    header = ["step", "epoch", "lr"]
    for arm in spec.arms:
        header += [f"{arm}.{name}" for name in SCALARS]
        header += [f"{arm}.{name}.{i}" for name in LAYERWISE for i in range(1, widths[name] + 1)]
    yield header
    for r in history.records:
        line = [str(r.step), str(r.epoch), repr(r.lr)]
        for arm in spec.arms:
            a = r.arms.get(arm)
            line += [_cell(getattr(a, name, None)) for name in SCALARS]
            for name in LAYERWISE:
                values = getattr(a, name, None)
                line += [""] * widths[name] if values is None else map(_cell, values)
        yield line


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)


def save(history: History, path: Path, seconds: float = 0.0) -> None:
    """Write the format of the suffix: .csv, .parquet, or .json, which also holds `seconds`. Raises ValueError for any other."""
    match path.suffix.lower():
        case ".csv":
            path.write_text(to_csv(history), encoding="utf-8")
        case ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(to_table(history), path, compression="zstd")
        case ".json":
            path.write_text(json.dumps(summary(history, seconds), allow_nan=False), encoding="utf-8")
        case other:
            raise ValueError(f"{str(path)!r} ends in {other!r}; allowed are {', '.join(SUFFIXES)}")


@dataclass(frozen=True, slots=True)
class Training:
    """The training progress of the networks that a question is about.

    step: updates that each arm has made. ended: why an arm stopped early, by arm; its weights are those before that step.
    curve: the training loss so far, by arm, as (steps, losses).
    """

    step: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[str, str] = field(default_factory=dict)
    curve: Mapping[str, tuple[Vector, Vector]] = field(default_factory=dict)
