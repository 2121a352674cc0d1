"""The loss landscape topic: page, panels, kinds of question and command."""

from resviz.topic import Ask, Command, Shown, Topic

TOPIC = Topic(
    page="landscape",
    section="Look inside",
    place=400,
    minutes=5,
    label="Landscape",
    question="Why does a deep plain network not train?",
    do="See the way that each network took while it learnt, and the loss around it.",
    after_training="the way they took",
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
        "ways": Ask(
            spec="question:WaysSpec",
            answers="experiment:ways",
            record="question:Ways",
            parts=True,
            from_states=True,
            opens=True,
        ),
    },
    shows={
        "way": Shown(panel="panel:WAY", name="The ways of both networks", held=672, narrow=1280),
        "landscape": Shown(
            panel="panel:PANEL",
            name="Landscape",
            beside=True,
            later=True,
            held=1290,
            narrow=2600,
            title="Other directions",
            text=(
                "The loss around the same trained networks, in two random directions, or in those of the way, as far as one "
                "likes."
            ),
        ),
    },
    command=Command(
        name="landscape",
        help="the loss on a plane through the weights of both trained networks",
        spec="question:LandscapeSpec",
    ),
    why="words:WHY",
    claims="words:CLAIMS",
)
