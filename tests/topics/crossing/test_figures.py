"""The figures of what flows cannot do show what was measured: ways, losses, and who solved the task."""

from dataclasses import replace

import pytest

from resviz.draw.palette import CLASS_COLOR
from resviz.draw.table import rows_of, with_table
from resviz.topics.crossing.experiment import crossing
from resviz.topics.crossing.figures import COLOR, DASH, FORMULA, figures
from resviz.topics.crossing.question import LABEL, MODELS, SUBSTEPS, Crossing, CrossingSpec
from tests.contract.charts import trace
from tests.contract.checks import check_cards

LINE = CrossingSpec(task="crossing", blocks=3, hidden=4, steps=3)
RINGS = LINE.replace(task="rings", augment=2)


def records(spec) -> list[Crossing]:
    return [record for record in crossing(spec) if record is not None]


@pytest.fixture(scope="module")
def line() -> list[Crossing]:
    """The first and the last of a short run."""
    begin, *_, end = records(LINE)
    return [begin, end]


@pytest.fixture(scope="module")
def rings() -> list[Crossing]:
    begin, *_, end = records(RINGS)
    return [begin, end]


def by_id(record, id):
    (found,) = [t for t in figures(record) if t["id"] == id]
    return found


def with_errors(record, *errors):
    """Of MODELS in turn."""
    models = {n: replace(m, error=e) for (n, m), e in zip(record.models.items(), errors, strict=True)}
    return replace(record, models=models)


def test_they_are_figures_at_every_moment(line, rings):
    for record in line:
        ids = [t["id"] for t in check_cards(figures(record))]
        assert ids == [*(f"cross_{name}" for name in MODELS), "cross_loss", "cross_compared"]
    for record in rings:
        assert [t["id"] for t in check_cards(figures(record))] == ["cross_plane", "cross_loss", "cross_compared"]


def ways_in(template, kind):
    """The lines of one colour, cut where they are lifted: one for each point."""
    (line,) = [t for t in template["figure"]["data"] if t["line"]["color"] == CLASS_COLOR[kind]]
    ways, way = [], []
    for x, y in zip(line["x"], line["y"], strict=True):
        if x is None:
            assert y is None
            ways.append(way)
            way = []
        else:
            way.append((x, y))
    assert way == []
    return ways


@pytest.mark.parametrize("name", MODELS)
def test_each_point_has_its_way(line, name):
    for record in line:
        template, measured = by_id(record, f"cross_{name}"), record.models[name]
        last = record.spec.blocks if name == "residual" else SUBSTEPS
        for kind in (0, 1):
            ways = ways_in(template, kind)
            of = [p for p, label in enumerate(record.labels) if label == kind]
            assert len(ways) == len(of) == 19
            for p, way in zip(of, ways, strict=True):
                assert [x for x, _ in way] == pytest.approx([k / last for k in range(last + 1)])
                assert [y for _, y in way] == [states[p] for states in measured.x]
                assert (way[0][1] < 0) == (kind == 1)  # the second class has to get to 1
        assert FORMULA[name] in template["title"]
        assert template["figure"]["layout"]["yaxis"]["range"] == list(record.box[:2])
        rows = rows_of(with_table(template))["rows"]
        assert rows == [
            [f"{a:.3g}", f"{b:.3g}", f"{-a:.3g}"] for a, b in zip(measured.x[0], measured.x[-1], strict=True)
        ]


def test_who_solves_it_is_said_with_the_number(line):
    for place, name in enumerate(MODELS):
        errors = [2.0, 2.0, 2.0]
        errors[place] = 0.0123
        record = with_errors(line[1], *errors)
        for other in MODELS:
            note = by_id(record, f"cross_{other}")["note"]
            assert note.startswith("solves it; mean squared error 0.0123" if other == name else "does not solve it")
        table = by_id(record, "cross_compared")["rows"]
        assert [row[-1] for row in table["rows"]] == ["yes" if other == name else "no" for other in MODELS]


def test_the_plane_has_all_three(rings):
    for record in rings:
        shown = by_id(record, "cross_plane")["flow"]
        assert [arm["name"] for arm in shown["arms"]] == [LABEL[name] for name in MODELS]
        for arm, (name, way) in zip(shown["arms"], record.models.items(), strict=True):
            assert (arm["x"], arm["y"], arm["color"]) == (way.x, way.y, COLOR[name])
            # With an extra dimension the line is a plane, which has no place in the picture.
            assert list(arm["regions"]) == ([] if name == "augmented" else [way.regions[1]])
        assert shown["box"] == record.box and shown["labels"] == record.labels


def test_the_share_told_wrong_is_said(rings):
    record = with_errors(rings[1], 0.0, 0.0015, 0.5)
    assert [arm["said"] for arm in by_id(record, "cross_plane")["flow"]["arms"]] == [
        "all correct",
        "0.15% wrong",
        "50% wrong",
    ]
    assert [row[2:] for row in by_id(record, "cross_compared")["rows"]["rows"]] == [
        ["0%", "yes"], ["0.15%", "no"], ["50%", "no"],
    ]  # fmt: skip


def test_all_wrong_is_a_hundred_percent(rings):
    record = with_errors(rings[1], 1.0, 1.0, 1.0)
    assert {arm["said"] for arm in by_id(record, "cross_plane")["flow"]["arms"]} == {"100% wrong"}
    assert {row[2] for row in by_id(record, "cross_compared")["rows"]["rows"]} == {"100%"}


def test_the_loss_stands_beside_the_floor(line, rings):
    for record in (*line, *rings):
        template = by_id(record, "cross_loss")
        for name in MODELS:
            drawn = trace(template, LABEL[name])
            assert drawn["x"] == list(record.at) and drawn["y"] == list(record.models[name].curve)
            assert (drawn["line"]["color"], drawn["line"]["dash"]) == (COLOR[name], DASH[name])
        shapes = template["figure"]["layout"]["shapes"]
        floor = record.learning_floor
        assert [(s["y0"], s["y1"]) for s in shapes] == ([] if floor is None else [(floor, floor)])
        assert (floor is None) == (record.spec.task == "rings")
        assert ("thin line" in template["note"]) == bool(shapes)


def test_a_loss_that_is_nothing_or_gone_is_a_gap(line):
    way = replace(line[1].models["flow"], curve=(0.5, 0.0, None), stopped=3)
    record = replace(line[1], models=line[1].models | {"flow": way})
    found = check_cards(figures(record))
    assert trace(next(t for t in found if t["id"] == "cross_loss"), LABEL["flow"])["y"] == [0.5, None, None]


def test_neighbours_that_changed_places_are_counted(line):
    record = line[1]
    table = by_id(record, "cross_compared")["rows"]
    for row, (name, way) in zip(table["rows"], record.models.items(), strict=True):
        assert row[0] == LABEL[name] and row[1] == f"{way.parameters:,}"
        assert f"{way.turned} of {way.pairs}" in row
    assert len(table["header"]) == len(table["rows"][0])
