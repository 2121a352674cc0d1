"""Declaration of the Signal topic: what reaches the first layer?"""

from resviz.topic import Command, Shown, Topic

TOPIC = Topic(
    page="signal",
    section="Understand",
    place=300,
    minutes=5,
    label="Signal",
    question="What reaches the first layer?",
    do="Make a signal explode, vanish and arrive, at any depth, before anything is learnt.",
    shows={
        "signal": Shown(panel="panel:PANEL", name="The signal before training", held=1240),
    },
    command=Command(
        name="signal",
        help="measure both networks before training: one pass (batch=32), layer by layer",
        run="command:run",
        spec="command:Spec",
        json="print the profiles as JSON",
        out="write the profiles to FILE, a .csv or .json",
    ),
    why="words:WHY",
)
