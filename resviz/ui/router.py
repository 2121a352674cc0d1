"""The script that Streamlit runs for every page: it names the pages and runs the one that was asked for."""

from pathlib import Path

import streamlit as st

from resviz.topic import pages

# Beside the package in a checkout, inside it where it is installed.
_PACKAGE = Path(__file__).parents[1]
PAGES = next(folder / "pages" for folder in (_PACKAGE / "app", _PACKAGE.parent) if (folder / "pages").is_dir())


def page_of(name: str) -> st.Page:
    """Return the Streamlit page of this name; the first page is the home page."""
    first = name == next(iter(pages()))
    return st.Page(PAGES / f"{name}.py", title=name.capitalize(), url_path=name, default=first)


st.set_page_config(page_title="resviz", layout="wide")  # the icon is in the index page

sections: dict[str, list[st.Page]] = {}
for name, found in pages().items():
    sections.setdefault(found[0].section, []).append(page_of(name))

st.navigation(sections).run()
