"""Declaration of the First steps topic: how does the signal change after the first steps?"""

from resviz.topic import Shown, Topic

TOPIC = Topic(
    page="signal",
    section="Understand",
    place=310,
    label="First steps",
    question="And after the first steps?",
    studies={"calm": "question:CALM"},
    shows={
        "calm": Shown(
            panel="panel:PANEL",
            name="The first steps",
            beside=True,
            later=True,
            held=394,
            title="And after the first steps?",
            text=(
                "The same profile while both networks learn: before the first step, and after 1, 10 and 100. "
                "What the initial weights do to a signal need not last."
            ),
        ),
    },
)
