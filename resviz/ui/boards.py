"""Panels whose record is a study: several runs compared, whose results are added as they finish."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from resviz.count.cost import Cost, seconds
from resviz.latest import Latest
from resviz.runs.answers import AWAY_SECONDS
from resviz.runs.jobs import ENDED, FOREVER
from resviz.runs.limits import OVERHEAD_PER_LAYER_STEP, Refused, duration
from resviz.runs.recorded import recorded_study
from resviz.runs.run import Run
from resviz.runs.scheduler import POLL_SECONDS, Scheduler
from resviz.runs.studies import Outcome, Results, Study, outcome, troubles
from resviz.train.spec import TrainingSpec
from resviz.ui.changes import CLOCK_SECONDS
from resviz.ui.server import scheduler
from resviz.ui.sources import Look

KEPT_STUDIES = 32
AHEAD = 1  # runs requested beyond one per worker: more would make others wait, and go on after the viewer has left


@dataclass(frozen=True)
class Member:
    """One run of a study, as far as it is computed. `seconds` is how long that took, 0 if not known yet."""

    arms: dict[str, Outcome]
    steps_done: int = 0
    seconds: float = 0.0
    status: str = "paused"
    watched: bool = False  # somebody waits for more of it


Members = dict[str, Member]  # by digest


@dataclass(frozen=True)
class Studied:
    """A study and its results so far."""

    study: Study
    results: Results


# Finished runs by digest: a stored run never changes, and reading it takes a hundredth of a second.
_finished: Latest[str, Member] = Latest(1000)


@lru_cache(1000)  # called many times for the same runs
def _cost(spec: TrainingSpec) -> Cost:
    found: Cost = spec.family.of("cost")(spec)
    return found


# -- results so far --------------------------------------------------------------------------------


def member_of(runs: Scheduler, spec: TrainingSpec) -> Member:
    """Return the results so far of a run, from memory or the store, without requesting more. `spec` names its device."""
    if found := _finished.get(spec.digest):
        return found
    if run := runs.get(spec.digest):
        return _of_run(run)
    kept, _ = runs.store.load(spec.digest)
    if kept is None:
        return Member({})
    arms = {arm: outcome(kept.history, arm) for arm in spec.arms}
    member = _finished[spec.digest] = Member(arms, spec.steps, kept.seconds, "finished")
    return member


def _of_run(run: Run) -> Member:
    ended = run.status == "finished"
    if run.status in ENDED and not ended:
        failed = Outcome(0, (), failed=run.message or "It failed.")
        return Member(dict.fromkeys(run.spec.arms, failed), run.steps_done, 0.0, run.status)
    member = Member(
        {arm: outcome(run.history, arm, ended=ended) for arm in run.spec.arms},
        run.spec.steps if ended else run.steps_done,
        run.seconds,
        run.status,
        any(lease.waits and lease.until > run.steps_done for lease in list(run.leases.values())),
    )
    if ended:
        _finished[run.digest] = member
    return member


def peek(runs: Scheduler, study: Study) -> Members:
    """Return the results so far of a study's runs, without requesting more."""
    return {spec.digest: member_of(runs, runs.resolve(spec, timeout=0.0)) for spec in study.members()}


def wish(runs: Scheduler, study: Study, viewer: str, *, again: bool = False) -> Members:
    """Request the runs that are not finished, a few at a time. `again` restarts those that failed."""
    ahead = runs.workers + AHEAD
    members = {}
    runs.resolve(study.base)  # waits until the device is known
    for spec in study.members():
        member = member_of(runs, runs.resolve(spec, timeout=0.0))
        over = member.status == "finished" or (member.status in ENDED and not again)
        if not over and ahead:
            try:
                run = runs.submit(spec)
            except Refused as refused:
                member = _declined(spec, refused)
            else:
                if again:
                    runs.restart(run)
                if run.status not in ENDED:
                    runs.watch(run, viewer, FOREVER, POLL_SECONDS)
                    ahead -= 1
                member = _of_run(run)
        members[spec.digest] = member
    return members


def _declined(spec: TrainingSpec, refused: Refused) -> Member:
    return Member(dict.fromkeys(spec.arms, Outcome(0, (), failed=str(refused))), status="failed")


def declined(runs: Scheduler, study: Study, members: Members) -> Members:
    """Return, as failed, the runs that have no results yet and that this server refuses to train."""
    found = {}
    for spec in study.members():
        if members[spec.digest] == Member({}):
            try:
                runs.limits.check(spec, runs.macs_per_second)
            except Refused as refused:
                found[spec.digest] = _declined(spec, refused)
    return found


def stop(runs: Scheduler, study: Study, viewer: str) -> None:
    """End the viewer's request. Runs that have started pause where they are, so that nothing is lost when they continue."""
    for spec in study.members():
        if run := runs.get(runs.resolve(spec, timeout=0.0).digest):
            runs.pool.aim(run, viewer, 0)


def results(study: Study, members: Members) -> Results:
    found = {}
    for choice in study.choices:
        for n in range(study.seeds):
            if run := members[study.spec(choice, n).digest].arms.get(choice.arm):
                found[choice.name, n] = run
    return found


# -- what a panel shows ------------------------------------------------------------------------------


def shown(runs: Scheduler, study: Study, members: Members, *, asking: bool) -> Look:
    """Return a study as its panel shows it. While its viewer is not having it trained, recorded results, if any, stand in for the
    runs that this machine has not finished."""
    found, made = results(study, members), ""
    statuses = [member.status for member in members.values()]
    done, specs = sum(status in ENDED for status in statuses), study.members()
    over = done == len(members)
    if not asking and not over and (known := recorded_study(study)):
        here = {key: run for key, run in found.items() if run.ended and not run.failed}
        found, made = known.record | here, known.made
    steps = sum(spec.steps if (m := members[spec.digest]).status in ENDED else m.steps_done for spec in specs)
    failed = sum(status in ("failed", "cancelled") for status in statuses)
    visible = _visible(study, found)
    others = not asking and any(member.status == "running" and member.watched for member in members.values())
    return Look(
        Studied(study, found) if visible else None,
        1.0 if over else min(0.99, steps / sum(spec.steps for spec in specs)),
        asking and not over,
        trouble="\n".join([*troubles(study, found), *filter(None, [runs.broken])]),
        made=made,
        says=_progress(runs, study, members, done=done, failed=failed, asking=asking, others=others, made=made),
        others=others,
        version=f"{study.digest}-{hashlib.sha256(repr(visible).encode()).hexdigest()[:12]}{'-recorded' * bool(made)}",
        verb=_verb(over=over, failed=failed, begun=bool(steps), made=made),
    )


def _visible(study: Study, found: Results) -> list[Any]:
    """Return what the figures and the finding depend on: which runs have ended, or how far the signal of each is measured."""
    if study.compares:
        over = {key: run for key, run in found.items() if run.ended and not run.failed}
        return sorted(
            (key, run.steps, str((run.loss[-1:], run.test_accuracy, run.stopped))) for key, run in over.items()
        )
    return sorted((key, len(run.signal), run.ended) for key, run in found.items() if run.signal)


def _verb(*, over: bool, failed: int, begun: bool, made: str) -> str:
    """Return the text of the button that starts training; "" if there is nothing to train."""
    if over:
        return "Try again" if failed else ""
    return "Train the rest" if begun else "Train them here" if made else "Train them"


def _progress(
    runs: Scheduler, study: Study, members: Members, *, done: int, failed: int, asking: bool, others: bool, made: str
) -> str:
    """Return the progress of a study, in words."""
    statuses, specs = [member.status for member in members.values()], study.members()
    if done == len(specs):
        return f"{study.takes}; {failed} failed" if failed else study.takes
    steps = members[specs[0].digest].steps_done
    so_far = f"{done} of {len(specs)} runs done" if len(specs) > 1 else f"step {steps} of {specs[0].steps}"
    eta, begun = duration(max(1.0, _eta(runs, study, members))), any(m.steps_done for m in members.values()) or done
    if asking and "running" not in statuses and (position := _position(runs, study)):
        return (
            f"{so_far}; waiting: {position} other {'training is' if position == 1 else 'trainings are'} ahead of yours"
        )
    if asking:
        return f"{so_far}, about {eta} to go"
    if others:
        return f"{so_far}; being trained just now, in another window or by somebody else"
    if made:
        return f"recorded runs: {made}; " + (f"here {so_far}, about {eta} to go" if done else f"about {eta} here")
    return f"{so_far}; about {eta} to go" if begun else f"{study.takes}; about {eta} here"


def _position(runs: Scheduler, study: Study) -> int:
    """Return how many other runs are ahead of the study's first queued run; 0 if none is queued."""
    found = (runs.get(runs.resolve(spec, timeout=0.0).digest) for spec in study.members())
    return min((runs.pool.position(run) for run in found if run and run.status == "queued"), default=0)


def _eta(runs: Scheduler, study: Study, members: Members) -> float:
    """Return the seconds the rest would take if all workers were free, from the times of finished runs, else from cost alone."""
    pairs = [(spec, members[spec.digest]) for spec in study.members()]
    counted = {
        spec.digest: seconds(_cost(spec), runs.macs_per_second, OVERHEAD_PER_LAYER_STEP) for spec in study.members()
    }
    known = [(m.seconds, counted[spec.digest]) for spec, m in pairs if m.seconds]
    pace = sum(took for took, _ in known) / sum(count for _, count in known) if known else 1.0
    left = sum(counted[spec.digest] * (1 - m.steps_done / spec.steps) for spec, m in pairs if m.status not in ENDED)
    return pace * left / max(1, runs.workers)


@dataclass
class Board:
    """The source that trains the runs of a study for a viewer, a few at a time; they stop where they are when nobody asks any
    more. `of` makes the study of a spec, and raises SpecError if there is none."""

    of: Callable[[Any], Study]
    asking: dict[str, tuple[str, float]] = field(default_factory=dict)  # by viewer: digest of a study, last request
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.study = lru_cache(KEPT_STUDIES)(self.of)  # called many times; making one takes milliseconds

    def ask(self, spec: Any, viewer: str, anew: bool) -> None:
        study = self.study(spec)
        self._asks(viewer, study)
        wish(scheduler(), study, viewer, again=anew)

    def stay(self, spec: Any, viewer: str) -> None:
        study = self.study(spec)
        if self._is_asking(viewer, study):
            self.ask(spec, viewer, anew=False)

    def _asks(self, viewer: str, study: Study | None) -> None:
        now = time.monotonic()
        with self.lock:
            for away in [v for v, (_, last) in self.asking.items() if now - last > AWAY_SECONDS]:
                del self.asking[away]
            self.asking.pop(viewer, None)
            if study:
                self.asking[viewer] = study.digest, now

    def _is_asking(self, viewer: str, study: Study) -> bool:
        with self.lock:
            return self.asking.get(viewer, ("",))[0] == study.digest

    def moment(self, spec: Any) -> object:
        return time.monotonic() // CLOCK_SECONDS

    def look(self, spec: Any, viewer: str = "") -> Look:
        study, runs = self.study(spec), scheduler()
        members, asking = peek(runs, study), self._is_asking(viewer, study)
        if asking:
            members |= declined(runs, study, members)
        return shown(runs, study, members, asking=asking)

    def stop(self, spec: Any, viewer: str) -> None:
        self._asks(viewer, None)
        stop(scheduler(), self.study(spec), viewer)
