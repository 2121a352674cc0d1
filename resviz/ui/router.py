"""The script that Streamlit runs for every page: it names the pages and runs the one that was asked for."""

from pathlib import Path

import streamlit as st

from resviz.ui import style

PAGES = Path(__file__).parents[2] / "pages"

st.set_page_config(page_title="resviz", page_icon=str(Path(__file__).parent / "assets" / "icon.svg"), layout="wide")
style.apply()

train = st.Page(PAGES / "train.py", title="Train", url_path="train")


def home() -> None:
    st.switch_page(train, query_params=st.query_params.to_dict())


st.navigation([st.Page(home, title="resviz", default=True, visibility="hidden"), train], position="hidden").run()
