"""Faults of the files beside the rooms."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/terminal/letters.py",
        "elif not _has(encoding, part):",
        "elif False:",
        "a letter that the terminal lacks is a question mark",
        ("tests/test_cli_ends.py",),
    ),
    Fault(
        "resviz/cli.py",
        "    from resviz.terminal.commands import Stop, bar, ended, words_of\n",
        (
            "    from resviz.data.tensors import DataUnavailable  # noqa: F401\n"
            "    from resviz.terminal.commands import Stop, bar, ended, words_of\n"
        ),
        "every command waits for torch",
        ("tests/test_cli_process.py",),
    ),
    Fault(
        "resviz/terminal/commands.py",
        "raise _unwritten(out, error) from error\n\n\ndef write(",
        "print(_unwritten(out, error))\n\n\ndef write(",
        "a file that could not be written is a success",
        ("tests/test_cli_ends.py",),
    ),
    Fault(
        "resviz/terminal/interrupt.py",
        "            if signal.SIGINT in some:\n                return end(SECONDS)",
        "            pass",
        "what Ctrl-C does not reach goes on",
        ("tests/test_cli_ends.py",),
    ),
    Fault(
        "resviz/terminal/commands.py",
        "        part.unlink(missing_ok=True)\n",
        "        pass\n",
        "half a file is left where none was finished",
        ("tests/test_cli_ends.py",),
    ),
    Fault(
        "resviz/terminal/commands.py",
        "if error.closed else (1,",
        "if not error.closed else (1,",
        "a reader who has enough is an error, and a full disk is none",
        ("tests/test_cli_ends.py",),
    ),
    Fault(
        "resviz/terminal/letters.py",
        'letter = found[2].replace("LAMDA", "LAMBDA")',
        "letter = found[2]",
        "lambda is written as Unicode has it",
        ("tests/test_cli_ends.py",),
    ),
    Fault(
        "resviz/words/environment.py",
        "if not known.least <= value <= known.most:",
        "if value < known.least or value > known.most:",
        "NaN is an amount of memory",
        ("tests/test_cli_ends.py",),
    ),
    Fault(
        "resviz/ui/addresses.py",
        "known.is_loopback or ",
        "",
        "others are sent to an address that is their own machine",
        ("tests/ui/test_addresses.py",),
    ),
    Fault(
        "resviz/latest.py",
        "            return super().__getitem__(key)",
        "            return Cache.__getitem__(self, key)",
        "what is used again goes as if it had not been",
        ("tests/test_latest.py", "tests/topics/photograph/test_panel.py"),
    ),
]
