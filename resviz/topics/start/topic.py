"""Declaration of the Start topic: what does one “+ x” change?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="start",
    place=0,
    label="Start",
    question="Two networks learn to read. What do shortcuts change?",
    do="Watch both learn, then cut one wire.",
    asks={
        "walls": Ask(
            spec="question:WallSpec",
            answers="experiment:walls",
            record="question:Wall",
            parts=True,
            from_states=True,
            opens=True,
        ),
        "edit": Ask(
            spec="question:EditSpec",
            answers="experiment:edit",
            record="question:Edit",
            parts=True,
            from_states=True,
            holds="question:singles",
        ),
    },
    shows={
        "wall": Shown(panel="panel:WALL", name="What both networks read", held=640),
        "start": Shown(
            panel="panel:PANEL",
            name="Two networks before training",
            beside=True,
            later=True,
            held=620,
            title="Why?",
        ),
    },
    why="words:WHY",
    why_title="Cut and removed: two different questions",
)
