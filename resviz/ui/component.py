"""The browser code as one module and one style sheet: the files of assets/, and those that topics add."""

from __future__ import annotations

from pathlib import Path

from resviz.topic import topics

ASSETS = Path(__file__).parent / "assets"
# In this order, with the topics' own files between the last two.
MODULES = (
    "records",
    "dom",
    "plots",
    "flow",
    "filled",
    "drawing",
    "net",
    "maps",
    "watch",
    "stream",
    "address",
    "settings",
    "guess",
    "branches",
    "editor",
    "timeline",
    "panel",
    "mount",
)
SHEETS = ("live", "panel")


def script() -> str:
    """Return all scripts joined into one module, so that each file can use the names of the others."""
    *ours, mount = (ASSETS / f"{name}.js" for name in MODULES)
    theirs = [path for topic in topics().values() for path in sorted(topic.folder.glob("*.js"))]
    return _joined([*ours, *theirs, mount])


def styles() -> str:
    """Return all style sheets joined into one. A topic's sheet, style.css, names only its own panels and cards."""
    theirs = [path for topic in topics().values() for path in sorted(topic.folder.glob("style.css"))]
    return _joined([*(ASSETS / f"{name}.css" for name in SHEETS), *theirs])


def _joined(paths: list[Path]) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
