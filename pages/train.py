"""Train: what happens when both learn?"""

from resviz.ui.page import stacked

stacked("train")
