"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/lengths/experiment.py",
        "yield replace(record, done=1.0 if length == blocks else done, norm=tuple(norm))",
        "yield replace(record, done=done * (blocks + 1) / (blocks + 2), norm=tuple(norm))",
        "the last part is not told to be the last",
        ("tests/contract/test_answers.py",),
    ),
    Fault(
        "resviz/topics/lengths/topic.py",
        "            opens=True,\n",
        "",
        "a page opens on nothing although it takes seconds",
        ("tests/contract/test_openings.py",),
    ),
    Fault(
        "resviz/topics/lengths/panel.py",
        'Control("repeats", (1, 2, 4, 8, 16, 50))',
        'Control("repeats", (1, 2, 4, 8, 16, 100))',
        "a slider goes past what the setting takes",
        ("tests/contract/test_panels.py",),
    ),
    Fault(
        "resviz/topics/lengths/words.py",
        'f"{2**n:,}" if n <= 40',
        'f"{2**n}" if n <= 40',
        "a finding counts paths in a row of digits",
        ("tests/contract/test_shown.py",),
    ),
    Fault(
        "resviz/topics/lengths/question.py",
        "+ (blocks - k) * math.log1p(-p)",
        "+ (blocks - k) * math.log(p)",
        "the binomial takes p for 1 - p",
        ("tests/families/resnet/test_paths_words.py",),
    ),
    Fault(
        "resviz/topics/lengths/question.py",
        "return mean / (blocks - mean) if mean < blocks else None",
        "return mean / blocks if mean < blocks else None",
        "attenuation is the mean share of branches on a path",
        ("tests/families/resnet/test_paths_words.py",),
    ),
    Fault(
        "resviz/topics/lengths/words.py",
        "if held >= part:",
        "if held > part / 2:",
        "the middle range holds half of what it should",
        ("tests/families/resnet/test_paths_words.py",),
    ),
    Fault(
        "resviz/topics/lengths/probes.py",
        "torch.where(chosen, _through(link.added, link.x, back), _through(link.carried, link.x, back))",
        "torch.where(chosen, _through(link.carried, link.x, back), _through(link.added, link.x, back))",
        "where images take different ways, branch and shortcut are swapped",
        ("tests/topics/lengths/test_probes.py",),
    ),
    Fault(
        "resviz/topics/lengths/probes.py",
        "columns = iter(through.unbind(1)[::-1])",
        "columns = iter(through.unbind(1))",
        "a path's choices are read from the wrong end",
        ("tests/topics/lengths/test_probes.py",),
    ),
    Fault(
        "resviz/topics/lengths/probes.py",
        "return order < length",
        "return order <= length",
        "sampled paths are a block too long",
        ("tests/topics/lengths/test_probes.py",),
    ),
]
