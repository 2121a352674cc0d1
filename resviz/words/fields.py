"""Settings as fields of an immutable value: how they are declared, written as words or a link, read back and checked."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any, ClassVar, Literal, Self, get_args, get_origin
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from resviz.words.text import Edit, Problem, SpecError, text_of
from resviz.words.typed import NoNumber, plain, read_number


def setting_field(
    default: Any,
    label: str,
    help: str,
    *,
    choices: dict[str, str] | None = None,
    live: bool = False,
    form: str = "",
    why: str = "",
    least: float | None = None,
    **bounds: Any,
) -> Any:
    """Declare a setting. A `live` setting may change during training, since it changes neither a shape nor the order of the
    images. `form` says how to write a value that is neither a number nor a choice, `why` what is wrong outside the bounds.
    `least`: the least number that a person may write, where a lower default, written as nothing, stands for what suits the other
    settings."""
    extra: Any = {"choices": choices or {}, "live": live, "form": form, "why": why, "least": least}
    return Field(default=default, title=label, description=help, json_schema_extra=extra, **bounds)


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _one_zero(cls, value: Any) -> Any:
        """Turn -0.0 into 0.0: the two are equal, but are written differently and would give different digests."""
        return value + 0.0 if isinstance(value, float) else value


class Worded(Frozen):
    """Settings that can be written as `key=value` words or as a link, and read back to the same value.

    LATER: settings added when records were already on disk. Their default is what was done before they existed, and does not
    enter the digest, so that older digests stay valid. ALSO: words that are read beside the settings.
    """

    LATER: ClassVar[tuple[str, ...]] = ()
    ALSO: ClassVar[tuple[str, ...]] = ()

    @field_validator("*", mode="before")
    @classmethod
    def _typed(cls, value: Any, info: ValidationInfo) -> Any:
        """Read text as a person means it: a number in any of its forms, a choice in capitals or with spaces around it."""
        if not isinstance(value, str) or info.field_name is None:
            return value
        known = facts(cls)[info.field_name]
        if known.kind in ("int", "float"):
            if known.optional and not value.strip():
                return known.default
            number = read_number(value, whole=known.kind == "int")
            if known.low is not None and number < known.low:
                raise ValueError("less than may be written")
            return number
        if known.kind == "choice" and value not in known.choices:
            return next((name for name in known.choices if name.casefold() == plain(value).casefold()), value)
        return value

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Self:
        """Build from `key: value` words. Raises SpecError, which names every key that cannot be used."""
        spec, problems = cls.read(words)
        if problems:
            raise SpecError(problems)
        return spec

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> tuple[Self, tuple[Problem, ...]]:
        """Build from words, and return the problems too: a word that cannot be used is reported and the default used instead."""
        problems = [
            Problem(key, str(value), _unknown(key, [*cls.model_fields, *cls.ALSO]))
            for key, value in words.items()
            if key not in cls.model_fields
        ]
        good = {key: value for key, value in words.items() if key in cls.model_fields}
        try:
            spec = cls(**good)
        except ValidationError as error:
            wrong = dict.fromkeys(str(e["loc"][0]) for e in error.errors())
            problems += [Problem(key, str(value := good.pop(key)), facts(cls)[key].refusal(value)) for key in wrong]
            spec = cls(**good)
        while found := spec._conflict():
            problem, instead = found
            problems.append(problem)
            spec = spec._with(**{problem.key: instead})
        return spec, tuple(problems)

    @classmethod
    def usable(cls, key: str, value: str, words: Mapping[str, str]) -> bool:
        """Whether a word can have this value, among these words. Whether the values fit each other is not asked, but for text,
        of which nothing else is known."""
        if key not in cls.ALSO and facts(cls)[key].kind != "text":
            try:
                cls(**{key: value})
            except ValidationError:
                return False
            return True
        return all(problem.key != key for problem in cls.read({**words, key: value})[1])

    @property
    def needs(self) -> str:
        """The name of the data or weights that may have to be downloaded first; empty if there are none."""
        return ""

    def _default(self, name: str) -> Any:
        """The value of a setting that no word names."""
        return type(self).model_fields[name].default

    def _conflict(self) -> tuple[Problem, Any] | None:
        """The first setting whose value is allowed by itself but not with the others, and the value to use instead."""
        return None

    def _wrong(self, key: str, what: str) -> tuple[Problem, Any]:
        """A conflict that is resolved by setting `key` to its default."""
        return Problem(key, text_of(getattr(self, key)), what), self._default(key)

    def _with(self, **changes: Any) -> Self:
        """A copy with changes. model_copy would copy the cached properties as well."""
        return type(self).model_construct(
            **{**{name: getattr(self, name) for name in type(self).model_fields}, **changes}
        )

    def replace(self, **changes: Any) -> Self:
        """This spec with some settings changed. Raises SpecError as `of` does."""
        return type(self).of({**self.model_dump(), **changes})

    def changed(self, changes: Mapping[str, str | None]) -> tuple[Self, tuple[Problem, ...]]:
        """Return these settings after a person has changed some, and the problems. None resets a setting to its default.

        If a new value cannot be used, nothing changes and the problem is reported. If it rules out the value of another setting,
        that setting changes too, to its default or to the nearest value that works.
        """
        chosen = {name: value for name, value in changes.items() if value is not None}
        after, problems = type(self).read(self._along(changes) | chosen)
        return (self if any(problem.key in changes for problem in problems) else after), problems

    def _along(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """The words of the settings that a person's changes leave as they are."""
        return {name: word for name, word in self.words().items() if name not in changes}

    def words(self) -> dict[str, str]:
        """Settings that differ from the default, as text, in the order of the fields."""
        values = self.model_dump()
        return {
            name: text_of(values[name])
            for name in type(self).model_fields
            if getattr(self, name) != self._default(name)
        }

    def query(self) -> str:
        """The part of the permalink after the question mark; empty for the default settings."""
        return urlencode(self.words(), safe=",:")

    def command(self) -> str:
        """The settings as the command line takes them: `depth=20 norm=none`."""
        return " ".join(shlex.quote(f"{key}={value}") for key, value in self.words().items())

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that identify these settings, and so the results computed from them."""
        later = {name for name in self.LATER if getattr(self, name) == self._default(name)}
        text = json.dumps(self.model_dump(exclude=later), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _unknown(key: str, there: list[str]) -> str:
    """What is said of a setting that there is not: the ones that it may have been, else all that there are."""
    if near := get_close_matches(key, there, cutoff=0.75):
        return f"no such setting; did you mean {' or '.join(near)}?"
    return f"no such setting; there are {', '.join(there)}"


# -- facts about a field, for widgets, help and messages ---------------------------------------------


@dataclass(frozen=True)
class FieldFacts:
    """One setting as widgets, help and messages show it. A `live` setting may change during training. `optional`: nothing may be
    written, which stands for what suits the other settings."""

    name: str
    kind: Literal["int", "float", "choice", "names", "numbers", "edits", "text"]
    label: str
    help: str
    default: Any
    low: float | None
    high: float | None
    choices: Mapping[str, str]
    live: bool
    form: str = ""
    why: str = ""
    optional: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        match self.kind:
            case "choice":
                return "one of " + ", ".join(self.choices)
            case "names":
                return "names of " + ", ".join(self.choices)
            case "int":
                return f"a whole number from {self.low:,} to {self.high:,}"
            case "float":
                return f"a number from {_plain(self.low)} to {_plain(self.high)}"
            case "text":
                return self.form
            case "edits":
                return "step:setting:value, such as 60:cut:7 90:lr:0.01"
            case _:
                return self.form or "block numbers from 1, such as 3,7,10-12"

    def refusal(self, value: Any) -> str:
        """The message for a value that is not allowed; for a number it names the nearest allowed one too."""
        text = f"allowed is {self.allowed}"
        if self.kind not in ("int", "float"):
            return text
        try:
            number = read_number(value, whole=self.kind == "int") if isinstance(value, str) else float(value)
        except NoNumber as error:
            return f"{error}; {text}" if str(error) else text
        except (TypeError, ValueError, OverflowError):
            return text
        if self.low is not None and number < self.low:
            nearest = self.low
        elif self.high is not None and number > self.high:
            nearest = self.high
        else:
            return text
        said = int(nearest) if self.kind == "int" else _plain(nearest)
        return f"{text}{self.why and f': {self.why}'}; nearest that works: {said}"


def _plain(bound: float | None) -> str:
    """Write the bound of a field without an exponent, unless it is tiny: people expect 0.000001 and 1000000."""
    assert bound is not None
    return f"{bound:g}" if 0 < abs(bound) < 1e-6 else f"{bound:.6f}".rstrip("0").rstrip(".")


@cache
def facts(cls: type[Worded]) -> dict[str, FieldFacts]:
    """The facts of all settings of a spec class, by name."""
    return {name: _facts(name, info) for name, info in cls.model_fields.items()}


def _facts(name: str, info: FieldInfo) -> FieldFacts:
    bounds = {type(m).__name__: m for m in info.metadata}
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    choices: Any = extra.get("choices", {})
    if get_origin(info.annotation) is Literal:
        kind: Any = "choice"
        assert set(choices) == set(get_args(info.annotation)), name
    else:
        kinds: dict[Any, Any] = {int: "int", float: "float", tuple[Edit, ...]: "edits"}
        written = extra.get("form") and info.annotation is str
        kind = "text" if written else "names" if choices else kinds.get(info.annotation, "numbers")
    low, high = bounds.get("Ge"), bounds.get("Le")
    return FieldFacts(
        name,
        kind,
        info.title or name,
        info.description or "",
        info.default,
        getattr(low, "ge", None) if extra.get("least") is None else float(str(extra["least"])),
        getattr(high, "le", None),
        choices,
        bool(extra.get("live")),
        str(extra.get("form", "")),
        str(extra.get("why", "")),
        extra.get("least") is not None,
    )
