"""Faults of what is said of trained networks that are looked into."""

from tests.mutants.fault import Fault

PATHS, LANDSCAPE = "resviz/topics/lesion/question.py", "resviz/topics/landscape/question.py"
ATTRIBUTION, PHOTOGRAPH = "resviz/topics/attribution/question.py", "resviz/topics/photograph/question.py"
NETWORK, UNRAVEL = "resviz/families/resnet/inside.py", "resviz/topics/unravel/question.py"
IN_PATHS, IN_LANDSCAPE = ("tests/families/resnet/test_paths_words.py",), ("tests/topics/landscape/test_words.py",)
IN_ATTRIBUTION, IN_PHOTOGRAPH = ("tests/topics/attribution/test_words.py",), ("tests/topics/photograph/test_words.py",)

FAULTS = [
    Fault(
        PATHS,
        "+ (blocks - k) * math.log1p(-p)",
        "+ (blocks - k) * math.log(p)",
        "the binomial takes p for 1 - p",
        IN_PATHS,
    ),
    Fault(
        PATHS,
        "return mean / (blocks - mean) if mean < blocks else None",
        "return mean / blocks if mean < blocks else None",
        "attenuation is the mean share of branches on a path",
        IN_PATHS,
    ),
    Fault(
        PATHS,
        "if held >= part:",
        "if held > part / 2:",
        "the middle range holds half of what it should",
        IN_PATHS,
    ),
    Fault(
        PATHS,
        "lost = sum(v >= chance - 2 *",
        "lost = sum(v >= chance + 2 *",
        "what guesses is not counted unless it is worse than a guess",
        IN_PATHS,
    ),
    Fault(
        LANDSCAPE,
        "return sum(v is None for row in slice_.loss for v in row)",
        "return sum(v is None for row in slice_.loss[1:] for v in row)",
        "the first row of a plane is left out where lost points are counted",
        IN_LANDSCAPE,
    ),
    Fault(
        LANDSCAPE,
        "residual, plain = (found[arm] for arm in ARMS)",
        "plain, residual = (found[arm] for arm in ARMS)",
        "the hollows of both networks change places",
        IN_LANDSCAPE,
    ),
    Fault(
        ATTRIBUTION,
        "max(map(abs, seen.delta), default=0.0)",
        "max(seen.delta, default=0.0)",
        "a delta below 0 is not seen",
        IN_PHOTOGRAPH,
    ),
    Fault(
        ATTRIBUTION,
        "seen.score - seen.base, max",
        "seen.base - seen.score, max",
        "the change of a score has a wrong sign",
        IN_PHOTOGRAPH,
    ),
    Fault(
        ATTRIBUTION,
        '((MUCH_ALIKE, "much"), (ALIKE, "part"))',
        '((ALIKE, "much"), (MUCH_ALIKE, "part"))',
        "part of a map is called much of it",
        (*IN_PHOTOGRAPH, *IN_ATTRIBUTION),
    ),
    Fault(
        NETWORK,
        "stopped at step {at + 1:,}",
        "stopped at step {at:,}",
        "an arm stops one step before it does",
        (*IN_LANDSCAPE, *IN_PATHS),
    ),
    Fault(
        UNRAVEL,
        "return self.spec.blocks - len(self.spec.outs)",
        "return self.spec.blocks - len(self.spec.out)",
        "blocks that are not there any more are still counted as out",
        ("tests/topics/unravel/test_words.py",),
    ),
]
