"""Writes what the harness answers from: the Python side's own pages and answers, as JSON files in fixtures/.

    python -m tests.harness.write            all of them
    python -m tests.harness.write train      one

A scene is what one file holds: {"pages": what a page hands to its component, by address; "answers": what the server says, by
question (site.question); "runs": a run's head and its records, by digest}. Nothing is trained: records are made up
(tests.paced), or come with the package. A test writes every scene again and compares.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

FOLDER = Path(__file__).parent / "fixtures"
MODULES = (
    "scenes_board",
    "scenes_signal",
    "scenes_still",
    "scenes_panel",
    "scenes_inside",
    "scenes_train",
    "scenes_networks",
)  # each has SCENES: name -> function that gives a scene


def scenes() -> dict[str, Callable[[], dict[str, Any]]]:
    """All scenes by name."""
    found: dict[str, Callable[[], dict[str, Any]]] = {}
    for name in MODULES:
        made = import_module(f"tests.harness.{name}").SCENES
        assert not found.keys() & made.keys()
        found |= made
    return found


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
    page._component = lambda **given: found.append(given["data"])
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
    FOLDER.mkdir(exist_ok=True)
    for name in names or scenes():
        path = FOLDER / f"{name}.json"
        path.write_text(written(name), encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
