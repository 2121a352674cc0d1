"""The command `resviz count`: the Calculator without a browser."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

from resviz.terminal.commands import spec_of, words_of, writable, write
from resviz.topics.calculator.architectures import count_all
from resviz.topics.calculator.presets import FAMILIES, STRUCTURE
from resviz.topics.calculator.question import SYNONYMS, CountSpec
from resviz.topics.calculator.words import as_json, comparison, to_csv, to_markdown, to_text
from resviz.words.say import unmarked


def notes() -> Mapping[str, str]:
    """Return additions to the help of some settings: which networks take them, and their synonyms."""
    takers = {name: [net for net, family in FAMILIES.items() if name in family.uses] for name in STRUCTURE}
    found = {name: f"; for {', '.join(nets)}" for name, nets in takers.items()}
    for word, name in SYNONYMS.items():
        found[name] += f"; also written {word}="
    return found


def run(arguments: argparse.Namespace) -> int:
    """Count, print the table, and write it to a file if asked."""
    spec = spec_of(CountSpec, words_of(arguments.words))
    out = writable(arguments.out, (".csv", ".md", ".json"))

    found = count_all(spec)
    told, *others = map(as_json, found)
    if others:
        told["other"] = others[0]
    text = json.dumps(told, allow_nan=False)
    if out:
        tables = {".csv": to_csv, ".md": to_markdown}
        write(out, tables[out.kind](found) if out.kind in tables else text)
    if not arguments.json:
        said = [to_text(each) for each in found] + ([comparison(*found)] if others else [])
        text = unmarked("\n\n".join(said))
    print(text)
    return 0
