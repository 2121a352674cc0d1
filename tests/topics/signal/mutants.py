"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/signal/command.py",
        ('out.kind == ".csv" else text)\n    print(text if arguments.json else signal_finding'),
        ('out.kind == ".json" else text)\n    print(text if arguments.json else signal_finding'),
        "the two kinds of file are exchanged",
        ("tests/topics/signal/test_words.py",),
    ),
    Fault(
        "resviz/topics/signal/theory.py",
        "halved = per if spec.order in",
        "halved = per - 1 if spec.order in",
        "the ReLU before the first layer of a branch halves nothing",
        ("tests/topics/signal/test_theory.py",),
    ),
]
