"""The numbers of a figure as a table and as CSV: in the order of the axis, gaps told, and titles kept whole."""

import csv
import io

from resviz.draw.table import table, to_csv


def card(title, *traces):
    return {"id": "one", "title": title, "note": "", "figure": {"data": list(traces), "layout": {}}}


def line(name, x, y, **more):
    return {"name": name, "x": x, "y": y, **more}


CARD = card(
    'Loss, "as drawn", of both\nnetworks',
    line("plain", [100, -7.5, 3], [1.0, None, 0.12345]),
    line("residual", [3, 1e-3, None, 100], [2.0, 4.0, None, 0.0]),
    line("a band", [5, 5], [0.0, 9.0], hoverinfo="skip"),
    {"x": [6], "y": [7.0]},
)


def test_a_table_goes_along_the_axis_however_the_lines_are_drawn():
    assert table(CARD) == {
        "header": ["at", "plain", "residual"],
        "rows": [["-7.5", "–", "–"], ["0.001", "–", "4"], ["3", "0.1235", "2"], ["100", "1", "0"]],
    }


def test_a_csv_keeps_commas_quotes_and_lines_of_its_cells():
    other = {"id": "two", "title": "2", "note": "", "rows": {"header": ["a,b"], "rows": [['"'], ["c\nd"]]}}
    found = list(csv.reader(io.StringIO(to_csv([CARD, {"id": "three", "title": "no numbers", "note": ""}, other]))))
    told = table(CARD)
    assert found == [[CARD["title"]], told["header"], *told["rows"], [], ["2"], ["a,b"], ['"'], ["c\nd"], []]
