"""The curve of single lesions stands while a click is answered; one block out is a point of it, and nothing is computed."""

from dataclasses import replace

import pytest

from resviz.topics.lesion.panel import PANEL
from resviz.topics.lesion.question import LesionSpec
from resviz.topics.lesion.source import Standing
from resviz.topics.lesion.words import finding
from resviz.ui.sources import affordable
from tests.topics.lesion.scenes import lesions
from tests.ui import addresses

SMALL = "depth=8&epochs=3"  # three blocks, none of whose answers is recorded


@pytest.fixture
def desk(tmp_path, monkeypatch):
    scheduler = addresses.office(tmp_path, monkeypatch)
    yield scheduler.pool
    scheduler.store.close()


@pytest.fixture
def source():
    return Standing("lesion", affordable)


@pytest.fixture
def curve(source, desk):
    """The complete answer about the intact networks, which has been looked at."""
    answer = lesions(SMALL)
    source.ask(answer.spec, "a", anew=False)
    desk.end(answer)
    assert source.look(answer.spec).record is answer
    return answer


def test_one_block_out_is_a_point_of_the_curve_and_is_not_computed(source, desk, curve):
    out = curve.spec.replace(lesion=(2,))
    source.ask(out, "a", anew=False)
    assert not desk.waiting() and len(desk.asked) == 1
    record = source.look(out).record
    assert record.spec == out and record.single == curve.single
    assert record.together == {arm: curve.single[arm][1] for arm in ("residual", "plain")}
    assert "Without block 2" in finding(record)


def test_several_out_are_computed_and_the_curve_stands_until_then(source, desk, curve):
    out = curve.spec.replace(lesion=(1, 2), sever=(3,))
    source.ask(out, "a", anew=False)
    assert desk.begin().spec == out
    look = source.look(out)
    assert look.running and look.record.single == curve.single and look.record.together == {}
    assert "Without blocks 1 to 2 and with shortcut 3 cut**: both networks learn as before" in finding(look.record)
    part = replace(lesions(f"{SMALL}&lesion=1,2&sever=3", single=0), spec=out)
    desk.tell(part)
    look = source.look(out)
    assert look.running and look.record.single == curve.single and look.record.together == part.together
    whole = replace(lesions(f"{SMALL}&lesion=1,2&sever=3"), spec=out)
    desk.end(whole)
    assert source.look(out).record is whole


def test_without_a_curve_nothing_stands(source, desk):
    out = LesionSpec.of({"depth": "8", "epochs": "3", "lesion": "2"})
    source.ask(out, "a", anew=False)
    assert desk.begin().spec == out
    assert source.look(out).record is None


def test_pressed_one_block_out_is_computed_after_all(source, desk, curve):
    out = curve.spec.replace(lesion=(2,))
    source.ask(out, "a", anew=True)
    assert desk.begin().spec == out
    assert source.look(out).record.together == {}


def test_the_panel_stands_and_weighs():
    assert isinstance(PANEL.source, Standing) and PANEL.source.check is affordable
