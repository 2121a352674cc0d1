"""Panels: a question whose settings, figures and finding the browser shows, and which is answered without a rerun of the page.

Settings are laid out in rows of parts. ui/assets/parts.js draws each part by the name it has under "part".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from resviz.draw.figure import Figure
from resviz.ui.payloads import (
    BoxPart,
    CaptionPart,
    Changes,
    Guessing,
    GuessPart,
    Mode,
    ModesPart,
    SetsPart,
    SettingPart,
    Sketched,
    SwitchPart,
)
from resviz.ui.payloads import Part as Described
from resviz.ui.sources import Source
from resviz.words.fields import Worded, facts
from resviz.words.text import text_of, write_numbers


def _whole(spec: Any) -> Any:
    return spec


def _never(spec: Any) -> bool:
    return False


@dataclass(frozen=True)
class Control:
    """A setting that the panel offers.

    With `stops` it is a slider over these values, labelled with the text that `said` makes of the spec; with `pills` each choice
    is a button. With `upload` it takes a file, for which that address returns a name; `also` are settings changed with it.
    `prefix` is set for a setting of something within the spec, which `owner` finds: "other." for the network compared with
    another. `width` is in px, 0 for automatic; `step` is what a press of an arrow adds.
    """

    name: str
    stops: tuple[Any, ...] = ()
    said: Callable[[Any], str] | None = None
    pills: bool = False
    upload: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    width: int = 0
    step: int = 1
    prefix: str = ""
    owner: Callable[[Any], Any] = _whole

    def described(self, spec: Any) -> SettingPart:
        kind: type[Worded] = type(self.owner(spec))
        f = facts(kind)[self.name]
        return {
            "part": "setting",
            "name": self.prefix + f.name,
            "label": f.label,
            "help": f"{f.help} {f.allowed[:1].upper()}{f.allowed[1:]}.",
            "kind": "file" if self.upload else "slider" if self.stops else "pills" if self.pills else f.kind,
            "choices": list(f.choices.items()),
            "stops": [text_of(v) for v in self.stops],
            "low": f.low,
            "high": f.high,
            "step": self.step,
            "form": f.form,
            "upload": self.upload,
            "also": dict(self.also),
            "width": self.width,
        }

    def value(self, spec: Any) -> dict[str, str]:
        owner = self.owner(spec)
        kind: type[Worded] = type(owner)
        fact, value = facts(kind)[self.name], owner.model_dump()[self.name]
        return {self.prefix + self.name: "" if fact.optional and value == fact.default else text_of(value)}

    def beside(self, spec: Any) -> dict[str, str]:
        """Return the text that labels a slider's current value."""
        if not self.stops:
            return {}
        owner = self.owner(spec)
        return {self.prefix + self.name: self.said(owner) if self.said else f"{getattr(owner, self.name):g}"}


@dataclass(frozen=True)
class Choice:
    """A selection that is not a field of the spec. `now` returns the selected value, `offered` all choices: labels by value,
    which may depend on the machine. Selecting one changes the word `name`."""

    name: str
    label: str
    help: str
    offered: Callable[[Any], Mapping[str, str]]
    now: Callable[[Any], str]
    width: int = 0

    def described(self, spec: Any) -> SettingPart:
        return {
            "part": "setting",
            "name": self.name,
            "label": self.label,
            "help": self.help,
            "kind": "choice",
            "choices": list(self.offered(spec).items()),
            "width": self.width,
        }

    def value(self, spec: Any) -> dict[str, str]:
        return {self.name: self.now(spec)}

    def beside(self, spec: Any) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Scenarios:
    """Named sets of settings, of which one may match the spec. Choosing one sets every setting that any of them names, and no
    other. With `listed` they are a list to select from, `width` px wide."""

    choices: Mapping[str, Mapping[str, str]]
    label: str = "Try"
    listed: bool = False
    width: int = 0

    def described(self, spec: Any) -> SetsPart:
        return {
            "part": "list" if self.listed else "pills",
            "name": self.label,
            "label": self.label,
            "choices": [{"label": label, "set": self.change(words)} for label, words in self.choices.items()],
            "width": self.width,
        }

    def change(self, words: Mapping[str, str]) -> Changes:
        return {name: words.get(name) for names in self.choices.values() for name in names}

    def value(self, spec: Any) -> dict[str, str]:
        """Return the label of the set that the spec matches, or "". Sets are read as specs, since `words` omits defaults."""
        names = {name for words in self.choices.values() for name in words}
        now = {name: word for name, word in spec.words().items() if name in names}
        for label, words in self.choices.items():
            there = type(spec).read(words)[0].words()
            if now == {name: word for name, word in there.items() if name in names}:
                return {self.label: label}
        return {self.label: ""}

    def beside(self, spec: Any) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Modes:
    """Kinds of question, each reopened with the settings it was left with. `choices` gives by name its label and the words it
    begins with; `now` returns the name for a spec; the settings in `keep` are carried over from one kind to another."""

    choices: Mapping[str, tuple[str, Mapping[str, str]]]
    now: Callable[[Any], str]
    keep: tuple[str, ...] = ()

    def described(self, spec: Any) -> ModesPart:
        choices: list[Mode] = [
            {"name": name, "label": label, "words": dict(words)} for name, (label, words) in self.choices.items()
        ]
        return {"part": "modes", "name": "mode", "label": "What is counted", "choices": choices, "keep": self.keep}

    def value(self, spec: Any) -> dict[str, str]:
        return {"mode": self.now(spec)}

    def beside(self, spec: Any) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Caption:
    """A line of text above the settings that follow."""

    text: str

    def described(self, spec: Any) -> CaptionPart:
        return {"part": "caption", "name": self.text, "text": self.text}

    def value(self, spec: Any) -> dict[str, str]:
        return {}

    def beside(self, spec: Any) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Switch:
    """A switch that turns all shortcuts on or off, by changing `cut`."""

    name: str = "cut"

    def described(self, spec: Any) -> SwitchPart:
        return {"part": "switch", "name": "switch", "all": write_numbers(range(1, spec.shortcuts + 1))}

    def value(self, spec: Any) -> dict[str, str]:
        return {"switch": write_numbers(spec.cut)}

    def beside(self, spec: Any) -> dict[str, str]:
        cut, there = len(spec.cut), spec.shortcuts
        some = f"+ x is on in {there - cut} of {there}"
        return {
            "switch": "no + x here" if not there else "+ x is on" if not cut else "+ x is off" if cut == there else some
        }


@dataclass(frozen=True)
class Guessed:
    """A question to guess before its answer is shown, and the settings that show the answer; without any, the figures are covered
    until somebody has guessed. It is answered by one of the choices, or by drawing a curve."""

    text: str
    choices: tuple[str, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    draws: Sketched | None = None


@dataclass(frozen=True)
class Guess:
    """A button that opens the next question to guess; where it `stands`, the question itself. A guess changes the panel to the
    question's settings, and is compared with `truth` of the record: the right choice, and a sentence with the numbers; None while
    that is not known."""

    questions: Sequence[Guessed]
    truth: Callable[[Any], tuple[str, str] | None] = lambda record: None
    stands: bool = False

    def described(self, spec: Any) -> GuessPart:
        names = {name for question in self.questions for name in question.words}
        asked: list[Guessing] = []
        for q in self.questions:
            told: Guessing = {
                "text": q.text,
                "choices": q.choices,
                "set": {name: q.words.get(name) for name in sorted(names)},
            }
            asked.append({**told, "draws": q.draws} if q.draws else told)
        return {"part": "guess", "name": "guess", "label": "Guess first", "questions": asked, "stands": self.stands}

    def value(self, spec: Any) -> dict[str, str]:
        return {}

    def beside(self, spec: Any) -> dict[str, str]:
        return {}


class Part(Protocol):
    """Something in a row of settings."""

    def described(self, spec: Any) -> Described:
        """Return the description from which the browser draws it."""

    def value(self, spec: Any) -> dict[str, str]:
        """Return the values it shows for a spec, by name."""

    def beside(self, spec: Any) -> dict[str, str]:
        """Return the texts shown beside it, by name."""


@dataclass(frozen=True)
class Box:
    """Parts that a button opens."""

    label: str
    parts: tuple[Part, ...]

    def described(self, spec: Any) -> BoxPart:
        return {
            "part": "box",
            "name": self.label,
            "label": self.label,
            "parts": [p.described(spec) for p in self.parts],
        }

    def value(self, spec: Any) -> dict[str, str]:
        return {name: text for part in self.parts for name, text in part.value(spec).items()}

    def beside(self, spec: Any) -> dict[str, str]:
        return {name: text for part in self.parts for name, text in part.beside(spec).items()}


Rows = Sequence[Sequence[Part]]


@dataclass(frozen=True)
class File:
    """A record as a file with this suffix, made by `text`, or without it from the figures. With `reads` it can also be read on
    the page, under that title."""

    label: str
    suffix: str
    text: Callable[[Any], str] | None = None
    media_type: str = "text/csv"
    reads: str = ""


@dataclass(frozen=True)
class Onward:
    """A link to another page with these settings, and what is shown there."""

    label: str
    page: str
    query: str
    text: str = ""


@dataclass(frozen=True)
class Panel:
    """A question, and how it is shown.

    opening: settings it opens with if a link names none. usual: settings whose values here differ from their defaults.
    at_once: it answers while a slider is dragged. timeline: its record is a run, shown as it happens.
    verb: on the button that starts computing ("Train again"); `first` and `again` are other texts for that button.
    by_press: whether a spec is computed only after that button is pressed.
    below: its settings stand below its figures.
    rows: its settings, laid out for a spec. Without them `controls` are in one row, and `more` behind a button.
    named: returns a spec as the query of an address. passes: words of an address that this panel ignores.
    picture: the side in pixels of an uploaded picture; 0 if it takes none.
    about: a line in plain words above the settings.
    bound: what else the browser needs of a record, by name; for figures with bound traces that is the "record" of training.
    onward: links to other pages, under the title `onward_title`.
    """

    spec: type[Worded]
    source: Source
    figures: Callable[[Any], list[Figure]]
    finding: Callable[[Any], str]
    controls: tuple[Part, ...] = ()
    more: tuple[Part, ...] = ()
    at_once: bool = False
    timeline: bool = False
    below: bool = False
    verb: str = "Train"
    first: str = ""
    again: str = ""
    by_press: Callable[[Any], bool] = _never
    rows: Callable[[Any], Rows] | None = None
    opening: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)
    passes: Collection[str] = ()
    named: Callable[[Any], str] = lambda spec: spec.query()
    picture: int = 0
    about: Callable[[Any], str] | None = None
    bound: Callable[[Any], dict[str, Any]] | None = None
    onward: Callable[[Any], Sequence[Onward]] | None = None
    onward_title: str = ""
    files: tuple[File, ...] = (File("Data", "csv"),)

    @property
    def rest(self) -> str:
        """Return the text of the button after the computation was stopped part-way."""
        return f"{self.verb} the rest"

    def laid_out(self, spec: Any) -> Rows:
        if self.rows:
            return self.rows(spec)
        return [(*self.controls, *([Box("More", self.more)] if self.more else []))]

    def parts(self, spec: Any) -> Iterable[Part]:
        for row in self.laid_out(spec):
            yield from row

    def described(self, spec: Any) -> list[list[Described]]:
        """Return the rows of settings, as the browser draws them."""
        return [[part.described(spec) for part in row] for row in self.laid_out(spec)]

    def values(self, spec: Any) -> dict[str, str]:
        """Return the value of each setting, by name."""
        return {name: text for part in self.parts(spec) for name, text in part.value(spec).items()}

    def beside(self, spec: Any) -> dict[str, str]:
        """Return the text shown beside each slider, by name."""
        return {name: text for part in self.parts(spec) for name, text in part.beside(spec).items()}

    def truth(self, spec: Any, record: Any) -> tuple[str, str] | None:
        """Return what a guess is compared with, or None."""
        return next((part.truth(record) for part in self.parts(spec) if isinstance(part, Guess)), None)
