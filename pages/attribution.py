"""Attribution: what does it look at?"""

from resviz.inside import views as inside
from resviz.literature import ATTRIBUTION
from resviz.ui.page import views

views(inside.ATTRIBUTION, ATTRIBUTION)
