"""Faults of the files beside the rooms."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/terminal/letters.py",
        "elif not _has(encoding, part):",
        "elif False:",
        "a letter that the terminal lacks is a question mark",
        ("tests/test_cli_process.py",),
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
        ("tests/test_cli.py",),
    ),
    Fault(
        "resviz/latest.py",
        "            return super().__getitem__(key)",
        "            return Cache.__getitem__(self, key)",
        "what is used again goes as if it had not been",
        ("tests/test_latest.py", "tests/topics/photograph/test_panel.py"),
    ),
]
