"""Landscape: why does a deep plain network not train?"""

from resviz.ui.page import stacked

stacked("landscape")
