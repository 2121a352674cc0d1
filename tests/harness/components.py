"""The browser's half as today's pages mount it: which files make which component, read without importing Streamlit.

This is all that the harness knows of how the components are put together. Its tests know only what a person sees and what
travels.
"""

import ast
import functools
import gzip
from importlib.util import find_spec
from pathlib import Path

UI = Path(__file__).parents[2] / "resviz" / "ui"
ASSETS = UI / "assets"

# What a page mounts: the file in resviz/ui that names the parts, the box that the component fills, and its style sheets.
COMPONENTS = {
    "live": ("live.py", "rv-live", ("live",)),
    "panel": ("page.py", "rv-live rv-panel", ("live", "board", "panel", "count")),
    "board": ("board.py", "rv-live rv-board", ("live", "board")),
}


@functools.cache
def module(name: str) -> str:
    """The component's JavaScript, one module."""
    source, *_ = COMPONENTS[name]
    for node in ast.parse((UI / source).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_MODULE":
            parts = ast.literal_eval(node.value)
            return "\n".join((ASSETS / f"{part}.js").read_text(encoding="utf-8") for part in parts)
    raise LookupError(f"resviz/ui/{source} names no _MODULE")


def style(name: str) -> str:
    return "\n".join((ASSETS / f"{sheet}.css").read_text(encoding="utf-8") for sheet in COMPONENTS[name][2])


def box(name: str) -> str:
    return f'<div class="{COMPONENTS[name][1]}"></div>'


@functools.cache
def plotly() -> bytes:
    """plotly.js from the wheel, compressed."""
    spec = find_spec("plotly")
    assert spec is not None and spec.origin is not None
    return gzip.compress((Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes(), 1)
