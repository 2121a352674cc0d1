"""The figures of finer steps show what was measured: points on their way, accuracy, and the change of the weights."""

from dataclasses import replace

import pytest

from resviz.draw.table import rows_of, with_table
from resviz.topics.refine.experiment import refine
from resviz.topics.refine.figures import WORD, figures
from resviz.topics.refine.question import DRAWN, FINER, LABEL, NETS, SPLITS, Refine, RefineSpec
from tests.contract.charts import trace
from tests.contract.checks import check_cards

SMALL = RefineSpec(blocks=2, hidden=4, steps=3)


def records(spec) -> list[Refine]:
    return [record for record in refine(spec) if record is not None]


@pytest.fixture(scope="module")
def both() -> list[Refine]:
    """The first and the last of a short run."""
    begin, *_, end = records(SMALL)
    return [begin, end]


def test_they_are_figures_at_every_moment(both):
    for record in both:
        found = check_cards(figures(record))
        assert [t["id"] for t in found] == ["refine", "refine_accuracy", "refine_change"]


def test_each_network_is_drawn_with_its_own_steps_and_finer_ones(both):
    for record in both:
        shown = figures(record)[0]["flow"]
        assert shown["columns"] == len(DRAWN) and len(shown["arms"]) == len(NETS) * len(DRAWN)
        for place, arm in enumerate(shown["arms"]):
            name, i = NETS[place // len(DRAWN)], place % len(DRAWN)
            measured = record.nets[name]
            assert arm["x"] == measured.x[i] and arm["y"] == measured.y[i]
            assert len(arm["x"]) == 2 * DRAWN[i] + 1
            assert f"{2 * DRAWN[i]} steps" in arm["name"]
            share = measured.accuracy["shared"][FINER.index(DRAWN[i])]
            assert arm["said"].startswith(f"{float(f'{100 * share:.3g}'):g}%")
            assert arm["regions"] == [measured.region]
        assert shown["box"] == record.box and shown["labels"] == record.labels
        assert len({arm["name"] for arm in shown["arms"][: len(DRAWN)]}) == len(DRAWN)


def test_accuracy_is_against_the_number_of_steps(both):
    for record in both:
        template = figures(record)[1]
        assert len(template["figure"]["data"]) == 4
        looks = set()
        for name in NETS:
            for way in SPLITS:
                line = trace(template, f"{LABEL[name]}, {WORD[way]}")
                assert line["x"] == [2, 4, 8, 16]
                assert line["y"] == list(record.nets[name].accuracy[way])
                looks.add((line["line"]["color"], line["line"]["dash"], line["marker"]["symbol"]))
        assert len(looks) == 4  # told apart by more than a name


def test_changes_stand_between_blocks(both):
    for record in both:
        template = figures(record)[2]
        for name in NETS:
            line = trace(template, LABEL[name])
            assert line["x"] == [1.5]
            assert line["y"] == [v or None for v in record.nets[name].change]
        assert template["figure"]["layout"]["yaxis"]["type"] == "log"
    begin = both[0]
    assert trace(figures(begin)[2], LABEL["smooth"])["y"] == [None]  # alike at first: 0 has no place on a log scale


def test_points_that_left_float_range_are_said(both):
    record = both[1]
    gone = dict.fromkeys(SPLITS, (0.9, 0.5, None, None))
    nets = record.nets | {"free": replace(record.nets["free"], accuracy=gone, moved=gone, loss=None, stopped=2)}
    found = check_cards(figures(replace(record, nets=nets)))
    said = [arm["said"] for arm in found[0]["flow"]["arms"]]
    assert said[:3] == ["90%", "50%", "left float range"] and "left float range" not in said[3:]
    assert [row[1] for row in rows_of(with_table(found[1]))["rows"]] == ["0.9", "0.5", "–", "–"]
