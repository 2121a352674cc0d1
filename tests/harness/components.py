"""The browser's half as today's pages mount it: which files make the component, read without importing Streamlit.

This is all that the harness knows of how the component is put together. Its tests know only what a person sees and what
travels.
"""

import ast
import functools
import gzip
from importlib.util import find_spec
from pathlib import Path

UI = Path(__file__).parents[2] / "resviz" / "ui"
ASSETS = UI / "assets"

BOX = '<div class="rv-live"></div>'


def _of(name: str) -> tuple[str, ...]:
    """A tuple of names that resviz/ui/page.py holds."""
    for node in ast.parse((UI / "page.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            found: tuple[str, ...] = ast.literal_eval(node.value)
            return found
    raise LookupError(f"resviz/ui/page.py names no {name}")


@functools.cache
def module() -> str:
    """The component's JavaScript, one module."""
    return "\n".join((ASSETS / f"{part}.js").read_text(encoding="utf-8") for part in _of("_MODULE"))


def style() -> str:
    return "\n".join((ASSETS / f"{sheet}.css").read_text(encoding="utf-8") for sheet in _of("_SHEETS"))


@functools.cache
def plotly() -> bytes:
    """plotly.js from the wheel, compressed."""
    spec = find_spec("plotly")
    assert spec is not None and spec.origin is not None
    return gzip.compress((Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes(), 1)
