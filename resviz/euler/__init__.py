"""Residual networks beside numerical solvers: what can be asked, what was measured, and what to say of it. No torch."""
