"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/several/topic.py",
        'figures="figures:figures"',
        'figures="figures:_banded"',
        "the command line draws what belongs to another question",
        ("tests/contract/test_shown.py",),
    ),
    Fault(
        "resviz/topics/several/experiment.py",
        "(torch.randperm(spec.blocks, generator=generator)[:count] + 1)",
        "(torch.randperm(spec.blocks, generator=generator)[:count])",
        "blocks drawn to be taken out are counted from 0",
        ("tests/families/resnet/test_paths.py",),
    ),
]
