"""Panels by name: the question of each, who answers it, and how it is shown."""

from __future__ import annotations

from resviz import shattered
from resviz.euler import crossing, depthtime, flow, neuralode, refine, rollout, solve, solvetext
from resviz.figures import attribution as attribution_figures
from resviz.figures import crossing as crossing_figures
from resviz.figures import depthtime as depthtime_figures
from resviz.figures import flow as flow_figures
from resviz.figures import landscape as landscape_figures
from resviz.figures import neuralode as neuralode_figures
from resviz.figures import paths as paths_figures
from resviz.figures import photograph as photograph_figures
from resviz.figures import refine as refine_figures
from resviz.figures import rollout as rollout_figures
from resviz.figures import shattered as shattered_figures
from resviz.figures import solve as solve_figures
from resviz.findings import said
from resviz.inside import attribution, landscape, paths, photograph, unravel
from resviz.spec import Spec
from resviz.ui import boards, calculator
from resviz.ui.asking import NETWORKS
from resviz.ui.block import BLOCK
from resviz.ui.panel import Control, Panel
from resviz.ui.passing import SIGNAL, START
from resviz.ui.sources import Instant, Measured, Pictured, Solver, affordable
from resviz.ui.training import TRAIN
from resviz.words import Mistake


def _steps(spec: solve.SolveSpec) -> str:
    return f"h = {said(spec.h)}, {spec.n:,} step{'s' * (spec.n != 1)}"


def shattered_affordable(spec: shattered.ShatteredSpec) -> None:
    """Raises Mistake for what would keep a shared server busy for long."""
    if (size := spec.seeds * spec.depth * spec.width**2) > shattered.LARGEST:
        raise Mistake(f"seeds x depth x width² is {size:,}; allowed are {shattered.LARGEST:,} here")


_COUNTS = tuple(sorted({round(2000 ** (k / 60)) for k in range(61)} - {0}))
_TRAINING = ("dataset", "norm", "order", "shortcut", "stages", "width", "epochs", "lr", "seed")
PANELS: dict[str, Panel] = {
    "count": calculator.COUNT,
    "built": calculator.BUILT,
    "step": calculator.STEP,
    "start": START,
    "block": BLOCK,
    "signal": SIGNAL,
    "train": TRAIN,
    "compared": boards.COMPARED,
    "depth": boards.DEPTH,
    "calm": boards.CALM,
    "shattered": Panel(
        shattered.ShatteredSpec,
        Measured("shattered", shattered_affordable),
        shattered_figures.figures,
        shattered.finding,
        verb="Measure",
    ),
    "flow": Panel(
        flow.PlaneSpec,
        Measured("flow"),
        flow_figures.figures,
        flow.finding,
        (
            Control("data"),
            Control("blocks", tuple(range(1, 25))),
            Control("h", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)),
            Control("activation"),
            Control("seed", tuple(range(10))),
        ),
        (Control("hidden"), Control("effort"), Control("steps"), Control("lr")),
    ),
    "solve": Panel(
        solve.SolveSpec,
        Solver(),
        solve_figures.figures,
        solvetext.finding,
        (
            Control("system"),
            Control("method"),
            Control("n", tuple(reversed(_COUNTS)), _steps),
            Control("eigenvalues"),
        ),
        (Control("tol", tuple(float(f"1e-{k}") for k in range(1, 13))), Control("T"), Control("start"), Control("mu")),
        at_once=True,
        verb="Solve",
    ),
    "refine": Panel(
        refine.RefineSpec,
        Measured("refine"),
        refine_figures.figures,
        refine.finding,
        (
            Control("data"),
            Control("blocks", tuple(range(2, 25))),
            Control("h", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)),
            Control("smooth", (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)),
        ),
        (Control("hidden"), Control("steps"), Control("lr"), Control("seed")),
    ),
    "ode": Panel(
        neuralode.NeuralOdeSpec,
        Measured("ode"),
        neuralode_figures.figures,
        neuralode.finding,
        (
            Control("data"),
            Control("gradient"),
            Control("tol", (0.1, 0.03, 0.01, 0.003, 0.001, 0.0001, 0.00001)),
            Control("augment", tuple(range(6))),
        ),
        (Control("hidden"), Control("steps"), Control("lr"), Control("seed")),
    ),
    "crossing": Panel(
        crossing.CrossingSpec,
        Measured("crossing"),
        crossing_figures.figures,
        crossing.finding,
        (
            Control("task"),
            Control("blocks", tuple(range(1, 13))),
            Control("augment", tuple(range(1, 6))),
            Control("seed"),
        ),
        (Control("hidden"), Control("steps"), Control("lr")),
    ),
    "rollout": Panel(
        rollout.RolloutSpec,
        Measured("rollout"),
        rollout_figures.figures,
        rollout.finding,
        (
            Control("system"),
            Control("dt", (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)),
            Control("blocks", tuple(range(1, 13))),
            Control("noise", (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)),
        ),
        tuple(Control(name) for name in ("hidden", "examples", "branch", "steps", "lr", "horizon", "seed")),
    ),
    "depthtime": Panel(
        Spec,
        Measured("depthtime", affordable),
        depthtime_figures.figures,
        depthtime.finding,
        (
            Control("depth"),
            Control("order"),
            Control("norm"),
            Control("stages", (1, 2, 3)),
        ),
        tuple(Control(n) for n in ("dataset", "shortcut", "branch_scale", "init", "width", "epochs", "lr", "seed")),
        verb="Measure",
    ),
    "attribution": Panel(
        attribution.AttributionSpec,
        Measured("attribution", affordable),
        attribution_figures.figures,
        attribution.finding,
        (
            NETWORKS,
            Control("depth"),
            Control("method"),
            Control("target", tuple(range(-1, 10)), lambda spec: "as read" if spec.target < 0 else f"{spec.target}"),
            Control("destroyed"),
        ),
        tuple(Control(n) for n in ("image", "steps_between", "noise", "window", *_TRAINING)),
        verb="Compute",
    ),
    "photograph": Panel(
        photograph.PhotographSpec,
        Pictured("photograph"),
        photograph_figures.figures,
        photograph.finding,
        (
            *(Control(n) for n in ("network", "weights", "method", "image")),
            Control("own", upload="panel/photograph/picture", also={"image": "own"}),
            Control("destroyed"),
        ),
        tuple(Control(n) for n in ("target", "steps_between", "noise", "window", "seed")),
        verb="Compute",
        picture=photograph.SIDE,
    ),
    "lesion": Panel(
        paths.LesionSpec,
        Measured("lesion", affordable),
        paths_figures.lesion_figures,
        paths.lesion_finding,
        (
            NETWORKS,
            Control("depth"),
            Control("survival", (0.3, 0.5, 0.7, 0.9, 1.0)),
            Control("epochs", (1, 2, 4, 8, 12, 20, 40)),
        ),
        tuple(Control(n) for n in ("lesion", "sever", "images", *_TRAINING) if n != "epochs"),
    ),
    "several": Panel(
        paths.SeveralSpec,
        Measured("several", affordable),
        paths_figures.several_figures,
        paths.several_finding,
        (
            NETWORKS,
            Control("depth"),
            Control("survival", (0.3, 0.5, 0.7, 0.9, 1.0)),
            Control("draws", (1, 2, 4, 8, 12, 20, 50)),
            Control("draw", tuple(range(10))),
        ),
        tuple(Control(n) for n in ("images", *_TRAINING)),
    ),
    "lengths": Panel(
        paths.LengthsSpec,
        Measured("lengths", affordable),
        paths_figures.length_figures,
        paths.lengths_finding,
        (
            NETWORKS,
            Control("depth"),
            Control("survival", (0.3, 0.5, 0.7, 0.9, 1.0)),
            Control("repeats", (1, 2, 4, 8, 16, 50)),
            Control("draw", tuple(range(10))),
        ),
        tuple(Control(n) for n in ("images", *_TRAINING)),
    ),
    "unravel": Panel(
        unravel.UnravelSpec,
        Instant(unravel.Unravelled),
        paths_figures.unravel_figures,
        unravel.finding,
        (Control("blocks", (1, 2, 3, 4)), Control("opened", (0, 1, 2, 3, 4))),
        at_once=True,
        verb="Unroll",
    ),
    "landscape": Panel(
        landscape.LandscapeSpec,
        Measured("landscape", affordable),
        landscape_figures.figures,
        landscape.finding,
        (
            NETWORKS,
            Control("depth"),
            Control("directions"),
            Control("span", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)),
            Control("finest"),
        ),
        tuple(Control(n) for n in ("statistics", "on", "images", "draw", *_TRAINING)),
        verb="Measure",
    ),
}
