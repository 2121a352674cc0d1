"""Which network predicts better what happens next?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="euler",
    section="Further",
    place=750,
    label="Learn a system",
    question="Which network predicts better what happens next?",
    below=(
        "Both learn to say where a pendulum, or hunters and prey, will be a moment later; then each goes on "
        "from its own predictions."
    ),
    asks={
        "rollout": Ask(
            spec="question:RolloutSpec",
            answers="experiment:rollout",
            record="question:Rollout",
            parts=True,
            opens=True,
        ),
    },
    shows={
        "rollout": Shown(panel="panel:PANEL", name="Learn a system"),
    },
    why="words:WHY",
)
