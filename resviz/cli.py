"""The command line: the app, and the same experiments without a browser."""

from __future__ import annotations

from resviz.terminal import interrupt

with interrupt.quiet():
    import argparse
    import os
    import re
    import sys
    from collections.abc import Mapping, Sequence
    from functools import partial
    from pathlib import Path
    from typing import TYPE_CHECKING, NoReturn

    from resviz.terminal.commands import Stop, bar, ended, words_of
    from resviz.topic import Command, Topic, topics

if TYPE_CHECKING:
    from resviz.words.fields import Worded

# Commands import what they need when they run, so that `resviz app` starts fast and wrong words are reported before torch loads.

# The folder of app.py, pages/ and Streamlit's settings: beside the package in a checkout, inside it when installed.
_PACKAGE = Path(__file__).parent
ROOT = _PACKAGE.parent if (_PACKAGE.parent / "app.py").exists() else _PACKAGE / "app"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Stop(message, 2)


class _Help(argparse.RawDescriptionHelpFormatter):
    """A help formatter that adds the settings of the command's spec."""

    def settings(self) -> tuple[type[Worded], Mapping[str, str]]:
        """The class of the spec, and notes on some of its settings, by name."""
        raise NotImplementedError

    def format_help(self) -> str:
        from resviz.words.fields import facts
        from resviz.words.text import text_of

        cls, notes = self.settings()
        optional = {name for name, fact in facts(cls).items() if fact.optional}
        defaults = {name: "" if name in optional else text_of(v) for name, v in cls.of({}).model_dump().items()}
        words = {name: f"{name}={text}" for name, text in defaults.items()}
        width = max(22, *map(len, words.values()))
        rows = [
            f"  {words[f.name]:<{width}} {f.label}; {f.allowed}{notes.get(f.name, '')}" for f in facts(cls).values()
        ]
        return "\n".join([super().format_help(), "settings and their defaults:", *rows, ""])


def _help_of(topic: Topic, command: Command) -> type[_Help]:
    """The help formatter of a command; the spec is imported only when help is asked for."""

    def settings(self: _Help) -> tuple[type[Worded], Mapping[str, str]]:
        return topic.named(command.spec), topic.named(command.notes)() if command.notes else {}

    return type("_SpecHelp", (_Help,), {"settings": settings})


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code (`terminal.ended`)."""

    def run() -> int:
        arguments = _parser().parse_args(argv)
        from resviz.words import environment

        environment.check()
        code: int = arguments.run(arguments)
        return code

    return ended(run, last=argv is None)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="resviz", description="Residual networks, understood by doing.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    app = commands.add_parser("app", help="open the app in the browser")
    app.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 lets a class in (default: 127.0.0.1)"
    )
    app.add_argument("--port", help="port to listen on (default: 8501, or the next free one)")
    app.add_argument(
        "--path", default="", help="what the app's address has after the host, such as teach/resviz behind a proxy"
    )
    app.add_argument("--no-browser", action="store_true", help="only serve; open no browser")
    app.set_defaults(run=_app)

    for name, found in _commands().items():
        topic, command = found[0]
        made = commands.add_parser(name, help=command.help, formatter_class=_help_of(topic, command))
        made.add_argument("words", nargs="*", metavar="key=value", help="settings, the same words as in a link")
        made.add_argument("--json", action="store_true", help=command.json)
        made.add_argument("--out", type=Path, metavar="FILE", help=command.out)
        made.set_defaults(run=partial(_answer, found))

    data = commands.add_parser("data", help="download a data set, or a ResNet's trained weights")
    data.add_argument("name", help="mnist, fashion_mnist, cifar10 or cifar100; resnet18, resnet34 or resnet50")
    data.add_argument("--lines", action="store_true", help=argparse.SUPPRESS)  # progress for the app to read
    data.set_defaults(run=_data)
    return parser


Answering = list[tuple[Topic, Command]]


def _commands() -> dict[str, Answering]:
    """The topics that answer each command, in the order of their `place`."""
    found: dict[str, Answering] = {}
    for topic in topics().values():
        if topic.command:
            found.setdefault(topic.command.name, []).append((topic, topic.command))
    return found


def _answer(found: Answering, arguments: argparse.Namespace) -> int:
    """Run the topic that answers this command."""
    topic, command = found[0]
    if command.run:
        code: int = topic.named(command.run)(arguments)
        return code
    words = words_of(arguments.words)
    if len(found) > 1:
        topic = _chosen(found, words.pop("study", command.study))

    from resviz.runs.here import answer

    return answer(next(iter(topic.asks)), words, arguments)


def _chosen(found: Answering, study: str) -> Topic:
    """The topic of the named study. Ends the program for an unknown one."""
    from resviz.words.text import Problem

    named = {command.study: topic for topic, command in found}
    if study not in named:
        raise Stop(str(Problem("study", study, f"allowed is one of {', '.join(named)}")), 2)
    return named[study]


def _app(arguments: argparse.Namespace) -> int:
    from resviz.words import environment

    flags = [f"--server.address={arguments.host}"]
    if arguments.port is not None:
        flags.append(f"--server.port={_port(arguments.port)}")
    if path := arguments.path.strip("/"):
        if not re.fullmatch(r"[\w.~-]+(/[\w.~-]+)*", path, re.ASCII):
            allowed = "allowed are letters, digits, - . _ ~ and /, such as teach/resviz"
            raise Stop(f"--path {arguments.path!r}: {allowed}", 2)
        flags.append(f"--server.baseUrlPath={path}")
    _listens(arguments.host, int(arguments.port or 0))
    if not arguments.no_browser and sys.stdout is not None and sys.stdout.isatty():
        flags.append("--server.headless=false")
    for name in environment.FOLDERS:
        if path := environment.folder(name):
            os.environ[name] = str(path.absolute())  # before the folder is another
    os.chdir(ROOT)  # where .streamlit/config.toml is
    command = [sys.executable, "-m", "resviz.ui.serve", *flags]
    if os.name == "nt":
        import subprocess

        return subprocess.call(command)
    os.execv(sys.executable, command)


_HOSTS = "this machine has no such address; allowed is one of its own, 127.0.0.1 for this machine alone, or 0.0.0.0 for a class"


def _port(text: str) -> int:
    from resviz.words.text import shown

    if not text.isdecimal() or len(text) > 5 or not 1 <= int(text) <= 65_535:
        raise Stop(f"--port {shown(text)}: allowed is a whole number from 1 to 65,535", 2)
    return int(text)


def _listens(host: str, port: int) -> None:
    """End the program if nothing can listen at an address: 2 if this machine has no such address, 1 if the port is not free.
    Port 0 is any that is."""
    import errno
    import socket

    from resviz.words.text import shown

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # there, it would take a port that is in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if not host.strip():
                raise socket.gaierror
            probe.bind((host, port))
            probe.listen(1)
        except (socket.gaierror, UnicodeError):
            raise Stop(f"--host {shown(host)!r}: {_HOSTS}", 2) from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Stop(
                    f"--port {port}: another program uses this port; choose another, or end that program", 1
                ) from None
            if error.errno == errno.EACCES:
                raise Stop(f"--port {port}: this port is not yours to use; choose one from 1,024 on", 1) from None
            raise Stop(f"--host {shown(host)!r}: {_HOSTS}", 2) from None


def _data(arguments: argparse.Namespace) -> int:
    from resviz.data import nets as weights
    from resviz.data.datasets import DATASETS
    from resviz.data.pretrained import PRETRAINED
    from resviz.data.tensors import DataUnavailable, load

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
