"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/landscape/style.css",
        ".rv-area-land_surfaces {",
        ".rv-area-land_surface {",
        "a card is laid out under a name that it has not",
        ("tests/contract/test_answers.py",),
    ),
    Fault(
        "resviz/topics/landscape/panel.py",
        'Computed("landscape", affordable)',
        'Computed("landscape")',
        "whole trainings start without being weighed",
        ("tests/contract/test_panels.py",),
    ),
    Fault(
        "resviz/topics/landscape/experiment.py",
        "d * (own / lengths)",
        "d * (lengths / own)",
        "filters of a direction are normalised the wrong way round",
        ("tests/topics/landscape/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/landscape/experiment.py",
        "loss[i * every, j * every] for i in range(size)) for j in range(size)",
        "loss[j * every, i * every] for i in range(size)) for j in range(size)",
        "rows and columns of a picture are swapped",
        ("tests/topics/landscape/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/landscape/figures.py",
        "*(contour(record, arm, low, high) for arm in ARMS),",
        "*(contour(record, arm, low, high) for arm in reversed(ARMS)),",
        "the two planes change places",
        ("tests/topics/landscape/test_figures.py",),
    ),
    Fault(
        "resviz/topics/landscape/figures.py",
        "other = record.axis(1 - which)",
        "other = record.axis(which)",
        "a cut is looked up on its own axis",
        ("tests/topics/landscape/test_figures.py",),
    ),
    Fault(
        "resviz/topics/landscape/question.py",
        "return sum(v is None for row in slice_.loss for v in row)",
        "return sum(v is None for row in slice_.loss[1:] for v in row)",
        "the first row of a plane is left out where lost points are counted",
        ("tests/topics/landscape/test_words.py",),
    ),
    Fault(
        "resviz/topics/landscape/words.py",
        "residual, plain = (found[arm] for arm in ARMS)",
        "plain, residual = (found[arm] for arm in ARMS)",
        "the hollows of both networks change places",
        ("tests/topics/landscape/test_words.py",),
    ),
    Fault(
        "resviz/topics/landscape/nets.py",
        "norm.weight / torch.sqrt(norm.running_var + norm.eps)",
        "norm.weight / (norm.running_var + norm.eps)",
        "directions are scaled by the variance, not by its root",
        ("tests/topics/landscape/test_nets.py",),
    ),
    Fault(
        "resviz/nets/fused.py",
        "last.relu, after = True, after[1:]",
        "last.relu, after = False, after[1:]",
        "the ReLU after a sum is lost where the convolution takes it along",
        ("tests/topics/landscape/test_nets.py",),
    ),
]
