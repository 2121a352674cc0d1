"""What the networks read as they learn and without a shortcut or a block, against the networks themselves and torch."""

import base64
import copy
from functools import cache
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from torch import nn
from torch.optim.swa_utils import update_bn

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import NoAnswer
from resviz.runs.recorded import opening, recorded
from resviz.topics.start import experiment
from resviz.topics.start.experiment import edit, edited, measure_anew, reading, walls
from resviz.topics.start.question import FIRST, EditSpec, ReadSpec, letter, right, tiles
from resviz.train.records import History
from resviz.train.twins.lockstep import train
from resviz.train.twins.trained import trained
from tests.examples import examples
from tests.topics.start.contract import wall

WORDS = {"depth": "8", "width": "4", "epochs": "10", "examples": "256", "batch": "64", "device": "cpu"}


def last(parts):
    *_, found = parts
    return found


@cache
def learnt(**words):
    return last(trained(EditSpec.of({**WORDS, **words}).run, course=True))


def argmax(net, data, count=360):
    with torch.no_grad():
        return "".join(map(letter, net.eval()(data.inputs(data.test_x[:count])).argmax(1).tolist()))


@pytest.fixture(scope="module")
def found():
    return last(walls(EditSpec.of(WORDS).wall))


def test_the_wall_begins_before_training_and_ends_with_the_accuracy_of_the_run(found):
    history = History(EditSpec.of(WORDS).run)
    for event in train(history.spec):
        history.add(event)
    assert found.done == 1 and found.images == 360
    assert (found.steps[0], found.steps[-1]) == (0, history.spec.steps)
    for arm in ARMS:
        assert len(found.reads[arm]) == len(found.steps)
        assert found.right(arm) / 360 == history.last(arm, "test_accuracy")
    assert found.truth == "".join(map(letter, learnt().data.test_y.tolist()))
    blocks = learnt().arms["residual"].net.residual_blocks()
    assert found.weights == tuple(sum(p.numel() for p in block.branch.parameters()) for block in blocks)


def test_each_frame_is_what_the_network_of_that_step_reads(found):
    run = learnt()
    for arm in ARMS:
        net = copy.deepcopy(run.net(arm))
        parts = experiment.numbers(net)
        for (step, weights), reads in zip(run.course[arm], found.reads[arm], strict=True):
            for part, own in zip(parts, weights.split([p.numel() for p in parts]), strict=True):
                part.data.copy_(own.view_as(part))
            assert argmax(net, run.data) == reads, step


def test_frames_come_while_it_learns_and_a_change_on_the_way_is_in_them():
    spec = EditSpec.of({**WORDS, "edits": "20:cut:1-3"}).wall
    experiment.trained.__globals__["_known"].clear()
    parts = list(walls(spec))
    counts = [len(part.steps) for part in parts]
    assert counts == sorted(counts) and 1 in counts and len(set(counts)) > 3
    found = parts[-1]
    step = found.steps.index(19)
    whole = last(walls(EditSpec.of(WORDS).wall))
    assert found.reads["residual"][: step + 1] == whole.reads["residual"][: step + 1]  # not changed yet
    assert found.reads["residual"][-1] != whole.reads["residual"][-1]


@pytest.mark.parametrize(("name", "number"), [("sever", 1), ("sever", 3), ("lesion", 2)])
def test_an_edit_reads_what_the_network_reads_without_that_shortcut_or_block(name, number):
    answer = last(edit(EditSpec.of({**WORDS, name: str(number)})))
    net = copy.deepcopy(learnt().net("residual"))
    (net.cut if name == "sever" else net.remove)([number])
    assert answer.reads == argmax(net, learnt().data)


def test_without_an_edit_it_reads_what_the_wall_ends_with(found):
    assert last(edit(EditSpec.of(WORDS))).reads == found.reads["residual"][-1]


def test_averages_measured_anew_are_those_that_torch_measures():
    spec, run = EditSpec.of(WORDS), learnt()
    mine = edited(run.net("residual"), spec)
    assert measure_anew(mine, spec, run)
    theirs = copy.deepcopy(run.net("residual"))
    update_bn((run.data.inputs(part) for part in run.data.train_x.tensor_split(4)), theirs)  # 256 images, 64 in a step
    for (name, a), (_, b) in zip(mine.named_buffers(), theirs.named_buffers(), strict=True):
        assert torch.equal(a, b) or torch.allclose(a, b, rtol=1e-5), name
    assert all(torch.equal(a, b) for a, b in zip(mine.parameters(), theirs.parameters(), strict=True)), "no weight"


@pytest.mark.parametrize("edits", [{"sever": "2"}, {"lesion": "2"}])
def test_only_averages_behind_the_edit_are_measured_anew(edits):
    spec, run = EditSpec.of({**WORDS, **edits}), learnt()
    net = edited(run.net("residual"), spec)
    before = {name: value.clone() for name, value in net.named_buffers()}
    assert measure_anew(net, spec, run)
    changed = {name.rpartition(".")[0] for name, value in net.named_buffers() if not torch.equal(before[name], value)}
    norms = [name for name, module in net.named_modules() if isinstance(module, nn.BatchNorm2d)]
    assert changed == {name for name in norms if name.startswith("blocks.2")}, (
        "in the original order, of the third block"
    )


@pytest.mark.parametrize("words", [{"norm": "none", "sever": "1"}, {"norm": "layer", "lesion": "1"}, {"sever": "3"}])
def test_where_nothing_is_averaged_nothing_is_measured_anew(words):
    answer = last(edit(EditSpec.of({**WORDS, **words})))
    assert answer.anew == "" and len(answer.reads) == 360 and answer.done == 1


def test_an_edit_comes_a_batch_at_a_time():
    parts = [part for part in edit(EditSpec.of({**WORDS, "sever": "1"})) if part.reads]
    assert [len(part.reads) for part in parts] == [128, 256, 360, 360]
    assert all(b.reads.startswith(a.reads) for a, b in pairwise(parts))


def test_an_image_is_read_with_the_shares_of_the_softmax():
    run = learnt()
    own = base64.urlsafe_b64encode(bytes(run.data.test_x[7].flatten().tolist())).decode().rstrip("=")
    answer = last(reading(ReadSpec.of({**WORDS, "own": own})))
    for arm in ARMS:
        with torch.no_grad():
            shares = run.net(arm)(run.data.inputs(run.data.test_x[7:8]))[0].softmax(0)
        assert answer.shares[arm] == pytest.approx(shares.tolist(), rel=2e-3, abs=1e-6)
    with pytest.raises(NoAnswer, match="draw one"):
        last(reading(ReadSpec.of(WORDS)))


def test_the_networks_that_come_with_the_package_read_as_its_wall_ends():
    known = recorded(opening("walls")).record
    data, nets = experiment._held("cpu")
    for arm in ARMS:
        reads = argmax(nets[arm], data)
        assert abs(right(reads, known.truth) - known.right(arm)) <= 2, "another kind of processor rounds differently"


@examples(40)
@given(wall(trained=True))
def test_the_misread_ones_are_on_the_wall_also_on_a_narrow_one(known):
    chosen = tiles(known)
    assert len(set(chosen)) == len(chosen) == min(112, known.images)
    misread = {k for k, (a, b) in enumerate(zip(known.reads["residual"][-1], known.truth, strict=True)) if a != b}
    first = chosen[:FIRST]
    if len(misread) <= len(first) // 3:
        assert misread <= set(first)
    assert len(misread & set(first)) >= min(len(misread), len(first) // 3)
