"""Block: what is inside a residual block?"""

from resviz.ui.page import stacked

stacked("block")
