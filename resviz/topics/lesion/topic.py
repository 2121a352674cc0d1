"""The lesions topic: page, panel, kind of question and command."""

from resviz.topic import Ask, Command, Shown, Topic

TOPIC = Topic(
    page="paths",
    section="Look inside",
    place=500,
    minutes=5,
    label="Lesions",
    question="How many networks are inside?",
    below="Take any block out of both trained networks. A plain one has a single path, so that every block matters.",
    do="Take blocks out of trained networks, swap them, and see which paths the gradient takes.",
    after_training="without a block",
    asks={
        "lesion": Ask(
            spec="question:LesionSpec",
            answers="experiment:lesions",
            record="question:Lesions",
            parts=True,
            from_states=True,
            opens=True,
            finding="words:finding",
            figures="figures:figures",
        ),
    },
    shows={
        "lesion": Shown(panel="panel:PANEL", name="Lesions"),
    },
    command=Command(
        name="paths",
        study="lesions",
        help=(
            "blocks taken out of both trained networks; study=several: at random, study=lengths: the gradient "
            "along single paths"
        ),
        spec="question:LesionSpec",
    ),
    why="words:WHY",
    claims="words:CLAIMS",
)
