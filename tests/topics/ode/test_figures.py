"""The figures of a Neural ODE show what was measured, and say what was published and what gave up."""

from dataclasses import replace

import pytest

from resviz.draw.table import rows_of, with_table
from resviz.topics.ode import experiment as module
from resviz.topics.ode.experiment import neuralode
from resviz.topics.ode.figures import LABEL, figures, published
from resviz.topics.ode.question import BETWEEN, BLOCKS, Memory, NeuralOde, NeuralOdeSpec, kilobytes
from tests.contract.charts import trace
from tests.contract.checks import check_cards

SMALL = NeuralOdeSpec(hidden=4, steps=3)
IDS = ["flow", "ode_accuracy", "ode_evaluations", "ode_memory", "ode_compared", "ode_published"]


def records(spec) -> list[NeuralOde]:
    """With fewer tolerances, for which it would be measured again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TOLERANCES", (1e-1, 1e-2))
        return [record for record in neuralode(spec) if record is not None]


@pytest.fixture(scope="module", params=[{}, {"gradient": "backprop", "augment": 2}], ids=str)
def both(request) -> list[NeuralOde]:
    """The first and the last of a short run."""
    begin, *_, end = records(SMALL.replace(**request.param))
    return [begin, end]


def by_id(record, id):
    (found,) = [t for t in figures(record) if t["id"] == id]
    return found


def test_they_are_figures_at_every_moment(both):
    for record in both:
        assert [t["id"] for t in check_cards(figures(record))] == IDS


def test_both_are_drawn_at_the_same_moments(both):
    for record in both:
        shown = by_id(record, "flow")["flow"]
        assert [arm["name"] for arm in shown["arms"]] == [LABEL[name] for name in record.nets]
        for arm, net in zip(shown["arms"], record.nets.values(), strict=True):
            assert (arm["x"], arm["y"], arm["regions"]) == (net.x, net.y, net.regions)
            assert arm["said"] == f"{float(f'{100 * net.test_accuracy:.3g}'):g}% correct"
        assert [len(arm["x"]) for arm in shown["arms"]] == [BLOCKS * BETWEEN + 1, BLOCKS + 1]
        assert shown["blocks"] == BLOCKS and shown["box"] == record.box


def test_accuracy_is_at_the_steps_where_it_was_measured(both):
    for record in both:
        template = by_id(record, "ode_accuracy")
        for name, net in record.nets.items():
            assert trace(template, LABEL[name])["x"] == list(record.at)
            assert trace(template, LABEL[name])["y"] == list(net.accuracy)
        dashes = {t["line"]["dash"] for t in template["figure"]["data"]}
        assert len(dashes) == len({t["line"]["color"] for t in template["figure"]["data"]}) == 2


def test_evaluations_are_by_step(both):
    for record in both:
        template = by_id(record, "ode_evaluations")
        assert trace(template, "forward")["y"] == list(record.forward)
        assert trace(template, "backward")["y"] == list(record.backward)
        assert trace(template, "forward")["x"] == list(range(1, len(record.forward) + 1))


def test_memory_is_measured_when_training_is_over(both):
    begin, end = both
    assert "measured when training is over" in by_id(begin, "ode_memory")["note"]
    template = by_id(end, "ode_memory")
    assert "when training is over" not in template["note"]
    assert trace(template, "adjoint")["y"] == [m.adjoint_bytes / 1e3 for m in end.memory]
    assert trace(template, "through the solver")["y"] == [m.backprop_bytes / 1e3 for m in end.memory]
    assert trace(template, "adjoint")["x"] == [m.tol for m in end.memory]
    for row, m in zip(template["table"]["rows"], end.memory, strict=True):
        assert row[1:3] == [str(m.forward), str(m.backward)]
        assert row[3:] == [kilobytes(m.backprop_bytes), kilobytes(m.adjoint_bytes)]


def test_where_the_solver_gave_up_there_is_a_gap_and_a_word(both):
    end = both[1]
    memory = (end.memory[0], Memory(1e-2, None, 5000, None, None), Memory(1e-3, None, None, None, None))
    found = check_cards(figures(replace(end, memory=memory, stopped="It ended.")))
    template = next(t for t in found if t["id"] == "ode_memory")
    assert trace(template, "adjoint")["y"][1:] == [None, None]
    assert trace(template, "through the solver")["y"][1:] == [5, None]
    rows = rows_of(with_table(template))["rows"]
    assert rows[1][1:] == ["–", "–", "5 kB", "gave up"] and rows[2][3:] == ["gave up", "gave up"]


def test_a_flow_that_cannot_be_followed_has_no_accuracy(both):
    end = both[1]
    ode = replace(end.nets["ode"], train_accuracy=None, test_accuracy=None, accuracy=(0.5, None, None))
    record = replace(end, nets=end.nets | {"ode": ode})
    check_cards(figures(record))
    assert by_id(record, "flow")["flow"]["arms"][0]["said"] == "the solver gave up"
    assert trace(by_id(record, "ode_accuracy"), LABEL["ode"])["y"] == [0.5, None, None]
    assert by_id(record, "ode_compared")["rows"]["rows"][0][2:4] == ["–", "–"]


def test_both_in_numbers(both):
    end = both[1]
    rows = by_id(end, "ode_compared")["rows"]["rows"]
    for row, (name, net) in zip(rows, end.nets.items(), strict=True):
        assert row[0] == LABEL[name] and row[1] == f"{net.parameters:,}"
        assert row[2:4] == [f"{float(f'{100 * v:.3g}'):g}%" for v in (net.train_accuracy, net.test_accuracy)]


def test_what_was_published_has_its_source():
    template = published()
    assert "Chen 2018" in template["note"] and "MNIST" in template["title"]
    assert template["rows"]["rows"] == [
        ["ResNet", "0.41%", "0.60 M"],
        ["RK-Net", "0.47%", "–"],
        ["ODE-Net", "0.42%", "0.22 M"],
    ]
