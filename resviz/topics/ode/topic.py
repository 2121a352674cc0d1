"""What if there are no blocks at all?"""

from resviz.topic import Ask, Shown, Topic

TOPIC = Topic(
    page="euler",
    section="Further",
    place=730,
    label="Neural ODE",
    question="What if there are no blocks at all?",
    below=(
        "One field, followed from time 0 to 1 by a solver that keeps the error of each step below a tolerance, learns "
        "beside ten residual blocks."
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
