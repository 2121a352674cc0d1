"""The questions that viewers have asked, and the answers: from memory, from the store, or from the processes of the pool."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from resviz.latest import Latest
from resviz.runs.jobs import ENDED, FOREVER, Job, Lease
from resviz.runs.limits import Limits
from resviz.runs.messages import Want
from resviz.runs.pool import Pool
from resviz.runs.questions import KINDS, Question
from resviz.runs.recorded import Damaged, recorded
from resviz.train.spec import TrainingSpec

log = logging.getLogger(__name__)

IN_MEMORY = 500
MOST_VIEWERS = 2000
ATTEMPTS = 2  # a process that dies at a question is replaced; if the next one dies too, the question fails
ONE_PASS_SECONDS = 60.0
# Browsers ask again once a second; a tab that nobody sees asks once a minute.
AWAY_SECONDS = 5.0  # this long after a viewer's last request, other viewers go before them
GONE_SECONDS = 90.0  # this long after it, the viewer no longer waits


@dataclass(eq=False)
class Answer(Job):
    """The job that answers a question: who waits for the answer, and the latest part of it."""

    question: Question
    answers: Answers
    part: Any = None  # the latest part that has arrived
    deaths: int = 0
    asked: float = field(default_factory=time.monotonic)

    @property
    def lane(self) -> str:  # type: ignore[override]
        return KINDS[self.question.kind].lane

    @property
    def divisible(self) -> bool:  # type: ignore[override]
        return KINDS[self.question.kind].parts

    @property
    def so_far(self) -> Any:
        """The latest part of an answer that comes in parts; None before the first part, and for all other answers."""
        return self.part if self.divisible else None

    @property
    def key(self) -> str:
        return f"answer {self.question.key}"  # without the prefix, kind "initial" would have the key of its run

    def want(self, ticket: int, until: int) -> Want:
        q = self.question
        return Want(ticket, self.key, q.kind, q.spec.model_dump_json(), 0, until, self.attempt, q.image)

    def accept(self, event: Any) -> None:
        self.part = event

    def done(self) -> None:
        self.answers.known[self.question.key] = self.part
        self.answers.measured += 1
        self.part, self.status = None, "finished"

    def keep(self) -> str:
        self.answers.keep(self.question)
        return ""

    def bereaved(self, how: str) -> None:
        self.deaths, self.part = self.deaths + 1, None
        if self.deaths >= ATTEMPTS:
            self.fail(f"The process that measures networks was ended ({how}) while it looked at this one.")

    def start_over(self) -> None:
        """Reset the job, so that it starts again from the first part."""
        self.status, self.message, self.missing, self.part, self.deaths = "paused", "", "", None, 0
        self.attempt, self.begun, self.asked = self.attempt + 1, False, time.monotonic()


class Answers:
    """All questions and answers. Each viewer waits for one question at a time, or for several that together make one answer."""

    def __init__(self, pool: Pool, *, limits: Limits | None = None) -> None:
        self.pool, self.store = pool, pool.store
        self.limits = limits or Limits(seconds=ONE_PASS_SECONDS)
        self.known: Latest[str, Any] = Latest(IN_MEMORY)
        self.waiting: Latest[str, list[Answer]] = Latest(MOST_VIEWERS)  # by viewer
        self.left: Latest[str, list[Answer]] = Latest(MOST_VIEWERS)  # by viewer: the jobs that they left (`leave`)
        self.measured = 0  # number of answers computed, for tests and inspection

    def check(self, spec: TrainingSpec) -> None:
        """Raise Refused if one pass through the networks of this spec would take too long here."""
        self.limits.check(spec.replace(epochs=1, examples=spec.examples_in_a_step), self.pool.macs_per_second)

    # -- who waits for what ----------------------------------------------------------------------------

    def ask(
        self,
        viewer: str,
        *questions: Question,
        anew: bool = False,
        check: Callable[[Any], None] = lambda spec: None,
    ) -> None:
        """Make the viewer wait for the answers to these questions, and for nothing else. Answers that are known or recorded, and
        questions that have failed, are not computed again unless `anew` is set. Raises what `check` raises for a spec that has to
        be computed."""
        # Outside the lock: reading from the disk, or waiting to know the device, takes time.
        for question in questions:
            if self._is_needed(question, anew):
                check(question.spec)
        with self.pool.lock:
            found = [job for question in questions if (job := self._job(question, anew))]
            self._waits(viewer, found)

    def stay(self, viewer: str, *questions: Question) -> None:
        """Renew the viewer's wait if all they wait for is among these questions; otherwise end it."""
        with self.pool.lock:
            found = [job for job in self.waiting.get(viewer, []) if job.status not in ENDED]
            mine = {job.question.key for job in self.waiting.get(viewer, [])}
            self._waits(viewer, found if mine <= {q.key for q in questions} else [])

    def leave(self, viewer: str) -> None:
        """End all waits of the viewer, and note in `left` which jobs they waited for."""
        with self.pool.lock:
            self.left[viewer] = self.waiting.get(viewer, [])
            self._waits(viewer, [])

    def _waits(self, viewer: str, jobs: list[Answer]) -> None:
        left = [job for job in self.waiting.pop(viewer, []) if job not in jobs]
        for job in left:
            job.leases.pop(viewer, None)
        if jobs:
            self.waiting[viewer] = jobs
        now = time.monotonic()
        for job in jobs:
            self.pool.watch(job, viewer, Lease(FOREVER, now + GONE_SECONDS, fresh=now + AWAY_SECONDS))
        if left:
            self.pool.arrange()

    def _is_needed(self, question: Question, anew: bool) -> bool:
        """Return whether an answer has to be computed and no job is under way to compute it."""
        job = self.job(question)
        if job and job.status not in ENDED:
            return False
        known = self.remembered(question) is not None
        with suppress(Damaged):  # it is computed instead
            known = known or recorded(question) is not None
        return anew or not (known or (job and job.status == "failed"))

    def _job(self, question: Question, anew: bool) -> Answer | None:
        """Return the job of a question, created or started over if needed; None if nothing has to be computed."""
        job = self.job(question)
        if not self._is_needed(question, anew):
            return job if job and job.status not in ENDED else None
        if anew:
            self.forget(question)
        if job:
            job.question = question
            job.start_over()
        else:
            job = Answer(question, self, status="paused")
        self.pool.add(job)
        return job

    # -- jobs and answers that exist ---------------------------------------------------------------------

    def job(self, question: Question) -> Answer | None:
        """Return the job of a question if it is still in memory, or None."""
        found = self.pool.jobs.get(f"answer {question.key}")
        return found if isinstance(found, Answer) else None

    def remembered(self, question: Question) -> Any:
        """Return the known answer to a question, from memory or from the store, or None."""
        key, kind = question.key, KINDS[question.kind]
        if (answer := self.known.get(key)) is not None:
            return answer
        if kind.from_text and (text := self.store.answer_text(key)) is not None:
            try:
                answer = kind.from_text(text)
            except ValueError as error:
                log.warning("the kept answer %s is not what was written, and is computed again: %s", key, error)
                return None
            self.known[key] = answer
        return answer

    def forget(self, question: Question) -> None:
        """Delete the answer, so that it is computed again when asked for."""
        self.known.pop(question.key, None)
        self.store.forget_answer_text(question.key)

    def keep(self, question: Question) -> None:
        """Write an answer to the disk, if its kind is stored and the question has no image of the person's own."""
        to_text = KINDS[question.kind].to_text
        if not to_text or question.image:
            return
        try:
            self.store.keep_answer_text(question.key, to_text(self.known[question.key]))
        except Exception:  # the answer was delivered; an error in one question must not stop the next
            log.exception("the answer to %s could not be kept, and is computed again after a restart", question.key)
