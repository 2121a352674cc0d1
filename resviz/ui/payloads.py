"""The types of what the server tells the browser, as JSON. Figures are in draw/figure.py.

The browser's half is checked against these types: tests/js/payloads.d.ts is made from them (`python -m tests.payloads`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

from resviz.draw.figure import Figure, Network
from resviz.runs.told import RecordTold, RunHead

Changes = Mapping[str, str | None]  # settings by name, as text, None for the default


class Page(TypedDict):
    """What a page hands to a panel. `last`: it leads to the next page. `modules`: places of a topic's own modules, by name.
    `files`: label, suffix and, for what can be read on the page, title."""

    plotly: str
    plotly_whole: str
    modules: dict[str, str]
    kind: str
    timeline: bool
    url: str
    name: str
    titled: bool
    beside: bool
    alone: bool
    later: bool
    at_once: bool
    below: bool
    last: bool
    view: str
    verb: str
    first: str
    again: str
    rest: str
    onward: str
    files: list[tuple[str, str, str]]


# -- settings, by the word under "part" --------------------------------------------------------------


class SettingPart(TypedDict):
    """The input of one setting (ui/panel.py, `Control` and `Choice`). `choices`: pairs of value and label."""

    part: Literal["setting"]
    name: str
    label: str
    help: str
    kind: str
    width: int
    choices: list[tuple[str, str]]
    stops: NotRequired[list[str]]
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    step: NotRequired[int]
    form: NotRequired[str]
    upload: NotRequired[str]
    also: NotRequired[dict[str, str]]


class Set(TypedDict):
    """A set of settings, and its name."""

    label: str
    set: Changes


class SetsPart(TypedDict):
    """Sets of settings to choose from, as buttons or as a list."""

    part: Literal["list", "pills"]
    name: str
    label: str
    choices: list[Set]
    width: int


class Mode(TypedDict):
    """A kind of question, and the words it begins with."""

    name: str
    label: str
    words: dict[str, str]


class ModesPart(TypedDict):
    """Kinds of question; the settings in `keep` are carried over."""

    part: Literal["modes"]
    name: str
    label: str
    choices: list[Mode]
    keep: Sequence[str]


class CaptionPart(TypedDict):
    """A line of text."""

    part: Literal["caption"]
    name: str
    text: str


class SwitchPart(TypedDict):
    """A switch for all shortcuts, whose numbers are `all`."""

    part: Literal["switch"]
    name: str
    all: str


class Sketched(TypedDict):
    """A curve to draw in a figure before its own curves are shown. It is compared with the trace `line`; the verdict names the
    values at x = `at`, which is `where` in words. how: what to do, in words."""

    figure: str
    line: str
    at: int
    where: str
    how: str


class Guessing(TypedDict):
    """A question to guess, and the settings that show its answer. `draws`: it is answered by drawing, not by a choice."""

    text: str
    choices: Sequence[str]
    set: Changes
    draws: NotRequired[Sketched]


class GuessPart(TypedDict):
    """Questions to guess. `stands`: the first of them is asked without a press on a button."""

    part: Literal["guess"]
    name: str
    label: str
    stands: bool
    questions: list[Guessing]


class BoxPart(TypedDict):
    """Parts that a button opens."""

    part: Literal["box"]
    name: str
    label: str
    parts: list[Part]


Part = SettingPart | SetsPart | ModesPart | CaptionPart | SwitchPart | GuessPart | BoxPart


# -- records -----------------------------------------------------------------------------------------


# `from` is a word of Python's, so that a field of this name must be written as text.
_From = TypedDict("_From", {"from": int, "records": list[RecordTold]})


class RunState(RunHead, _From):
    """How a run stands, and its records from the one with index `from` on."""


class Segment(TypedDict):
    """What holds in a run after a step."""

    after: int
    cut: Sequence[int]
    remove: Sequence[int]
    settings: dict[str, str]


class Ancestor(TypedDict):
    """A run from which another one branched, `at` a step; what `says` it changed."""

    digest: str
    address: str
    at: int
    says: str


class RunTold(TypedDict):
    """A run: its link, what is cut and removed when, and the runs it branched from, the first one first."""

    digest: str
    query: str
    address: str
    steps: int
    segments: list[Segment]
    lineage: list[Ancestor]


class LiveField(TypedDict):
    """A setting that may change during training."""

    name: str
    label: str
    help: str
    kind: str
    choices: dict[str, str]


class Branched(TypedDict):
    """The answer to a branch."""

    run: RunTold
    preview: NotRequired[RecordTold]
    finding: NotRequired[str]


class DownloadTold(TypedDict):
    """How a download stands, in bytes."""

    name: str
    state: Literal["running", "done", "failed"]
    done: int
    total: int
    message: str


# -- answers -----------------------------------------------------------------------------------------


class Mended(TypedDict):
    """A link that was not as we write it: `says` what was read of it, if it was damaged; `query` is its settings as they should
    be written, `around` its other words that were damaged."""

    says: str
    query: str
    around: str


class Said(TypedDict):
    """What of a link, or of changes (`changed`), cannot be used. `refused`: of the problems, those of the very settings that a
    person has changed: name, the problem, and the sentence beside its field. `read`: the link was another one."""

    read: NotRequired[Mended]

    problems: list[str]
    refused: list[tuple[str, str, str]]
    changed: bool


class State(Said):
    """A panel's answer so far (ui/sources.py, `Look`); what the browser has already is left out. `onward`: label, address and
    text of links. `truth`: the right choice of a guess, and a sentence. `note` says which question is answered, if not the one
    that was asked."""

    status: Literal["running", "finished", "waiting"]
    share: float
    says: str
    ahead: int
    trouble: str
    barred: bool
    made: str
    missing: str
    note: NotRequired[str]
    version: str
    by_press: bool
    verb: str | None
    others: bool
    about: str
    onward: list[tuple[str, str, str]]
    next: NotRequired[tuple[str, str, str] | None]
    query: str
    values: dict[str, str]
    said: dict[str, str]
    laid: str
    truth: NotRequired[tuple[str, str]]
    rows: NotRequired[list[list[Part]]]
    finding: NotRequired[str]
    figures: NotRequired[list[Figure]]
    record: NotRequired[RecordTold]
    run: NotRequired[RunTold]
    network: NotRequired[Network]
    fields: NotRequired[list[LiveField]]
