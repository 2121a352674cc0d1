"""Any record that each kind of question can have: also of networks that left float range, and of those that have not begun."""

import base64
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.probes import methods
from resviz.runs.studies import Outcome, Results, Study, kinds
from resviz.train.records import Training

SHARE = st.integers(0, 400).map(lambda n: n / 400)
ANY_SHARE = st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1)
SIZE = st.sampled_from([0.0, 1.0, 1e-12, 1e30]) | st.floats(0, 1e6)
PLACE = st.floats(-5, 5)
NUMBER = st.floats(-1e20, 1e20)
COSINE = st.floats(-1, 1)
LOSS = st.none() | st.just(0.0) | st.floats(1e-12, 1e30)
NONE_YET = st.integers(0, 5).map(lambda n: n == 0)
BOX = (-2.0, 2.0, -1.5, 1.5)
ENDED = {"plain": "the loss is NaN.", "residual": "the loss is infinite."}


def both(draw: st.DrawFn, make: st.SearchStrategy[Any]) -> dict[str, Any]:
    return {arm: draw(make) for arm in ARMS}


def cycled(values: st.SearchStrategy[Any], count: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """So many, of which up to four are drawn and come again: long rows in little time."""

    def repeat(few: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(few[k % len(few)] for k in range(count))

    return st.lists(values, min_size=1, max_size=4).map(repeat)


def rows(values: st.SearchStrategy[Any], height: int, width: int) -> st.SearchStrategy[tuple[tuple[Any, ...], ...]]:
    return cycled(cycled(values, width), height)


def a_share_done(draw: st.DrawFn, steps: int) -> tuple[float, int]:
    """How far a training is, as a share and in steps."""
    step = draw(st.just(steps) | st.integers(0, steps))
    return step / steps, step


def stopped(step: int) -> st.SearchStrategy[int | None]:
    """The step that left float range, if one of those made did."""
    return st.none() | st.integers(1, step) if step else st.none()


def regions(draw: st.DrawFn, count: int, side: int) -> tuple[str, ...]:
    return tuple("".join(row) for row in draw(rows(st.sampled_from("01"), count, side * side)))


# -- the plane and the line ------------------------------------------------------------------------


# -- depth as time ---------------------------------------------------------------------------------

POSITIVE = st.none() | st.just(0.0) | st.floats(1e-30, 1e80)


# -- inside trained networks -----------------------------------------------------------------------


@st.composite
def training(draw: st.DrawFn, steps: int = 132, *, over: bool = False) -> Training:
    """How far both networks have come; either may have ended early."""
    ended = {arm: ENDED[arm] for arm in ARMS if draw(NONE_YET)}
    step = {arm: draw(st.integers(0, steps - 1)) if arm in ended or not over else steps for arm in ARMS}
    if draw(st.booleans()):
        return Training(step, ended)
    curve = {arm: (tuple(map(float, range(1, n + 1))), draw(cycled(st.floats(0, 1e30), n))) for arm, n in step.items()}
    return Training(step, ended, {arm: (x[:5], y[:5]) for arm, (x, y) in curve.items()})


PIXELS = base64.urlsafe_b64encode(bytes(range(64))).decode().rstrip("=")


@st.composite
def seen(
    draw: st.DrawFn, method: methods.Method, destroyed: bool, shape: tuple[int, int], classes: int
) -> methods.Seen:
    """What one network sees: maps of the image or of a few blocks; of weights drawn anew as well, if they were `destroyed`."""
    height, width = shape
    blocks = range(1, draw(st.integers(1, 4)) + 1) if method.blocks else [0]
    count = len(blocks)

    def drawn() -> tuple[methods.Map, ...]:
        values = NUMBER | st.just(0.0)
        return tuple(methods.Map(k, width, height, draw(cycled(values, width * height)), draw(NUMBER)) for k in blocks)

    return methods.Seen(
        draw(cycled(ANY_SHARE, classes)),
        draw(NUMBER),
        draw(NUMBER),
        drawn(),
        draw(st.tuples(*[NUMBER] * count)) if method.sums else (),
        drawn() if destroyed else (),
        draw(st.tuples(*[st.none() | COSINE] * count)) if destroyed else (),
    )


SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 3))


# -- without training ------------------------------------------------------------------------------


# -- studies ---------------------------------------------------------------------------------------

_ACCURACY = st.none() | st.integers(0, 360).map(lambda n: n / 360)
_CURVE = st.lists(st.floats(0, 1e30), min_size=1, max_size=5).map(tuple)
OUTCOMES = (
    st.none()
    | st.builds(
        Outcome,
        steps=st.integers(1, 9),
        loss=_CURVE,
        train_accuracy=_ACCURACY,
        test_accuracy=_ACCURACY,
        gradients=st.lists(st.floats(0, 1e20) | st.just(math.inf), max_size=6).map(tuple),
        signal=st.just(()) | st.lists(st.floats(0, 1e20), min_size=3, max_size=3).map(lambda v: ((1, tuple(v)),)),
    )
    | st.booleans().map(lambda over: Outcome(4, (2.0, 2.1, 4.0, 1e30), stopped=5, gradients=(1e30, 1.0), ended=over))
    | st.builds(Outcome, steps=st.just(3), loss=st.just((2.0,)), gradients=st.just((2.0, 1.0)), ended=st.just(False))
    | st.just(Outcome(0, (), failed="The worker was killed."))
)


def _deep(outcome: Outcome, depth: int) -> Outcome:
    """With a signal of every layer whose output another one takes."""
    signal = tuple((step, tuple(few[k % len(few)] for k in range(depth - 1))) for step, few in outcome.signal)
    return replace(outcome, signal=signal)


@st.composite
def of_study(draw: st.DrawFn, kind: str) -> tuple[Study, Results]:
    """A study and what there is of it: runs not begun, under way, failed, stopped, ended."""
    words = {"depths": draw(st.sampled_from(["8", "2,3", "8,14,20"]))} if kinds()[kind].by_depth else {}
    asked = Study.of(kind, {**words, "seeds": draw(st.integers(1, min(3, kinds()[kind].most_seeds)))})
    outcomes = [one and _deep(one, asked.base.depth) for one in draw(st.lists(OUTCOMES, min_size=1, max_size=6))]
    places = [(choice.name, n) for n in range(asked.seeds) for choice in asked.choices]
    found = {place: outcomes[k % len(outcomes)] for k, place in enumerate(draw(st.permutations(places)))}
    return asked, {place: outcome for place, outcome in found.items() if outcome}


# By kind of study: pairs of the study and its results so far.
STUDIES: dict[str, st.SearchStrategy[tuple[Study, Results]]] = {kind: of_study(kind) for kind in kinds()}
