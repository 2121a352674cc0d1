"""How good is one Euler step?"""

from resviz.topic import Ask, Command, Shown, Topic

TOPIC = Topic(
    page="euler",
    section="Further",
    place=710,
    label="Solvers",
    question="How good is one Euler step?",
    below=(
        "The same equation, solved by five methods. Make the step longer, and see which of them leaves the solution "
        "first."
    ),
    asks={
        "adaptive": Ask(spec="question:SolveSpec", answers="experiment:adaptive", lane="click"),
        "blocks": Ask(
            spec="question:BlocksSpec",
            answers="experiment:trained_blocks",
            record="question:TrainedBlocks",
            parts=True,
            opens=True,
        ),
        "orders": Ask(spec="question:SolveSpec", answers="question:orders_of", lane="click"),
    },
    shows={
        "solve": Shown(panel="panel:PANEL", name="Solvers"),
    },
    command=Command(
        name="euler",
        help="solve a differential equation as a residual network would: error, order and stability of a method",
        run="command:run",
        spec="question:SolveSpec",
        notes="command:notes",
        json="print error, trajectory and evaluations as JSON",
        out="write the trajectory to FILE, a .csv or .json",
    ),
    why="words:WHY",
)
