"""Landscape: what does the optimiser walk on?"""

from resviz.ui.page import views

views("landscape")
