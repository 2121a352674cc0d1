"""What questions have been asked, and what is known: from memory, from the store, or from the processes of the pool."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from resviz.latest import Latest
from resviz.runs.jobs import ENDED, FOREVER, Job, Lease
from resviz.runs.limits import Limits
from resviz.runs.messages import Want
from resviz.runs.pool import Pool
from resviz.runs.questions import KINDS, Question
from resviz.runs.recorded import recorded
from resviz.train.spec import TrainingSpec

log = logging.getLogger(__name__)

IN_MEMORY = 500
MOST_VIEWERS = 2000
ATTEMPTS = 2  # a process that dies of one question is replaced; asked twice, it is the question
ONE_PASS_SECONDS = 60.0
# Browsers ask again once a second; a tab that nobody sees asks once a minute.
AWAY_SECONDS = 5.0  # how long after a viewer's last word their wish yields to those of others
GONE_SECONDS = 90.0  # how long after it the wish is no more


@dataclass(eq=False)
class Answer(Job):
    """A question as the server sees it: who waits for the answer, and what there is of it."""

    question: Question
    answers: Answers
    part: Any = None  # the latest that has come
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
        """How far an answer has come that comes in parts; None before the first of them."""
        return self.part if self.divisible else None

    @property
    def key(self) -> str:
        return f"answer {self.question.key}"  # a run has the digest of what is asked before its training

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
        """To be made again from the first part."""
        self.status, self.message, self.missing, self.part, self.deaths = "paused", "", "", None, 0
        self.attempt, self.begun, self.asked = self.attempt + 1, False, time.monotonic()


class Answers:
    """Each viewer waits for one question at a time, or for several that make one answer."""

    def __init__(self, pool: Pool, *, limits: Limits | None = None) -> None:
        self.pool, self.store = pool, pool.store
        self.limits = limits or Limits(seconds=ONE_PASS_SECONDS)
        self.known: Latest[str, Any] = Latest(IN_MEMORY)
        self.waiting: Latest[str, list[Answer]] = Latest(MOST_VIEWERS)  # by viewer
        self.left: Latest[str, list[Answer]] = Latest(MOST_VIEWERS)  # what a viewer has stopped
        self.measured = 0  # answers made, for tests and the curious

    def check(self, spec: TrainingSpec) -> None:
        """Raises Refused for networks through which one pass takes too long here."""
        self.limits.check(spec.replace(epochs=1, examples=spec.examples_in_a_step), self.pool.macs_per_second)

    # -- who waits for what ----------------------------------------------------------------------------

    def ask(
        self,
        viewer: str,
        *questions: Question,
        anew: bool = False,
        check: Callable[[Any], None] = lambda spec: None,
    ) -> None:
        """The viewer waits for the answers to these, and for nothing else any more. What is known, recorded or has failed is not
        computed again, unless it is asked `anew`. Raises what `check` raises of a spec that is to be computed."""
        # Without the lock: what is read from the disk, or waits to know the device, takes its time.
        for question in questions:
            if self._is_needed(question, anew):
                check(question.spec)
        with self.pool.lock:
            found = [job for question in questions if (job := self._job(question, anew))]
            self._waits(viewer, found)

    def stay(self, viewer: str, *questions: Question) -> None:
        """The viewer still waits for what they have asked, if it was these; for anything else they wait no more."""
        with self.pool.lock:
            found = [job for job in self.waiting.get(viewer, []) if job.status not in ENDED]
            mine = {job.question.key for job in self.waiting.get(viewer, [])}
            self._waits(viewer, found if mine <= {q.key for q in questions} else [])

    def leave(self, viewer: str) -> None:
        """The viewer waits for nothing any more."""
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
        """Whether an answer has to be computed that is not under way."""
        job = self.job(question)
        if job and job.status not in ENDED:
            return False
        known = self.remembered(question) is not None or recorded(question) is not None
        return anew or not (known or (job and job.status == "failed"))

    def _job(self, question: Question, anew: bool) -> Answer | None:
        """What has to be done for a question; None where nothing has."""
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

    # -- what there is -----------------------------------------------------------------------------------

    def job(self, question: Question) -> Answer | None:
        """What has been asked, if it is in memory still."""
        found = self.pool.jobs.get(f"answer {question.key}")
        return found if isinstance(found, Answer) else None

    def remembered(self, question: Question) -> Any:
        """The answer to a question that has been answered before, or None."""
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
        """Measure it anew when it is asked again."""
        self.known.pop(question.key, None)
        self.store.forget_answer_text(question.key)

    def keep(self, question: Question) -> None:
        """Write an answer to the disk; not what a person's own picture shows."""
        to_text = KINDS[question.kind].to_text
        if not to_text or question.image:
            return
        try:
            self.store.keep_answer_text(question.key, to_text(self.known[question.key]))
        except Exception:  # it has been given; and whatever one question does, the next one is answered
            log.exception("the answer to %s could not be kept, and is computed again after a restart", question.key)
