"""What a topic says of itself, and how topics are found: each is a folder of resviz/topics with a file topic.py.

That file holds `TOPIC`, and imports nothing but this module: whoever lists topics loads none of what they compute or draw. What a
topic consists of is named as "module:attribute" within its folder, such as "experiment:flow", and imported when it is used.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "topics"
PACKAGE = "resviz.topics"


@dataclass(frozen=True)
class Ask:
    """A kind of question.

    spec: the class of what can be set.
    answers: a function of the spec (and of the bytes of an image, where it takes one), or a class whose instances are such
    functions. It may import torch: only the processes that compute import it.
    record: the dataclass of the answer, which is then kept on disk; or `to_text` and `from_text`, where the answer is written in
    another way. Without either it is not kept.
    parts: `answers` is a generator. Each record tells how far it has come; the last one is the answer, and None a moment to stop.
    from_states: `answers` takes the kept states of a run as `keeper`.
    lane: where it is computed (runs/pool.py): "panels", or "click" for what takes less than a second.
    warm: the process of that lane answers the default question once, before anyone asks.
    finding, figures: functions of the record, for the command line.
    opens: the package holds the answer to the default question.
    keeps: a function that stores what else of the default run the package holds for it.
    holds: a function that gives the specs of several questions; the package holds the answers to all of them, in one file.
    """

    spec: str
    answers: str
    record: str = ""
    to_text: str = ""
    from_text: str = ""
    parts: bool = False
    from_states: bool = False
    lane: str = "panels"
    warm: bool = False
    finding: str = ""
    figures: str = ""
    opens: bool = False
    keeps: str = ""
    holds: str = ""


@dataclass(frozen=True)
class Shown:
    """A panel as it stands on a page.

    panel: the `ui.panel.Panel`.
    name: what a screen reader calls it.
    beside: it asks about the settings of another panel of the page.
    alone: it has settings of its own, which no address names.
    later: it begins when it is seen.
    held: pixels that it fills at a width of 1366; they are kept free until it has drawn itself, so that nothing below it jumps.
    narrow: the same at a width of 390, where it is not the height of the window.
    title, text: what stands above it.
    """

    panel: str
    name: str
    beside: bool = False
    alone: bool = False
    later: bool = False
    held: int = 650
    narrow: int = 0
    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class Command:
    """A command of `resviz`.

    run: a function of the parsed arguments, which gives the exit code. Without it the topic's first question is answered in this
    process, and its finding is printed.
    study: where several topics answer one command, the word `study` says which of them is meant. Without that word the first one
    answers, and only its `help` and `spec` are shown.
    spec: the class of its settings, for the help. notes: a function that gives what else to say of some settings, by name.
    json, out: the help of these options.
    """

    name: str
    help: str = ""
    run: str = ""
    study: str = ""
    spec: str = ""
    notes: str = ""
    json: str = "print the result as JSON"
    out: str = "write the figures' numbers to FILE, a .csv or .json"


@dataclass(frozen=True)
class Topic:
    """One view, and all that belongs to it.

    page: the name of its page's file in pages/. section: where that page stands in the navigation.
    place: its rank among all topics. Pages stand in the order of their first topics, which is that of the lessons.
    minutes: that its page takes, of the first topic of a page.
    label: what it is called beside the other views of its page.
    question: what it asks. below: a line in plain words under the question. do: what a person does there.
    takes_on: whether its page takes the settings of the page before.
    after_training: the words of a link to it under trained networks, whose settings it takes.
    asks: kinds of question, by name. studies: kinds of study (`train.choices.Kind`), by name.
    opens_studies: the studies whose default results the package holds.
    shows: panels, by name.
    why: Markdown with formulas, which stands under `why_title`. claims: what is often said, and what the literature found.
    """

    page: str
    place: int
    label: str
    question: str
    section: str = ""
    minutes: int = 0
    below: str = ""
    do: str = ""
    takes_on: bool = True
    after_training: str = ""
    asks: Mapping[str, Ask] = field(default_factory=dict)
    studies: Mapping[str, str] = field(default_factory=dict)
    opens_studies: tuple[str, ...] = ()
    shows: Mapping[str, Shown] = field(default_factory=dict)
    command: Command | None = None
    why: str = ""
    why_title: str = "Why"
    claims: str = ""
    name: str = ""  # of its folder, filled in when it is found

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    def named(self, reference: str) -> Any:
        """What "module:attribute" names in this topic's folder."""
        module, attribute = reference.split(":")
        return getattr(import_module(f"{PACKAGE}.{self.name}.{module}"), attribute)


@functools.cache
def topics() -> dict[str, Topic]:
    """All topics by name, in the order of their places."""
    found = [path.parent.name for path in FOLDER.glob("*/topic.py")]
    read = {name: replace(import_module(f"{PACKAGE}.{name}.topic").TOPIC, name=name) for name in found}
    return dict(sorted(read.items(), key=lambda pair: (pair[1].place, pair[0])))


@functools.cache
def pages() -> dict[str, tuple[Topic, ...]]:
    """The topics of each page, both in their order."""
    found: dict[str, tuple[Topic, ...]] = {}
    for topic in topics().values():
        found[topic.page] = (*found.get(topic.page, ()), topic)
    return found
