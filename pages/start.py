"""Start: what does one "+ x" change?"""

from resviz.ui.page import stacked

stacked("start")
