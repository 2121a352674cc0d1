"""The addresses of a study: what is there of it, the wish to have the rest, and its numbers as a file."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resviz.cost import cost, seconds
from resviz.figures.study import templates
from resviz.records import ARMS
from resviz.runs.limits import OVERHEAD_PER_LAYER_STEP, Refused, duration
from resviz.runs.recorded import recorded_study
from resviz.runs.run import ENDED, FOREVER, Run
from resviz.runs.scheduler import POLL_SECONDS, Scheduler
from resviz.spec import Spec
from resviz.studies import Outcome, Results, Study, outcome, to_csv, troubles
from resviz.study_findings import finding
from resviz.ui.http import asked_by_page, attachment, posted, viewer_of
from resviz.ui.server import scheduler

AHEAD = 1  # runs asked for beside one a worker: more would keep others waiting, and go on after the viewer has left
KEPT_MEMBERS = 1000
_OURS = ("viewer", "have")  # words of a query that are no settings


@dataclass(frozen=True)
class Member:
    """One run of a study as far as it has come. `seconds` is what computing it took, 0 if that is not known yet."""

    arms: dict[str, Outcome]
    steps_done: int = 0
    seconds: float = 0.0
    status: str = "paused"


@dataclass
class _Finished:
    """Finished runs by digest: a run of the store never changes, and reading it takes a hundredth of a second."""

    members: OrderedDict[str, Member] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, digest: str) -> Member | None:
        with self.lock:
            if found := self.members.get(digest):
                self.members.move_to_end(digest)
            return found

    def put(self, digest: str, member: Member) -> Member:
        with self.lock:
            self.members[digest] = member
            while len(self.members) > KEPT_MEMBERS:
                self.members.popitem(last=False)
        return member


_finished = _Finished()


# -- what is there ---------------------------------------------------------------------------------


def look(runs: Scheduler, spec: Spec) -> Member:
    """What is there of a run, in memory or in the store, without asking for more. `spec` names its device."""
    if found := _finished.get(spec.digest):
        return found
    if run := runs.get(spec.digest):
        return _of_run(run)
    kept, _ = runs.store.load(spec.digest)
    if kept is None:
        return Member({})
    arms = {arm: outcome(kept.history, arm) for arm in ARMS}
    return _finished.put(spec.digest, Member(arms, spec.steps, kept.seconds, "finished"))


def _of_run(run: Run) -> Member:
    ended = run.status == "finished"
    if run.status in ENDED and not ended:
        failed = Outcome(0, (), failed=run.message or "It failed.")
        return Member(dict.fromkeys(ARMS, failed), run.steps_done, 0.0, run.status)
    member = Member(
        {arm: outcome(run.history, arm, ended=ended) for arm in ARMS},
        run.spec.steps if ended else run.steps_done,
        run.seconds,
        run.status,
    )
    return _finished.put(run.digest, member) if ended else member


def wish(runs: Scheduler, study: Study, viewer: str, *, again: bool = False) -> dict[str, Member]:
    """Ask for what is not there yet, a few runs at a time, and answer what is there, by digest. `again` starts over what
    has failed."""
    ahead = len(runs.seats) + AHEAD
    members = {}
    runs.resolve(study.base)  # waits until the device is known
    for spec in study.members():
        member = look(runs, runs.resolve(spec, timeout=0.0))
        over = member.status == "finished" or (member.status in ENDED and not again)
        if not over and ahead:
            try:
                run = runs.submit(spec)
            except Refused as refused:
                member = Member(dict.fromkeys(ARMS, Outcome(0, (), failed=str(refused))), status="failed")
            else:
                if again:
                    runs.restart(run)
                if run.status not in ENDED:
                    runs.watch(run, viewer, FOREVER, POLL_SECONDS)
                    ahead -= 1
                member = _of_run(run)
        members[spec.digest] = member
    return members


def peek(runs: Scheduler, study: Study) -> dict[str, Member]:
    """What is there, by digest."""
    return {spec.digest: look(runs, runs.resolve(spec, timeout=0.0)) for spec in study.members()}


def stop(runs: Scheduler, study: Study, viewer: str) -> None:
    """The viewer wants no more for now. Runs begun wait where they are, so that going on loses nothing."""
    for spec in study.members():
        if run := runs.get(runs.resolve(spec, timeout=0.0).digest):
            runs.aim(run, viewer, 0)


def results(study: Study, members: dict[str, Member]) -> Results:
    found = {}
    for choice in study.choices:
        for n in range(study.seeds):
            if run := members[study.spec(choice, n).digest].arms.get(choice.arm):
                found[choice.name, n] = run
    return found


# -- what the browser gets ---------------------------------------------------------------------------


def state(
    runs: Scheduler, study: Study, members: dict[str, Member], have: str = "", *, watched: bool = False
) -> dict[str, Any]:
    """A study as the board shows it; the pictures only where they differ from those it says it has. While nobody has it trained,
    recorded results, if there are some, stand where there are none of this machine: `made` says whence."""
    found, made = results(study, members), ""
    statuses = [member.status for member in members.values()]
    done = sum(status in ENDED for status in statuses)
    over = done == len(members)
    if not watched and not over and (known := recorded_study(study)):
        found, made = (
            known.record | {key: run for key, run in found.items() if run.ended and not run.failed},
            known.made,
        )
    if study.compares:
        shown = sum(run.ended and not run.failed for run in found.values())
    else:
        shown = sum(len(run.signal) for run in found.values())
    version = f"{study.digest}-{shown}{f'-recorded-{done}' * bool(made)}"
    eta = _eta(runs, study, members)
    return {
        "status": "finished" if over else "running" if "running" in statuses else "waiting",
        "position": 0 if "running" in statuses else _position(runs, study),
        "takes": study.takes,
        "made": made,
        "done": done,
        "total": len(members),
        "steps_done": sum(spec.steps if m.status in ENDED else m.steps_done for spec, m in _pairs(study, members)),
        "steps": sum(spec.steps for spec in study.members()),
        "eta": None if over else round(eta, 1),
        "eta_words": "" if over else duration(max(1.0, eta)),
        "failed": sum(status in ("failed", "cancelled") for status in statuses),
        "troubles": [*troubles(study, found), *filter(None, [runs.broken])],
        "version": version,
        "finding": finding(study, found),
        **({} if have == version else {"figures": templates(study, found) if shown else []}),
    }


def _pairs(study: Study, members: dict[str, Member]) -> list[tuple[Spec, Member]]:
    return [(spec, members[spec.digest]) for spec in study.members()]


def _position(runs: Scheduler, study: Study) -> int:
    """How many runs go before the first of these that waits; 0 if none waits."""
    found = (runs.get(runs.resolve(spec, timeout=0.0).digest) for spec in study.members())
    return min((runs.position(run) for run in found if run and run.status == "queued"), default=0)


def _eta(runs: Scheduler, study: Study, members: dict[str, Member]) -> float:
    """Seconds that the rest would take if all workers were free: by what the finished runs took, else by arithmetic."""
    counted = {
        spec.digest: seconds(cost(spec), runs.macs_per_second, OVERHEAD_PER_LAYER_STEP) for spec in study.members()
    }
    known = [(m.seconds, counted[spec.digest]) for spec, m in _pairs(study, members) if m.seconds]
    pace = sum(took for took, _ in known) / sum(count for _, count in known) if known else 1.0
    left = sum(
        counted[spec.digest] * (1 - m.steps_done / spec.steps)
        for spec, m in _pairs(study, members)
        if m.status not in ENDED
    )
    return pace * left / max(1, len(runs.seats))


# -- routes ----------------------------------------------------------------------------------------------


def _study(request: Request) -> Study:
    """Raises SpecError."""
    words = {key: value for key, value in request.query_params.items() if key not in _OURS}
    return Study.of(request.path_params["kind"][:64], words)


async def _state(request: Request) -> Response:
    """GET tells what is there. POST is the wish to have the rest, good for a while; with `anew`, that of one who has just pressed
    the button: what has failed is tried again."""
    study, runs = _study(request), scheduler()
    told = await posted(request) if request.method == "POST" else None
    viewer = "" if told is None else viewer_of(request)
    have = request.query_params.get("have", "")

    def answer() -> str:
        members = peek(runs, study) if told is None else wish(runs, study, viewer, again=bool(told.get("anew")))
        return json.dumps(state(runs, study, members, have, watched=told is not None), separators=(",", ":"))

    text = await run_in_threadpool(answer)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _stop(request: Request) -> Response:
    asked_by_page(request)
    await run_in_threadpool(stop, scheduler(), _study(request), viewer_of(request))
    return JSONResponse({"status": "waiting"})


async def _csv(request: Request) -> Response:
    study, runs = _study(request), scheduler()
    text = await run_in_threadpool(lambda: to_csv(study, results(study, peek(runs, study))))
    return attachment(text, "text/csv", f"resviz-{study.kind}.csv")


routes = [
    Route("/study/{kind}.csv", _csv),
    Route("/study/{kind}/stop", _stop, methods=["POST"]),
    Route("/study/{kind}", _state, methods=["GET", "POST"]),
]
