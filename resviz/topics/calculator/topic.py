"""Declaration of the Calculator topic: where do the parameters go?"""

from resviz.topic import Ask, Command, Shown, Topic

TOPIC = Topic(
    page="calculator",
    section="Further",
    place=800,
    minutes=4,
    label="Calculator",
    question="Where do the parameters go?",
    below=(
        "What each part of a network stores, computes, and keeps in memory while it trains on one image. "
        "Nothing is built: all of it follows from the sizes of the layers."
    ),
    do="Count any ResNet and its relatives, stage by stage, and see why tools disagree.",
    takes_on=False,
    asks={
        "check": Ask(spec="question:CountSpec", answers="experiment:check"),
        "steptime": Ask(spec="question:CountSpec", answers="experiment:time_step"),
    },
    shows={
        "count": Shown(panel="panel:COUNT", name="The count"),
        "built": Shown(
            panel="panel:BUILT",
            name="The count against built networks",
            beside=True,
            held=44,
            title="Is the count right?",
            text=(
                "Build the real thing, on torch’s meta device, where a network has shapes and no numbers: add "
                "up its parameters, let torch count its products, and note what autograd keeps."
            ),
        ),
        "step": Shown(
            panel="panel:STEP",
            name="A measured training step",
            beside=True,
            held=62,
            title="What does a training step cost here?",
        ),
    },
    command=Command(
        name="count",
        help="count parameters, multiply-adds and memory of a published network or a block; nothing is built",
        run="command:run",
        spec="question:CountSpec",
        notes="command:notes",
        json="print sums and stages as JSON",
        out="write the stages to FILE, a .csv, .md or .json",
    ),
    claims="claims:CLAIMS",
)
