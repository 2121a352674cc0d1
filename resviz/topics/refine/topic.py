"""Can a block be cut into shorter steps?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="euler",
    section="Further",
    place=720,
    label="Depth and step",
    question="Can a block be cut into shorter steps?",
    below=(
        "Trained with N steps of h, then run with 2N steps of h/2 or 4N of h/4, the weights unchanged: if a network "
        "solves an equation, the points still arrive."
    ),
    asks={
        "refine": Ask(
            spec="question:RefineSpec",
            answers="experiment:refine",
            record="question:Refine",
            parts=True,
            opens=True,
        ),
    },
    shows={
        "refine": Shown(panel="panel:PANEL", name="Depth and step"),
    },
    why="words:WHY",
)
