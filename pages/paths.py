"""Paths: how many networks are inside?"""

from resviz.inside import views as inside
from resviz.literature import PATHS
from resviz.ui.page import views

views(inside.PATHS, PATHS)
