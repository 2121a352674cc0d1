"""Signal: what reaches the first layer?"""

from resviz.ui.page import stacked

stacked("signal")
