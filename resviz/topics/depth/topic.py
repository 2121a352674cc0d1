"""Declaration of the Depth topic: does deeper mean better?"""

from resviz.topic import Command, Shown, Topic

TOPIC = Topic(
    page="depth",
    section="Experiment",
    place=150,
    minutes=4,
    label="Depth",
    question="Does deeper mean better?",
    below="Both networks trained at every depth. What counts is the training error: can it even learn what it sees?",
    do="Train both at every depth, with several seeds, and see the degradation plot of He 2015 come about.",
    takes_on=False,
    studies={"depth": "question:DEPTH"},
    opens_studies=("depth",),
    shows={
        "depth": Shown(panel="panel:PANEL", name="Error against depth", held=1150),
    },
    command=Command(
        name="depth",
        help="training and test error against depth",
        run="command:run",
        spec="question:DepthSpec",
    ),
    why="claims:WHY",
    claims="claims:CLAIMS",
)
