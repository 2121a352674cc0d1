"""Faults of the command line and of the exported script."""

from tests.mutants.fault import Fault

CLI = "resviz/cli.py"
EXPORT = "resviz/families/resnet/script.py"

FAULTS = [
    Fault(
        CLI,
        'raise Stop(f"stopped after step {len(history.records)} of {spec.steps}", 130)',
        'raise Stop(f"stopped after step {len(history.records)} of {spec.steps}", 1)',
        "Ctrl-C ends with the exit code of a failure",
        ("tests/test_cli_process.py",),
    ),
    Fault(
        CLI,
        'stream.reconfigure(errors="replace")',
        'stream.reconfigure(errors="strict")',
        "a letter that the terminal lacks ends the command",
        ("tests/test_cli_process.py",),
    ),
    Fault(
        CLI,
        "from resviz.terminal import Stop, bar, writable, write\n",
        "from resviz.data.tensors import DataUnavailable  # noqa: F401\nfrom resviz.terminal import Stop, bar, writable, write\n",
        "every command waits for torch",
        ("tests/test_cli_process.py",),
    ),
    Fault(
        CLI,
        'told["other"] = others[0]',
        'told["other"] = told',
        "the network beside it is told to be the same",
        ("tests/test_cli.py",),
    ),
    Fault(
        CLI,
        'raise Stop(f"--out {str(out)!r}: a study is written as .json", 2)',
        'raise Stop(f"--out {str(out)!r}: a study is written as .json", 0)',
        "a study that is not written is a success",
        ("tests/topics/solve/test_command.py",),
    ),
    Fault(
        CLI,
        'out.suffix == ".csv" else text)\n    print(text if arguments.json else signal_finding',
        'out.suffix == ".json" else text)\n    print(text if arguments.json else signal_finding',
        "the two kinds of file are exchanged",
        ("tests/topics/signal/test_words.py",),
    ),
    Fault(
        "resviz/terminal.py",
        'raise Stop(f"--out {str(out)!r}: {error.strerror}", 1) from error',
        'print(f"resviz: --out {str(out)!r}: {error.strerror}")',
        "a file that could not be written is a success",
        ("tests/test_cli.py",),
    ),
    Fault(
        "resviz/runs/commands.py",
        'f"{half}_error": None if accuracy is None else 1 - accuracy',
        'f"{half}_error": None if accuracy is None else accuracy',
        "an accuracy is told as an error",
        ("tests/topics/depth/test_command.py",),
    ),
    Fault(
        "resviz/runs/commands.py",
        "    except (DataUnavailable, DeviceUnavailable, ValueError) as error:",
        "    except (DataUnavailable, DeviceUnavailable) as error:",
        "networks that have no answer end in a traceback",
        ("tests/test_cli_inside.py",),
    ),
    Fault(
        EXPORT,
        "for after, now in reversed(spec.segments):",
        "for after, now in spec.segments:",
        "the script never changes its learning rate",
        ("tests/families/resnet/test_script.py",),
    ),
    Fault(
        EXPORT,
        'yield f"    if step > {after}:',
        'yield f"    if step >= {after}:',
        "the script changes its learning rate one step early",
        ("tests/families/resnet/test_script.py",),
    ),
    Fault(
        EXPORT,
        'if spec.survival < 1 and spec.optimizer == "sgd"',
        'if spec.survival == 1 and spec.optimizer == "sgd"',
        "in the script, blocks that have slept have no momentum",
        ("tests/families/resnet/test_script.py",),
    ),
]
