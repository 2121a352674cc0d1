"""The panels of networks before training: one pass through both, measured anew at every change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from resviz.export import script
from resviz.figures import signal as signal_figures
from resviz.figures import start as start_figures
from resviz.figures.figure import Figure
from resviz.figures.network import network
from resviz.findings import initial_finding
from resviz.records import Record
from resviz.runs.questions import Question
from resviz.runs.run import encoded
from resviz.signal import OPENING, WAYS, signal_claims, signal_finding, to_csv, way_back
from resviz.spec import Spec
from resviz.ui.lessons import LESSONS
from resviz.ui.panel import Box, Control, File, Guess, Guessed, Onward, Panel, Rows, Scenarios, Switch
from resviz.ui.server import answers, scheduler
from resviz.ui.sources import Measured


@dataclass(frozen=True)
class Pass:
    """Two networks before training, and what one pass through both measured."""

    spec: Spec
    record: Record


class Passes(Measured):
    """One pass through both networks."""

    def question(self, spec: Spec) -> Question:
        return Question("initial", scheduler().resolve(spec, timeout=0.0).during(1))

    def ask(self, spec: Spec, viewer: str, anew: bool) -> None:
        scheduler().resolve(spec)  # waits until the device is known
        super().ask(spec, viewer, anew)


_source = Passes(
    "initial",
    lambda spec: answers().check(spec),
    told=Pass,
    says="One pass through each network …",
)


def drawing(name: str, spec: Spec, *arms: str, tools: bool) -> Figure:
    """The networks as what the drawing needs of them; with `tools` as what leads the other drawings of its panel."""
    told = {"network": network(spec), "cut": spec.cut, "remove": spec.remove, "arms": arms, "tools": tools}
    whose = "Both networks" if len(arms) > 1 else f"The {arms[0]} network"
    return {"id": name, "title": whose, "note": "as blocks, each with its shortcut", "bare": True, "net": told}


def _bound(found: Pass) -> dict[str, Any]:
    return {"record": encoded(found.record)}


def _csv(found: Pass) -> str:
    return to_csv(found.record)


# -- Start -------------------------------------------------------------------------------------------


def _start_about(spec: Spec) -> str:
    return (
        f"Two networks, {spec.depth} layers deep, with the same weights. In one, each block adds its input to its output: "
        "F(x) + x. Both have just seen the same images; below each stands how strongly every layer is told to change."
    )


def _start_figures(found: Pass) -> list[Figure]:
    residual, plain = start_figures.templates(found.spec)
    nets = drawing("net", found.spec, "residual", tools=True), drawing("net_plain", found.spec, "plain", tools=False)
    return [nets[0], residual, nets[1], plain]


def _path(spec: Spec) -> list[Onward]:
    """The lessons that follow, with these settings where they take them on."""
    return [
        Onward(
            f"{number}. {lesson.name.capitalize()}",
            lesson.name,
            spec.query() if lesson.takes_on else "",
            f"**{lesson.question}** {lesson.do}",
        )
        for number, lesson in enumerate(LESSONS[1:], start=1)
    ]


_START: Rows = [
    (Switch(), *(Control(n, width=w) for n, w in (("depth", 84), ("norm", 104), ("init", 150), ("dataset", 150))))
]
START = Panel(
    Spec,
    _source,
    _start_figures,
    lambda found: initial_finding(found.spec, found.record),
    rows=lambda spec: _START,
    at_once=True,
    files=(File("Data", "csv", _csv),),
    about=_start_about,
    bound=_bound,
    onward=_path,
    onward_title="The path",
)


# -- Signal ------------------------------------------------------------------------------------------


def _signal_about(spec: Spec) -> str:
    return f"Before anything is learnt: {spec.batch} images go forward through {spec.depth} layers, and the gradient comes back."


def _tried(spec: Spec) -> dict[str, dict[str, str]]:
    root = f"{max(1, spec.blocks) ** -0.5:.3g}"
    return {
        "Batch normalisation": {},
        "None, small weights": {"norm": "none", "init": "torch"},
        "None, He’s weights": {"norm": "none", "init": "he"},
        "… branch × 1/√L": {"norm": "none", "init": "he", "branch_scale": root},
        "Zero gamma": {"init": "zero_gamma"},
    }


def _guess(tried: dict[str, dict[str, str]]) -> Guess:
    situations = (
        ("No normalisation, and PyTorch’s own small weights.", "plain", tried["None, small weights"]),
        ("No normalisation, and He’s larger weights.", "residual", tried["None, He’s weights"]),
        ("The same with every branch times 1/√L.", "residual", tried["… branch × 1/√L"]),
        ("Batch normalisation, and He’s weights.", "plain", tried["Batch normalisation"]),
    )
    asked = "{} Going back through the **{}** network, what does the signal do?"
    return Guess([Guessed(asked.format(said, arm), WAYS, words) for said, arm, words in situations], _truth)


def _truth(found: Pass) -> tuple[str, str]:
    residual = found.spec.norm == "none" and found.spec.init != "torch"
    return way_back(found.record, "residual" if residual else "plain")


_FIRST = (
    Control("depth", width=84, step=2),
    *(Control(n, width=w) for n, w in (("norm", 104), ("init", 150), ("branch_scale", 84), ("activation", 116))),
    *(Control(n, width=76) for n in ("width", "batch")),
)
_MORE = Box(
    "More settings",
    tuple(
        Control(name, width=132)
        for name in (
            *("kind", "dataset", "block", "order", "shortcut", "gate", "gate_bias", "shortcut_scale", "stages"),
            *("cut", "remove", "seed", "device"),
        )
    ),
)


def _signal_rows(spec: Spec) -> Rows:
    tried = _tried(spec)
    return [(Switch(), *_FIRST), (Scenarios(tried), _guess(tried), _MORE)]


def _signal_figures(found: Pass) -> list[Figure]:
    claims = [[c.said, measure, c.found, c.source] for c, measure in signal_claims(found.spec, found.record)]
    return [
        drawing("net", found.spec, "residual", "plain", tools=True),
        *signal_figures.templates(found.spec),
        {
            "id": "signal_claims",
            "title": "What is often said, and what is so",
            "note": "measured here just now, and found by papers",
            "rows": {"header": ["often said", "measured here", "found", "source"], "rows": claims},
        },
    ]


def _signal_named(spec: Spec) -> str:
    """The batch, too: here it is another one where a link names none."""
    return urlencode({"batch": str(spec.batch)} | spec.words(), safe=",:")


SIGNAL = Panel(
    Spec,
    _source,
    _signal_figures,
    lambda found: signal_finding(found.spec, found.record),
    rows=_signal_rows,
    at_once=True,
    usual=OPENING,
    named=_signal_named,
    files=(
        File("Data", "csv", _csv),
        File(
            "Code",
            "py",
            lambda found: script(found.spec, one_pass=True),
            "text/x-python",
            "The PyTorch code of exactly this pass",
        ),
    ),
    about=_signal_about,
    bound=_bound,
)
