"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/calculator/style.css",
        ".rc-bars .rc-in { text-anchor: middle; font-size: 14px; }",
        ".rc-bars .rc-in { font-size: 14px; fill: currentColor; }",
        "words in bars have the ink of the page and run out of their bars",
        ("tests/harness/test_pictures.py",),
    ),
    Fault(
        "resviz/topics/calculator/command.py",
        'told["other"] = others[0]',
        'told["other"] = told',
        "the network beside it is told to be the same",
        ("tests/test_cli.py",),
    ),
    Fault(
        "resviz/topics/calculator/experiment.py",
        "statistics.median(took)",
        "statistics.mean(took)",
        "the mean of the steps is told, not the median",
        ("tests/topics/calculator/test_experiment.py",),
    ),
    Fault(
        "resviz/topics/calculator/words.py",
        '("memory to train", one.total.sums.kept, other.total.sums.kept)',
        '("memory to train", other.total.sums.kept, one.total.sums.kept)',
        "the memory of two networks is compared the other way round",
        ("tests/topics/calculator/test_comparisons.py",),
    ),
    Fault(
        "resviz/topics/calculator/question.py",
        "            dropped |= {*STRUCTURE, ",
        "            dropped |= {",
        "another network takes along the settings of the one before",
        ("tests/topics/calculator/test_panel.py",),
    ),
]
