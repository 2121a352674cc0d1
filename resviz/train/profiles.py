"""The layer-by-layer measurements of one record, as JSON and as CSV, and the growth of a signal over the layers."""

from __future__ import annotations

import math
from typing import Any

from resviz.train.records import Record
from resviz.words.text import Vector


def growth(signal: Vector) -> float | None:
    """Return the signal at the first layer over that at the last; None if either is 0 or not finite, or there is only one."""
    if len(signal) < 2 or not (0 < signal[0] < math.inf and 0 < signal[-1] < math.inf):
        return None
    return signal[0] / signal[-1]


def as_json(record: Record) -> dict[str, Any]:
    """Return the measured profiles of both networks, input first; None for a value outside the range of float32."""
    names = ("grad_norm", "activation_grad_norm", "activation_std")
    return {
        "arms": {
            arm: {name: [_number(v) for v in getattr(record.arms[arm], name)] for name in names}
            for arm in reversed(record.arms)
        }
    }


def to_csv(record: Record) -> str:
    """Return one line per layer and one column per measured profile; a cell is empty where a layer has no such number."""
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
