"""Declaration of the topic that trains the choices inside a block against each other."""

from resviz.topic import Shown, Topic

TOPIC = Topic(
    page="block",
    section="Understand",
    place=210,
    label="Compared",
    question="Train the choices against each other",
    studies={"orders": "question:ORDERS", "contents": "question:CONTENTS", "options": "question:OPTIONS"},
    shows={
        "compared": Shown(
            panel="panel:PANEL",
            name="Choices trained against each other",
            alone=True,
            later=True,
            held=130,
            title="Train the choices against each other",
        ),
    },
)
