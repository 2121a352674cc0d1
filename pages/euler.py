"""Euler: is a residual network an ODE solver?"""

from resviz.euler.views import VIEWS
from resviz.literature import EULER
from resviz.ui.page import views

views(VIEWS, EULER)
