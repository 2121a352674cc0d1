"""The several-at-once topic: page, panel, kind of question and command."""

from resviz.topic import Ask, Command, Shown, Topic

TOPIC = Topic(
    page="paths",
    section="Look inside",
    place=510,
    label="Several at once",
    question="How much disorder does it bear?",
    below="More and more blocks taken out at random; then all blocks, in another order.",
    asks={
        "several": Ask(
            spec="question:SeveralSpec",
            answers="experiment:several",
            record="question:Several",
            parts=True,
            from_states=True,
            opens=True,
            finding="words:finding",
            figures="figures:figures",
        ),
    },
    shows={
        "several": Shown(panel="panel:PANEL", name="Several at once"),
    },
    command=Command(name="paths", study="several", spec="question:SeveralSpec"),
    why="words:WHY",
    claims="words:CLAIMS",
)
