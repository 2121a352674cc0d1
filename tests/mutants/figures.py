"""Faults of what is drawn: curves, maps, tables and CSV."""

from tests.mutants.fault import Fault

FILLED, PATHS, LANDSCAPE = (
    "resviz/draw/table.py",
    "resviz/topics/lesion/figures.py",
    "resviz/topics/landscape/figures.py",
)
ATTRIBUTION, DEPTH, REFINE = (
    "resviz/topics/attribution/figures.py",
    "resviz/topics/depth/figures.py",
    "resviz/topics/refine/figures.py",
)
ROLLOUT, FLOW, CROSSING = (
    "resviz/topics/rollout/figures.py",
    "resviz/topics/flow/figures.py",
    "resviz/topics/crossing/figures.py",
)
IN_PATHS, IN_ATTRIBUTION = (
    ("tests/families/resnet/test_paths_figures.py",),
    ("tests/topics/attribution/test_figures.py",),
)
IN_LANDSCAPE, IN_DEPTH = ("tests/topics/landscape/test_figures.py",), ("tests/topics/depth/test_figures.py",)

FAULTS = [
    Fault(
        FILLED,
        "writer = csv.writer(out)",
        'writer = csv.writer(out, quoting=csv.QUOTE_NONE, escapechar="\\\\")',
        "commas and quotes in a cell of the CSV are not quoted",
        ("tests/draw/test_table.py",),
    ),
    Fault(
        FILLED,
        "places = sorted({x for t in traces for x in t",
        "places = list({x for t in traces for x in t",
        "the rows of a table come in any order",
        ("tests/draw/test_table.py",),
    ),
    Fault(
        PATHS,
        "(n - 0.5) * spec.convs_per_block + 0.5",
        "(n - 0.5) * spec.convs_per_block - 0.5",
        "a block's mark stands one layer too far left",
        IN_PATHS,
    ),
    Fault(
        PATHS,
        "max(0.0, v - record.whole[arm])",
        "max(0.0, v)",
        "the shade of a block is its error, not what it costs",
        IN_PATHS,
    ),
    Fault(
        PATHS,
        "ends = [(record.together[arm],",
        "ends = [(record.whole[arm],",
        "the name of a thick line stands at the thin one",
        IN_PATHS,
    ),
    Fault(
        ATTRIBUTION,
        "if e.reads[arm] != e.truth",
        "if e.reads[arm] == e.truth",
        "images read right are marked as wrong",
        IN_ATTRIBUTION,
    ),
    Fault(
        ATTRIBUTION,
        "m.values[y * m.width : (y + 1) * m.width]",
        "m.values[y * m.height : (y + 1) * m.height]",
        "rows of a map that is no square are cut in the wrong places",
        IN_ATTRIBUTION,
    ),
    Fault(
        LANDSCAPE,
        "*(contour(record, arm, low, high) for arm in ARMS),",
        "*(contour(record, arm, low, high) for arm in reversed(ARMS)),",
        "the two planes change places",
        IN_LANDSCAPE,
    ),
    Fault(
        LANDSCAPE,
        "other = record.axis(1 - which)",
        "other = record.axis(which)",
        "a cut is looked up on its own axis",
        IN_LANDSCAPE,
    ),
    Fault(
        DEPTH,
        '"x": list(range(1, len(line) + 1)),',
        '"x": list(range(len(line))),',
        "layers are counted from 0",
        IN_DEPTH,
    ),
    Fault(
        REFINE,
        "[k + 1.5 for k in",
        "[k + 0.5 for k in",
        "changes between two blocks stand before the first",
        ("tests/topics/refine/test_figures.py",),
    ),
    Fault(
        ROLLOUT,
        "curves = {arm: [_log(v) for v in record.error[arm].median[1:]] for arm in ARMS}",
        "curves = {arm: [_log(v) for v in record.error[arm].high[1:]] for arm in ARMS}",
        "the worst start is drawn as the median one",
        ("tests/topics/rollout/test_figures.py",),
    ),
    Fault(
        CROSSING,
        'error = said(way.error) if line else f"{said(100 * way.error)}%"',
        'error = said(way.error) if line else f"{said(way.error)}%"',
        "a share is written as a percentage without times 100",
        ("tests/topics/crossing/test_figures.py",),
    ),
    Fault(
        FLOW,
        '"jumps": name == "plain",',
        '"jumps": name == "residual",',
        "points jump in the network that has shortcuts",
        ("tests/topics/flow/test_figures.py",),
    ),
]
