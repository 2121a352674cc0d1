"""Euler: is a residual network an ODE solver?"""

from resviz.ui.page import views

views("euler")
