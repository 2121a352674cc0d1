"""The browser's half as today's pages mount it: which files make the component, read without Streamlit.

This is all that the harness knows of how the component is put together. Its tests know only what a person sees and what
travels.
"""

import functools
import gzip
from urllib.parse import urlsplit

from resviz.ui import browser

__all__ = ["BOX", "MODULE", "PLOTLY", "asset", "library", "style"]

BOX = '<div class="rv-live"></div>'


MODULE = f"/{browser.address(browser.MAIN)}"
PLOTLY = f"/{urlsplit(browser.library_address(browser.CARTESIAN)).path}"
style = browser.styles


def asset(path: str) -> browser.Asset | None:
    """One of our files, by its path on the site."""
    return browser.assets().get(path.removeprefix(f"/{browser.address('')}"))


@functools.cache
def library(path: str) -> bytes | None:
    """A library, compressed, by its path on the site."""
    found = browser.library(path.rpartition("/")[2]) if path.startswith("/assets/vendor/") else None
    return found and gzip.compress(found, 1)
