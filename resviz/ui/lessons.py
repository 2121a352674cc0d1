"""The pages as a path of lessons: what the navigation shows, and the Start page tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """One page: its file's name, the section that it stands in, its question, what a person does there, and whether it
    takes the settings of the lesson before."""

    name: str
    section: str
    question: str
    do: str
    takes_on: bool = True


LESSONS = (
    Lesson("start", "", "What does one “+ x” change?", "Cut shortcuts and see the gradient answer."),
    Lesson(
        "block",
        "Understand",
        "What is inside a residual block?",
        "Send an image through, change the order of its parts, see what the sum is made of.",
    ),
    Lesson(
        "signal",
        "Understand",
        "What reaches the first layer?",
        "Make a signal explode, vanish and arrive, at any depth, before anything is learnt.",
    ),
    Lesson(
        "calculator",
        "Understand",
        "Where do the parameters go?",
        "Count any ResNet and its relatives, stage by stage, and see why tools disagree.",
        takes_on=False,
    ),
    Lesson(
        "euler",
        "Understand",
        "Is a residual network an ODE solver?",
        "Watch points flow through trained blocks, drag a step until the solution spirals out, train a Neural ODE.",
        takes_on=False,
    ),
    Lesson(
        "train",
        "Experiment",
        "What happens when both learn?",
        "Train both, cut a shortcut while they learn, go back in time, branch.",
    ),
    Lesson(
        "depth",
        "Experiment",
        "Does deeper mean better?",
        "Train both at every depth, with several seeds, and see the degradation plot of He 2015 come about.",
        takes_on=False,
    ),
    Lesson(
        "attribution",
        "Look inside",
        "What does it look at?",
        "See which pixels speak for a class, in every block; draw a digit of your own; destroy the network and look again.",
    ),
    Lesson(
        "paths",
        "Look inside",
        "How many networks are inside?",
        "Take blocks out of trained networks, swap them, and see which paths the gradient takes.",
    ),
    Lesson(
        "landscape",
        "Look inside",
        "What does the optimiser walk on?",
        "See the loss around both trained networks, and the way they took.",
    ),
)
