"""The command `resviz depth`: train both networks at every depth, without a browser."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.runs.here import tell
from resviz.runs.store import Store
from resviz.runs.studies import Results, Study, outcome
from resviz.terminal.commands import Stop, bar, computing, spec_of, words_of, writable
from resviz.topics.depth.figures import figures
from resviz.topics.depth.question import DepthSpec
from resviz.topics.depth.words import finding
from resviz.train.records import History, Record
from resviz.words.text import SpecError


def run(arguments: argparse.Namespace) -> int:
    """Train both networks at every depth, or load the runs that are in the store; each finished run is stored."""
    spec = spec_of(DepthSpec, words_of(arguments.words))
    try:
        study = spec.study()
    except SpecError as error:
        raise Stop(str(error), 2) from error
    out = writable(arguments.out, (".csv", ".json"))

    try:
        with computing(OSError):
            results = _results(study)
    except KeyboardInterrupt:
        raise Stop("stopped; runs that had ended are kept, and not made again", 130) from None
    said = finding(study, results)
    told = {"depths": study.depths, "seeds": study.seeds, "runs": _rows(study, results), "finding": said}
    return tell(arguments, out, told, said, figures(study, results))


def _results(study: Study) -> Results:
    from resviz.train.twins.lockstep import resolve_device, train

    store, found = Store(), {}
    members = [spec.replace(device=resolve_device(spec.device)) for spec in study.members()]
    with bar(sum(spec.steps for spec in members), "step") as shown:
        for spec in members:
            kept, trouble = store.load(spec.digest)
            if trouble:
                print(f"resviz: {trouble}", file=sys.stderr)
            history = kept.history if kept else History(spec)
            shown.update(spec.steps if kept else 0)
            if not kept:
                began = time.perf_counter()
                for event in train(spec):
                    history.add(event)
                    shown.update(isinstance(event, Record))
                with suppress(OSError):  # a run that cannot be stored is trained again next time
                    store.keep(history, time.perf_counter() - began)
            found[spec.layers, spec.seed] = {arm: outcome(history, arm) for arm in ARMS}
    return {
        (choice.name, n): found[(spec := study.spec(choice, n)).layers, spec.seed][choice.arm]
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
            rows.append({"depth": spec.layers, "arm": choice.arm, "seed": spec.seed, **errors, "stopped": run.stopped})
    return rows
