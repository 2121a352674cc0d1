"""What if there are no blocks at all?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="euler",
    section="Further",
    place=730,
    label="Neural ODE",
    question="What if there are no blocks at all?",
    below=(
        "One field of few weights, followed from time 0 to 1 by a solver that chooses its own steps, learns "
        "beside a residual network of ten blocks."
    ),
    asks={
        "ode": Ask(
            spec="question:NeuralOdeSpec",
            answers="experiment:neuralode",
            record="question:NeuralOde",
            parts=True,
            opens=True,
        ),
    },
    shows={
        "ode": Shown(panel="panel:PANEL", name="Neural ODE"),
    },
    why="words:WHY",
    claims="words:CLAIMS",
)
