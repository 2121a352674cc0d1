"""Panels: what their pages hand down, and what the server answers about recorded and made-up records of the Euler page."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import Any

from resviz.draw.table import to_csv
from resviz.families.resnet.family import ARMS
from resviz.runs.recorded import opening, recorded
from resviz.topic import Shown, topics
from resviz.topics.calculator.architectures import count_all
from resviz.topics.flow.question import Flow, PlaneSpec
from resviz.topics.shattered.question import LAGS, NETS, NOISES, Curve, Shattered, ShatteredSpec, theory
from resviz.topics.solve.question import SolveSpec, solve
from resviz.train.plane import CELLS
from resviz.ui import asking
from resviz.ui.panels import PANELS
from resviz.ui.sources import Look
from tests.harness.site import question
from tests.harness.write import address, handed, words_of

SHOWN: dict[str, Shown] = {name: shown for topic in topics().values() for name, shown in topic.shows.items()}
APART = {"beside": False, "alone": False, "later": False}  # a panel by itself, where a scene says nothing else
FLOW = "blocks=3"  # the points of the scene go through so many blocks
BLOCKS, POINTS, COARSE = 3, 24, 12  # of them, and cells of the shading along each side


def asked(kind: str, query: str = "", what: str = "", method: str = "GET") -> str:
    """What names an answer: what a browser asks of a panel whose settings are so."""
    return question(method, f"panel/{kind}{what}", words_of(query))


def page(kind: str, **options: bool) -> str:
    """What the page of a panel hands down."""
    from resviz.ui.page import panel

    return handed("page", lambda: panel(kind, replace(SHOWN[kind], **(APART | options))))


def answer(kind: str, query: str = "", record: Any = None, **look: Any) -> Any:
    """What the server says of a panel: by default the whole of `record`, or of the answer that comes with the package."""
    about = asking.asked(PANELS[kind], words_of(query))
    spec = about.spec
    assert not about.problems
    if record is None and not look:
        known = recorded(opening(kind))
        assert known is not None and known.record.spec == spec
        record, look = known.record, {"made": known.made}
    return json.loads(asking.answer(kind, PANELS[kind], about, Look(record, **{"share": 1.0, **look}), "", "").text)


@dataclass
class Scene:
    """What a panel on the page at `path` hands down and says; the page's first panel needs no view in the address."""

    path: str
    pages: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def opens(self, kind: str, *, view: bool = True, **options: bool) -> None:
        """The panel stands on the page, or is its view of this name; its settings are those of the address."""
        self.pages[address(self.path, f"view={kind}" * view)] = page(kind, **options)

    def knows(self, kind: str, query: str = "", record: Any = None, *, also: tuple[str, ...] = (), **look: Any) -> None:
        """The server's answer, however its settings are written; `also`: as a browser writes them that names a default."""
        told = answer(kind, query, record, **look)
        for words in (told["query"], query, *also):
            assert answer(kind, words, record, **look) == told
            self.keep(asked(kind, words), told)

    def now(self, moment: str, kind: str, query: str = "", record: Any = None, **look: Any) -> None:
        """An answer that a test puts in the place of another, when it comes to that (seeing.now)."""
        self.keep(f"{moment}: {asked(kind, query)}", answer(kind, query, record, **look))

    def keep(self, name: str, told: dict[str, Any]) -> None:
        """An answer; where another has the same figures, only what differs from that."""
        for like, other in self.answers.items():
            if like != name and "figures" in told and other.get("figures") == told["figures"]:
                told = {"like": like, "with": {key: value for key, value in told.items() if value != other.get(key)}}
                break
        self.answers[name] = told

    def written(self) -> dict[str, Any]:
        return {"pages": self.pages, "answers": self.answers}


def known(kind: str) -> Any:
    """The record that comes with the package."""
    found = recorded(opening(kind))
    assert found is not None
    return found.record


# -- points that flow --------------------------------------------------------------------------------


def coarse(signs: str, cells: int = CELLS) -> str:
    """A shading of fewer cells: the middle one of each few."""
    every = cells // COARSE
    return "".join(
        signs[(j * every + every // 2) * cells + i * every + every // 2] for j in range(COARSE) for i in range(COARSE)
    )


def few(rows: Any, every: int) -> Any:
    """Of each row only some points."""
    return tuple(tuple(row[::every]) for row in rows)


def small_flow(spec: PlaneSpec, turned: bool = False) -> Flow:
    """Of the recorded networks the first blocks, and few points; turned around, and read worse, for other data."""
    full: Flow = known("flow")
    every, sign = len(full.labels) // POINTS, -1 if turned else 1
    arms = {
        name: replace(
            arm,
            x=tuple(tuple(sign * v for v in row) for row in few(arm.x[: BLOCKS + 1], every)),
            y=few(arm.y[: BLOCKS + 1], every),
            arrows=arm.arrows[:BLOCKS],
            regions=tuple(map(coarse, arm.regions[: BLOCKS + 1])),
            step=arm.step[:BLOCKS],
            eigenvalues=(),
            test_accuracy=0.75 if turned else arm.test_accuracy,
        )
        for name, arm in full.arms.items()
    }
    curve = {name: values[::10] for name, values in full.curve.items()}
    steps = full.curve_steps[::10]
    return replace(full, spec=spec, labels=full.labels[::every], arms=arms, curve_steps=steps, curve=curve)


def learning(record: Flow, share: float) -> Flow:
    """The same while it learns."""
    step = round(share * record.spec.steps)
    kept = sum(at <= step for at in record.curve_steps)
    curve = {name: values[:kept] for name, values in record.curve.items()}
    return replace(record, done=share, step=step, curve_steps=record.curve_steps[:kept], curve=curve)


def _flow() -> dict[str, Any]:
    scene = Scene("euler")
    moons, seed = f"data=moons&{FLOW}", f"{FLOW}&seed=2"
    scene.opens("flow", view=False)
    record = small_flow(PlaneSpec.of(words_of(FLOW)))
    made = made_of("flow")
    scene.knows("flow", FLOW, record, also=(f"data=spirals&{FLOW}", f"{FLOW}&seed=1"), made=made)
    scene.now("here", "flow", FLOW, record)
    scene.knows("flow", moons, small_flow(PlaneSpec.of(words_of(moons)), turned=True))
    arms = {name: replace(arm, test_accuracy=0.875) for name, arm in record.arms.items()}
    other = replace(record, spec=PlaneSpec.of(words_of(seed)), arms=arms)
    scene.knows("flow", seed, share=0.0, running=True, ahead=2)
    scene.now("one first", "flow", seed, share=0.0, running=True, ahead=1)
    scene.now("a quarter", "flow", seed, learning(other, 0.25), share=0.25, running=True)
    scene.now("failed", "flow", seed, share=0.0, trouble="There was not enough memory.")
    scene.now("all", "flow", seed, other)
    scene.answers[asked("flow", seed, "/stop", "POST")] = {"status": "waiting"}
    return scene.written()


def made_of(kind: str) -> str:
    """When and with what the package's answer was made."""
    found = recorded(opening(kind))
    assert found is not None
    return found.made


# -- the other views ---------------------------------------------------------------------------------


def _euler() -> dict[str, Any]:
    """Every view that was learnt, of few points; depth as time and roll-outs are small as they are."""
    scene = Scene("euler")
    refine, ode, crossing, rollout = (known(kind) for kind in ("refine", "ode", "crossing", "rollout"))
    smaller = {
        "refine": replace(
            refine,
            labels=refine.labels[::8],
            nets={
                name: replace(
                    net,
                    x=tuple(few(part, 8) for part in net.x),
                    y=tuple(few(part, 8) for part in net.y),
                    region=coarse(net.region),
                )
                for name, net in refine.nets.items()
            },
        ),
        "ode": replace(
            ode,
            labels=ode.labels[::20],
            nets={
                name: replace(net, x=few(net.x, 20), y=few(net.y, 20), regions=tuple(map(coarse, net.regions)))
                for name, net in ode.nets.items()
            },
        ),
        "crossing": replace(
            crossing,
            at=crossing.at[::10],
            models={name: replace(way, curve=way.curve[::10]) for name, way in crossing.models.items()},
        ),
        "rollout": replace(rollout, orbit=rollout.orbit[::8]),
        "depthtime": known("depthtime"),
    }
    for kind, record in smaller.items():
        scene.opens(kind)
        scene.knows(kind, "", record, made=made_of(kind))
    return scene.written()


# -- solvers -----------------------------------------------------------------------------------------

FAR = "system=lotka_volterra&n=14"  # leaves the range of floats
LONG = "n=13"  # steps, a stop of the slider; by default 50


def solved(query: str) -> Any:
    return solve(SolveSpec.of(words_of(query)))


def _solve() -> dict[str, Any]:
    scene = Scene("euler")
    scene.opens("solve")
    for query in ("", LONG, FAR):
        scene.knows("solve", query, solved(query))
    scene.answers[asked("solve", LONG, ".csv")] = to_csv(PANELS["solve"].figures(solved(LONG)))
    return scene.written()


def _lengths() -> dict[str, Any]:
    scene = Scene("paths")
    scene.opens("lengths")
    scene.knows("lengths")
    return scene.written()


# -- the Calculator ----------------------------------------------------------------------------------

PAIR, BESIDE = "net=resnet50&other=resnet34", "net=vgg16&other=resnet34"
DEEP = "net=resnet152&other=custom,block:basic,stages:4x64,12x128,54x256,5x512"
# As a person goes from one to the other: words of the settings on the way, and of those that are pressed.
COUNTED = (
    "", PAIR, BESIDE, "net=resnet50", "net=vgg16", "net=block", DEEP,
    f"{PAIR}&unit=flops", "net=block&unit=flops", f"{PAIR}&counted=conv,projection", f"{PAIR}&input=40",
)  # fmt: skip


def _calculator() -> dict[str, Any]:
    scene = Scene("calculator")
    scene.opens("count", view=False)
    for query in COUNTED:
        spec = asking.asked(PANELS["count"], words_of(query)).spec
        scene.knows("count", query, count_all(spec))
    return scene.written()


# -- shattered gradients -----------------------------------------------------------------------------


def shattered() -> Shattered:
    """Curves such as are measured, from formulas."""
    spec = ShatteredSpec()
    x = tuple(-2 + 4 * n / 31 for n in range(32))
    reach = {"shallow": 24.0, "plain": 0.3, "residual": 6.0}

    def curve(values: list[float]) -> Curve:
        return Curve(tuple(values), tuple(v - 0.01 for v in values), tuple(v + 0.01 for v in values))

    return Shattered(
        spec,
        x,
        {net: tuple(math.sin(3 * v + 40 / reach[net] * v) for v in x) for net in NETS},
        {net: curve([math.exp(-lag / reach[net]) for lag in range(LAGS)]) for net in NETS},
        {noise: tuple(1.0 - n * lag / LAGS if lag else 1.0 for lag in range(LAGS)) for n, noise in enumerate(NOISES)},
        spec.depths,
        {arm: curve([theory(arm, blocks) for blocks in spec.depths]) for arm in ARMS},
        {arm: tuple(theory(arm, blocks) for blocks in spec.depths) for arm in ARMS},
    )


def _shattered() -> dict[str, Any]:
    """It is measured when it is seen, without a press."""
    scene = Scene("shattered")
    scene.opens("shattered", view=False, alone=True, later=True)
    scene.knows("shattered", "", share=0.0, running=True)
    scene.now("finished", "shattered", "", shattered())
    scene.now("failed", "shattered", "", share=0.0, trouble="There was not enough memory.")
    return scene.written()


SCENES = {
    "calculator": _calculator,
    "shattered": _shattered,
    "flow": _flow,
    "euler": _euler,
    "solve": _solve,
    "lengths": _lengths,
}
