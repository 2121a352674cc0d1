"""Declaration of the Start topic: what does one “+ x” change?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="start",
    place=0,
    minutes=2,
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
        "drawn": Ask(
            spec="question:ReadSpec",
            answers="experiment:reading",
            record="question:Reading",
            parts=True,
            from_states=True,
            keeps="experiment:hold",
        ),
    },
    shows={
        "wall": Shown(panel="panel:WALL", name="What both networks read", held=583, narrow=972),
        "drawn": Shown(
            panel="panel:DRAWN",
            name="A digit of your own",
            beside=True,
            later=True,
            held=314,
            narrow=530,
            title="Draw a digit: both read it",
        ),
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
