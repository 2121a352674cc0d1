"""The script that Streamlit runs for every page: it names the pages and runs the one that was asked for."""

from pathlib import Path

import streamlit as st

from resviz.ui import style
from resviz.ui.lessons import LESSONS, Lesson

PAGES = Path(__file__).parents[2] / "pages"


def page_of(lesson: Lesson) -> st.Page:
    """The page as Streamlit knows it; the first lesson is home."""
    first = lesson is LESSONS[0]
    return st.Page(PAGES / f"{lesson.name}.py", title=lesson.name.capitalize(), url_path=lesson.name, default=first)


st.set_page_config(page_title="resviz", page_icon=str(Path(__file__).parent / "assets" / "icon.svg"), layout="wide")
style.apply()

sections: dict[str, list[st.Page]] = {}
for lesson in LESSONS:
    sections.setdefault(lesson.section, []).append(page_of(lesson))

st.navigation(sections).run()
