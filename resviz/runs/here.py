"""Answer questions in this process, for the command line: the same as on a page, without a browser."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from resviz.draw.table import to_csv
from resviz.runs.messages import STATES_FOLDER
from resviz.runs.questions import KINDS
from resviz.runs.store import default_root
from resviz.terminal.commands import Out, Stop, bar, computing, spec_of, writable, write
from resviz.words.say import unmarked


def answer(name: str, words: Mapping[str, str], arguments: argparse.Namespace) -> int:
    """Answer a question of a kind, and print its finding. Networks continue from the states that runs have stored."""
    kind = KINDS[name]
    spec = spec_of(kind.spec, words)
    out = writable(arguments.out, (".csv", ".json"))
    os.environ.setdefault(STATES_FOLDER, str(default_root() / "states"))

    from resviz.train.twins.lockstep import one_thread

    one_thread()  # as in the app, so that the numbers are the same
    record: Any = None
    try:
        with computing(ValueError), bar(1000, "‰") as shown:
            for part in kind.answerer()(spec):
                record = record if part is None else part
                if record is not None:
                    shown.update(int(1000 * record.done) - shown.n)
    except KeyboardInterrupt:
        raise Stop("stopped; what has been learnt so far is not kept", 130) from None
    said = kind.named(kind.asked.finding)(record)
    told = {**asdict(record), "spec": record.spec.model_dump(), "finding": said}
    return tell(arguments, out, told, said, kind.named(kind.asked.figures)(record))


def tell(arguments: argparse.Namespace, out: Out | None, told: Mapping[str, Any], said: str, figures: list[Any]) -> int:
    """Print what was found, as words or as JSON, and write it to a file where one is asked for."""
    text = json.dumps(told, allow_nan=False)
    if out:
        write(out, text if out.kind == ".json" else to_csv(figures))
    print(text if arguments.json else unmarked(said))
    return 0
