"""Faults of this topic that its tests must notice."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/topics/lesion/lesion.js",
        "if (!chosen.delete(n)) chosen.add(n);",
        "chosen.add(n);",
        "a block that is out cannot be put back",
        ("tests/topics/lesion/test_drawing.py",),
    ),
    Fault(
        "resviz/topics/lesion/lesion.js",
        "this.choose({ lesion: words(this.lesion), sever: words(this.sever) });",
        "this.choose({ lesion: words(this.lesion) });",
        "a shortcut that is cut is not asked for",
        ("tests/topics/lesion/test_drawing.py",),
    ),
    Fault(
        "resviz/topics/lesion/figures.py",
        "(n - 0.5) * spec.convs_per_block + 0.5",
        "(n - 0.5) * spec.convs_per_block - 0.5",
        "a block's mark stands one layer too far left",
        ("tests/families/resnet/test_paths_figures.py",),
    ),
    Fault(
        "resviz/topics/lesion/figures.py",
        "max(0.0, v - record.whole[arm])",
        "max(0.0, v)",
        "the shade of a block is its error, not what it costs",
        ("tests/families/resnet/test_paths_figures.py",),
    ),
    Fault(
        "resviz/topics/lesion/figures.py",
        "ends = [(record.together[arm],",
        "ends = [(record.whole[arm],",
        "the name of a thick line stands at the thin one",
        ("tests/families/resnet/test_paths_figures.py",),
    ),
    Fault(
        "resviz/topics/lesion/words.py",
        "lost = sum(v >= chance - 2 *",
        "lost = sum(v >= chance + 2 *",
        "what guesses is not counted unless it is worse than a guess",
        ("tests/families/resnet/test_paths_words.py",),
    ),
]
