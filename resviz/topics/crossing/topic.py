"""Is there anything an ODE cannot learn?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="euler",
    section="Further",
    place=740,
    label="What a flow cannot do",
    question="Is there anything an ODE cannot learn?",
    below=(
        "Two ways of a flow never cross: at the crossing they would have to be one. A residual network makes "
        "steps, and may step over."
    ),
    asks={
        "crossing": Ask(
            spec="question:CrossingSpec",
            answers="experiment:crossing",
            record="question:Crossing",
            parts=True,
            opens=True,
        ),
    },
    shows={
        "crossing": Shown(panel="panel:PANEL", name="What a flow cannot do"),
    },
    why="words:WHY",
    claims="words:CLAIMS",
)
