"""What a prober can be asked besides networks before training: keys and kinds."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.runs.questions import KINDS, Question, answerer
from resviz.topics.block.question import BlockSpec

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
