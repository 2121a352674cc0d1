"""What one record says of every layer, as JSON and as a table; and how much a signal grows over the layers."""

from __future__ import annotations

import math
from typing import Any

from resviz.train.records import Record
from resviz.words.text import Vector


def growth(signal: Vector) -> float | None:
    """How many times larger it is at the first layer than at the last; None where either is 0 or no number."""
    if len(signal) < 2 or not (0 < signal[0] < math.inf and 0 < signal[-1] < math.inf):
        return None
    return signal[0] / signal[-1]


def as_json(record: Record) -> dict[str, Any]:
    """The measured profiles of both networks, input first; None for what left the range of float32."""
    names = ("grad_norm", "activation_grad_norm", "activation_std")
    return {
        "arms": {
            arm: {name: [_number(v) for v in getattr(record.arms[arm], name)] for name in names}
            for arm in reversed(record.arms)
        }
    }


def to_csv(record: Record) -> str:
    """One line a layer, one column a measured profile; empty where a layer has no such number."""
    names = ("activation_grad_norm", "activation_mean", "activation_std", "dead_fraction", "grad_norm")
    columns = {f"{arm}.{name}": getattr(record.arms[arm], name) or () for arm in record.arms for name in names}
    depth = max(len(values) for values in columns.values())
    lines = [",".join(["layer", *columns])]
    for layer in range(depth):
        cells = (repr(values[layer]) if layer < len(values) else "" for values in columns.values())
        lines.append(",".join([str(layer + 1), *cells]))
    return "\n".join(lines) + "\n"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
