"""The app, for `streamlit run app.py` or `resviz app`: Streamlit looks for this very assignment in this very file."""

import streamlit as st

from resviz.ui.http import under
from resviz.ui.routes import routes
from resviz.ui.server import ROUTER, lifespan

app = st.App(ROUTER, lifespan=lifespan, routes=under(st.get_option("server.baseUrlPath"), routes))
