"""Declaration of the Train topic: what happens when both networks learn?"""

from resviz.topic import Command, Shown, Topic

TOPIC = Topic(
    page="train",
    section="Experiment",
    place=100,
    minutes=5,
    label="Train",
    question="What happens when both learn?",
    do="Train both, cut a shortcut while they learn, go back in time, branch.",
    shows={
        "train": Shown(panel="panel:PANEL", name="Both networks as they learn", held=1350),
    },
    command=Command(
        name="train",
        help="train the twins",
        run="command:run",
        spec="command:Spec",
        json="print the whole run as JSON",
        out="write the records to FILE, a .csv, .parquet or .json",
    ),
    why="words:WHY",
    claims="words:CLAIMS",
)
