"""Landscape: what does the optimiser walk on?"""

from resviz.inside import views as inside
from resviz.literature import LANDSCAPE
from resviz.ui.panel import views

views(inside.LANDSCAPE, LANDSCAPE)
