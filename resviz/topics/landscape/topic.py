"""The loss landscape topic: page, panel, kind of question and command."""

from resviz.topic import Ask, Command, Shown, Topic

TOPIC = Topic(
    page="landscape",
    section="Look inside",
    place=400,
    minutes=5,
    label="Landscape",
    question="What does the optimiser walk on?",
    below="The loss of both trained networks, on a plane through their weights. Both on the same scale.",
    do="See the loss around both trained networks, and the way they took.",
    after_training="the loss around them",
    asks={
        "landscape": Ask(
            spec="question:LandscapeSpec",
            answers="experiment:landscape",
            record="question:Landscape",
            parts=True,
            from_states=True,
            opens=True,
            finding="words:finding",
            figures="figures:figures",
        ),
    },
    shows={
        "landscape": Shown(panel="panel:PANEL", name="Landscape"),
    },
    command=Command(
        name="landscape",
        help="the loss on a plane through the weights of both trained networks",
        spec="question:LandscapeSpec",
    ),
    why="words:WHY",
    claims="words:CLAIMS",
)
