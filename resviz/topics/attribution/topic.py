"""Declaration of the Attribution topic: what do the networks look at?"""

from resviz.topic import Ask, Command, Shown, Topic

TOPIC = Topic(
    page="attribution",
    section="Look inside",
    place=600,
    minutes=5,
    label="Maps",
    question="What does it look at?",
    below=("Two trained networks look at the same image: which of its pixels speak for a class, and which against it?"),
    do=("See which pixels speak for a class, in every block; draw a digit of your own; compare with random weights."),
    after_training="what they look at",
    asks={
        "attribution": Ask(
            spec="question:AttributionSpec",
            answers="experiment:attribution",
            record="question:Attribution",
            parts=True,
            from_states=True,
            opens=True,
            finding="words:finding",
            figures="figures:figures",
        ),
    },
    shows={
        "attribution": Shown(panel="panel:PANEL", name="Maps"),
    },
    command=Command(
        name="attribution",
        help="what both trained networks look at in an image",
        spec="question:AttributionSpec",
    ),
    why="words:WHY",
    claims="words:CLAIMS",
)
