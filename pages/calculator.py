"""Calculator: where do the parameters go?"""

from resviz.ui.page import stacked

stacked("calculator")
