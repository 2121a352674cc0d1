"""Is depth like time in the image network?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="euler",
    section="Further",
    place=760,
    label="Depth as time",
    question="Is depth like time in the image network?",
    below=(
        "The network of the Train page, trained: how large is the step of each block, and do neighbouring "
        "blocks go the same way?"
    ),
    after_training="is depth like time?",
    asks={
        "depthtime": Ask(
            spec="question:Spec",
            answers="experiment:depthtime",
            record="question:DepthTime",
            parts=True,
            from_states=True,
            opens=True,
        ),
    },
    shows={
        "depthtime": Shown(panel="panel:PANEL", name="Depth as time"),
    },
    why="words:WHY",
    claims="words:CLAIMS",
)
