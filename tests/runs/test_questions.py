"""What a prober can be asked besides networks before training: keys, kinds, and blocks through a real process."""

import io
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from resviz.blockspec import BlockRecord, BlockSpec
from resviz.experiments.block import Through
from resviz.images import prepared
from resviz.runs.prober import COLD, LookFailed, Prober
from resviz.runs.questions import KINDS, Question, answerer
from resviz.runs.store import Store
from resviz.spec import Spec

DEADLINE = 120.0
SMALL = {"image": "digit", "inputs": 4, "width": 4}


def picture(seed: int) -> bytes:
    """A person's own, prepared."""
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (70, 90, 3), dtype=np.uint8)).save(out, "PNG")
    return prepared(out.getvalue(), "own.png")


@pytest.fixture(scope="module")
def prober(tmp_path_factory):
    """With a real process."""
    made = Prober(Store(tmp_path_factory.mktemp("home")), command=COLD)
    made.start()
    yield made
    made.close()
    made.store.close()


# -- keys ----------------------------------------------------------------------------------------


def test_a_look_before_training_is_kept_under_its_digest_alone():
    """So are those that were kept before there were other questions."""
    spec = Spec(depth=8)
    assert Question("initial", spec).key == spec.digest
    assert Question("initial", spec, b"picture").key == spec.digest


def test_every_other_question_has_a_key_of_its_own():
    one, other = BlockSpec(image="own"), BlockSpec(image="own", seed=1)
    questions = [Question("block", spec, image) for spec in (one, other) for image in (None, b"a", b"b")]
    questions.append(Question("initial", Spec()))
    for a, b in combinations(questions, 2):
        assert a.key != b.key
    assert Question("block", BlockSpec(image="own"), b"a").key == questions[1].key
    assert all("\n" not in question.key and len(question.key) < 60 for question in questions)


@given(st.binary(min_size=1, max_size=50), st.binary(min_size=1, max_size=50))
def test_a_key_tells_images_apart(a, b):
    spec = BlockSpec(image="own")
    assert (Question("block", spec, a).key == Question("block", spec, b).key) == (a == b)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_what_can_be_called_and_comes_back_from_text(kind):
    assert callable(answerer(kind))
    assert KINDS[kind].spec().digest
    assert (KINDS[kind].to_text is None) == (KINDS[kind].from_text is None)


# -- a real process ------------------------------------------------------------------------------


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
