"""Declaration of the Block topic: what is inside a residual block?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="block",
    section="Understand",
    place=200,
    minutes=4,
    label="Block",
    question="What is inside a residual block?",
    below=(
        "An image goes through one block. The branch makes F(x), the shortcut carries x past it, and both are added."
    ),
    do="Send an image through, change the order of its parts, see what the sum is made of.",
    asks={
        "block": Ask(spec="question:BlockSpec", answers="experiment:Through", lane="click", warm=True),
    },
    shows={
        "block": Shown(panel="panel:PANEL", name="An image through a block", held=680),
    },
    why="claims:WHY",
    claims="claims:CLAIMS",
)
