"""The command line: the app, and the same experiments without a browser."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from resviz.terminal import Stop, bar, writable, write

if TYPE_CHECKING:
    from resviz.fields import Worded

# Each command imports what it needs when it runs: `resviz app` waits for none of it, wrong words not for torch.

ROOT = Path(__file__).parents[1]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Stop(message, 2)


class _Help(argparse.RawDescriptionHelpFormatter):
    """Adds the settings, made from the command's spec, when help is asked for."""

    def settings(self) -> tuple[type[Worded], Mapping[str, str]]:
        """The class of the spec, and what else to say of some of its settings."""
        from resviz.spec import Spec

        return Spec, {}

    def format_help(self) -> str:
        from resviz.fields import facts
        from resviz.words import text_of

        cls, notes = self.settings()
        words = {name: f"{name}={text_of(value)}" for name, value in cls.of({}).model_dump().items()}
        width = max(22, *map(len, words.values()))
        rows = [
            f"  {words[f.name]:<{width}} {f.label}; {f.allowed}{notes.get(f.name, '')}" for f in facts(cls).values()
        ]
        return "\n".join([super().format_help(), "settings and their defaults:", *rows, ""])


def _help_of(spec: Callable[[], type[Worded]]) -> type[_Help]:
    """The help of a command whose spec is imported when help is asked for."""
    return type("_SpecHelp", (_Help,), {"settings": lambda self: (spec(), {})})


class _EulerHelp(_Help):
    def settings(self) -> tuple[type[Worded], Mapping[str, str]]:
        from resviz.euler.solve import SolveSpec

        return SolveSpec, {"n": "; or h=, the length of a step"}


class _CountHelp(_Help):
    def settings(self) -> tuple[type[Worded], Mapping[str, str]]:
        from resviz.countspec import SYNONYMS, CountSpec
        from resviz.families import FAMILIES, STRUCTURE

        takers = {name: [net for net, family in FAMILIES.items() if name in family.uses] for name in STRUCTURE}
        notes = {name: f"; for {', '.join(nets)}" for name, nets in takers.items()}
        for word, name in SYNONYMS.items():
            notes[name] += f"; also written {word}="
        return CountSpec, notes


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 for a run that cannot be made, 2 for words that cannot be used."""
    for stream in (sys.stdout, sys.stderr):  # a terminal or file on Windows may lack arrows and Greek letters
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        arguments = _parser().parse_args(argv)
        code: int = arguments.run(arguments)
        return code
    except Stop as stop:
        print(f"resviz: {stop}", file=sys.stderr)
        return stop.code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="resviz", description="Residual networks, understood by doing.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    app = commands.add_parser("app", help="open the app in the browser")
    app.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 lets a class in (default: 127.0.0.1)"
    )
    app.add_argument("--port", type=int, help="port to listen on (default: 8501, or the next free one)")
    app.add_argument(
        "--path", default="", help="what the app's address has after the host, such as teach/resviz behind a proxy"
    )
    app.add_argument("--no-browser", action="store_true", help="only serve; open no browser")
    app.set_defaults(run=_app)

    train = commands.add_parser("train", help="train the twins", formatter_class=_Help)
    _settings(
        train,
        _train,
        json="print the whole run as JSON",
        out="write the records to FILE, a .csv, .parquet or .json",
    )

    signal = commands.add_parser(
        "signal",
        help="measure both networks before training: one pass (batch=32), layer by layer",
        formatter_class=_Help,
    )
    _settings(
        signal,
        _signal,
        json="print the profiles as JSON",
        out="write the profiles to FILE, a .csv or .json",
    )

    count = commands.add_parser(
        "count",
        help="count parameters, multiply-adds and memory of a published network or a block; nothing is built",
        formatter_class=_CountHelp,
    )
    _settings(
        count,
        _count,
        json="print sums and stages as JSON",
        out="write the stages to FILE, a .csv, .md or .json",
    )

    euler = commands.add_parser(
        "euler",
        help="solve a differential equation as a residual network would: error, order and stability of a method",
        formatter_class=_EulerHelp,
    )
    _settings(
        euler,
        _euler,
        json="print error, trajectory and evaluations as JSON",
        out="write the trajectory to FILE, a .csv or .json",
    )

    from resviz.inside import commands as inside

    for name, what in inside.COMMANDS.items():
        parser_ = commands.add_parser(name, help=what.help, formatter_class=_help_of(what.spec))
        _settings(
            parser_,
            what.run,
            json="print the result as JSON",
            out="write the figures' numbers to FILE, a .csv or .json",
        )

    data = commands.add_parser("data", help="download a data set, or a ResNet's trained weights")
    data.add_argument("name", help="mnist, fashion_mnist, cifar10 or cifar100; resnet18, resnet34 or resnet50")
    data.add_argument("--lines", action="store_true", help=argparse.SUPPRESS)  # progress for the app to read
    data.set_defaults(run=_data)
    return parser


def _settings(
    parser: argparse.ArgumentParser, run: Callable[[argparse.Namespace], int], *, json: str, out: str
) -> None:
    """What every command takes that measures or trains something."""
    parser.add_argument("words", nargs="*", metavar="key=value", help="settings, the same words as in a link")
    parser.add_argument("--json", action="store_true", help=json)
    parser.add_argument("--out", type=Path, metavar="FILE", help=out)
    parser.set_defaults(run=run)


def _app(arguments: argparse.Namespace) -> int:
    if not (ROOT / "app.py").exists():
        raise Stop(f"{ROOT} has no app.py; run `resviz app` from a checkout installed with `pip install -e .`", 1)
    flags = [f"--server.address={arguments.host}"]
    if arguments.port is not None:
        flags.append(f"--server.port={arguments.port}")
    if path := arguments.path.strip("/"):
        if not re.fullmatch(r"[\w.~-]+(/[\w.~-]+)*", path, re.ASCII):
            allowed = "allowed are letters, digits, - . _ ~ and /, such as teach/resviz"
            raise Stop(f"--path {arguments.path!r}: {allowed}", 2)
        flags.append(f"--server.baseUrlPath={path}")
    if not arguments.no_browser and sys.stdout.isatty():
        flags.append("--server.headless=false")
    os.chdir(ROOT)  # where .streamlit/config.toml is
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    if os.name == "nt":
        import subprocess

        return subprocess.call(command)
    os.execv(sys.executable, command)


def _train(arguments: argparse.Namespace) -> int:
    from resviz.records import SUFFIXES, History, Record, save, summary
    from resviz.spec import Spec
    from resviz.words import SpecError, parse_words

    try:
        spec = Spec.of(parse_words(arguments.words))
    except SpecError as error:
        raise Stop(str(error), 2) from error
    out = writable(arguments.out, SUFFIXES)

    from resviz.data import DataUnavailable
    from resviz.experiments.train import DeviceUnavailable, resolve_device, train

    try:
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
    except (DataUnavailable, DeviceUnavailable) as error:
        raise Stop(str(error), 1) from error

    if out:
        try:
            save(history, out, seconds)
        except OSError as error:
            raise Stop(f"--out {str(out)!r}: {error.strerror}", 1) from error
    if arguments.json:
        print(json.dumps(summary(history, seconds), allow_nan=False))
    else:
        from resviz.findings import train_finding

        print(train_finding(history))
        print(f"\n{len(history.records)} steps in {seconds:.1f} s on {spec.device}; run {spec.digest}")
    if interrupted:
        raise Stop(f"stopped after step {len(history.records)} of {spec.steps}", 130)
    return 0


def _signal(arguments: argparse.Namespace) -> int:
    from resviz.signal import OPENING, as_json, signal_finding, to_csv
    from resviz.spec import Spec
    from resviz.words import SpecError, parse_words

    try:
        spec = Spec.of({**OPENING, **parse_words(arguments.words)})
    except SpecError as error:
        raise Stop(str(error), 2) from error
    out = writable(arguments.out, (".csv", ".json"))

    from resviz.data import DataUnavailable
    from resviz.experiments.initial import Initial
    from resviz.experiments.train import DeviceUnavailable, resolve_device

    try:
        record = Initial()(spec.replace(device=resolve_device(spec.device)))
    except (DataUnavailable, DeviceUnavailable) as error:
        raise Stop(str(error), 1) from error
    text = json.dumps(as_json(record), allow_nan=False)
    if out:
        write(out, to_csv(record) if out.suffix == ".csv" else text)
    print(text if arguments.json else signal_finding(spec, record))
    return 0


def _count(arguments: argparse.Namespace) -> int:
    from resviz.architectures import count_all
    from resviz.countspec import CountSpec
    from resviz.counttext import as_json, comparison, to_csv, to_markdown, to_text
    from resviz.words import SpecError, parse_words

    try:
        spec = CountSpec.of(parse_words(arguments.words))
    except SpecError as error:
        raise Stop(str(error), 2) from error
    out = writable(arguments.out, (".csv", ".md", ".json"))

    found = count_all(spec)
    told, *others = map(as_json, found)
    if others:
        told["other"] = others[0]
    text = json.dumps(told, allow_nan=False)
    if out:
        tables = {".csv": to_csv, ".md": to_markdown}
        write(out, tables[out.suffix](found) if out.suffix in tables else text)
    if not arguments.json:
        said = [to_text(each) for each in found] + ([comparison(*found)] if others else [])
        encoding = sys.stdout.encoding or "utf-8"  # a file's on Windows has no arrows
        text = "\n\n".join(said).replace("**", "").encode(encoding, "replace").decode(encoding)
    print(text)
    return 0


def _euler(arguments: argparse.Namespace) -> int:
    from resviz.euler import solve as solving
    from resviz.euler import solvetext as texts
    from resviz.words import SpecError, parse_words

    try:
        spec = solving.SolveSpec.of(parse_words(arguments.words))
    except SpecError as error:
        raise Stop(str(error), 2) from error
    out = writable(arguments.out, (".csv", ".json"))

    told: dict[str, object]
    if spec.study == "order":
        told, said, rows = texts.order_json(spec), texts.order_finding(spec), None
    elif spec.study == "stability":
        told, said, rows = texts.stability_json(spec), texts.stability_finding(spec), None
    else:
        adaptive = None
        if spec.method == "dopri5":
            from resviz.experiments.adaptive import adaptive as run

            adaptive = run(spec)
        record = solving.solve(spec, adaptive, orders=False)
        told, said, rows = texts.as_json(record), texts.finding(record), texts.to_csv(record)
    text = json.dumps(told, allow_nan=False)
    if out:
        if out.suffix == ".csv" and rows is None:
            raise Stop(f"--out {str(out)!r}: a study is written as .json", 2)
        write(out, text if rows is None or out.suffix == ".json" else rows)
    print(text if arguments.json else said)
    return 0


def _data(arguments: argparse.Namespace) -> int:
    from resviz import weights
    from resviz.data import DataUnavailable, load
    from resviz.inside.photograph import PRETRAINED
    from resviz.settings import DATASETS

    with bar(0, "B", unit_scale=True) as shown:

        def progress(done: int, total: int) -> None:
            if arguments.lines:
                print(done, total, flush=True)
            shown.total = total or None
            shown.update(done - shown.n)

        try:
            if arguments.name in PRETRAINED:
                weights.download(arguments.name, progress)
            elif arguments.name in DATASETS:
                load(arguments.name, download=True, progress=progress)
            else:
                raise ValueError(
                    f"nothing called {arguments.name[:40]!r}; there are {', '.join((*DATASETS, *PRETRAINED))}"
                )
        except (DataUnavailable, ValueError) as error:
            raise Stop(str(error), 1 if isinstance(error, DataUnavailable) else 2) from error
    return 0


if __name__ == "__main__":
    sys.exit(main())
