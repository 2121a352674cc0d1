"""Depth: does deeper mean better?"""

from resviz.ui.page import stacked

stacked("depth")
