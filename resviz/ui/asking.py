"""Read what a person asks of a panel, the words of a link and changes of settings, into a spec; give the answer as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from resviz.draw.table import with_table
from resviz.latest import Latest
from resviz.topic import pages, topics
from resviz.train.spec import TrainingSpec
from resviz.ui.panel import Choice, Panel
from resviz.ui.payloads import Changes, Mended, Said, State
from resviz.ui.server import scheduler
from resviz.ui.sources import Look
from resviz.words.fields import Worded
from resviz.words.link import NO_LINK, Link, query_of, read_link
from resviz.words.text import Mistake, Problem

RESERVED = ("view", "lecture", "embed", "embed_options")  # words of an address that are not settings
MOST_RUNS = 20  # of those in the store, to choose from
MOST_CHANGES = 200  # in one request
KEPT = 60  # drawn figures, a tenth of a MB each

_texts: Latest[str, str] = Latest(KEPT)  # by panel and version


@dataclass(frozen=True)
class Asked:
    """A spec, and the words that could not be used. `changed`: they come from a person's changes here, not from a link; of these
    `refused` are about the very settings that were changed, and nothing else was changed instead."""

    spec: Any
    problems: tuple[Problem, ...] = ()
    changed: bool = False
    refused: tuple[Problem, ...] = ()
    link: Link = NO_LINK


def linked(panel: Panel, pairs: Sequence[tuple[str, str]]) -> Link:
    """Return the words of a panel's link, repaired where it was damaged on its way."""
    spec, free = panel.spec, (*panel.passes, *(("run",) if issubclass(panel.spec, TrainingSpec) else ()))
    words = dict(pairs)

    def usable(key: str, value: str) -> bool:
        others = {key: value for key, value in words.items() if key in spec.model_fields}
        return key in free or spec.usable(key, value, others)

    return read_link(pairs, (*spec.model_fields, *spec.ALSO, *free), usable, RESERVED)


def asked(panel: Panel, words: Mapping[str, str] | Sequence[tuple[str, str]], changes: Sequence[Any] = ()) -> Asked:
    """Read the words of a link, then a person's changes since, in order. Raises Mistake for what is not a change."""
    link = linked(panel, list(words.items()) if isinstance(words, Mapping) else words)
    settings = {key: value for key, value in link.words.items() if key not in RESERVED and key not in panel.passes}
    spec, problems = _read(panel.spec, {**panel.usual, **(settings or panel.opening)})
    if not changes:
        twice = tuple(problem for problem in link.problems if problem.key not in panel.passes)
        return Asked(spec, (*twice, *problems), link=link)
    wrong: list[Problem] = []
    refused: list[Problem] = []
    for change in _changes(changes):
        spec, problems = _changed(spec, change)
        wrong += problems
        refused += [problem for problem in problems if problem.key in change]
    return Asked(spec, tuple(wrong), True, tuple(refused), link)


def _changes(changes: Any) -> list[Changes]:
    """Return the changes, checked. Raises Mistake."""
    if not isinstance(changes, list) or len(changes) > MOST_CHANGES:
        raise Mistake(f"changes: allowed is a list of up to {MOST_CHANGES}")
    for change in changes:
        if not isinstance(change, dict) or not all(isinstance(v, str | None) for v in change.values()):
            raise Mistake(f"{str(change)[:40]!r}: a change is settings by name, as text")
    return changes


def _read(kind: type[Worded], words: Mapping[str, str]) -> tuple[Worded, tuple[Problem, ...]]:
    """Read words into a spec, with the settings of the stored run that a link may name."""
    words, unknown = with_run(words) if issubclass(kind, TrainingSpec) else (words, ())
    spec, problems = kind.read(words)
    return spec, (*problems, *unknown)


def with_run(words: Mapping[str, str]) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return the words of a link, with those of the stored run that its `run` names; and the problem if there is no such run."""
    others = {key: value for key, value in words.items() if key != "run"}
    if not (digest := words.get("run")):
        return others, ()
    if kept := scheduler().store.spec(digest[:64]):
        return kept.words() | others, ()
    what = "no such run on this server; a link with its settings would make it again"
    return others, (Problem("run", digest, what),)


def _changed(spec: Any, change: Changes) -> tuple[Any, tuple[Problem, ...]]:
    run = change.get("run")
    if not (run and isinstance(spec, TrainingSpec) and spec.run is not spec):
        return spec.changed(change)
    kept = scheduler().store.spec(run[:64])
    if kept is None:
        return spec, (Problem("run", run, "no such run on this server any more"),)
    own: dict[str, str | None] = {name: None for name in type(spec.run).model_fields if name != "device"}
    own |= kept.words()
    return spec.changed({**own, "device": spec.device})


# Training settings of the networks that a question is about.
TRAINING = ("dataset", "norm", "order", "shortcut", "stages", "width", "epochs", "lr", "seed")


# -- the runs that a question may be about ---------------------------------------------------------------


def _networks(spec: Any) -> dict[str, str]:
    """Return the labels, by digest, of the latest stored runs, newest first, and of the run that the spec is about."""
    runs = {run.digest: run for run in scheduler().store.latest(MOST_RUNS)}
    now = scheduler().resolve(spec.run, timeout=0.0)
    labels = {digest: _named(run) for digest, run in runs.items()}
    return labels if now.digest in labels else {**labels, now.digest: f"{_named(now)} (not kept here)"}


@lru_cache(200)
def _named(run: TrainingSpec) -> str:
    return run.replace(device="auto").command() or "the default run"


NETWORKS = Choice(
    "run",
    "networks of",
    "Networks of a run that this server has kept, the latest first.",
    _networks,
    lambda spec: scheduler().resolve(spec.run, timeout=0.0).digest,
    width=236,
)


# -- answers -----------------------------------------------------------------------------------------


def said_of(about: Asked) -> Said:
    """Return what an answer says of words and changes that cannot be used, and of a link that was damaged."""
    link = about.link
    around = [(key, value) for key, value in link.mended or [] if key in RESERVED]
    settings = [(key, value) for key, value in link.mended or [] if key not in RESERVED]
    read: Mended = {"says": link.says, "query": query_of(settings), "around": query_of(around)}
    said: Said = {
        "problems": [str(problem) for problem in about.problems],
        "refused": [(problem.key, str(problem), problem.sentence) for problem in about.refused],
        "changed": about.changed,
    }
    if link.mended is not None:
        said["read"] = read
    return said


def state(panel: Panel, about: Asked, look: Look, laid: str = "") -> State:
    """Return what the panel shows, except its figures, which `version` names, and its rows of settings, which `laid` names."""
    spec, said = about.spec, said_of(about)
    told: State = {
        "status": "running" if look.running else "finished" if look.share >= 1 else "waiting",
        "share": look.share,
        "says": look.says,
        "ahead": look.ahead,
        "trouble": look.trouble,
        "barred": look.barred,
        "made": look.made,
        "missing": look.missing,
        "version": (look.version or f"{look.answered(spec).digest}-{look.share:.4f}-{bool(look.made)}")
        if look.record is not None
        else "",
        "by_press": panel.by_press(spec),
        "verb": panel.rest if look.rest else look.verb,
        "others": look.others,
        "about": panel.about(spec) if panel.about else "",
        "onward": [(o.label, f"{o.page}{o.query and '?'}{o.query}", o.text) for o in panel.onward(spec)]
        if panel.onward
        else [],
        "query": panel.named(spec),
        "values": panel.values(spec),
        "said": panel.beside(spec),
        "problems": said["problems"],
        "refused": said["refused"],
        "changed": said["changed"],
        "laid": laid,
    }
    if "read" in said:
        told["read"] = said["read"]
    if look.note:
        told["note"] = look.note
    if look.record is not None and (truth := panel.truth(spec, look.record)):
        told["truth"] = truth
    return told


@dataclass(frozen=True)
class Answer:
    """An answer as JSON; the versions of figures and settings that the browser then has, and whether figures are included."""

    text: str
    version: str
    laid: str
    drawn: bool


def next_of(name: str, spec: Any) -> tuple[str, str, str] | None:
    """Return the link from the page of a panel to the next page, with these settings where that takes them: label, address and
    text. None on the last page."""
    names = list(pages())
    page = next((topic.page for topic in topics().values() if name in topic.shows), names[-1])
    if page == names[-1]:
        return None
    following = names[names.index(page) + 1]
    first = pages()[following][0]
    query = spec.run.query() if first.takes_on and isinstance(spec, TrainingSpec) else ""
    return (
        f"Next: {following.capitalize()}",
        f"{following}{query and '?'}{query}",
        f"**{first.question}** {first.minutes} minutes.",
    )


def answer(name: str, panel: Panel, about: Asked, look: Look, have: str, laid: str) -> Answer:
    """Return state, settings, finding and figures; settings, finding and figures only if the browser has other versions."""
    rows = panel.described(about.spec)
    told = state(panel, about, look, hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12])
    told["next"] = next_of(name, about.spec)
    version = told["version"]
    if told["laid"] != laid:
        told["rows"] = rows
    head = json.dumps(told, allow_nan=False)
    if look.record is None or version == have:
        return Answer(head, version, told["laid"], False)
    drawn = _drawn(f"{name} {version}", panel, look.record)
    return Answer(f"{head[:-1]}, {drawn}}}", version, told["laid"], True)


def _drawn(key: str, panel: Panel, record: Any) -> str:
    """Return the finding and figures of a record, made once for all viewers."""
    if (text := _texts.get(key)) is None:
        figures: Iterable[Any] = [with_table(template) for template in panel.figures(record)]
        # A tenth of json's time for as many numbers; NaN and infinity become null, a gap.
        bound = panel.bound(record) if panel.bound else {}
        text = orjson.dumps({"finding": panel.finding(record), **bound, "figures": figures}).decode()[1:-1]
        _texts[key] = text
    return text
