"""The shattered gradients topic: page, panel and kind of question."""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="signal",
    section="Understand",
    place=320,
    label="Shattered gradients",
    question="Does the gradient of one input say anything about that of the next?",
    asks={
        "shattered": Ask(
            spec="question:ShatteredSpec",
            answers="experiment:shattered",
            to_text="question:to_json",
            from_text="question:from_json",
        ),
    },
    shows={
        "shattered": Shown(
            panel="panel:PANEL",
            name="Shattered gradients",
            alone=True,
            later=True,
            held=394,
            title="Shattered gradients",
            text=(
                "A gradient can have the right size and still say nothing: if neighbouring inputs get "
                "gradients that have nothing to do with each other, a step that is good for one is noise for "
                "the next (Balduzzi 2017, arXiv 1702.08591)."
            ),
        ),
    },
)
