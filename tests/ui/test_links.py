"""Links that cannot be used as they are: each wrong setting is quoted with what is allowed, and the rest is shown."""

import pytest

from tests.ui.addresses import furnish
from tests.ui.opening import open_page
from tests.ui.test_pages import component

SMALL = {"depth": "8", "epochs": "3"}


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    return furnish(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"depth": "abc"}, "depth=abc: allowed is a whole number from 2 to 1,202"),
        ({"depth": "99999"}, "depth=99999: allowed is a whole number"),
        ({"colour": "red"}, "colour=red: no such setting"),
        ({"cut": "900"}, "cut=900: depth 8 has shortcuts 1 to 3"),
        ({"lr": "-1"}, "lr=-1: allowed is a number from 1e-06 to 100"),
        ({"lr": "1e30"}, "lr=1e30: allowed is a number"),
        ({"norm": ""}, "norm=: allowed is one of batch, layer, group, none"),
        ({"run": "0123456789abcdef"}, "run=0123456789abcdef: no such run on this server"),
        ({"edits": "500:cut:1"}, "edits=500:cut:1: the run has 33 steps: a change can come after step 1 to 32"),
        ({"edits": "10:cut:9"}, "edits=10:cut:9: depth 8 has shortcuts 1 to 3"),
        ({"edits": "10:depth:20"}, "edits=10:depth:20: depth cannot change on the way"),
        ({"edits": "ten"}, "edits=ten: allowed is step:setting:value, such as 60:cut:7 90:lr:0.01"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_cannot_be_used_is_quoted_with_what_is_allowed_and_the_rest_is_shown(words, says):
    (key,) = words
    if key == "edits":  # one change that cannot be made leaves the others
        words = {"edits": f"{words['edits']} 20:cut:1"}
    good = {name: value for name, value in SMALL.items() if name != key}
    page = open_page("train", **good, **words)
    assert says in page.warning[0].value
    run = component(page)["run"]
    assert [segment["after"] for segment in run["segments"]] == ([0, 20] if key == "edits" else [0])
    assert ("depth=8" in run["query"]) == ("depth" in good)
    assert "epochs=3" in run["query"]


def test_fewer_blocks_keep_the_changes_that_still_fit():
    page = open_page("train", depth="20", epochs="3", edits="10:cut:9 20:cut:2")
    page.number_input(key="set_depth").set_value(8).run()
    assert "edits=10:cut:9: depth 8 has shortcuts 1 to 3" in page.warning[0].value
    assert [segment["after"] for segment in component(page)["run"]["segments"]] == [0, 20]
