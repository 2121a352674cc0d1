"""Answers that come with the package: what real runs gave elsewhere, so that a page opens on a trained picture.

Made by `make record`, which trains what each panel opens with; one file a question, named by its key. Earlier ones of the same
kind are deleted.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from resviz.runs.questions import KINDS, Question, answerer

FOLDER = Path(__file__).parents[1] / "recorded"


@dataclass(frozen=True)
class Recorded:
    """A record, and when, with what and in how long it was computed."""

    record: Any
    made: str


def path_of(question: Question) -> Path:
    return FOLDER / f"{question.key.replace(' ', '-')}.json"


@functools.lru_cache(64)
def recorded(question: Question) -> Recorded | None:
    """What comes with the package for a question, or None. Raises ValueError for a file that is not its answer."""
    read = KINDS[question.kind].from_text
    try:
        text = path_of(question).read_text(encoding="utf-8")
    except OSError:
        return None
    head, _, body = text.partition("\n")
    assert read is not None
    told = json.loads(head)
    record = read(body)
    if not isinstance(told, dict) or "made" not in told or record.spec != question.spec:
        raise ValueError(f"{path_of(question).name} is no answer to this question; make record computes it")
    return Recorded(record, told["made"])


def record(question: Question) -> str:
    """Compute the answer here and now, and keep it with the package; returns what is said of it."""
    began, kind = time.perf_counter(), KINDS[question.kind]
    last: Any = None
    for part in answerer(question.kind)(question.spec):
        last = part if part is not None else last
    made = f"{datetime.now(UTC):%Y-%m-%d}, {time.perf_counter() - began:.1f} s on a CPU, torch {version('torch')}"
    assert kind.to_text is not None
    FOLDER.mkdir(exist_ok=True)
    for earlier in FOLDER.glob(f"{question.kind}-*.json"):
        earlier.unlink()
    path_of(question).write_text(f"{json.dumps({'made': made})}\n{kind.to_text(last)}\n", encoding="utf-8")
    return made


OPENING = ("flow", "refine", "ode", "crossing", "rollout", "depthtime")


def opening(kind: str) -> Question:
    """What the panel of a kind opens with: its spec's defaults."""
    return Question(kind, KINDS[kind].spec())


def main() -> None:
    import torch

    torch.set_num_threads(1)  # as in the process that answers
    kinds = sys.argv[1:] or OPENING
    for kind in kinds:
        print(kind, record(opening(kind)), flush=True)


if __name__ == "__main__":
    main()
