"""The command `resviz train`: the run of the Train page, without a browser."""

from __future__ import annotations

import argparse
import json
import time

from resviz.families.resnet.findings import train_finding
from resviz.families.resnet.spec import Spec
from resviz.terminal.commands import Stop, bar, computing, spec_of, words_of, writable, writing
from resviz.train.records import SUFFIXES, History, Record, save, summary
from resviz.words.say import unmarked


def run(arguments: argparse.Namespace) -> int:
    """Train both networks, and print the finding. Ctrl-C ends a run early; the steps made so far are still written."""
    spec = spec_of(Spec, words_of(arguments.words))
    out = writable(arguments.out, SUFFIXES)

    from resviz.train.twins.lockstep import resolve_device, train

    with computing():
        spec = spec.replace(device=resolve_device(spec.device))
        history, began = History(spec), time.perf_counter()
        with bar(spec.steps, "step") as shown:
            try:
                for event in train(spec):
                    history.add(event)
                    if isinstance(event, Record):
                        shown.set_postfix({arm: f"{a.loss:.3f}" for arm, a in event.arms.items()}, refresh=False)
                        shown.update()
                interrupted = False
            except KeyboardInterrupt:
                interrupted = True
        seconds = time.perf_counter() - began

    if out:
        with writing(out) as part:
            save(history, part, seconds)
    if arguments.json:
        print(json.dumps(summary(history, seconds), allow_nan=False))
    else:
        print(unmarked(train_finding(history)))
        print(f"\n{len(history.records)} steps in {seconds:.1f} s on {spec.device}; run {spec.digest}")
    if interrupted:
        raise Stop(f"stopped after step {len(history.records)} of {spec.steps}", 130)
    return 0
