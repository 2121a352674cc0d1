"""What the harness answers from is what the Python side writes today."""

import json
import re

import pytest

from tests.harness import write
from tests.harness.site import whole


def same(a, b, where=""):
    """Equal, numbers to six digits: the last ones depend on the processor, and what diverges makes them many."""
    if where.endswith("/onward") and a and b:  # links to other topics, which come and go
        now, kept = ({address: text for _, address, text in links} for links in (a, b))
        both = now.keys() & kept.keys()
        assert both and all(now[address] == kept[address] for address in both), where
    elif isinstance(a, dict) and isinstance(b, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            same(a[key], b[key], f"{where}/{key}")
    elif isinstance(a, list) and isinstance(b, list):
        assert len(a) == len(b), where
        for n, (one, other) in enumerate(zip(a, b, strict=True)):
            same(one, other, f"{where}/{n}")
    elif isinstance(a, float) and isinstance(b, float):
        assert a == pytest.approx(b, rel=1e-6, abs=1e-9), where
    elif isinstance(a, str) and isinstance(b, str) and a[:1] in "{[" and a != b:
        same(json.loads(a), json.loads(b), where)
    else:
        assert a == b, where


@pytest.mark.parametrize("name", list(write.scenes()))
def test_a_scene_is_what_is_written_today(name):
    """If this fails after a change that is meant: python -m tests.harness.write"""
    kept = write.file_of(name).read_text(encoding="utf-8")
    same(json.loads(write.written(name)), json.loads(kept))


@pytest.mark.parametrize("name", sorted({*write.scenes()} - {"unravel"}))  # whose tests look at the drawing itself
def test_words_tell_the_answers_of_a_panel_apart(name):
    """Else a test that waits for the words of another answer would not wait."""
    answers = json.loads(write.file_of(name).read_text(encoding="utf-8")).get("answers", {})
    drawn = {}
    numbers = re.compile("GET panel/(start|signal|train)")  # whose tests wait for the numbers that are drawn
    for question in (q for q in answers if q.startswith("GET panel/") and not numbers.match(q)):
        answer = whole(answers[question], answers)
        if isinstance(answer, dict) and "figures" in answer:
            words = [answer["finding"], *((figure["title"], figure["note"]) for figure in answer["figures"])]
            kind = question.partition("?")[0]
            assert drawn.setdefault((kind, str(words)), answer["figures"]) == answer["figures"], question


def test_no_scene_is_left_over():
    there = [*write.TESTS.glob("harness/fixtures/*.json"), *write.TESTS.glob("topics/*/fixtures/*.json")]
    assert set(there) == {write.file_of(name) for name in write.scenes()}
