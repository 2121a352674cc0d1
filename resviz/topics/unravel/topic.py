"""The unrolled topic: page and panel."""

from resviz.topic import Shown, Topic

TOPIC = Topic(
    page="paths",
    section="Look inside",
    place=530,
    label="Unrolled",
    question="Where do 2ⁿ paths come from?",
    below="Open one sum after the other: what stands in it is there twice, once past the block and once through it.",
    shows={
        "unravel": Shown(panel="panel:PANEL", name="Unrolled"),
    },
    why="words:WHY",
)
