"""How large does a sum of many blocks get?"""

from resviz.topic import Shown, Topic

TOPIC = Topic(
    page="signal",
    section="Understand",
    place=330,
    label="A sum of blocks",
    question="How large does a sum of many blocks get?",
    shows={
        "growth": Shown(
            panel="panel:PANEL",
            name="A sum of many blocks",
            alone=True,
            later=True,
            held=420,
            title="How large does a sum of many blocks get?",
            text=(
                "Each block adds the output of its branch to x. Without normalisation nothing shrinks the sum again, so x "
                "grows from block to block, unless a factor before every branch makes it smaller the more blocks there are."
            ),
        ),
    },
)
