"""The panel of the Start page: both networks before training, and a switch for all shortcuts."""

from __future__ import annotations

from resviz.draw.figure import Figure
from resviz.families.resnet.findings import initial_finding
from resviz.families.resnet.spec import Spec
from resviz.topic import pages
from resviz.topics.start.figures import templates
from resviz.train.profiles import to_csv
from resviz.ui.panel import Control, File, Onward, Panel, Rows, Switch
from resviz.ui.passing import PASSES, Pass, bound, drawing


def _about(spec: Spec) -> str:
    return (
        f"Two networks, {spec.depth} layers deep, with the same weights. In one, each block adds its input to its output: "
        "F(x) + x. Both have just seen the same images; below each stands how strongly every layer is told to change."
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
            f"**{first.question}** {first.do}",
        )
        for number, (page, (first, *_)) in enumerate(found, start=1)
    ]


_ROWS: Rows = [
    (Switch(), *(Control(n, width=w) for n, w in (("depth", 84), ("norm", 104), ("init", 150), ("dataset", 150))))
]
PANEL = Panel(
    Spec,
    PASSES,
    _figures,
    lambda found: initial_finding(found.spec, found.record),
    rows=lambda spec: _ROWS,
    at_once=True,
    files=(File("Data", "csv", lambda found: to_csv(found.record)),),
    about=_about,
    bound=bound,
    onward=_path,
    onward_title="The path",
)
