"""Answers that come with the package: results of real runs elsewhere, so that a page shows trained networks when it opens.

`make record` makes them: it trains what each panel opens with, and writes one file per question, named by the question's key.
Earlier files of the same kind are deleted.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from resviz.runs.questions import KINDS, Question, answerer
from resviz.runs.studies import Outcome, Study, outcome
from resviz.topic import topics
from resviz.train.records import History
from resviz.words.text import Mistake

OPENING = tuple(name for name, kind in KINDS.items() if kind.asked.opens)
KEEPING = tuple(name for name, kind in KINDS.items() if kind.asked.keeps)
HOLDING = tuple(name for name, kind in KINDS.items() if kind.asked.holds)
STUDIES = {name: topic for topic in topics().values() for name in topic.opens_studies}


@dataclass(frozen=True)
class Recorded:
    """A record. `made` says when, with what and in how long it was computed."""

    record: Any
    made: str


class Damaged(Mistake):
    """Raised for a file of the package that is not what it should be; the message is a sentence that says what to do."""


@contextmanager
def _of_the_package(path: Path) -> Iterator[None]:
    """Say of anything that goes wrong inside that this file is damaged: what is in such a file can be anything."""
    try:
        yield
    except Exception as error:
        raise Damaged(
            f"The recorded answer {path} is damaged: install resviz again, or have the answer computed here."
        ) from error


def path_of(question: Question) -> Path | None:
    """Return the path of the answer if it comes with the package, in the folder of its topic; None if its kind has no topic."""
    topic = KINDS[question.kind].topic
    return topic.folder / f"{question.key.replace(' ', '-')}.json" if topic else None


@functools.lru_cache(64)
def recorded(question: Question) -> Recorded | None:
    """Return the answer that comes with the package, or None. Raises Damaged for a file that is not its answer."""
    if KINDS[question.kind].asked.holds:
        return _held(question.kind).get(question.key)
    read, path = KINDS[question.kind].from_text, path_of(question)
    if read is None or path is None:
        return None
    if not path.is_file():
        return None
    with _of_the_package(path):
        head, _, body = path.read_text(encoding="utf-8").partition("\n")
        told, record = json.loads(head), read(body)
    if not isinstance(told, dict) or "made" not in told or record.spec != question.spec:
        raise Damaged(f"{path.name} is no answer to this question; make record computes it")
    return Recorded(record, told["made"])


@functools.cache
def _held(kind: str) -> dict[str, Recorded]:
    """Return all answers of a kind that come with the package in one file, by the key of their question. Raises Damaged for a
    file with answers to other questions."""
    path, read = _file_of(kind), KINDS[kind].from_text
    assert read is not None
    if not path.is_file():
        return {}
    with _of_the_package(path):
        head, *texts = path.read_text(encoding="utf-8").splitlines()
        told, records = json.loads(head), [read(text) for text in texts]
    made = told.get("made", "") if isinstance(told, dict) else ""
    found = {Question(kind, record.spec).key: Recorded(record, made) for record in records}
    if not made or list(found) != [question.key for question in held(kind)]:
        raise Damaged(f"{path.name} answers other questions; make record computes it")
    return found


def held(kind: str) -> list[Question]:
    """Return the questions of a kind whose answers come with the package in one file."""
    return [Question(kind, spec) for spec in KINDS[kind].named(KINDS[kind].asked.holds)()]


def _file_of(kind: str) -> Path:
    topic = KINDS[kind].topic
    assert topic is not None
    return topic.folder / f"{kind}.json"


def record_held(kind: str) -> str:
    """Compute all answers of a kind that come with the package in one file, in this process; returns the same as `record`."""
    began, to_text, ask = time.perf_counter(), KINDS[kind].to_text, answerer(kind)
    assert to_text is not None
    texts = [to_text(_last(ask(question.spec))) for question in held(kind)]
    made = _made(time.perf_counter() - began)
    _file_of(kind).write_text("\n".join([json.dumps({"made": made}), *texts, ""]), encoding="utf-8")
    return made


def _last(parts: Iterable[Any]) -> Any:
    """Return the last record of an answer that comes in parts."""
    last: Any = None
    for part in parts:
        last = part if part is not None else last
    return last


def _made(seconds: float) -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}, {seconds:.1f} s on a CPU, torch {version('torch')}"


def record(question: Question) -> str:
    """Compute the answer in this process, and store it in the package; returns when and how it was computed (`Recorded.made`)."""
    began, kind = time.perf_counter(), KINDS[question.kind]
    last = _last(answerer(question.kind)(question.spec))
    made = _made(time.perf_counter() - began)
    path = path_of(question)
    assert kind.to_text is not None
    assert path is not None
    path.parent.mkdir(exist_ok=True)
    for earlier in path.parent.glob(f"{question.kind}-*.json"):
        earlier.unlink()
    path.write_text(f"{json.dumps({'made': made})}\n{kind.to_text(last)}\n", encoding="utf-8")
    return made


def _study_folder(kind: str) -> Path:
    (topic,) = (topic for topic in topics().values() if kind in topic.studies)
    return topic.folder


def _study_path(study: Study) -> Path:
    return _study_folder(study.kind) / f"study-{study.kind}-{study.digest}.json"


@functools.lru_cache(32)
def recorded_study(study: Study) -> Recorded | None:
    """Return the results of those runs of a study that the recorded study of its kind holds, which comes with the package; None
    if there are none. Raises Damaged for a file that is not the answer to its study."""
    runs, made = _recorded_runs(study.kind)
    found = {
        (choice.name, n): known
        for choice in study.choices
        for n in range(study.seeds)
        if (known := runs.get((study.spec(choice, n).digest, choice.arm)))
    }
    return Recorded(found, made) if found else None


def _recorded_runs(kind: str) -> tuple[dict[tuple[str, str], Outcome], str]:
    """Return the results of the recorded study of a kind, by digest of the run and arm, and when it was computed."""
    path = next(_study_folder(kind).glob(f"study-{kind}-*.json"), None)
    if path is None:
        return {}, ""
    with _of_the_package(path):
        made, results = path.read_text(encoding="utf-8").split("\n", 1)
        told, found = json.loads(made), {(name, int(n)): o for (name, n), o in _OUTCOMES.validate_json(results)}
        known = Study.of(kind, told.get("words") or {}) if isinstance(told, dict) and "made" in told else None
    wanted = {(choice.name, n): choice for choice in known.choices for n in range(known.seeds)} if known else {}
    if not known or _study_path(known).name != path.name or set(found) != set(wanted):
        raise Damaged(f"{path.name} is no answer to this study; make record computes it")
    return {(known.spec(c, n).digest, c.arm): found[name, n] for (name, n), c in wanted.items()}, told["made"]


def record_study(study: Study) -> str:
    """Train all runs of a study in this process, and store their results in the package; returns the same as `record`."""
    from resviz.train.twins.lockstep import resolve_device, train

    began, found = time.perf_counter(), {}
    for spec in study.members():
        history = History(spec)
        for event in train(spec.replace(device=resolve_device(spec.device))):
            history.add(event)
        found[spec] = {arm: _short(outcome(history, arm)) for arm in spec.arms}
    made, path = _made(time.perf_counter() - began), _study_path(study)
    path.parent.mkdir(exist_ok=True)
    for earlier in path.parent.glob(f"study-{study.kind}-*.json"):
        earlier.unlink()
    results = [
        ((choice.name, n), found[study.spec(choice, n)][choice.arm])
        for choice in study.choices
        for n in range(study.seeds)
    ]
    head, text = json.dumps({"made": made, "words": study.words()}), _OUTCOMES.dump_json(results).decode()
    path.write_text(f"{head}\n{text}\n", encoding="utf-8")
    return made


def _short(found: Outcome) -> Outcome:
    """Reduce an outcome to what figures of the study show: the last loss, and the gradients to four digits; no signal."""
    gradients = tuple(float(f"{v:.4g}") for v in found.gradients)
    return replace(found, loss=found.loss[-1:], signal=(), gradients=gradients)


_OUTCOMES = TypeAdapter(list[tuple[tuple[str, int], Outcome]])


def opening(kind: str) -> Question:
    """Return the question that the panel of a kind opens with: its spec's defaults."""
    return Question(kind, KINDS[kind].spec())


def main() -> None:
    from resviz.train.twins.lockstep import one_thread

    one_thread()  # as in the process that answers
    for kind in sys.argv[1:] or (*OPENING, *HOLDING, *KEEPING, *STUDIES):
        if kind in KEEPING:
            KINDS[kind].named(KINDS[kind].asked.keeps)()
            print(kind, flush=True)
            continue
        if kind in STUDIES:
            made = record_study(Study.of(kind, {}))
        else:
            made = record_held(kind) if kind in HOLDING else record(opening(kind))
        print(kind, made, flush=True)


if __name__ == "__main__":
    main()
