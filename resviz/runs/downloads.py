"""Downloads of data sets and trained weights that a person asked for."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Literal

from resviz.data.datasets import DATASETS
from resviz.data.pretrained import PRETRAINED
from resviz.words.text import Mistake

COMMAND = (sys.executable, "-m", "resviz.cli", "data", "--lines")


@dataclass
class Download:
    """One download: `done` bytes so far of `total` (0 if not known), and how it ended."""

    name: str
    state: Literal["running", "done", "failed"] = "running"
    done: int = 0
    total: int = 0
    message: str = ""


class Downloads:
    """All downloads by name, at most one of each at a time. Each has its own process: reading archives would delay the server."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self.command = command
        self.lock = threading.Lock()
        self.items: dict[str, Download] = {}

    def get(self, name: str) -> Download | None:
        return self.items.get(name)

    def start(self, name: str) -> Download:
        """Start a download and return it, or return the one under way. Raises Mistake for an unknown name."""
        if name not in (*DATASETS, *PRETRAINED):
            raise Mistake(f"nothing called {name!r}; there are {', '.join((*DATASETS, *PRETRAINED))}")
        with self.lock:
            item = self.items.get(name)
            if item is None or item.state != "running":
                item = self.items[name] = Download(name)
                threading.Thread(target=self._run, args=(item,), name=f"download {name}", daemon=True).start()
            return item

    def _run(self, item: Download) -> None:
        process = subprocess.Popen(
            [*self.command, item.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            item.done, item.total = map(int, line.split())
        _, errors = process.communicate()
        if process.returncode == 0:
            item.state = "done"
        else:
            item.message = (
                errors.strip().splitlines()[-1].removeprefix("resviz: ") if errors.strip() else "The download stopped."
            )
            item.state = "failed"
