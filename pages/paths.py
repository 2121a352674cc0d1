"""Paths: how many networks are inside?"""

from resviz.ui.page import views

views("paths")
