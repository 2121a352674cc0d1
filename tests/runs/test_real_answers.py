"""Questions to real processes, one a lane: they answer as what they ask would answer here."""

import io

import numpy as np
import pytest
from PIL import Image

from resviz.data.images import prepared
from resviz.families.resnet.spec import Spec
from resviz.runs.answers import Answers
from resviz.runs.limits import Limits
from resviz.runs.pool import Pool
from resviz.runs.questions import Question
from resviz.runs.store import Store
from resviz.topics.block.experiment import Through
from resviz.topics.block.question import BlockRecord, BlockSpec
from resviz.topics.flow.experiment import flow
from resviz.topics.flow.question import PlaneSpec
from resviz.train.twins.initial import Initial
from tests.forked import with_torch
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
def answers(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESVIZ_DATA", str(tmp_path_factory.mktemp("nothing")))
        store = Store(tmp_path_factory.mktemp("home"))
        commands = {lane: with_torch().command("resviz.runs.worker:main", lane) for lane in ("click", "panels")}
        made = Answers(Pool(store, {"click": 1, "panels": 1}, commands=commands), limits=Limits(60.0, 8e9))
        made.pool.start()
        yield made
    made.pool.close()
    store.close()


def answer(answers, question, viewer="a"):
    """The answer, or why there is none."""
    answers.ask(viewer, question, anew=answers.job(question) is not None and answers.job(question).status == "failed")
    job = answers.job(question)
    if job:
        wait(lambda: job.status in ("finished", "failed"), "the answer", DEADLINE)
    return job.message if job and job.status == "failed" else answers.remembered(question)


def look(spec):
    return Question("initial", spec.during(1))


# -- looks before training -------------------------------------------------------------------------


def test_it_measures_what_the_first_step_would(answers):
    initial, before = Initial(), answers.measured
    some = Spec(depth=8, width=4, device="cpu")
    for one in (some, some.replace(cut="2"), some.replace(cut="1,3", remove="2").branch(5, cut="")):
        assert answer(answers, look(one)) == initial(one)
    missing = look(some.replace(dataset="mnist"))
    assert "\n" not in answer(answers, missing)
    assert answers.job(missing).missing == "mnist"
    assert answer(answers, look(some.replace(seed=1))) == initial(some.replace(seed=1))
    assert answers.measured == before + 4
    initial.close()


# -- what comes in parts ---------------------------------------------------------------------------


def test_it_learns_in_parts_stops_and_goes_on_to_the_same_bits(answers):
    long = Question("flow", PlaneSpec(steps=1000, blocks=2, hidden=4))
    answers.ask("a", long)
    job = answers.job(long)
    wait(lambda: job.part, "the first picture", DEADLINE)
    assert 0 <= job.part.done < 1
    process = job.place.process
    answers.leave("a")
    wait(lambda: job.status == "paused", "the stop")
    small = Question("flow", PlaneSpec(steps=5, blocks=2, hidden=4))
    found = answer(answers, small)
    assert found == list(flow(small.spec))[-1]
    assert found.step == 5 and found.arms["residual"].test_accuracy > 0
    begun = answers.pool.begun["panels"]
    assert answer(answers, long) == list(flow(long.spec))[-1]
    assert answers.pool.begun["panels"] == begun and job.place.process is process
    wait(lambda: answers.store.answer_text(small.key), "the store")


# -- blocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [{}, {"order": "full", "norm": "none"}, {"image": "china"}], ids=str)
def test_a_block_is_answered_as_it_is_here(answers, words):
    spec = BlockSpec.of({**SMALL, **words})
    record = answer(answers, Question("block", spec))
    assert isinstance(record, BlockRecord)
    assert record == Through()(spec)


def test_two_pictures_are_two_questions_each_answered_once(answers):
    spec = BlockSpec.of({**SMALL, "image": "own"})
    images = [picture(seed) for seed in (0, 1)]
    one, other = (answer(answers, Question("block", spec, image)) for image in images)
    assert one != other and one.image != other.image
    before = answers.measured
    assert answer(answers, Question("block", spec, images[0]), "another") is one
    assert answers.measured == before


def test_a_picture_that_is_not_there_is_asked_for_in_words(answers):
    question = Question("block", BlockSpec.of({**SMALL, "image": "own"}))
    assert answer(answers, question) == "image=own: there is no picture; choose a file, or another image"
    assert answers.remembered(question) is None


def test_bytes_that_are_no_picture_fail_in_one_line_and_harm_nobody(answers):
    process = answers.pool.seats[0].process
    text = answer(answers, Question("block", BlockSpec.of({**SMALL, "image": "own"}), b"no picture"))
    assert isinstance(text, str) and len(text.splitlines()) == 1
    assert isinstance(answer(answers, Question("block", BlockSpec.of({**SMALL, "seed": 8}))), BlockRecord)
    assert answers.pool.seats[0].process is process


def test_an_image_goes_to_no_question_that_takes_none(answers):
    """As when a page hands on what it has."""
    spec = Spec(depth=6, width=4, examples=32, batch=32, device="cpu")
    text = answer(answers, Question("initial", spec, picture(0)))
    assert isinstance(text, str) and len(text.splitlines()) == 1
    assert answer(answers, Question("initial", spec)).step == 1


def test_a_kind_that_there_is_not_and_a_spec_of_another_kind_are_refused_before_anything_is_asked():
    with pytest.raises(ValueError, match=r"'pie'.*initial.*block"):
        Question("pie", BlockSpec())
    with pytest.raises(ValueError, match="'block' takes a BlockSpec, not a Spec"):
        Question("block", Spec(depth=8))
