"""The figures of the Train page, as templates over a run's records."""

from __future__ import annotations

from typing import Any

from resviz.draw.chart import chart
from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_SYMBOL, FAINT, SEQUENTIAL
from resviz.draw.profile import line_of, profile
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec


def templates(spec: Spec) -> list[Figure]:
    """All figures of the page, the main one first; the first two are under the drawing and share its axis."""
    return [
        profile(
            "grad_norm",
            "Gradient norm of each layer's weights",
            spec,
            log=True,
            note="log scale; pale: at the first step",
            aligned=True,
        ),
        # Only block outputs: activations inside a branch start small again, so only the outputs show whether they accumulate.
        profile(
            "activation_std",
            "Spread of the activations after each block",
            spec,
            log=True,
            note="standard deviation, log scale; over the layers, input on the left",
            start=spec.stem_convs,
            every=spec.convs_per_block,
            aligned=True,
        ),
        series("loss", "Training loss", spec, "loss of each step's batch", floor=0.0),
        series(
            "test_accuracy",
            f"{spec.data.noun.capitalize()} read correctly (unseen)",
            spec,
            "test images",
            percent=True,
        ),
        *[heatmap("grad_norm", arm, f"Gradient norm over time, {arm}", spec) for arm in ARMS],
        profile(
            "dead_fraction",
            "Dead channels of each layer",
            spec,
            log=False,
            note="share of channels that are 0 for a whole batch",
        ),
    ]


def series(
    name: str, title: str, spec: Spec, note: str, *, percent: bool = False, floor: float | None = None
) -> Figure:
    """A chart of a scalar of both arms over all steps."""
    y: dict[str, Any] = {"rangemode": "tozero"} if floor is not None else {}
    if percent:
        y = {"range": [0, 1.02], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": arm,
            "line": line_of(arm),
            "bind": {"kind": "series", "arm": arm, "name": name},
            "hovertemplate": "step %{x}: " + ("%{y:.1%}" if percent else "%{y:.3g}"),
            # There are few points, at first only one: markers show each, and help to tell the arms apart.
            **({"mode": "lines+markers", "marker": {"symbol": ARM_SYMBOL[arm], "size": 6}} if percent else {}),
        }
        for arm in reversed(ARMS)
    ]
    return chart(name, title, note, traces, x={"range": [0, spec.steps], "title": {"text": "step"}}, y=y)


def heatmap(name: str, arm: str, title: str, spec: Spec) -> Figure:
    """A heatmap of a layerwise quantity of one arm over all steps; both arms share one colour scale."""
    trace = {
        "type": "heatmap",
        "colorscale": SEQUENTIAL,
        "bind": {"kind": "heatmap", "arm": arm, "name": name},
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "tickprefix": "10<sup>",
            "ticksuffix": "</sup>",
            "dtick": 1,
            "tickfont": {"color": FAINT},
        },
        "hovertemplate": "step %{x}, layer %{y}: 10<sup>%{z:.1f}</sup><extra></extra>",
    }
    return chart(
        f"{name}_{arm}",
        title,
        "log scale, the same for both; layer 1 is at the input",
        [trace],
        x={"range": [0.5, spec.steps + 0.5], "title": {"text": "step"}},
        y={"range": [0.5, spec.depth + 0.5], "title": {"text": "layer"}},
    ) | {"decades": name}
