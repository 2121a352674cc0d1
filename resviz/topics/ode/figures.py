"""A Neural ODE beside a residual network: the animation, accuracy, evaluations, memory, and Chen's table."""

from __future__ import annotations

from typing import Any

from resviz.draw.chart import POWERS, chart, shares
from resviz.draw.figure import Figure, MovingArm
from resviz.draw.palette import ARM_COLOR, CLASS_COLOR, TEXT
from resviz.topics.ode.question import BLOCKS, CHEN, CHEN_TABLE_1, NeuralOde, kilobytes
from resviz.words.say import percent, written

COLOR = {"ode": "#009E73", "residual": ARM_COLOR["residual"]}
LABEL = {"ode": "Neural ODE", "residual": "residual network"}
FORMULA = {"ode": "x' = f(x, t)", "residual": "x + F(x)"}


def figures(record: NeuralOde) -> list[Figure]:
    """Return the animation, accuracy and evaluations during training, memory, both networks in numbers, and published results."""
    return [moving(record), accuracy(record), evaluations(record), memory(record), compared(record), published()]


def moving(record: NeuralOde) -> Figure:
    """The animation of the flow and of the residual network's blocks, at the same moments."""
    arms: list[MovingArm] = [
        {
            "name": LABEL[name],
            "formula": FORMULA[name],
            "color": COLOR[name],
            "said": "the solver gave up" if net.test_accuracy is None else f"{percent(net.test_accuracy)} correct",
            "jumps": False,
            "x": net.x,
            "y": net.y,
            "regions": net.regions,
        }
        for name, net in record.nets.items()
    ]
    return {
        "id": "flow",
        "title": "New points on their way from time 0 to 1",
        "note": "shading: the class that the rest of the way gives",
        "flow": {
            "arms": arms,
            "box": record.box,
            "labels": record.labels,
            "grid": 0,
            "blocks": BLOCKS,
            "colors": CLASS_COLOR,
            "noun": "time",
        },
    }


def accuracy(record: NeuralOde) -> Figure:
    """The accuracy on new points during training."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": LABEL[name],
            "x": list(record.at),
            "y": list(net.accuracy),
            "line": {"color": COLOR[name], "width": 2.5, "dash": "dot" if name == "ode" else "solid"},
            "marker": {"size": 5, "color": COLOR[name], "symbol": "diamond" if name == "ode" else "circle"},
            "hovertemplate": "step %{x}: %{y:.1%}",
        }
        for name, net in record.nets.items()
    ]
    made = chart(
        "ode_accuracy",
        "New points classified correctly",
        "dotted: Neural ODE",
        traces,
        x={"range": [0, record.spec.steps], "title": {"text": "step"}, "nticks": 5},
        y=shares(v for net in record.nets.values() for v in net.accuracy),
    )
    return made | {"height": 175}


def evaluations(record: NeuralOde) -> Figure:
    """The evaluations of the field in each training step, forward and backward."""
    steps = list(range(1, len(record.forward) + 1))
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": steps,
            "y": list(values),
            "line": {"color": COLOR["ode"] if name == "forward" else TEXT, "width": 2, "dash": dash, "shape": "hv"},
            "hovertemplate": "step %{x}: %{y}",
        }
        for name, values, dash in (("forward", record.forward, "solid"), ("backward", record.backward, "dot"))
    ]
    made = chart(
        "ode_evaluations",
        "Evaluations of f in a step",
        "solid: forward; dotted: backward",
        traces,
        x={"range": [0, record.spec.steps], "title": {"text": "step"}, "nticks": 5},
        y={"rangemode": "tozero", "nticks": 5},
    )
    return made | {"height": 175}


def memory(record: NeuralOde) -> Figure:
    """The peak memory that autograd holds in a training pass, against the tolerance."""
    traces: list[dict[str, Any]] = []
    for name, label, dash in (("backprop", "through the solver", "solid"), ("adjoint", "adjoint", "dot")):
        sizes = [getattr(m, f"{name}_bytes") for m in record.memory]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": label,
                "x": [m.tol for m in record.memory],
                "y": [size / 1e3 if size else None for size in sizes],
                "line": {"color": COLOR["ode"], "width": 2.2, "dash": dash},
                "marker": {
                    "size": 7,
                    "color": COLOR["ode"],
                    "symbol": "circle" if name == "backprop" else "diamond-open",
                },
                "hovertemplate": "tolerance %{x:.0e}: %{y:.4g} kB",
            }
        )
    waiting = "" if record.memory else "; measured when training is over"
    made = chart(
        "ode_memory",
        "Memory held in a training pass",
        "measured, kB, log scales; solid: back through the solver’s steps; dotted: adjoint, a second equation solved "
        f"backwards{waiting}",
        traces,
        x=POWERS | {"autorange": "reversed", "title": {"text": "tolerance: the error allowed in a step"}},
        y={"type": "log", "exponentformat": "none", "nticks": 6},
    )
    header = ["tolerance", "evaluations forward", "backward (adjoint)", "through the solver", "adjoint"]
    rows = [
        [
            written(m.tol),
            str(m.forward or "–"),
            str(m.backward or "–"),
            kilobytes(m.backprop_bytes) if m.backprop_bytes else "gave up",
            kilobytes(m.adjoint_bytes) if m.adjoint_bytes else "gave up",
        ]
        for m in record.memory
    ]
    return made | {"height": 260, "table": {"header": header, "rows": rows}}


def compared(record: NeuralOde) -> Figure:
    """Both networks in numbers."""
    rows = [
        [
            LABEL[name],
            f"{net.parameters:,}",
            *("–" if v is None else percent(v) for v in (net.train_accuracy, net.test_accuracy)),
            f"{net.seconds:.1f} s",
        ]
        for name, net in record.nets.items()
    ]
    return {
        "id": "ode_compared",
        "title": "Here, on these points",
        "note": "measured",
        "rows": {"header": ["", "parameters", "512 learnt from", "400 new", "training"], "rows": rows},
    }


def published() -> Figure:
    """The results that the paper reports for another task."""
    rows = [[name, f"{error:.2f}%", f"{size:.2f} M" if size else "–"] for name, error, size in CHEN_TABLE_1]
    return {
        "id": "ode_published",
        "title": "Published, on MNIST",
        "note": CHEN,
        "rows": {"header": ["", "test error", "parameters"], "rows": rows},
    }
