"""The commands that look inside trained networks, and the one that compares depths: what the pages do, without a browser."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from resviz.terminal import Stop, bar, writable, write

if TYPE_CHECKING:
    from resviz.fields import Worded
    from resviz.studies import Results, Study

# Each command imports what it needs when it runs.

SHOWN = {  # what to say and what to draw of a record, as module:function
    "attribution": ("inside.attribution:finding", "figures.attribution:figures"),
    "lesion": ("inside.paths:lesion_finding", "figures.paths:lesion_figures"),
    "several": ("inside.paths:several_finding", "figures.paths:several_figures"),
    "lengths": ("inside.paths:lengths_finding", "figures.paths:length_figures"),
    "landscape": ("inside.landscape:finding", "figures.landscape:figures"),
}
STUDIES = {"lesions": "lesion", "several": "several", "lengths": "lengths"}  # of `paths`, by the names of the panels


@dataclass(frozen=True)
class Command:
    help: str
    spec: Callable[[], type[Worded]]
    run: Callable[[argparse.Namespace], int]


def _spec_of(kind: str) -> type[Worded]:
    from resviz.runs.questions import KINDS

    return KINDS[kind].spec


def _depth_spec() -> type[Worded]:
    from resviz.studyspecs import DepthSpec

    return DepthSpec


def _words(arguments: argparse.Namespace) -> dict[str, str]:
    from resviz.words import SpecError, parse_words

    try:
        return parse_words(arguments.words)
    except SpecError as error:
        raise Stop(str(error), 2) from error


def look(kind: str, words: dict[str, str], arguments: argparse.Namespace) -> int:
    """Ask a question of `runs.questions` here, and print its answer. Networks go on from the states that runs have kept."""
    from resviz.runs.messages import STATES_FOLDER
    from resviz.runs.questions import KINDS, answerer
    from resviz.runs.store import default_root
    from resviz.words import SpecError

    try:
        spec = KINDS[kind].spec.of(words)
    except SpecError as error:
        raise Stop(str(error), 2) from error
    out = writable(arguments.out, (".csv", ".json"))
    os.environ.setdefault(STATES_FOLDER, str(default_root() / "states"))

    import torch

    from resviz.data import DataUnavailable
    from resviz.experiments.train import DeviceUnavailable

    torch.set_num_threads(1)  # as in the app, so that the numbers are the same
    record: Any = None
    try:
        with bar(1000, "‰") as shown:
            for part in answerer(kind)(spec):
                record = record if part is None else part
                if record is not None:
                    shown.update(int(1000 * record.done) - shown.n)
    except (DataUnavailable, DeviceUnavailable, ValueError) as error:
        raise Stop(str(error), 1) from error
    except KeyboardInterrupt:
        raise Stop("stopped; what has been learnt so far is not kept", 130) from None
    say, draw = map(_named, SHOWN[kind])
    said = say(record)
    return _tell(arguments, out, {**_plain(record), "finding": said}, said, draw(record))


def _named(name: str) -> Callable[[Any], Any]:
    module, attribute = name.split(":")
    found: Callable[[Any], Any] = getattr(import_module(f"resviz.{module}"), attribute)
    return found


def _plain(record: Any) -> dict[str, Any]:
    told = asdict(record)
    return {**told, "spec": record.spec.model_dump()}


def _tell(arguments: argparse.Namespace, out: Any, told: dict[str, Any], said: str, figures: list[Any]) -> int:
    text = json.dumps(told, allow_nan=False)
    if out:
        from resviz.figures.filled import to_csv

        write(out, text if out.suffix == ".json" else to_csv(figures))
    print(text if arguments.json else said)
    return 0


def _look(kind: str) -> Callable[[argparse.Namespace], int]:
    return lambda arguments: look(kind, _words(arguments), arguments)


def _paths(arguments: argparse.Namespace) -> int:
    from resviz.words import Problem

    words = _words(arguments)
    study = words.pop("study", "lesions")
    if study not in STUDIES:
        raise Stop(str(Problem("study", study, f"allowed is one of {', '.join(STUDIES)}")), 2)
    return look(STUDIES[study], words, arguments)


# -- depth -----------------------------------------------------------------------------------------


def _depth(arguments: argparse.Namespace) -> int:
    """Train both networks at every depth, or take from the store what is there; each run that ends is kept."""
    from resviz.studyspecs import DepthSpec
    from resviz.words import SpecError

    try:
        spec = DepthSpec.of(_words(arguments))
        study = spec.study()
    except SpecError as error:
        raise Stop(str(error), 2) from error
    out = writable(arguments.out, (".csv", ".json"))

    from resviz.data import DataUnavailable
    from resviz.experiments.train import DeviceUnavailable
    from resviz.figures.study import templates
    from resviz.study_findings import finding

    try:
        results = _results(study)
    except (DataUnavailable, DeviceUnavailable, OSError) as error:
        raise Stop(str(error), 1) from error
    except KeyboardInterrupt:
        raise Stop("stopped; runs that had ended are kept, and not made again", 130) from None
    said = finding(study, results)
    told = {"depths": study.depths, "seeds": study.seeds, "runs": _rows(study, results), "finding": said}
    return _tell(arguments, out, told, said, templates(study, results))


def _results(study: Study) -> Results:
    from resviz.experiments.train import resolve_device, train
    from resviz.records import ARMS, History, Record
    from resviz.runs.store import Store
    from resviz.studies import outcome

    store, found = Store(), {}
    members = [spec.replace(device=resolve_device(spec.device)) for spec in study.members()]
    with bar(sum(spec.steps for spec in members), "step") as shown:
        for spec in members:
            kept, _ = store.load(spec.digest)
            history = kept.history if kept else History(spec)
            shown.update(spec.steps if kept else 0)
            if not kept:
                began = time.perf_counter()
                for event in train(spec):
                    history.add(event)
                    shown.update(isinstance(event, Record))
                with suppress(OSError):  # what cannot be kept is made again
                    store.keep(history, time.perf_counter() - began)
            found[spec.depth, spec.seed] = {arm: outcome(history, arm) for arm in ARMS}
    return {
        (choice.name, n): found[(spec := study.spec(choice, n)).depth, spec.seed][choice.arm]
        for choice in study.choices
        for n in range(study.seeds)
    }


def _rows(study: Study, results: Results) -> list[dict[str, Any]]:
    rows = []
    for choice in study.choices:
        for n in range(study.seeds):
            run, spec = results[choice.name, n], study.spec(choice, n)
            errors = {
                f"{half}_error": None if accuracy is None else 1 - accuracy
                for half, accuracy in (("train", run.train_accuracy), ("test", run.test_accuracy))
            }
            rows.append({"depth": spec.depth, "arm": choice.arm, "seed": spec.seed, **errors, "stopped": run.stopped})
    return rows


COMMANDS = {
    "attribution": Command(
        "what both trained networks look at in an image", lambda: _spec_of("attribution"), _look("attribution")
    ),
    "paths": Command(
        "blocks taken out of both trained networks; study=several: at random, study=lengths: the gradient along single paths",
        lambda: _spec_of("lesion"),
        _paths,
    ),
    "landscape": Command(
        "the loss on a plane through the weights of both trained networks",
        lambda: _spec_of("landscape"),
        _look("landscape"),
    ),
    "depth": Command("training and test error against depth", _depth_spec, _depth),
}
