"""Landscape: what does the optimiser walk on?"""

from resviz.inside import views as inside
from resviz.literature import LANDSCAPE
from resviz.ui.page import views

views(inside.LANDSCAPE, LANDSCAPE)
