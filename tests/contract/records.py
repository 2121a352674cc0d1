"""Any record that each kind of question can have: also of networks that left float range, and of those that have not begun."""

import base64
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.runs.studies import KINDS, Outcome, Results, Study
from resviz.topics.attribution import question as maps
from resviz.topics.crossing import question as crossings
from resviz.topics.depthtime import question as walking
from resviz.topics.flow import question as flows
from resviz.topics.landscape import question as landscapes
from resviz.topics.lesion import question as paths
from resviz.topics.ode import question as odes
from resviz.topics.photograph import question as photographs
from resviz.topics.refine import question as refining
from resviz.topics.rollout import question as rollouts
from resviz.topics.shattered import question as shattering
from resviz.topics.solve.question import Adaptive, Solved, solve
from resviz.topics.solve.solvers import FIXED
from resviz.topics.unravel.question import MOST, Unravelled, UnravelSpec
from resviz.train.records import ARMS, Training
from tests.solvespecs import problems

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


@st.composite
def flow(draw: st.DrawFn) -> flows.Flow:
    spec = flows.PlaneSpec(
        data=draw(st.sampled_from(["spirals", "circles", "moons"])),
        blocks=draw(st.integers(1, 6)),
        h=draw(st.sampled_from([1.0, 0.3, 0.01])),
        steps=600,
    )
    done, step = a_share_done(draw, spec.steps)
    points, at = draw(st.integers(1, 4)), (1, *({step} - {0, 1}))

    def arm(name: str) -> flows.ArmFlow:
        left = draw(stopped(step))
        one_place = st.just((0.25,) * points)
        places = draw(st.sampled_from([cycled(PLACE, points), cycled(PLACE, points), one_place]))
        return flows.ArmFlow(
            loss=None if left else draw(SIZE),
            train_accuracy=draw(SHARE),
            test_accuracy=draw(SHARE),
            x=(draw(cycled(PLACE, points)), *draw(st.tuples(*[places] * spec.blocks))),
            y=(draw(cycled(PLACE, points)), *draw(st.tuples(*[places] * spec.blocks))),
            arrows=draw(rows(PLACE, spec.blocks, 2 * flows.ARROWS**2)),
            regions=regions(draw, spec.blocks + 1, 2),
            step=draw(cycled(SIZE, spec.blocks)),
            straightness=draw(st.just(0.0) | ANY_SHARE),
            parameters=83,
            eigenvalues=draw(st.lists(st.tuples(PLACE, PLACE), max_size=3).map(tuple)) if name == "residual" else (),
            stopped=left,
        )

    curve = both(draw, cycled(LOSS, len(at)))
    labels = draw(cycled(st.sampled_from([0, 1]), points))
    return flows.Flow(spec, done, step, BOX, labels, {name: arm(name) for name in ARMS}, at, curve)


@st.composite
def refine(draw: st.DrawFn) -> refining.Refine:
    spec = refining.RefineSpec(blocks=draw(st.integers(2, 5)), steps=1500, smooth=draw(st.sampled_from([0.0, 0.01, 1])))
    done, step = a_share_done(draw, spec.steps)
    points = draw(st.integers(1, 3))
    share = cycled(st.none() | SHARE, len(refining.FINER))

    def net() -> refining.Refined:
        left, first = draw(stopped(step)), draw(st.none() | SHARE)  # both ways begin at the same network
        ways = {way: (first, *draw(share)[1:]) for way in refining.WAYS}
        states = [tuple(draw(rows(PLACE, spec.blocks * m + 1, points)) for m in refining.DRAWN) for _ in "xy"]
        return refining.Refined(
            loss=None if left else draw(SIZE),
            accuracy=ways,
            moved={way: draw(cycled(LOSS, len(refining.FINER))) for way in refining.WAYS},
            change=draw(cycled(st.just(0.0) | st.floats(0, 9), spec.blocks - 1)),
            x=states[0],
            y=states[1],
            region=regions(draw, 1, 2)[0],
            stopped=left,
        )

    labels = draw(cycled(st.sampled_from([0, 1]), points))
    return refining.Refine(spec, done, step, BOX, labels, {name: net() for name in refining.NETS})


@st.composite
def ode(draw: st.DrawFn) -> odes.NeuralOde:
    spec = odes.NeuralOdeSpec(
        tol=draw(st.sampled_from([0.1, 1e-2, 1e-4])),
        gradient=draw(st.sampled_from(["adjoint", "backprop"])),
        augment=draw(st.integers(0, 2)),
        steps=200,
    )
    done, step = a_share_done(draw, spec.steps)
    points = draw(st.integers(1, 3))
    at = tuple(sorted({s for s in (1, 100, step) if 0 < s <= step}))
    byte = st.integers(1, 900_000_000)

    def net(blocks: int, right: st.SearchStrategy[float | None]) -> odes.Learnt:
        return odes.Learnt(
            parameters=draw(st.integers(1, 5000)),
            train_accuracy=draw(right),
            test_accuracy=draw(right),
            accuracy=draw(cycled(right, len(at))),
            curve=draw(cycled(SIZE, len(at))),
            seconds=draw(st.floats(0, 1000)),
            x=draw(rows(PLACE, blocks + 1, points)),
            y=draw(rows(PLACE, blocks + 1, points)),
            regions=regions(draw, 1, 2),
        )

    def memory(tol: float) -> odes.Memory:
        adjoint, through = draw(st.none() | byte), draw(st.none() | byte)
        times = st.none() if adjoint is None else st.integers(1, 2000)
        return odes.Memory(tol, adjoint, through, draw(times), draw(times))

    tolerances = odes.TOLERANCES[: draw(st.integers(0, len(odes.TOLERANCES)))] if done == 1 else ()
    evaluations = draw(st.integers(0, min(step, 3)))
    end = "Training of the flow ended at step 3. The loss left float range."
    return odes.NeuralOde(
        spec=spec,
        done=done,
        step=step,
        box=BOX,
        labels=draw(cycled(st.sampled_from([0, 1]), points)),
        nets={"ode": net(4, st.none() | SHARE), "residual": net(odes.BLOCKS, SHARE)},
        at=at,
        forward=draw(cycled(st.integers(1, 2000), evaluations)),
        backward=draw(cycled(st.integers(1, 2000) if spec.gradient == "adjoint" else st.just(0), evaluations)),
        reached=draw(st.none() | st.tuples(st.integers(1, step), st.floats(0, 99))) if step else None,
        memory=tuple(memory(tol) for tol in tolerances),
        stopped=draw(st.sampled_from(["", end])) if step else "",
    )


@st.composite
def crossing(draw: st.DrawFn) -> crossings.Crossing:
    line = draw(st.booleans())
    spec = crossings.CrossingSpec(task="crossing" if line else "rings", blocks=draw(st.integers(1, 5)), steps=1500)
    done, step = a_share_done(draw, spec.steps)
    points = draw(st.integers(1, 4))
    at = tuple(sorted({s for s in (1, 9, step) if 0 < s <= step}))
    error = st.sampled_from([0.0, 0.049, 0.05, 1.0, 1e6]) | st.floats(0, 30) if line else SHARE

    def way(blocks: int) -> crossings.Way:
        return crossings.Way(
            parameters=draw(st.integers(1, 5000)),
            error=draw(error),
            curve=draw(cycled(LOSS, len(at))),
            x=draw(rows(PLACE, blocks + 1, points)),
            y=() if line else draw(rows(PLACE, blocks + 1, points)),
            regions=() if line else regions(draw, 2, 2),
            turned=draw(st.integers(0, 37)) if line else 0,
            pairs=37 if line else 0,
            stopped=draw(stopped(step)),
        )

    models = {name: way(spec.blocks if name == "residual" else 2) for name in crossings.MODELS}
    floor, lowest = (1.0133, draw(st.sampled_from([0.98, 0.0]))) if line else (None, None)
    labels = draw(cycled(st.sampled_from([0, 1]), points))
    return crossings.Crossing(spec, done, step, floor, BOX, labels, models, at, lowest)


@st.composite
def rollout(draw: st.DrawFn) -> rollouts.Rollout:
    spec = rollouts.RolloutSpec(
        system=draw(st.sampled_from(list(rollouts.SHOWN))),
        dt=draw(st.sampled_from([0.01, 0.1, 0.3, 1.0])),
        horizon=draw(st.sampled_from([10, 40, 300])),
        steps=1000,
    )
    done, step = a_share_done(draw, spec.steps)
    count, places = len([s for s in spec.measured if s <= step]), len(spec.seen)
    error = st.none() | st.sampled_from([0.0, 0.085, 1.0, 1e-12, 1e30, 1e60]) | st.floats(0, 3)
    point = st.tuples(PLACE, PLACE)
    prediction = st.none() | st.integers(1, spec.horizon)
    lost, gone = both(draw, prediction), both(draw, prediction if spec.system == "lotka_volterra" else st.none())
    first = {arm: min((n for n in (lost[arm], gone[arm]) if n), default=None) for arm in ARMS}

    def band() -> rollouts.Band:
        kinds = [
            sorted(v for v in three if v is not None) for three in draw(st.lists(st.tuples(*[error] * 3), max_size=3))
        ]
        whole = [three for three in kinds if len(three) == 3]
        some = [(whole[k % len(whole)] if whole else (None,) * 3) for k in range(places - 1)]
        gone = draw(st.integers(0, places - 1))  # from there on there is no number
        low, median, high = ((0.0, *(three[n] if k < gone else None for k, three in enumerate(some))) for n in range(3))
        return rollouts.Band(median, low, high)

    return rollouts.Rollout(
        spec=spec,
        done=done,
        step=step,
        identity=draw(st.sampled_from([0.0, 0.085, 2.0])),
        average=draw(st.sampled_from([0.0, 1.0])),
        loss=both(draw, cycled(error, count)),
        one_step=both(draw, cycled(error, count)),
        moves=both(draw, cycled(error, count)),
        error={arm: band() for arm in ARMS},
        passes=both(draw, prediction),
        orbit=draw(cycled(point, draw(st.integers(2, 5)))),
        arrival=draw(point),
        path={arm: draw(cycled(point, lost[arm] or spec.horizon + 1)) for arm in ARMS},
        energy={arm: (1.0, *draw(cycled(error, places - 1))) for arm in ARMS},
        strays=both(draw, error),
        without=first,
        lost=lost,
        left={arm: draw(st.integers(1, rollouts.STARTS)) if lost[arm] else draw(st.integers(0, 3)) for arm in ARMS},
        stopped=both(draw, stopped(step)),
    )


# -- depth as time ---------------------------------------------------------------------------------

POSITIVE = st.none() | st.just(0.0) | st.floats(1e-30, 1e80)


@st.composite
def walk(draw: st.DrawFn, blocks: int, at: int) -> walking.Walk:
    cosine = st.none() | COSINE
    shown = len(walking.shown(blocks))
    return walking.Walk(
        at=at,
        size=draw(st.tuples(*[POSITIVE] * blocks)),
        numbers=draw(st.tuples(*[st.integers(1, 4096)] * blocks)),
        next=draw(st.tuples(*[cosine] * (blocks - 1))),
        cosines=draw(rows(cosine, shown, shown)),
        longest=draw(st.integers(0, blocks)),
        length=draw(POSITIVE),
        distance=draw(POSITIVE),
        straightness=draw(st.none() | ANY_SHARE),
        right_angles=draw(st.none() | ANY_SHARE),
        lost=draw(st.none() | st.integers(1, blocks)),
    )


@st.composite
def depthtime(draw: st.DrawFn) -> walking.DepthTime:
    blocks = draw(st.integers(0, 5))
    spec = Spec(
        depth=2 + 2 * blocks,
        block=draw(st.sampled_from(["basic", "basic", "basic", "plain"])),
        order=draw(st.sampled_from(["original", "bn_after", "relu_before", "relu_only", "full"])),
        activation=draw(st.sampled_from(["relu", "tanh", "gelu"])),
        norm=draw(st.sampled_from(["batch", "none"])),
        edits=draw(st.sampled_from(["", "20:lr:0.1", "60:branch_scale:0.5" if blocks else ""])),
    )
    if spec.shortcuts:
        spec = spec.replace(cut=tuple(sorted(draw(st.sets(st.integers(1, blocks))))))
    if walking.nothing(spec):
        return walking.DepthTime(spec, 1.0)
    at, over = draw(st.integers(0, spec.steps)), draw(st.booleans())
    now = walk(blocks, at)
    return walking.DepthTime(
        spec,
        1.0 if over else draw(st.floats(0, 0.99)),
        at,
        draw(st.none() | walk(blocks, 0)),
        draw(now if over else now | st.none()),
        256,
        draw(st.sampled_from(["", "the loss is NaN."])) if over and at < spec.steps else "",
    )


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
def seen(draw: st.DrawFn, method: maps.Method, destroyed: bool, shape: tuple[int, int], classes: int) -> maps.Seen:
    """What one network sees: maps of the image or of a few blocks; of weights drawn anew as well, if they were `destroyed`."""
    height, width = shape
    blocks = range(1, draw(st.integers(1, 4)) + 1) if method.blocks else [0]
    count = len(blocks)

    def drawn() -> tuple[maps.Map, ...]:
        values = NUMBER | st.just(0.0)
        return tuple(maps.Map(k, width, height, draw(cycled(values, width * height)), draw(NUMBER)) for k in blocks)

    return maps.Seen(
        draw(cycled(ANY_SHARE, classes)),
        draw(NUMBER),
        draw(NUMBER),
        drawn(),
        draw(st.tuples(*[NUMBER] * count)) if method.sums else (),
        drawn() if destroyed else (),
        draw(st.tuples(*[st.none() | COSINE] * count)) if destroyed else (),
    )


SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def attribution(draw: st.DrawFn, *, measured: bool = False) -> maps.Attribution:
    """Of digits; where it is not `measured` the networks may still learn."""
    spec = maps.AttributionSpec(
        method=draw(st.sampled_from(list(maps.METHODS))), destroyed=draw(st.sampled_from(["no", "yes"]))
    )
    if not measured and draw(NONE_YET):
        return maps.Attribution(spec, draw(st.floats(0, 0.9)), draw(training()))
    method, shape = maps.METHODS[spec.method], draw(SHAPES)
    number = draw(st.none() | st.integers(0, 359))
    pixels = draw(st.sampled_from(["", PIXELS]))
    example = st.builds(
        maps.Example,
        st.integers(0, 359),
        st.integers(0, 9),
        st.fixed_dictionaries({arm: st.integers(0, 9) for arm in ARMS}),
        st.just(pixels),
    )
    return maps.Attribution(
        spec,
        1.0,
        draw(training(over=True)),
        number,
        None if number is None else draw(st.integers(0, 9)),
        draw(st.integers(0, 9)),
        pixels,
        both(draw, seen(method, spec.destroyed == "yes", shape, 10)),
        draw(st.lists(example, min_size=1, max_size=2).map(tuple)) if pixels else (),
        both(draw, st.integers(0, 360)),
        360,
    )


NAMES = {1: "goldfish", 207: "golden retriever", 832: "stupa", 920: "traffic light", 999: "toilet tissue", 0: "tench"}
PHOTOGRAPH = base64.urlsafe_b64encode(bytes(3 * photographs.DRAWN**2)).decode().rstrip("=")


@st.composite
def photograph(draw: st.DrawFn) -> photographs.Photograph:
    spec = photographs.PhotographSpec(
        network=draw(st.sampled_from(list(photographs.PRETRAINED))),
        weights=draw(st.sampled_from(["trained", "random"])),
        method=draw(st.sampled_from(list(maps.METHODS))),
        image=draw(st.sampled_from(["china", "flower", "own"])),
        destroyed=draw(st.sampled_from(["no", "yes"])),
    )
    found = None
    if not draw(NONE_YET):
        found = draw(seen(maps.METHODS[spec.method], spec.destroyed == "yes", draw(SHAPES), 0))
    shares = sorted(draw(st.tuples(*[ANY_SHARE] * photographs.TOP)), reverse=True)
    best = tuple(zip((832, 920, 207, 1, 999), shares, strict=True))
    target = draw(st.sampled_from(list(NAMES)))
    return photographs.Photograph(spec, 0.05 if found is None else 1.0, target, PHOTOGRAPH, best, NAMES, found)


@st.composite
def lesion(draw: st.DrawFn, *, measured: bool = False) -> paths.Lesions:
    spec = paths.LesionSpec(
        depth=draw(st.integers(4 if measured else 2, 30)),
        dataset=draw(st.sampled_from(["digits", "cifar100", "moons"])),
        block=draw(st.sampled_from(["basic", "basic", "plain"])),
    )
    chosen = draw(st.sets(st.integers(1, spec.blocks), max_size=3)) if spec.blocks else set()
    chosen = tuple(sorted(chosen))
    spec = spec.replace(lesion=chosen, sever=chosen[:1] if spec.shortcuts else ())
    if not measured and draw(NONE_YET):
        return paths.Lesions(spec, draw(st.floats(0, 0.8)), draw(training(spec.steps)))
    single = both(draw, cycled(st.none() | ANY_SHARE, spec.blocks) | st.just((None,) * spec.blocks))
    whole, together = both(draw, ANY_SHARE), both(draw, ANY_SHARE)
    changes = chosen if draw(st.booleans()) else ()
    return paths.Lesions(spec, 1.0, draw(training(spec.steps, over=True)), whole, single, together, changes, 360)


@st.composite
def several(draw: st.DrawFn, *, measured: bool = False) -> paths.Several:
    spec = paths.SeveralSpec(depth=draw(st.integers(6 if measured else 2, 24)), draws=draw(st.integers(1, 4)))
    if not measured and (not spec.blocks or draw(NONE_YET)):
        return paths.Several(spec, draw(st.floats(0, 0.9)), draw(training(spec.steps)))
    counts = tuple(range(1, spec.blocks + 1))
    told, swapped = draw(st.integers(0, len(counts))), draw(st.integers(0, len(counts)))
    tau = draw(rows(COSINE, swapped, spec.draws))
    swaps = counts if swapped or draw(st.booleans()) else ()
    out, order = both(draw, rows(ANY_SHARE, told, spec.draws)), both(draw, rows(ANY_SHARE, swapped, spec.draws))
    learnt = draw(training(spec.steps, over=True))
    return paths.Several(spec, 1.0, learnt, both(draw, ANY_SHARE), counts, out, swaps, tau, order, 360)


@st.composite
def lengths(draw: st.DrawFn, *, measured: bool = False) -> paths.Lengths:
    spec = paths.LengthsSpec()
    if not measured and draw(NONE_YET):
        return paths.Lengths(spec, draw(st.floats(0, 0.9)), draw(training(spec.steps)))
    blocks = draw(st.integers(1 if measured else 0, 60))
    norm = draw(cycled(st.none() | st.just(0.0) | st.floats(0, 1e20), blocks + 1))
    return paths.Lengths(spec, 1.0, draw(training(spec.steps, over=True)), blocks, norm, draw(st.floats(0, 1e20)), 128)


@st.composite
def landscape(
    draw: st.DrawFn, loss: st.SearchStrategy[float | None] = LOSS, *, measured: bool = False
) -> landscapes.Landscape:
    """On the coarsest grid."""
    spec = landscapes.LandscapeSpec(
        directions=draw(st.sampled_from(["random", "path"])),
        on=draw(st.sampled_from(["train", "test"])),
        dataset=draw(st.sampled_from(["digits", "moons"])),
    )
    if not measured and draw(NONE_YET):
        return landscapes.Landscape(spec, 0.1, draw(training(spec.steps)))

    def arm() -> landscapes.Slice:
        few, a, b = draw(st.lists(loss, min_size=1, max_size=6)), draw(st.integers(0, 5)), draw(st.integers(0, 5))
        grid = tuple(tuple(few[(a * i + b * j) % len(few)] for i in range(9)) for j in range(9))
        way = tuple(landscapes.Step(k, draw(PLACE), draw(PLACE), draw(loss)) for k in range(draw(st.integers(1, 4))))
        return landscapes.Slice(grid, draw(ANY_SHARE), way, (draw(ANY_SHARE), draw(ANY_SHARE)), (1.0, 1.0))

    middle, half = (draw(PLACE), draw(PLACE)), draw(st.floats(0.01, 100))
    arms = {name: arm() for name in ARMS}
    learnt = draw(training(spec.steps, over=True))
    return landscapes.Landscape(spec, 1.0, learnt, 9, middle, half, arms, 64, (900, 1000))


UNRAVELLED = st.integers(1, MOST).flatmap(
    lambda n: st.builds(
        UnravelSpec,
        blocks=st.just(n),
        opened=st.integers(0, MOST),
        out=st.sets(st.integers(1, MOST)).map(lambda numbers: tuple(sorted(numbers))),
    )
)


# -- without training ------------------------------------------------------------------------------


@st.composite
def solved(draw: st.DrawFn) -> Solved:
    """Any system by any method: also one that runs off, and an adaptive one that has not ended or gave up."""
    spec = draw(problems(methods=(*FIXED, "dopri5")))
    if draw(st.booleans()):
        return solve(spec, orders=False)
    gave_up = draw(st.booleans())
    ran = Adaptive(
        (0.0, spec.time / 2) if gave_up else (0.0, spec.time),
        (spec.begin, draw(st.tuples(*[PLACE] * len(spec.begin)))),
        draw(st.integers(1, 5000)),
        draw(st.integers(0, 9)),
        "The solver gave up after 2,000 evaluations of f." if gave_up else "",
    )
    return solve(spec, ran, orders=False)


@st.composite
def shattered(draw: st.DrawFn) -> shattering.Shattered:
    """Of what was drawn, not measured: also curves that never cross 0 and gradients that do not change."""
    spec = shattering.ShatteredSpec(
        depth=draw(st.sampled_from([2, 3, 4, 12, 50, 200])), width=64, seeds=draw(st.integers(1, 3))
    )
    points = range(shattering.POINTS)

    def curve(count: int, first: float | None = None) -> shattering.Curve:
        three = draw(st.lists(st.tuples(*[COSINE] * 3).map(sorted), min_size=1, max_size=4))
        kinds = [three[k % len(three)] for k in range(count)]
        low, mean, high = ([v[n] for v in kinds] for n in range(3))
        if first is not None:
            low[0] = mean[0] = high[0] = first
        return shattering.Curve(tuple(mean), tuple(low), tuple(high))

    networks = dict.fromkeys(("plain", "residual"), curve(shattering.LAGS, 1.0)) if spec.alike else {}
    return shattering.Shattered(
        spec=spec,
        x=tuple(-2 + 4 * k / (shattering.POINTS - 1) for k in points),
        gradient={net: draw(cycled(st.floats(-1e3, 1e3), shattering.POINTS)) for net in shattering.NETS},
        autocorrelation={net: networks.get(net) or curve(shattering.LAGS, 1.0) for net in shattering.NETS},
        noise={name: draw(cycled(COSINE, shattering.LAGS)) for name in shattering.NOISES},
        depths=spec.depths,
        cosine={arm: curve(len(spec.depths)) for arm in ARMS},
        theory={arm: tuple(shattering.theory(arm, n) for n in spec.depths) for arm in ARMS},
    )


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
    words = {"depths": draw(st.sampled_from(["8", "2,3", "8,14,20"]))} if kind == "depth" else {}
    asked = Study.of(kind, {**words, "seeds": draw(st.integers(1, min(3, KINDS[kind].most_seeds)))})
    outcomes = [one and _deep(one, asked.base.depth) for one in draw(st.lists(OUTCOMES, min_size=1, max_size=6))]
    places = [(choice.name, n) for n in range(asked.seeds) for choice in asked.choices]
    found = {place: outcomes[k % len(outcomes)] for k, place in enumerate(draw(st.permutations(places)))}
    return asked, {place: outcome for place, outcome in found.items() if outcome}


RECORDS: dict[str, st.SearchStrategy[Any]] = {
    "flow": flow(),
    "refine": refine(),
    "ode": ode(),
    "crossing": crossing(),
    "rollout": rollout(),
    "depthtime": depthtime(),
    "attribution": attribution(),
    "photograph": photograph(),
    "lesion": lesion(),
    "several": several(),
    "lengths": lengths(),
    "landscape": landscape(),
    "unravel": UNRAVELLED.map(Unravelled),
    "solve": solved(),
    "shattered": shattered(),
}
# By kind of study: pairs of the study and its results so far.
STUDIES: dict[str, st.SearchStrategy[tuple[Study, Results]]] = {kind: of_study(kind) for kind in KINDS}
