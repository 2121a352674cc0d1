"""How all tests run, and the histories for the tests of what is made from records: made up, at random, and really trained."""

import math
import os
from collections.abc import Callable
from pathlib import Path

# Two processes run the tests side by side, each in one thread of torch. This is read when torch is imported.
os.environ["OMP_NUM_THREADS"] = "1"

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.train.records import ArmRecord, ArmStart, History, Record, Start
from tests import smallruns
from tests.chromium import chromium, new_page  # noqa: F401
from tests.harness.stage import site, stage, the_site  # noqa: F401
from tests.started import make_paced, paced, server  # noqa: F401
from tests.timing import pytest_runtest_makereport, pytest_runtest_protocol, pytest_terminal_summary  # noqa: F401

# In CI hypothesis tries the same examples every time; other ones are tried whenever a person runs the tests.
CI = bool(os.environ.get("CI"))
EVERY = tuple(Phase)
ONE_WILL_DO = tuple(phase for phase in Phase if phase not in (Phase.shrink, Phase.explain))
for _name, _examples, _phases in (
    ("quick", 5, EVERY),
    ("test", 50, ONE_WILL_DO if CI else EVERY),  # to look for a simpler example could take longer than a test may
    ("deep", 1000, EVERY),
    ("unshrunk", 50, ONE_WILL_DO),
):
    settings.register_profile(
        _name,
        max_examples=_examples,
        phases=_phases,
        deadline=None,
        derandomize=CI,
        **({"database": None} if CI else {}),
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("test")

TESTS = Path(__file__).parent
SERVERS = {"server", "paced", "make_paced", "make_server"}  # fixtures that start one


def pytest_itemcollected(item: pytest.Item) -> None:
    """A file's tests run in one process, so that what they share is made once; a mark `xdist_group` joins several files. All
    tests of the real server run in one process, and all others with a server, which share what these are forked from, in one."""
    fixtures = set(item.fixturenames)
    if "new_page" in fixtures:
        item.add_marker("browser")
    if item.get_closest_marker("xdist_group") is None:
        group = str(item.path.relative_to(TESTS))
        if "new_page" in fixtures and (fixtures & SERVERS or item.path.parent.name == "browser"):
            group = "browser, real" if "server" in fixtures else "browser, forked"
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no process is left alone with it at the end."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(TESTS).parts[0]
        if "new_page" in item.fixturenames:
            return 1 if folder == "harness" else 0
        return 2 if item.get_closest_marker("process") else 3 if item.get_closest_marker("heavy") else 4

    items.sort(key=place)


START = Start("cpu", {"residual": ArmStart(1234, "0123456789abcdef"), "plain": ArmStart(1230, "0123456789abcdef")})

# Numbers that a table or a file could lose: signed zero, the ends of the range, more digits than a short print keeps.
EDGES = [0.0, -0.0, 5e-324, 1e-300, 1e300, 0.1 + 0.2, 1 / 3, -1e-7]


@pytest.fixture(scope="session")
def make_history() -> Callable[..., History]:
    """A history from the test accuracies and gradient profiles of its steps, one entry a step and arm.

    An entry of `profiles` or `losses` that is None means that the arm is not there at that step, one of `accuracies`
    that it was not tested.
    """

    def make(spec: Spec, *, accuracies=None, profiles=None, losses=None, ended=None) -> History:
        accuracies, profiles, losses = accuracies or {}, profiles or {}, losses or {}
        length = max(len(column) for part in (accuracies, profiles, losses) for column in part.values())
        history = History(spec, START)
        for i in range(length):
            arms = {}
            for arm in ARMS:
                loss = losses.get(arm, [1.0] * length)[i]
                profile = profiles.get(arm, [(1.0,) * spec.depth] * length)[i]
                if loss is not None and profile is not None:
                    arms[arm] = ArmRecord(
                        loss, 0.5, tuple(profile), test_accuracy=accuracies.get(arm, [None] * length)[i]
                    )
            why = {arm: f"{arm} left." for arm in ARMS if (ended or {}).get(arm) == i + 1}
            history.add(Record(i + 1, 1, 0.1, arms, why))
        return history

    return make


@pytest.fixture(scope="session")
def histories() -> Callable[..., st.SearchStrategy[History]]:
    """A strategy of histories such as a run could leave them; with finite=False, of any that the types allow.

    Arms may end, and then they stay away; accuracies are shares of the test set.
    """
    return _histories


@st.composite
def _histories(draw: st.DrawFn, finite: bool = True) -> History:
    depth = draw(st.integers(2, 9))
    dataset = draw(st.sampled_from(["digits", "mnist", "cifar100", "spirals"]))
    block = draw(st.sampled_from(["basic", "basic", "plain"]))
    spec = Spec(depth=depth, block=block, dataset=dataset, seed=draw(st.integers(0, 9)))
    if depth > 3 and draw(st.booleans()):
        spec = spec.branch(draw(st.integers(1, 5)), remove=[1])
    steps = draw(st.integers(1, 4))
    ends = {arm: draw(st.sampled_from([None, None, None, *range(1, steps + 1)])) for arm in ARMS}
    if finite:
        size = st.integers(-30, 25).map(lambda n: 10.0**n) | st.floats(1e-3, 1e3) | st.just(0.0)
    else:
        size = st.floats() | st.sampled_from([*EDGES, math.inf, -math.inf, math.nan])
    share = st.integers(0, spec.data.test).map(lambda n: n / spec.data.test)
    start = START if finite or draw(st.booleans()) else None
    history = History(spec, start)
    for step in range(1, steps + 1):
        arms, ended = {}, {}
        tested, probed = (step in spec.edges or draw(st.booleans()) for _ in range(2))
        for arm in ARMS:
            end = ends[arm]
            if end is not None and step >= end:
                if step == end:
                    ended[arm] = "the loss is NaN." if finite else 'a "quoted" reason,\nin two lines é'
                continue
            arms[arm] = ArmRecord(
                draw(size),
                draw(share),
                draw(st.tuples(*[size] * depth)),
                *(draw(st.tuples(*[size] * n)) if probed else None for n in (*[depth - 1] * 4, spec.blocks)),
                train_accuracy=draw(share) if step == steps else None,
                test_accuracy=draw(share) if tested else None,
            )
        if arms or ended:
            history.add(Record(step, 1 + step // 2, draw(size), arms, ended))
    return history


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> Callable[[str], History]:
    """The real trainings that tests share (`smallruns.SPECS`), by name: each is computed once, whatever processes ask for it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "smallruns"
    folder.mkdir(exist_ok=True)
    return lambda name: smallruns.history(name, folder)


@pytest.fixture(scope="session")
def real_run(small_run) -> History:
    """A short training on digits: 22 steps, tested and probed at steps that differ."""
    return small_run("digits")
