"""The command `resviz signal`: one pass before training, without a browser."""

from __future__ import annotations

import argparse
import json

from resviz.families.resnet.spec import Spec
from resviz.terminal.commands import computing, spec_of, words_of, writable, write
from resviz.topics.signal.words import OPENING, signal_finding
from resviz.train.profiles import as_json, to_csv


def run(arguments: argparse.Namespace) -> int:
    """Measure both networks before training, and print the finding."""
    spec = spec_of(Spec, words_of(arguments.words, OPENING))
    out = writable(arguments.out, (".csv", ".json"))

    from resviz.train.twins.initial import Initial
    from resviz.train.twins.lockstep import resolve_device

    with computing():
        record = Initial()(spec.replace(device=resolve_device(spec.device)))
    text = json.dumps(as_json(record), allow_nan=False)
    if out:
        write(out, to_csv(record) if out.kind == ".csv" else text)
    print(text if arguments.json else signal_finding(spec, record))
    return 0
