"""Attribution: what does it look at?"""

from resviz.ui.page import views

views("attribution")
