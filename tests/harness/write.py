"""Writes what the harness answers from: the Python side's own pages and answers, as JSON files in fixtures/.

    python -m tests.harness.write            all of them
    python -m tests.harness.write train      one

A scene is what one file holds: {"pages": what a page hands to its component, by address; "answers": what the server says, by
question (site.question); "runs": a run's head and its records, by digest}. Nothing is trained: records are made up
(tests.paced), or come with the package. A test writes every scene again and compares.
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

TESTS = Path(__file__).parents[1]
FILES = sorted([*TESTS.glob("topics/*/scenes.py"), *TESTS.glob("harness/scenes_*.py")])


@functools.cache
def modules() -> dict[str, Any]:
    """The modules that write scenes, by the folder that each lies in; SCENES is what each has: name -> function of a scene."""
    names = (".".join(path.relative_to(TESTS.parent).with_suffix("").parts) for path in FILES)
    return {name: module for name in names if hasattr(module := import_module(name), "SCENES")}


@functools.cache
def scenes() -> dict[str, Callable[[], dict[str, Any]]]:
    """All scenes by name."""
    found: dict[str, Callable[[], dict[str, Any]]] = {}
    for module in modules().values():
        assert not found.keys() & module.SCENES.keys()
        found |= module.SCENES
    return found


def file_of(name: str) -> Path:
    """Where a scene is written: into the folder of its topic, or of the harness."""
    (module,) = (module for module in modules().values() if name in module.SCENES)
    return Path(module.__file__).parent / "fixtures" / f"{name}.json"


def written(name: str) -> str:
    """The file of a scene, one page, answer or run a line, so that a change is seen in a diff."""
    with server_of_nothing():
        scene = scenes()[name]()
    parts = []
    for kind, entries in sorted(scene.items()):
        lines = [f"{json.dumps(key)}: {json.dumps(value, sort_keys=True)}" for key, value in sorted(entries.items())]
        parts.append(f"{json.dumps(kind)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(parts) + "}\n"


@contextmanager
def server_of_nothing() -> Iterator[None]:
    """A scheduler that starts no process, for what asks which device "auto" stands for."""
    from resviz.runs.scheduler import Scheduler
    from resviz.runs.store import Store
    from resviz.ui import server

    before = server._scheduler
    with tempfile.TemporaryDirectory() as folder:
        scheduler = Scheduler(Store(Path(folder)))
        scheduler.pool.device = "cpu"
        scheduler.pool.known_device.set()
        server._scheduler = scheduler
        try:
            yield
        finally:
            server._scheduler = before
            scheduler.store.close()


def handed(module: str, mount: Callable[[], None]) -> Any:
    """What a page hands to its component: `mount` calls the function of resviz.ui.`module` that mounts it."""
    found, page = [], import_module(f"resviz.ui.{module}")
    before = page._component
    page._component = lambda **given: found.append(given["data"].decode())
    try:
        mount()
    finally:
        page._component = before
    (data,) = found
    return data


def words_of(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


def address(page: str, query: str) -> str:
    """What a page of a scene is found by."""
    from tests.harness.site import question

    return question("GET", page, words_of(query)).removeprefix("GET ")


def main(names: list[str]) -> None:
    for name in names or scenes():
        path = file_of(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(written(name), encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
