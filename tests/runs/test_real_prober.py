"""Questions to a real prober, one process for all of them: it answers as what it asks would answer here."""

import io

import numpy as np
import pytest
from PIL import Image

from resviz.blockspec import BlockRecord, BlockSpec
from resviz.euler.flow import PlaneSpec
from resviz.experiments.block import Through
from resviz.experiments.flow import flow
from resviz.experiments.initial import Initial
from resviz.images import prepared
from resviz.runs.prober import STOPPED, LookFailed, Prober
from resviz.runs.questions import Question
from resviz.runs.store import Store
from resviz.spec import Spec
from tests.forked import with_torch
from tests.runs.parts import SPEED, Noted
from tests.runs.waiting import wait

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("with torch")]

DEADLINE = 100.0
SMALL = {"image": "digit", "inputs": 4, "width": 4}


def picture(seed: int) -> bytes:
    """A person's own, prepared."""
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (70, 90, 3), dtype=np.uint8)).save(out, "PNG")
    return prepared(out.getvalue(), "own.png")


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESVIZ_DATA", str(tmp_path_factory.mktemp("nothing")))
        command = with_torch().command("resviz.runs.prober:main")
        made = Prober(Store(tmp_path_factory.mktemp("home")), command=command)
        made.start()
    yield made
    made.close()
    made.store.close()


# -- looks before training -------------------------------------------------------------------------


def test_it_measures_what_the_first_step_would(prober):
    initial, before = Initial(), prober.measured
    some = Spec(depth=8, width=4, device="cpu")
    for one in (some, some.replace(cut="2"), some.replace(cut="1,3", remove="2").branch(5, cut="")):
        assert prober.look(one, SPEED).result(DEADLINE) == initial(one)
    with pytest.raises(LookFailed) as error:
        prober.look(some.replace(dataset="mnist"), SPEED).result(DEADLINE)
    assert error.value.missing == "mnist"
    assert "\n" not in str(error.value)
    assert prober.look(some.replace(seed=1), SPEED).result(DEADLINE) == initial(some.replace(seed=1))
    assert prober.measured == before + 4
    initial.close()


# -- what comes in parts ---------------------------------------------------------------------------


def test_it_learns_in_parts_and_can_be_stopped(prober):
    prober.so_far = came = Noted()
    process = prober.process
    long = Question("flow", PlaneSpec(steps=3000))
    under_way = prober.ask(long, "a")
    wait(lambda: long.key in came, "the first picture")
    assert 0 <= came[long.key].done < 1
    prober.give_up("a")
    with pytest.raises(LookFailed, match=STOPPED):
        under_way.result(DEADLINE)
    small = Question("flow", PlaneSpec(steps=5, blocks=2, hidden=4))
    answer = prober.ask(small, "a").result(DEADLINE)
    assert answer == list(flow(small.spec))[-1]
    assert answer.step == 5 and answer.arms["residual"].test_accuracy > 0
    assert prober.process is process
    wait(lambda: prober.store.look_text(small.key), "the store")


# -- blocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [{}, {"order": "full", "norm": "none"}, {"image": "china"}], ids=str)
def test_a_block_is_answered_as_it_is_here(prober, words):
    spec = BlockSpec.of({**SMALL, **words})
    record = prober.ask(Question("block", spec)).result(DEADLINE)
    assert isinstance(record, BlockRecord)
    assert record == Through()(spec)


def test_an_answer_is_remembered_and_not_measured_twice(prober):
    question = Question("block", BlockSpec.of({**SMALL, "seed": 7}))
    assert prober.remembered(question) is None
    first = prober.ask(question).result(DEADLINE)
    before = prober.measured
    assert prober.ask(Question("block", BlockSpec.of({**SMALL, "seed": 7})), "another").result(DEADLINE) is first
    assert prober.remembered(question) is first
    assert prober.measured == before
    assert question.key in prober.known


def test_two_pictures_are_two_questions(prober):
    spec = BlockSpec.of({**SMALL, "image": "own"})
    images = [picture(seed) for seed in (0, 1)]
    one, other = (prober.ask(Question("block", spec, image)).result(DEADLINE) for image in images)
    assert one != other
    assert one.image != other.image
    before = prober.measured
    assert prober.ask(Question("block", spec, images[0])).result(DEADLINE) is one
    assert prober.measured == before


def test_a_picture_that_is_not_there_is_asked_for_in_words(prober):
    spec = BlockSpec.of({**SMALL, "image": "own"})
    with pytest.raises(LookFailed, match="image=own: there is no picture; choose a file, or another image"):
        prober.ask(Question("block", spec)).result(DEADLINE)
    assert prober.remembered(Question("block", spec)) is None


def test_bytes_that_are_no_picture_fail_in_one_line_and_harm_nobody(prober):
    process = prober.process
    spec = BlockSpec.of({**SMALL, "image": "own"})
    with pytest.raises(LookFailed) as error:
        prober.ask(Question("block", spec, b"no picture")).result(DEADLINE)
    assert len(str(error.value).splitlines()) == 1
    assert prober.ask(Question("block", BlockSpec.of({**SMALL, "seed": 8}))).result(DEADLINE)
    assert prober.process is process


def test_an_image_goes_to_no_question_that_takes_none(prober):
    """As when a page hands on what it has."""
    spec = Spec(depth=6, width=4, examples=32, batch=32, device="cpu")
    with pytest.raises(LookFailed) as error:
        prober.ask(Question("initial", spec, picture(0))).result(DEADLINE)
    assert len(str(error.value).splitlines()) == 1
    assert prober.ask(Question("initial", spec)).result(DEADLINE).step == 1


def test_a_spec_of_another_kind_fails_in_words_and_leaves_the_process_alive(prober):
    process = prober.process
    with pytest.raises((LookFailed, ValueError)) as error:
        prober.ask(Question("block", Spec(depth=8))).result(DEADLINE)
    assert len(str(error.value).splitlines()) == 1
    assert prober.process is process, "one question that makes no sense cost everyone a process"


def test_an_unknown_kind_is_named_with_those_that_there_are(prober):
    with pytest.raises((LookFailed, ValueError), match=r"'pie'.*initial.*block"):
        prober.ask(Question("pie", BlockSpec())).result(DEADLINE)
    assert prober.ask(Question("block", BlockSpec.of({**SMALL, "seed": 9}))).result(DEADLINE)
