"""Widgets made from the spec. The address bar holds the spec; a widget shows it, and a change writes it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from resviz.blockspec import BLOCK_FIELDS, BlockSpec
from resviz.fields import FieldFacts, Worded, facts
from resviz.spec import FIELDS, Spec
from resviz.ui import asking
from resviz.words import Problem, text_of, write_edits, write_numbers

RESERVED = {"run", *asking.RESERVED}  # query keys that are not settings
_PROBLEMS = "problems"
_OPENING = "opening"
_WIDGETS = "widgets"  # by name: how many widgets it has had, and the value that the last one shows
_ITS_OWN = "\0"  # whatever the address makes of what was put into the widget itself, which is on the screen then

AnySpec = Spec | BlockSpec
AnyWorded = TypeVar("AnyWorded", bound=Worded)


def _words() -> dict[str, str]:
    """The settings that the address names."""
    return {key: value for key, value in st.query_params.items() if key not in RESERVED}


def words_from_url(spec: type[AnyWorded]) -> tuple[AnyWorded, tuple[Problem, ...]]:
    """What the address says to a page of such specs, and what in it could not be used."""
    words, problems = _with_run(_words()) if issubclass(spec, Spec) else (_words(), ())
    found, more = spec.read(words)
    return found, (*more, *problems, *st.session_state.pop(_PROBLEMS, ()))


def _with_run(words: dict[str, str]) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """The words, and those of the run in the store that the address names."""
    return asking.with_run({**words, "run": st.query_params.get("run", "")})


def block_from_url() -> tuple[BlockSpec, tuple[Problem, ...]]:
    """The block that the address names, and what in it could not be used. Settings that only whole networks have are left
    alone: a lesson passes them on."""
    words = _words()
    known = {key: value for key, value in words.items() if key in BLOCK_FIELDS or key not in FIELDS}
    spec, problems = BlockSpec.read(known)
    return spec, (*problems, *st.session_state.pop(_PROBLEMS, ()))


def spec_from_url(opening: Mapping[str, str] | None = None) -> tuple[Spec, tuple[Problem, ...]]:
    """The experiment that the address names, and what in it could not be used. `opening` is what this page begins with where
    the address says nothing; the addresses that it writes name these settings."""
    if opening is not None:
        st.session_state[_OPENING] = dict(opening)
    words = _words()
    words = st.session_state.get(_OPENING, {}) | words
    words, unknown = _with_run(words)
    spec, problems = Spec.read(words)
    return spec, (*problems, *unknown, *st.session_state.pop(_PROBLEMS, ()))


def show_problems(problems: Iterable[Problem]) -> None:
    """Say which settings were not used, and what would be."""
    text = "\n".join(f"- `{_code(problem)}`" for problem in problems)
    if text:
        st.warning(
            f"Not every setting in the link can be used; these take their default, or the nearest that works:\n\n{text}",
            icon=":material/info:",
        )


def _code(problem: Problem) -> str:
    return str(problem).replace("`", "'").replace("\n", " ")


def setting(name: str, spec: AnySpec, width: int | None = None) -> None:
    """One setting as the widget that suits it, `width` px wide or as it fits. Its bounds, label and help come from the spec."""
    fact = facts(type(spec))[name]
    widget = f"set_{name}"
    key = _key(widget, _shown(fact, getattr(spec, name)))
    changed = partial(_changed, name, widget, key, type(spec))
    common: dict[str, Any] = {"key": key, "help": fact.help, "on_change": changed}
    if width:
        common["width"] = width
    match fact.kind:
        case "choice":
            st.selectbox(fact.label, list(fact.choices), format_func=fact.choices.__getitem__, **common)
        case "int":
            st.number_input(
                fact.label, int(fact.low or 0), int(fact.high or 0), step=2 if name == "depth" else 1, **common
            )
        case _:
            st.text_input(fact.label, placeholder=fact.form or "none", **common)


def settings_box(label: str, spec: AnySpec, rows: Iterable[Iterable[str]]) -> None:
    """Settings behind a button, in rows."""
    with st.popover(label):
        for names in rows:
            with st.container(horizontal=True):
                for name in names:
                    setting(name, spec)


def _shown(fact: FieldFacts, value: Any) -> Any:
    match fact.kind:
        case "numbers":
            return write_numbers(value)
        case "edits":
            return write_edits(value)
        case "float":
            return text_of(value)
        case _:
            return value


def _key(name: str, value: Any) -> str:
    """The key of a widget that shows this value: the address is the truth, and widgets follow.

    The browser hears of a new value only while the widget is on the screen. In a closed popover it is not, and with the next
    rerun its old value would come back as if it had been chosen. So a value that another than the widget itself has changed
    gets a new widget.
    """
    known: dict[str, tuple[int, Any]] = st.session_state.setdefault(_WIDGETS, {})
    number, last = known.get(name, (0, value))
    number += last not in (value, _ITS_OWN)
    known[name] = number, value
    key = f"{name}_{number}" if number else name
    st.session_state[key] = value
    return key


def _changed(name: str, widget: str, key: str, kind: type[AnySpec]) -> None:
    """Write a widget's new value into the address; an unusable one is reported and changes nothing."""
    value, known = st.session_state[key], st.session_state[_WIDGETS]
    known[widget] = known[widget][0], _ITS_OWN
    write(kind, {name: value})


def read_address(kind: type[AnySpec]) -> AnySpec:
    """What the address says to a page of this kind."""
    readers: dict[type, Any] = {Spec: spec_from_url, BlockSpec: block_from_url}
    return (readers[kind]() if kind in readers else words_from_url(kind))[0]


def write(kind: type[AnySpec], changes: Mapping[str, Any], drop: Iterable[str] = ()) -> None:
    """Put settings into the address, those of `drop` at their defaults. What cannot be used is reported, and changes
    nothing; a value that rules out another setting takes that one to its default."""
    before = read_address(kind)
    after, problems = _with(before, changes, drop)
    if problems:
        st.session_state[_PROBLEMS] = problems
    show_in_address(before if any(problem.key in changes for problem in problems) else after)


def _with(before: AnySpec, changes: Mapping[str, Any], drop: Iterable[str] = ()) -> tuple[AnySpec, tuple[Problem, ...]]:
    dropped = set(drop)
    return type(before).read({name: v for name, v in before.words().items() if name not in dropped} | dict(changes))


def show_in_address(spec: AnySpec) -> None:
    """Make the address bar name these settings."""
    named = {name: text_of(getattr(spec, name)) for name in st.session_state.get(_OPENING, {}) if hasattr(spec, name)}
    st.query_params.from_dict(named | spec.words())


def viewer() -> str:
    """Names this session to the server: of several things that it asks, only the latest is measured."""
    context = get_script_run_ctx()
    return context.session_id[:60] if context else ""


def scenarios(spec: AnySpec, choices: Mapping[str, Mapping[str, str]], *, select: str = "", width: int = 190) -> None:
    """A row of named settings, of which one may hold now; with a label, a list to select from. A choice sets all that any
    of them sets, and nothing else."""
    names = {name for words in choices.values() for name in words}

    def said(words: Mapping[str, str]) -> dict[str, str | None]:
        return {name: words.get(name) for name in names}

    key = f"scenario_{select}"
    st.session_state[key] = next(
        # A value written out that is the default is no word of a spec.
        (label for label, words in choices.items() if said(type(spec).read(words)[0].words()) == said(spec.words())),
        None,
    )

    def chosen() -> None:
        if label := st.session_state[key]:
            write(type(spec), choices[label], drop=names)

    if select:
        st.selectbox(select, list(choices), key=key, on_change=chosen, placeholder="a mixture", width=width)
    else:
        st.pills("Try", list(choices), key=key, on_change=chosen, label_visibility="collapsed")
