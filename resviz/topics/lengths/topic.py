"""The path lengths topic: page, panel, kind of question and command."""

from resviz.topic import Ask, Command, Shown, Topic

TOPIC = Topic(
    page="paths",
    section="Look inside",
    place=520,
    label="Path lengths",
    question="Which paths does the gradient take?",
    below="Through n blocks lead 2ⁿ paths. Gradients are sent back along random ones of every length.",
    asks={
        "lengths": Ask(
            spec="question:LengthsSpec",
            answers="experiment:lengths",
            record="question:Lengths",
            parts=True,
            from_states=True,
            opens=True,
            finding="words:finding",
            figures="figures:figures",
        ),
    },
    shows={
        "lengths": Shown(panel="panel:PANEL", name="Path lengths"),
    },
    command=Command(name="paths", study="lengths", spec="question:LengthsSpec"),
    why="words:WHY",
    claims="words:CLAIMS",
)
