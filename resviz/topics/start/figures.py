"""The figures of the Start page: a gradient profile under each network."""

from __future__ import annotations

from resviz.draw.figure import Figure
from resviz.draw.profile import profile
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec


def templates(spec: Spec) -> list[Figure]:
    """One profile for each arm, residual first; both share one range."""
    return [
        profile(
            "grad_norm",
            f"Gradient norm of each layer's weights, {arm}",
            spec,
            log=True,
            note="before training, log scale",
            arms=(arm,),
            pale=False,
            aligned=True,
            axis_title=arm == ARMS[-1],
        )
        | {"id": f"start_{arm}"}
        for arm in ARMS
    ]
