"""Faults of the files beside the rooms."""

from tests.mutants.fault import Fault

FAULTS = [
    Fault(
        "resviz/cli.py",
        'stream.reconfigure(errors="replace")',
        'stream.reconfigure(errors="strict")',
        "a letter that the terminal lacks ends the command",
        ("tests/test_cli_process.py",),
    ),
    Fault(
        "resviz/cli.py",
        "from resviz.terminal import Stop, bar, words_of\n",
        (
            "from resviz.data.tensors import DataUnavailable  # noqa: F401\n"
            "from resviz.terminal import Stop, bar, words_of\n"
        ),
        "every command waits for torch",
        ("tests/test_cli_process.py",),
    ),
    Fault(
        "resviz/terminal.py",
        'raise Stop(f"--out {str(out)!r}: {error.strerror}", 1) from error',
        'print(f"resviz: --out {str(out)!r}: {error.strerror}")',
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
