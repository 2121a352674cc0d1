"""The app, for `streamlit run app.py` or `resviz app`: Streamlit looks for this very assignment in this very file."""

import streamlit as st
from starlette.middleware import Middleware

from resviz.ui.front import Front
from resviz.ui.http import under
from resviz.ui.routes import routes
from resviz.ui.server import ROUTER, lifespan

path = st.get_option("server.baseUrlPath")
app = st.App(ROUTER, lifespan=lifespan, routes=under(path, routes), middleware=[Middleware(Front, path=path)])
