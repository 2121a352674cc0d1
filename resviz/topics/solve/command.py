"""`resviz euler`: a solver and a differential equation, without a browser."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

from resviz.terminal.commands import Stop, spec_of, words_of, writable, write
from resviz.topics.solve import words as texts
from resviz.topics.solve.question import SolveSpec, solve


def notes() -> Mapping[str, str]:
    """Return the text that the help adds to some settings."""
    return {"n": "; or h=, the length of a step"}


def run(arguments: argparse.Namespace) -> int:
    """Solve, or study the order or the stability of a method, and print what was found."""
    spec = spec_of(SolveSpec, words_of(arguments.words))
    out = writable(arguments.out, (".csv", ".json"))
    if out and out.kind == ".csv" and spec.study in ("order", "stability"):
        raise Stop(f"--out {str(out.path)!r}: a study is written as .json", 2)

    told: dict[str, object]
    if spec.study == "order":
        told, said, rows = texts.order_json(spec), texts.order_finding(spec), None
    elif spec.study == "stability":
        told, said, rows = texts.stability_json(spec), texts.stability_finding(spec), None
    else:
        adaptive = None
        if spec.method == "dopri5":
            from resviz.topics.solve.experiment import adaptive as solve_adaptively

            adaptive = solve_adaptively(spec)
        record = solve(spec, adaptive, orders=False)
        told, said, rows = texts.as_json(record), texts.finding(record), texts.to_csv(record)
    text = json.dumps(told, allow_nan=False)
    if out:
        write(out, text if rows is None or out.kind == ".json" else rows)
    print(text if arguments.json else said)
    return 0
