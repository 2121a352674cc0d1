"""A differential equation solved step by step: the settings, the records, and all computation without torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, PlainSerializer

from resviz.topics.solve.solvers import FIXED, METHODS, Trajectory, integrate
from resviz.topics.solve.systems import SYSTEMS, Field, State, System
from resviz.train import plane
from resviz.words.fields import Worded, facts, setting_field
from resviz.words.text import Problem, text_of
from resviz.words.typed import NoNumber, read_number, split_list

DRAWN = 400  # intervals between the drawn points of the true solution
FEWEST, MOST_EVALUATIONS = 4, 8192  # errors are computed from this many steps up to this many evaluations
ROUNDING = 1e-12  # share of the solution's size; errors below it are as much rounding as method
ROUGH = 0.05  # likewise; at errors above it, steps are too long to show an order
FITTED = 4  # step sizes that the slope is fitted to: the shortest with errors between those two
LEAST_FITTED = 3  # step sizes; two points always lie on a straight line
MOST_STEPS = 20_000
# Limits on the evaluations of f by the two reference solvers; the first may take EACH_UNIT more per unit of time.
MOST_OF_REFERENCE, MOST_OF_STIFF, EACH_UNIT = 60_000, 30_000, 150
SHORTEST = 1e-3  # the least time T


def _read_point(value: Any) -> Any:
    """Turn "2,0" (or any iterable of numbers) into a tuple of floats; empty stands for the system's own start."""
    try:
        parts = split_list(value) if isinstance(value, str) else list(value)
        numbers = tuple((read_number(p, whole=False) if isinstance(p, str) else float(p)) + 0.0 for p in parts)
    except TypeError:
        raise ValueError("neither text nor numbers") from None
    if len(numbers) > 2 or not all(abs(n) <= 100 for n in numbers):
        raise ValueError("not one or two numbers from -100 to 100")
    return numbers


def write_point(point: State) -> str:
    """Write a point as text; the inverse of `_read_point`."""
    return ",".join(f"{v:g}" if float(f"{v:g}") == v else repr(v) for v in point)


Point = Annotated[tuple[float, ...], BeforeValidator(_read_point), PlainSerializer(write_point, return_type=str)]


class SolveSpec(Worded):
    """The settings of one solution. The step size h is T / n; a word `h` sets n, or T if n is given too.

    >>> SolveSpec.of({"system": "rotation", "method": "euler", "h": "0.1", "n": "100"}).time
    10.0
    """

    ALSO: ClassVar[tuple[str, ...]] = ("h",)

    system: Literal["decay", "rotation", "oscillator", "lotka_volterra", "pendulum", "van_der_pol"] = setting_field(
        "rotation",
        "system",
        "The equation x' = f(x) that is solved.",
        choices={name: make(1.0).label for name, make in SYSTEMS.items()},
    )
    method: Literal["euler", "midpoint", "heun", "rk4", "dopri5"] = setting_field(
        "euler",
        "method",
        "How one step is made. Dormand–Prince (dopri5) chooses its own steps, as long as the tolerance allows.",
        choices={name: method.label for name, method in METHODS.items()},
    )
    n: int = setting_field(50, "steps", "How many steps of equal length are made.", ge=1, le=MOST_STEPS)
    T: float = setting_field(
        0.0,
        "time T",
        "How long the system runs; left out, as long as suits it. One step is h = T / n.",
        form="as suits it",
        ge=0.0,
        le=1000.0,
        least=SHORTEST,
        why="without T it is as long as suits the system",
    )
    start: Point = setting_field(
        (),
        "start",
        "Where it begins; empty is where it is usually shown from.",
        form="one number for each unknown, from -100 to 100, such as 2,0",
    )
    mu: float = setting_field(2.0, "μ", "How abrupt the Van der Pol oscillator is.", ge=0.0, le=100.0)
    tol: float = setting_field(
        1e-6, "tolerance", "The error that Dormand–Prince allows in a step, relative and absolute.", ge=1e-13, le=0.1
    )
    eigenvalues: Literal["system", "blocks"] = setting_field(
        "system",
        "eigenvalues",
        "What is marked in the stable region: h times the eigenvalues of the system’s Jacobian, or beside them those of the "
        "blocks of a trained residual network, dF/dx at points that pass through, which are its own h times an eigenvalue.",
        choices={"system": "of the system", "blocks": "of the system and of trained blocks"},
    )
    study: Literal["none", "order", "stability"] = setting_field(
        "none",
        "study",
        "For the command line: order fits the slope of the error against h, stability gives the limits of h times an eigenvalue.",
        choices={"none": "none", "order": "order", "stability": "stability"},
    )

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> tuple[Self, tuple[Problem, ...]]:
        """Read words as any spec does, and also the word `h`."""
        rest = {key: value for key, value in words.items() if key != "h"}
        spec, problems = super().read(rest)
        if "h" not in words or any(p.key in ("n", "T", "system") for p in problems):
            return spec, problems
        quoted = str(words["h"])
        try:
            h, why = read_number(quoted, whole=False), ""
        except NoNumber as error:
            h, why = 0.0, f"{error}; " if str(error) else ""
        if not 0 < h <= 1000:
            return spec, (*problems, Problem("h", quoted, f"{why}allowed is a number above 0 and up to 1000"))
        return spec._stepped(h, quoted, {"n", "T"} & rest.keys(), problems)

    def _stepped(
        self, h: float, quoted: str, given: set[str], problems: tuple[Problem, ...]
    ) -> tuple[Self, tuple[Problem, ...]]:
        if given == {"n"}:
            longest: float = facts(type(self))["T"].high or 0.0
            if h * self.n > longest * (1 + 1e-9):
                what = f"with n={self.n} that is longer than the longest T, {longest:g}"
                return self, (*problems, Problem("h", quoted, f"{what}; nearest that works: {longest / self.n:.15g}"))
            if h * self.n < SHORTEST:
                what = f"with n={self.n} that is shorter than the shortest T, {SHORTEST:g}"
                return self, (*problems, Problem("h", quoted, f"{what}; nearest that works: {SHORTEST / self.n:.15g}"))
            return self._with(T=min(h * self.n, longest)), problems
        steps = min(max(1, round(min(self.time / h, MOST_STEPS))), MOST_STEPS)
        spec = self if given == {"n", "T"} else self._with(n=steps)
        if math.isclose(spec.n * h, self.time, rel_tol=1e-9):
            return spec, problems
        what = f"T={self.time:g} is not {spec.n} steps of it; nearest that works: h={self.time / spec.n:.15g}"
        return spec, (*problems, Problem("h", quoted, what))

    def _conflict(self) -> tuple[Problem, Any] | None:
        if 0 < self.T < SHORTEST:
            return Problem("T", text_of(self.T), f"allowed is a number from {SHORTEST:g} to 1000"), 0.0
        if self.start and len(self.start) != self.equations.dimension:
            names = " and ".join(self.equations.names)
            what = f"{self.equations.label} takes a number for {names}"
            return Problem("start", write_point(self.start), what), ()
        if self.study == "order" and self.method == "dopri5":
            return self._wrong("study", "Dormand–Prince chooses its own steps; allowed is a method with fixed steps")
        return None

    @property
    def equations(self) -> System:
        return SYSTEMS[self.system](self.mu)

    @property
    def time(self) -> float:
        return self.T or self.equations.time

    @property
    def h(self) -> float:
        return self.time / self.n

    @property
    def begin(self) -> State:
        return self.start or self.equations.start

    @property
    def problem(self) -> Self:
        """The spec reduced to equation, time and start: the true solution and the orders depend on nothing else."""
        plain = type(self)()
        mu = self.mu if self.system == "van_der_pol" else plain.mu
        return plain._with(system=self.system, T=self.time, start=self.begin, mu=mu)


class BlocksSpec(Worded):
    """A residual network that learns to classify points in the plane, and whose blocks are compared with a solver's steps."""

    data: Literal["spirals", "circles", "moons"] = plane.points()
    blocks: int = setting_field(10, "blocks", "How many blocks the points go through.", ge=1, le=40)
    hidden: int = plane.width()
    effort: float = setting_field(0.003, "price of moving", "Of the mean squared way in each block.", ge=0.0, le=1.0)
    steps: int = plane.steps(600)
    lr: float = plane.rate(0.02)
    seed: int = plane.seed(1)


@dataclass(frozen=True, slots=True)
class TrainedBlocks:
    """The eigenvalues of dF_k/dx, as real and imaginary parts, at some of the points that enter each block."""

    spec: BlocksSpec
    done: float
    eigenvalues: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Adaptive:
    """The result of torchdiffeq's dopri5: times and states at the ends of its accepted steps, evaluations of the field, and the
    number of rejected steps. `trouble` says why it did not reach the end."""

    times: tuple[float, ...]
    states: tuple[State, ...]
    evaluations: int
    rejected: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """The exact solution, or one to twelve digits (nine if the equation is stiff) if there is no closed form. `times`:
    (DRAWN + 1,), fewer if the solution runs off to infinity, or if it is too `stiff` to be followed."""

    times: tuple[float, ...]
    states: tuple[State, ...]
    exact: bool
    stiff: bool = False

    @property
    def whole(self) -> bool:
        """Whether the solution reaches the end: it may run off to infinity before."""
        return len(self.times) > DRAWN


@dataclass(frozen=True, slots=True)
class Order:
    """A method's error at the end for each step size, None if the steps left the range of floats. `slope`: of log error against
    log h, fitted to the sizes in `fitted`, or None if fewer than LEAST_FITTED sizes can be used."""

    h: tuple[float, ...]
    error: tuple[float | None, ...]
    slope: float | None
    fitted: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """The results of all methods on the same problem. `error` by method: the Euclidean distance from the truth at the end, None
    for one that did not get there. `blocks`: eigenvalues of a trained network's blocks, as in TrainedBlocks, if asked for."""

    spec: SolveSpec
    truth: Truth
    fixed: dict[str, Trajectory]
    orders: dict[str, Order]
    error: dict[str, float | None]
    adaptive: Adaptive | None = None
    blocks: tuple[tuple[float, float], ...] = ()

    @property
    def done(self) -> float:
        return 1.0 if self.adaptive and self.orders else 0.8 + 0.1 * bool(self.adaptive) + 0.05 * bool(self.orders)


def solve(
    spec: SolveSpec,
    adaptive: Adaptive | None = None,
    *,
    orders: bool | dict[str, Order] = True,
    blocks: tuple[tuple[float, float], ...] = (),
) -> Solved:
    """Solve a problem by all methods with fixed steps. The adaptive result is passed in, since computing it needs torch. `orders`
    may be passed in too: computing them takes a tenth of a second the first time that a problem is asked."""
    system = spec.equations
    known = truth(spec.problem)
    fixed = {name: integrate(METHODS[name], system.field, spec.begin, spec.h, spec.n) for name in FIXED}
    end = known.states[-1]
    error = {name: distance(p.states[-1], end) if known.whole and not p.left else None for name, p in fixed.items()}
    if adaptive:
        error["dopri5"] = distance(adaptive.states[-1], end) if known.whole and not adaptive.trouble else None
    found = orders_of(spec.problem) if orders is True else orders or {}
    return Solved(spec, known, fixed, found, error, adaptive, blocks)


def orders_of(problem: SolveSpec) -> dict[str, Order]:
    """Return the errors and the order of every method with fixed steps."""
    return {name: order(problem, name) for name in FIXED}


@lru_cache(64)
def truth(problem: SolveSpec) -> Truth:
    """Return the solution in closed form if there is one, otherwise by SciPy's eighth-order method of Dormand and Prince."""
    system, start = problem.equations, problem.begin
    times = (*(problem.time * k / DRAWN for k in range(DRAWN)), problem.time)
    if system.exact:
        return Truth(times, tuple(system.exact(start, t) for t in times), True)
    return _reference(system.field, start, times)


def _reference(field: Field, start: State, times: tuple[float, ...]) -> Truth:
    """Solve by SciPy's eighth-order method of Dormand and Prince; if the equation is stiff, which would take that forever, by
    its implicit Radau method to nine digits."""
    import numpy as np
    from scipy.integrate import solve_ivp

    taken, most = 0, MOST_OF_REFERENCE + EACH_UNIT * times[-1]

    def slope_at(t: float, x: Any) -> State:
        nonlocal taken
        taken += 1
        if taken > most:
            raise _TooStiff
        return field(tuple(map(float, x)))

    with np.errstate(all="ignore"):  # a solution that runs off to infinity gives inf and nan
        try:
            found = solve_ivp(
                slope_at, (0.0, times[-1]), start, "DOP853", times, rtol=1e-13, atol=1e-14, max_step=times[-1] / 200
            )
        except _TooStiff:
            taken, most = 0, MOST_OF_STIFF
            try:
                found = solve_ivp(slope_at, (0.0, times[-1]), start, "Radau", times, rtol=1e-9, atol=1e-11)
            except (_TooStiff, ValueError):
                return Truth(times[:1], (start,), False, stiff=True)
    states = tuple(tuple(map(float, x)) for x in found.y.T if all(map(math.isfinite, x)))
    return Truth(times[: len(states)], states, False)


class _TooStiff(Exception):
    pass


@lru_cache(256)
def order(problem: SolveSpec, name: str) -> Order:
    """Return how the error at the end falls with the step size, which is halved from one size to the next."""
    method, known = METHODS[name], truth(problem)
    if not known.whole:
        return Order((), (), None, ())
    counts = [FEWEST]
    while 2 * counts[-1] * method.stages <= MOST_EVALUATIONS:
        counts.append(2 * counts[-1])
    sizes = tuple(problem.time / n for n in counts)
    errors = [error_of(problem, name, n) for n in counts]
    scale = max(math.hypot(*x) for x in known.states)
    shown = [(h, e) for h, e in zip(sizes, errors, strict=True) if e and ROUNDING * scale < e < ROUGH * scale][-FITTED:]
    return Order(sizes, tuple(errors), slope(shown) if len(shown) >= LEAST_FITTED else None, tuple(h for h, _ in shown))


@lru_cache(256)
def error_of(problem: SolveSpec, name: str, steps: int) -> float | None:
    """Return a method's error at the end after so many equal steps, None if they leave the range of floats. The solution reaches
    the end."""
    path = integrate(METHODS[name], problem.equations.field, problem.begin, problem.time / steps, steps)
    return None if path.left else distance(path.states[-1], truth(problem).states[-1])


def slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line through (log h, log error)."""
    logs = [(math.log(h), math.log(e)) for h, e in points]
    mx, my = (sum(v) / len(logs) for v in zip(*logs, strict=True))
    return sum((x - mx) * (y - my) for x, y in logs) / sum((x - mx) ** 2 for x, _ in logs)


def distance(a: State, b: State) -> float | None:
    """Return the Euclidean distance, or None if it exceeds the range of floats."""
    found = math.dist(a, b)
    return found if math.isfinite(found) else None
