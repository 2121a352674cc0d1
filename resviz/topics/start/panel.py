"""The panels of the Start page: what both networks read, and why: both before training, with a switch for all shortcuts."""

from __future__ import annotations

from resviz.draw.figure import Figure
from resviz.families.resnet.findings import initial_finding
from resviz.families.resnet.spec import Spec
from resviz.topic import pages
from resviz.topics.start.figures import drawn, templates, walls
from resviz.topics.start.question import EditSpec, ReadSpec
from resviz.topics.start.source import AGAIN, FIRST, Drawn, Rehearsed
from resviz.topics.start.words import about_walls, guesses, read_finding, truth, wall_finding
from resviz.train.profiles import to_csv
from resviz.ui.panel import Caption, Control, File, Guess, Guessed, Onward, Panel, Rows, Switch
from resviz.ui.passing import PASSES, Pass, bound, drawing
from resviz.ui.payloads import Sketched

_SETTINGS = (("depth", 84), ("norm", 104), ("init", 150), ("lr", 84), ("seed", 84), ("dataset", 150))


def _wall_rows(spec: EditSpec) -> Rows:
    settings = tuple(Control(name, width=width, step=2 if name == "depth" else 1) for name, width in _SETTINGS)
    asked = guesses(spec)
    return [(Guess([Guessed(*each) for each in asked], truth, stands=True),), settings] if asked else [settings]


WALL = Panel(
    EditSpec,
    Rehearsed(),
    walls,
    wall_finding,
    rows=_wall_rows,
    below=True,
    first=FIRST,
    again=AGAIN,
    about=about_walls,
    files=(File("Data", "csv"),),
)


DRAWN = Panel(
    ReadSpec,
    Drawn(),
    drawn,
    read_finding,
    controls=(Caption("With a finger or the mouse; on a keyboard, arrow keys move and Space paints."),),
    at_once=True,
    passes=("sever", "lesion", "images"),
    files=(),
)


def _about(spec: Spec) -> str:
    return (
        f"The same two networks, {spec.depth} layers deep, before they learn: both have just seen the same images. "
        "The curves show how hard each layer is pushed to change (its gradient)."
    )


def _figures(found: Pass) -> list[Figure]:
    residual, plain = templates(found.spec)
    nets = drawing("net", found.spec, "residual", tools=True), drawing("net_plain", found.spec, "plain", tools=False)
    return [nets[0], residual, nets[1], plain]


def _path(spec: Spec) -> list[Onward]:
    """Links to the following pages; those that accept settings get the current ones."""
    found = list(pages().items())[1:]
    return [
        Onward(
            f"{number}. {page.capitalize()}",
            page,
            spec.query() if first.takes_on else "",
            f"**{first.question}** {first.do} {first.minutes} min.",
        )
        for number, (page, (first, *_)) in enumerate(found, start=1)
    ]


_CURVE: Sketched = {
    "figure": "start_plain",
    "line": "plain",
    "at": 1,
    "where": "at the first layer",
    "how": "Draw it, with the mouse, a finger or arrow keys.",
}
_ASKED = "**Guess first:** how hard is each layer of the plain network pushed to change, from the first to the last?"
_ROWS: Rows = [(Switch(), Guess([Guessed(_ASKED, (), draws=_CURVE)]))]
PANEL = Panel(
    Spec,
    PASSES,
    _figures,
    lambda found: initial_finding(found.spec, found.record),
    rows=lambda spec: _ROWS,
    at_once=True,
    passes=("sever", "lesion", "images", "own"),
    files=(File("Gradients", "csv", lambda found: to_csv(found.record)),),
    about=_about,
    bound=bound,
    onward=_path,
    onward_title="The path",
)
