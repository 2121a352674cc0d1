"""Declaration of the Photograph topic: maps of a network trained on a million photographs."""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="attribution",
    section="Look inside",
    place=610,
    label="Photograph",
    question="And a network trained on a million photographs?",
    below="Torchvision’s ResNets, trained on ImageNet: which part of a photograph speaks for what is read?",
    asks={
        "photograph": Ask(
            spec="question:PhotographSpec",
            answers="experiment:photograph",
            record="question:Photograph",
            parts=True,
        ),
    },
    shows={
        "photograph": Shown(panel="panel:PANEL", name="Photograph"),
    },
    why="words:WHY",
)
