"""The browser's half as today's pages mount it: which files make the component, read without Streamlit.

This is all that the harness knows of how the component is put together. Its tests know only what a person sees and what
travels.
"""

import functools
import gzip
from importlib.util import find_spec
from pathlib import Path

from resviz.ui.component import script as module
from resviz.ui.component import styles as style

__all__ = ["BOX", "module", "plotly", "style"]

BOX = '<div class="rv-live"></div>'


@functools.cache
def plotly() -> bytes:
    """plotly.js from the wheel, compressed."""
    spec = find_spec("plotly")
    assert spec is not None and spec.origin is not None
    return gzip.compress((Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes(), 1)
