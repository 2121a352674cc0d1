"""Faults of what computes runs and answers questions for the server: resviz/runs."""

from tests.mutants.fault import Fault

SCHEDULER = "resviz/runs/scheduler.py"
WORKER = "resviz/runs/worker.py"
PROBER = "resviz/runs/prober.py"

FAULTS = [
    Fault(
        SCHEDULER,
        "if run.leases.get(viewer) is lease:",
        "if lease := run.leases.get(viewer):",
        "the end of an old stream ends the lease of the new one",
        ("tests/runs/test_scheduler.py",),
    ),
    Fault(
        SCHEDULER,
        "return sorted(watched, key=lambda r: r.since) + sorted(others",
        "return sorted(watched, key=lambda r: -r.since) + sorted(others",
        "who came last is served first",
        ("tests/runs/test_scheduler.py",),
    ),
    Fault(
        SCHEDULER,
        "queue.index(run) + sum(seat.run is not None for seat in self.seats)",
        "queue.index(run) + 1",
        "a position in the queue counts one of two runs under way",
        ("tests/runs/test_scheduler.py",),
    ),
    Fault(
        SCHEDULER,
        "if run and run.status not in ENDED and run.attempt == message.attempt else None",
        "if run and run.status not in ENDED else None",
        "news of an earlier attempt count for the run started over",
        ("tests/runs/test_scheduler_faults.py",),
    ),
    Fault(
        SCHEDULER,
        'trouble = f"The run is finished, but could not be kept on disk: {error.strerror}."',
        'trouble = ""',
        "that a run could not be kept is swallowed",
        ("tests/runs/test_scheduler_faults.py",),
    ),
    Fault(
        SCHEDULER,
        "return step or run.steps_done",
        "return run.steps_done",
        "a branch leaves after the last step told, where there is no state",
        ("tests/runs/test_scheduler_branches.py",),
    ),
    Fault(
        SCHEDULER,
        "        self.forks.lost(seat)\n",
        "",
        "who waits to branch a run is not told that its worker has died",
        ("tests/runs/test_scheduler_branches.py",),
    ),
    Fault(
        WORKER,
        "if job.forks and job.keeper.fork is not None and job.step >= job.keeper.fork:",
        "if job.forks and job.keeper.fork is not None and job.step > job.keeper.fork:",
        "a branch is told of its state one step late",
        ("tests/runs/test_worker.py", "tests/runs/test_scheduler_branches.py"),
    ),
    Fault(
        WORKER,
        "missing = job.spec.needs if is_missing_data(error) else",
        "missing = job.spec.needs if is_expected(error) else",
        "a device that is not there is offered as a download",
        ("tests/runs/test_worker.py",),
    ),
    Fault(
        "resviz/runs/messages.py",
        "    if len(body) < length:  # killed while it wrote\n        raise EOFError\n",
        "",
        "half a message is read as a whole one",
        ("tests/runs/test_worker.py",),
    ),
    Fault(
        "resviz/runs/limits.py",
        "60 * float(os.environ",
        "float(os.environ",
        "the limit in minutes is taken for seconds",
        ("tests/runs/test_limits.py",),
    ),
    Fault(
        "resviz/runs/states.py",
        "if after < s <= step), reverse=True)",
        "if after < s < step), reverse=True)",
        "the state of the very step is passed over",
        ("tests/runs/test_states.py",),
    ),
    Fault(
        "resviz/runs/questions.py",
        'f" {hashlib.sha256(self.image).hexdigest()[:16]}" if self.image else ""',
        'f" {len(self.image)}" if self.image else ""',
        "two pictures of one size have one key",
        ("tests/runs/test_questions.py",),
    ),
    Fault(
        PROBER,
        "if to_text and not question.image:",
        "if to_text:",
        "what a person's own picture shows is written to disk",
        ("tests/runs/test_prober.py",),
    ),
    Fault(
        PROBER,
        "in (q.key for name, (q, _) in self.waiting.items() if name != viewer)",
        "in (q.key for name, (q, _) in self.waiting.items() if name == viewer)",
        "one viewer's change of mind stops what another waits for",
        ("tests/runs/test_prober_parts.py",),
    ),
    Fault(
        "resviz/runs/store.py",
        "ORDER BY kept DESC, rowid DESC LIMIT ?",
        "ORDER BY kept, rowid LIMIT ?",
        "the runs kept first are shown as the latest",
        ("tests/runs/test_store_latest.py",),
    ),
    Fault(
        "resviz/runs/downloads.py",
        "item.done, item.total = map(int, line.split())",
        "item.total, item.done = map(int, line.split())",
        "bytes so far and bytes in all are exchanged",
        ("tests/runs/test_downloads.py",),
    ),
    Fault(
        "resviz/runs/recorded.py",
        'or "made" not in told or record.spec != question.spec:',
        'or "made" not in told:',
        "the answer to another question is taken for this one",
        ("tests/runs/test_recorded.py",),
    ),
    Fault(
        "resviz/runs/store.py",
        "            if path.stem in spare:\n                continue\n",
        "",
        "the records of a run that is watched are given up",
        ("tests/runs/test_store_room.py",),
    ),
    Fault(
        "resviz/runs/store.py",
        "WHERE made_by = ? AND here ORDER",
        "WHERE made_by = ? ORDER",
        "a run whose records went is offered as if they were here",
        ("tests/runs/test_store_room.py",),
    ),
    Fault(
        "resviz/runs/room.py",
        "for trunk in run.spec.line()}",
        "for trunk in (run.spec,)}",
        "the parent of a branch that is watched is given up",
        ("tests/runs/test_store_room.py",),
    ),
    Fault(
        "resviz/experiments/train.py",
        "fork is not None and steps[0] <= fork <= steps[-1]",
        "False",
        "arms go on beyond the step after which somebody waits to branch",
        ("tests/experiments/test_branches.py",),
    ),
]
