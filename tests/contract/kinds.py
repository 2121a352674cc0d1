"""What the app can be asked, as one list: all that the contract tests know of the registries stands here.

Each entry says what its spec, its answer, its figures and its finding are. The tests go through the lists and name no kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import strategies as st

from resviz.data.pretrained import PRETRAINED
from resviz.draw.figure import Figure
from resviz.euler import views as euler_views
from resviz.families.resnet.spec import Spec
from resviz.inside import views as inside_views
from resviz.runs import commands
from resviz.runs.questions import KINDS, answerer
from resviz.runs.recorded import OPENING, STUDIES, Recorded, opening, recorded, recorded_study
from resviz.runs.studies import KINDS as STUDY_KINDS
from resviz.runs.studies import Study
from resviz.topic import View
from resviz.topics.signal import figures as signal_figures
from resviz.topics.solve import question as solve
from resviz.topics.start import figures as start_figures
from resviz.topics.train import figures as train_figures
from resviz.ui.panel import Panel
from resviz.ui.panels import PANELS
from resviz.ui.passing import Passes
from resviz.ui.sources import Instant, Measured, Together, affordable
from resviz.words.fields import Worded
from tests.contract import records

VIEWS: dict[str, View] = {
    **euler_views.VIEWS,
    **inside_views.ATTRIBUTION,
    **inside_views.PATHS,
    **inside_views.LANDSCAPE,
}
# Panels that are no view of a page, and where they stand.
ALONE = {
    **dict.fromkeys(("count", "built", "step"), "Calculator"),
    **dict.fromkeys(("signal", "calm", "shattered"), "Signal"),
    **dict.fromkeys(("block", "compared"), "Block"),
    "start": "Start",
    "train": "Train",
    "depth": "Depth",
}
# Panels whose record is runs, which the scheduler has trained.
OF_RUNS = ("train", "compared", "depth", "calm")


@dataclass(frozen=True)
class Entry:
    """One kind of question.

    small: words of a spec that is answered in well under a second; other: of another one.
    measures: what of a record is a time or a memory of this machine, as a path with * for every key.
    quick: nothing is recorded of it, for the answer is there in under a second; asked_first: why it opens with nothing.
    needs: its defaults need a download. opens: what comes with the package.
    asked_as: the kind under which its panel has it computed elsewhere; asked_with: the spec that such a question takes.
    weighed: what would take too long is declined.
    command: what the command line says and draws.
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
    marks: tuple[pytest.MarkDecorator, ...] = ()

    @property
    def records(self) -> st.SearchStrategy[Any] | None:
        """Any record that there can be; None where only real ones are tested."""
        return records.RECORDS.get(self.name)

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


# -- small questions -------------------------------------------------------------------------------

_RUN = {"depth": "6", "width": "2", "examples": "64", "batch": "64", "epochs": "1", "device": "cpu"}
_COUNTED = {"net": "cifar", "depth": "8", "input": "8", "batch": "1"}
SMALL: dict[str, dict[str, str]] = {
    "initial": _RUN,
    "start": _RUN,
    "signal": {**_RUN, "norm": "none"},
    "block": {"image": "digit", "inputs": "4", "width": "4"},
    "shattered": {"depth": "4", "width": "16", "seeds": "1"},
    "check": _COUNTED,
    "steptime": _COUNTED,
    "count": {"net": "cifar", "depth": "8", "other": "wrn"},
    "built": _COUNTED,
    "step": _COUNTED,
    "adaptive": {"tol": "0.01"},
    "orders": {"T": "5"},
    "solve": {"tol": "0.01", "method": "heun"},
    "unravel": {"blocks": "2", "opened": "1"},
    "flow": {"blocks": "2", "hidden": "4", "steps": "4"},
    "refine": {"blocks": "2", "hidden": "4", "steps": "4"},
    "ode": {"hidden": "4", "steps": "3", "tol": "0.1"},
    "crossing": {"blocks": "2", "hidden": "4", "steps": "4"},
    "rollout": {"blocks": "1", "hidden": "4", "steps": "10", "examples": "20", "horizon": "10"},
    "depthtime": _RUN,
    "attribution": {**_RUN, "method": "smoothgrad", "steps_between": "3", "destroyed": "yes"},
    "photograph": {"weights": "random", "method": "saliency"},
    "lesion": {**_RUN, "lesion": "1", "images": "20"},
    "several": {**_RUN, "draws": "2", "images": "20"},
    "lengths": {**_RUN, "images": "4", "repeats": "1"},
    "landscape": {**_RUN, "finest": "9", "images": "8"},
}
OTHER: dict[str, dict[str, str]] = {  # what a person might ask in between
    "check": {"net": "cifar", "depth": "14"},
    "steptime": {"batch": "2"},
    "count": {"net": "cifar", "other": "vgg16"},
    "built": {"net": "cifar", "depth": "14"},
    "step": {"batch": "2"},
    "adaptive": {"system": "pendulum"},
    "orders": {"system": "pendulum"},
    "solve": {"system": "pendulum"},
    "unravel": {"blocks": "3"},
    "crossing": {"task": "rings"},
}
MEASURES = {
    "steptime": ("seconds", "fastest", "steps", "rate", "bandwidth"),
    "step": tuple(f"*.found.{name}" for name in ("seconds", "fastest", "steps", "rate", "bandwidth")),
    "ode": ("nets.*.seconds", "reached"),
}
QUICK = ("initial", "start", "signal", "block", "adaptive", "orders", "check", "solve", "unravel", "count")
# Neither quick nor recorded, and why.
ASKED_FIRST = {
    "steptime": "a press measures it",
    "step": "a press measures it",
    "built": "a press builds it",
    "shattered": "two seconds, below everything else on its page",
}
SLOW = {"steptime": (pytest.mark.heavy,), "step": (pytest.mark.heavy,)}


def _answer_of(name: str) -> Callable[[Any], Any]:
    if name == "solve":
        return lambda spec: solve.solve(spec, answerer("adaptive")(spec.problem.replace(tol=spec.tol)))
    if name not in PANELS or KINDS.get(name, KINDS["initial"]).parts:
        return lambda spec: answerer(name)(spec)
    source = PANELS[name].source
    if isinstance(source, Together):
        return lambda spec: source.combined(spec, [answerer(q.kind)(q.spec) for q in source.questions(spec)])
    if isinstance(source, Measured):
        return lambda spec: source.told(spec, answerer(source.kind)(spec))
    assert isinstance(source, Instant)
    return source.make


def _findings_of(name: str) -> tuple[Callable[[Any, Any], str], ...]:
    return (lambda spec, record: PANELS[name].finding(record),) if name in PANELS else ()


def _entry(name: str) -> Entry:
    kind, panel = KINDS.get(name), PANELS.get(name)
    spec = (panel or kind).spec
    source = panel and panel.source
    return Entry(
        name=name,
        spec=spec,
        small=SMALL[name],
        other={**SMALL[name], **(OTHER.get(name) or {"seed": "7"})},
        answer=_answer_of(name),
        parts=bool(kind and kind.parts),
        to_text=kind and kind.to_text,
        from_text=kind and kind.from_text,
        measures=MEASURES.get(name, ()),
        quick=name in QUICK,
        asked_first=ASKED_FIRST.get(name, ""),
        needs=spec().needs in PRETRAINED,
        opens=(lambda: recorded(opening(name))) if name in OPENING else lambda: None,
        findings=_findings_of(name),
        figures=panel.figures if panel else None,
        panel=panel,
        asked_as=source.kind if isinstance(source, Measured) and not isinstance(source, Together) else None,
        asked_with=(kind and kind.spec) or (Spec if isinstance(source, Passes) else None),
        weighed=isinstance(source, Measured) and source.check is affordable,
        command=tuple(map(commands._named, commands.SHOWN[name])) if name in commands.SHOWN else None,
        marks=SLOW.get(name, ()),
    )


def _of_runs(name: str) -> Entry:
    """A panel as its settings are tested; what it shows is tested with the scheduler that trains its runs."""

    def trained(spec: Any) -> Any:
        raise LookupError(f"{name}: the scheduler has it trained")

    panel = PANELS[name]
    return Entry(name, panel.spec, {}, {"seed": "7"}, trained, panel=panel)


ENTRIES = {name: _entry(name) for name in dict.fromkeys([*KINDS, *PANELS]) if name not in OF_RUNS}
PARTLY = {name: entry for name, entry in ENTRIES.items() if entry.parts}
KEPT = {name: entry for name, entry in ENTRIES.items() if entry.to_text}
OPEN = {name: entry for name, entry in ENTRIES.items() if entry.opens()}
SAID = {name: entry for name, entry in ENTRIES.items() if entry.findings}
ANSWERED = {name: entry for name, entry in ENTRIES.items() if entry.panel}
SHOWN = {**ANSWERED, **{name: _of_runs(name) for name in OF_RUNS}}
DRAWN = {name: entry for name, entry in ENTRIES.items() if entry.figures}
SPECS: dict[str, type[Worded]] = {entry.spec.__name__: entry.spec for entry in (*ENTRIES.values(), *SHOWN.values())}
# Charts that the browser fills with what a run says, by their page.
BOUND: dict[str, Callable[[Spec], list[Figure]]] = {
    "start": start_figures.templates,
    "signal": signal_figures.templates,
    "train": train_figures.templates,
}


def each(entries: Mapping[str, Entry]) -> pytest.MarkDecorator:
    """A test of each entry."""
    return pytest.mark.parametrize("entry", [pytest.param(e, id=name, marks=e.marks) for name, e in entries.items()])


def forget() -> None:
    """Have networks trained anew, which the experiments otherwise keep for the next question."""
    from resviz.train.twins import trained

    trained._known.clear()


# -- studies -----------------------------------------------------------------------------------------

ALL_STUDIES = tuple(STUDY_KINDS)
RESULTS = records.STUDIES
RECORDED_STUDIES = STUDIES


def recorded_results(kind: str) -> Recorded | None:
    return recorded_study(Study.of(kind, {}))
