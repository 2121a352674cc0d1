"""Declaration of the Start topic: what does one “+ x” change?"""

from resviz.topic import Shown, Topic

TOPIC = Topic(
    page="start",
    place=0,
    label="Start",
    question="What does one “+ x” change?",
    do="Cut shortcuts and see the gradient answer.",
    shows={
        "start": Shown(panel="panel:PANEL", name="Two networks before training", held=800),
    },
    why="words:WHY",
    why_title="Cut and removed: two different questions",
)
