"""Is a residual network an ODE solver?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="euler",
    section="Further",
    place=700,
    minutes=8,
    label="Same formula",
    question="Is a residual network an ODE solver?",
    below=(
        "A block computes x + F(x); a step of Euler’s method x + h f(x). Left: points go from block to block. "
        "Right: the same without shortcuts."
    ),
    do="Watch points flow through trained blocks, drag a step until the solution spirals out, train a Neural ODE.",
    takes_on=False,
    asks={
        "flow": Ask(
            spec="question:PlaneSpec",
            answers="experiment:flow",
            record="question:Flow",
            parts=True,
            opens=True,
        ),
    },
    shows={
        "flow": Shown(panel="panel:PANEL", name="Same formula"),
    },
    why="words:WHY",
    claims="words:CLAIMS",
)
