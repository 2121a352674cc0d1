"""Puts small faults into a copy of the project, one at a time, and says which of them the tests notice.

    python -m tests.mutants                 all of them
    python -m tests.mutants nets flow       those of some areas; nets:3 is the third of one
    python -m tests.mutants --draw 10       ten at random

An area is a room of resviz/ ("top": the files beside them, "assets": the browser's half), whose faults are the list FAULTS of a
module here; or a topic, whose faults are in tests/topics/NAME/mutants.py.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from queue import Queue

from tests.mutants.fault import Fault

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
AREAS = {
    **{path.stem: f"tests.mutants.{path.stem}" for path in sorted(HERE.glob("*.py")) if path.stem[0] != "_"},
    **{
        f"topics/{path.parent.name}": f"tests.topics.{path.parent.name}.mutants"
        for path in sorted(HERE.parent.glob("topics/*/mutants.py"))
    },
}
del AREAS["fault"]
COPIED = (
    "resviz",
    "pages",
    "tests",
    "app.py",
    "pyproject.toml",
    "README.md",
    "CONTRIBUTING.md",
    "Makefile",
    ".streamlit",
)
PATIENCE = 10.0  # seconds that a browser's test waits for what it expects to see
SECONDS = 300.0  # for one fault; a fault may make a test hang, which is a way to be noticed


def chosen(words: list[str]) -> dict[str, Fault]:
    """Faults by name, such as nets:3. Raises SystemExit for a word that names none."""
    found = {}
    for word in words or AREAS:
        area, _, number = word.partition(":")
        if area not in AREAS:
            raise SystemExit(f"{word}: allowed is {', '.join(AREAS)}, or one of their faults, such as nets:1")
        faults: list[Fault] = import_module(AREAS[area]).FAULTS
        if number and not (number.isdecimal() and 1 <= int(number) <= len(faults)):
            raise SystemExit(f"{word}: {area} has faults 1 to {len(faults)}")
        numbers = [int(number)] if number else range(1, len(faults) + 1)
        found |= {f"{area}:{n}": faults[n - 1] for n in numbers}
    return found


def copy(folder: Path) -> Path:
    """The project, to be spoiled."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def noticed(fault: Fault, folder: Path, tests: list[str], *options: str, seconds: float = SECONDS) -> str:
    """What noticed the fault: a failed test, or "time" where one hung; empty where all passed."""
    path = folder / fault.path
    text = path.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        raise SystemExit(f"{fault.path} has {text.count(fault.old)} times, not once: {fault.old!r}")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--tb=no",
        "-rfE",
        *options,
        *tests,
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "CI": "1",
        "RESVIZ_HOME": str(folder / "home"),
        "RESVIZ_PATIENCE": str(PATIENCE),
    }
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "time"
    finally:
        path.write_text(text, encoding="utf-8")
    if done.returncode == 0:
        return ""
    failed = [line.split(" ")[1] for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if done.returncode == 1 and not failed:  # ended by pytest-timeout, which leaves no summary
        return "time"
    if done.returncode not in (1, 2) or not failed:
        raise SystemExit(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return failed[0]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("which", nargs="*", help=f"areas ({', '.join(AREAS)}), or single faults")
    parser.add_argument("--draw", type=int, metavar="N", help="only N of them, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="side by side")
    arguments = parser.parse_args()
    faults = chosen(arguments.which)
    if arguments.draw:
        faults = dict(random.Random(arguments.seed).sample(sorted(faults.items()), min(arguments.draw, len(faults))))
    began, missed = time.perf_counter(), []
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        new: Queue[Path] = Queue()
        for n in range(arguments.jobs):
            new.put(copy(_made(Path(scratch) / f"new {n}")))

        def judge(item: tuple[str, Fault]) -> tuple[str, str, float]:
            name, fault = item
            start, folder = time.perf_counter(), new.get()
            try:
                found = noticed(fault, folder, list(fault.there), "--hypothesis-profile=unshrunk")
            finally:
                new.put(folder)
            return name, found, time.perf_counter() - start

        with ThreadPoolExecutor(arguments.jobs) as pool:
            for name, found, took in pool.map(judge, faults.items()):
                print(
                    f"{'noticed' if found else 'MISSED ':7} {took:5.0f} s  {name}: {faults[name].says} ({faults[name].path})",
                    flush=True,
                )
                print(f"                 {found or 'by none of ' + ', '.join(faults[name].there)}", flush=True)
                missed += [name] * (not found)
    said = f"{len(faults) - len(missed)} of {len(faults)} faults noticed"
    print(f"{said} in {(time.perf_counter() - began) / 60:.1f} min{': missed ' * bool(missed)}{', '.join(missed)}")
    return bool(missed)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
