"""What holds of figures of two networks, and how a part of one is found."""

import re
from typing import Any

from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL
from resviz.families.resnet.family import ARMS
from resviz.train.records import Training
from tests.contract.checks import check_cards

LONG = re.compile(
    r"[1-9]\d*\.\d{7,}|0\.0*[1-9]\d{6,}|\d{12,}|nan|inf\b|None"
)  # what no sentence and no cell of a table says

# A training that has come as far as step 3 of its plain network, which then ended.
UNDER_WAY = Training(
    {"residual": 5, "plain": 3},
    {"plain": "the loss is infinite."},
    {"residual": ((1, 3, 5), (2.3, 1.5, 0.75)), "plain": ((1, 3), (2.4, 2.25))},
)


def check_learning(templates: list[Figure], record: Any) -> None:
    """While the networks learn: their losses so far, in the colours and dashes of both."""
    (t,) = check_cards(templates)
    assert t["id"] == "inside_learning"
    for arm in ARMS:
        shown = trace(t, arm)
        assert (shown["x"], shown["y"]) == tuple(map(list, record.training.curve[arm]))
        assert shown["line"]["color"] == ARM_COLOR[arm] and shown["line"]["dash"] == ARM_DASH[arm]
    assert t["figure"]["layout"]["xaxis"]["range"] == [0, record.spec.steps]


def check_arms(template: Figure) -> None:
    """Both curves told apart three times: by colour, dash and symbol."""
    for arm in ARMS:
        shown = trace(template, arm)
        assert shown["line"]["color"] == ARM_COLOR[arm] and shown["line"]["dash"] == ARM_DASH[arm]
        assert "marker" not in shown or shown["marker"]["symbol"] == ARM_SYMBOL[arm]


def trace(template: Figure, name: str) -> dict[str, Any]:
    """The one line of that name; a band may have none."""
    (found,) = [t for t in template["figure"]["data"] if t.get("name") == name]
    return found


def by_id(templates: list[Figure], id: str) -> Figure:
    (found,) = [t for t in templates if t["id"] == id]
    return found
