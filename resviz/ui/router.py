"""The script that Streamlit runs for every page: it names the pages and runs the one that was asked for."""

from pathlib import Path

import streamlit as st

from resviz.ui import style
from resviz.ui.lessons import LESSONS, page_of

st.set_page_config(page_title="resviz", page_icon=str(Path(__file__).parent / "assets" / "icon.svg"), layout="wide")
style.apply()

sections: dict[str, list[st.Page]] = {}
for lesson in LESSONS:
    sections.setdefault(lesson.section, []).append(page_of(lesson))

st.navigation(sections).run()
