"""The app, for `streamlit run app.py` (or `resviz app`)."""

from resviz.ui.server import create_app

app = create_app()
