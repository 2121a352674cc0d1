"""How long each test takes: its clock and its processor time, listed after a run and checked in CI (`python -m tests.timing`).

Processor time is that of the test's own process and of the children it has waited for, set-up and teardown included. A machine
that is busy with something else makes it no longer.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LISTED_SECONDS = 15.0  # by the clock: listed after a run
LIMIT_SECONDS = 15.0  # of processor time: more than that only for tests marked slow
FEW = 8  # tests that may be marked slow
KEY = "resviz/times"
FILE = Path(__file__).parents[1] / ".pytest_cache" / "v" / KEY

_BEGAN = pytest.StashKey[tuple[float, float]]()


_aside = 0.0  # seconds of processes that many tests have shared


def _used(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def processor_seconds() -> float:
    return _used(resource.RUSAGE_SELF) + _used(resource.RUSAGE_CHILDREN) - _aside


@contextmanager
def aside() -> Iterator[None]:
    """Around the end of a process that many tests have shared: what it has used is not counted as the last one's."""
    global _aside
    before = _used(resource.RUSAGE_CHILDREN)
    yield
    _aside += _used(resource.RUSAGE_CHILDREN) - before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    item.stash[_BEGAN] = (time.perf_counter(), processor_seconds())
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "teardown":
        clock, processor = item.stash[_BEGAN]
        times = (
            time.perf_counter() - clock,
            processor_seconds() - processor,
            item.get_closest_marker("slow") is not None,
        )
        report.user_properties.append((KEY, times))
    return report


def pytest_terminal_summary(terminalreporter, config):
    seen = {}
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        for name, (clock, processor, slow) in getattr(report, "user_properties", ()):
            if name == KEY:
                seen[report.nodeid.rpartition("@")[0] or report.nodeid] = [round(clock, 2), round(processor, 2), slow]
    long = sorted(((times, name) for name, times in seen.items() if times[0] > LISTED_SECONDS), reverse=True)
    if long:
        terminalreporter.section(f"tests over {LISTED_SECONDS:g} s (clock, processor)")
        for (clock, processor, slow), name in long:
            terminalreporter.line(f"{clock:6.1f} s {processor:6.1f} s  {name}{'  (marked slow)' * slow}")
    if seen and getattr(config, "cache", None):
        config.cache.set(KEY, seen)


def complaints(seen: dict[str, list]) -> list[str]:
    """What is wrong with these times, in words."""
    found = [
        f"{name}: {processor:.1f} s of processor time; allowed are {LIMIT_SECONDS:g} s, or the mark slow"
        for name, (_, processor, slow) in sorted(seen.items())
        if processor > LIMIT_SECONDS and not slow
    ]
    if (marked := sum(slow for _, _, slow in seen.values())) > FEW:
        found.append(f"{marked} tests are marked slow; allowed are {FEW}")
    return found


def main() -> int:
    """Look at the times of the last run; 1 where a test is too slow, or where there was no run."""
    if not FILE.exists():
        print(f"no times in {FILE.name}: run the tests first")
        return 1
    seen = json.loads(FILE.read_text())
    found = complaints(seen)
    print(
        "\n".join(found) or f"{len(seen)} tests, none over {LIMIT_SECONDS:g} s of processor time but those marked slow"
    )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
