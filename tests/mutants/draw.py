"""Faults of resviz/draw."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/draw/table.py",
        '[[template["title"]], rows["header"], *rows["rows"], []]',
        '[[template["title"]], *rows["rows"], []]',
        "the tables of a file have no header",
        ("tests/contract/test_shown.py",),
    ),
    Fault(
        "resviz/draw/table.py",
        "writer = csv.writer(out)",
        'writer = csv.writer(out, quoting=csv.QUOTE_NONE, escapechar="\\\\")',
        "commas and quotes in a cell of the CSV are not quoted",
        ("tests/draw/test_table.py",),
    ),
    Fault(
        "resviz/draw/table.py",
        "places = sorted({x for t in traces for x in t",
        "places = list({x for t in traces for x in t",
        "the rows of a table come in any order",
        ("tests/draw/test_table.py",),
    ),
]
