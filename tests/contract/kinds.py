"""What the app can be asked, as one list, which follows from what topics declare and what their tests say (`contract.asked`).

Each entry says what its spec, its answer, its figures and its finding are. The tests go through the lists and name no kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pytest
from hypothesis import strategies as st

from resviz.data.pretrained import PRETRAINED
from resviz.draw.figure import Figure
from resviz.families.resnet.spec import Spec
from resviz.runs.questions import KINDS, answerer
from resviz.runs.recorded import HOLDING, OPENING, STUDIES, Recorded, opening, recorded, recorded_study
from resviz.runs.studies import Study
from resviz.runs.studies import kinds as study_kinds
from resviz.topic import Topic, topics
from resviz.ui.panel import Panel
from resviz.ui.panels import PANELS
from resviz.ui.passing import Passes
from resviz.ui.sources import Computed, Instant, Together, affordable
from resviz.words.fields import Worded
from tests.contract import records
from tests.contract.asked import RUN, Asked

CONTRACTS = [import_module(f"tests.topics.{name}.contract") for name in topics()]
INITIAL = Asked(small=RUN, quick=True)  # of no topic: several show it
ASKED: dict[str, Asked] = {"initial": INITIAL, **{k: v for module in CONTRACTS for k, v in module.ASKED.items()}}
# Topics by the names of their panels.
SHOWN_BY: dict[str, Topic] = {name: topic for topic in topics().values() for name in topic.shows}


@dataclass(frozen=True)
class Entry:
    """One kind of question.

    small: words of a spec that is answered in well under a second; other: of another one.
    measures: what of a record is a time or a memory of this machine, as a path with * for every key.
    quick: nothing is recorded of it, for the answer is there in under a second; asked_first: why it opens with nothing.
    needs: its defaults need a download. opens: what comes with the package.
    asked_as: the kind under which its panel has it computed elsewhere; asked_with: the spec that such a question takes.
    weighed: what would take too long is declined.
    command: what the command line says and draws. records: any record that there can be, None where only real ones are tested.
    """

    name: str
    spec: type[Worded]
    small: Mapping[str, str]
    other: Mapping[str, str]
    answer: Callable[[Any], Any]
    parts: bool = False
    to_text: Callable[[Any], str] | None = None
    from_text: Callable[[str], Any] | None = None
    measures: tuple[str, ...] = ()
    quick: bool = False
    asked_first: str = ""
    needs: bool = False
    opens: Callable[[], Recorded | None] = lambda: None
    findings: tuple[Callable[[Any, Any], str], ...] = ()
    figures: Callable[[Any], list[Figure]] | None = None
    panel: Panel | None = None
    asked_as: str | None = None
    asked_with: type[Worded] | None = None
    weighed: bool = False
    command: tuple[Callable[[Any], str], Callable[[Any], list[Figure]]] | None = None
    records: st.SearchStrategy[Any] | None = None
    marks: tuple[pytest.MarkDecorator, ...] = ()

    def parts_of(self, words: Mapping[str, str]) -> list[Any]:
        """All that its answer says, the whole answer last."""
        spec = self.spec.of(words)
        told = self.answer(spec)
        return [part for part in told if part is not None] if self.parts else [told]

    def unmeasured(self, record: Any) -> Any:
        """The record without what differs from one time to the next."""
        for path in self.measures:
            record = without(record, path.split("."))
        return record


def without(value: Any, path: list[str]) -> Any:
    """The same with None at a path. Raises AttributeError or KeyError where there is no such place."""
    if not path:
        return None
    name, *rest = path
    if isinstance(value, list):
        return [without(each, rest if name == "*" else path) for each in value]
    if isinstance(value, Mapping):
        return {**value, **{key: without(value[key], rest) for key in (value if name == "*" else [name])}}
    return replace(value, **{name: without(getattr(value, name), rest)})


def _answer_of(name: str) -> Callable[[Any], Any]:
    if told := ASKED[name].answer:
        return told
    if name not in PANELS or KINDS.get(name, KINDS["initial"]).parts:
        return lambda spec: answerer(name)(spec)
    source = PANELS[name].source
    if isinstance(source, Together):
        return lambda spec: source.combined(spec, [answerer(q.kind)(q.spec) for q in source.questions(spec)])
    if isinstance(source, Computed):
        return lambda spec: source.told(spec, answerer(source.kind)(spec))
    assert isinstance(source, Instant)
    return source.make


def _findings_of(name: str) -> tuple[Callable[[Any, Any], str], ...]:
    return (lambda spec, record: PANELS[name].finding(record),) if name in PANELS else ()


def _entry(name: str) -> Entry:
    kind, panel, asked = KINDS.get(name), PANELS.get(name), ASKED[name]
    spec = (panel or kind).spec
    source = panel and panel.source
    return Entry(
        name=name,
        spec=spec,
        small=asked.small,
        other={**asked.small, **asked.other},
        answer=_answer_of(name),
        parts=bool(kind and kind.parts),
        to_text=kind and kind.to_text,
        from_text=kind and kind.from_text,
        measures=asked.measures,
        quick=asked.quick,
        asked_first=asked.asked_first,
        needs=spec().needs in PRETRAINED,
        opens=(lambda: recorded(opening(name))) if name in (*OPENING, *HOLDING) else lambda: None,
        findings=_findings_of(name),
        figures=panel.figures if panel else None,
        panel=panel,
        asked_as=source.kind if isinstance(source, Computed) and not isinstance(source, Together) else None,
        asked_with=(kind and kind.spec) or (Spec if isinstance(source, Passes) else None),
        weighed=isinstance(source, Computed) and source.check is affordable,
        command=_command_of(name),
        records=asked.records,
        marks=asked.marks,
    )


def _command_of(name: str) -> tuple[Callable[[Any], str], Callable[[Any], list[Figure]]] | None:
    kind = KINDS.get(name)
    return (kind.named(kind.asked.finding), kind.named(kind.asked.figures)) if kind and kind.asked.finding else None


def _of_runs(name: str) -> Entry:
    """A panel as its settings are tested; what it shows is tested with the scheduler that trains its runs."""

    def trained(spec: Any) -> Any:
        raise LookupError(f"{name}: the scheduler has it trained")

    panel = PANELS[name]
    return Entry(name, panel.spec, {}, {"seed": "7"}, trained, panel=panel)


OF_RUNS = tuple(name for name, asked in ASKED.items() if asked.runs)
ENTRIES = {name: _entry(name) for name in dict.fromkeys([*KINDS, *PANELS]) if name not in OF_RUNS}
PARTLY = {name: entry for name, entry in ENTRIES.items() if entry.parts}
KEPT = {name: entry for name, entry in ENTRIES.items() if entry.to_text}
OPEN = {name: entry for name, entry in ENTRIES.items() if entry.opens()}
SAID = {name: entry for name, entry in ENTRIES.items() if entry.findings}
ANSWERED = {name: entry for name, entry in ENTRIES.items() if entry.panel}
SHOWN = {**ANSWERED, **{name: _of_runs(name) for name in OF_RUNS}}
DRAWN = {name: entry for name, entry in ENTRIES.items() if entry.figures}
SPECS: dict[str, type[Worded]] = {entry.spec.__name__: entry.spec for entry in (*ENTRIES.values(), *SHOWN.values())}
# Charts that the browser fills with what a run says, by their panel.
BOUND = {name: asked.bound for name, asked in ASKED.items() if asked.bound}


@contextmanager
def quickly() -> Iterator[None]:
    """What takes long and is not looked at by the contract takes less."""
    with ExitStack() as stack:
        for module in CONTRACTS:
            if hasattr(module, "quickly"):
                stack.enter_context(module.quickly())
        yield


def each(entries: Mapping[str, Entry]) -> pytest.MarkDecorator:
    """A test of each entry."""
    return pytest.mark.parametrize("entry", [pytest.param(e, id=name, marks=e.marks) for name, e in entries.items()])


def forget() -> None:
    """Have networks trained anew, which the experiments otherwise keep for the next question."""
    from resviz.train.twins import trained

    trained._known.clear()


# -- studies -----------------------------------------------------------------------------------------

ALL_STUDIES = tuple(study_kinds())
RESULTS = records.STUDIES
RECORDED_STUDIES = tuple(STUDIES)


def recorded_results(kind: str) -> Recorded | None:
    return recorded_study(Study.of(kind, {}))


def panel_of_study(kind: str) -> Panel:
    """The panel that shows studies of a kind: of the topic that declares it."""
    topic = next(topic for topic in topics().values() if kind in topic.studies)
    return PANELS[next(iter(topic.shows))]
