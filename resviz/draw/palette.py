"""Every colour of the app, by role."""

from __future__ import annotations

from resviz.family import PLAIN, RESIDUAL, Arm

# Okabe and Ito's blue and vermilion: distinct for all common kinds of colour blindness, with a contrast of at least 3:1 to
# both the light and the dark page. The line style makes the same distinction.
WITH_SKIPS, WITHOUT = ("#0072B2", "solid", "circle"), ("#D55E00", "dash", "square")  # colour, line, marker


def arm_style(arm: Arm) -> tuple[str, str, str]:
    """Colour, line style and marker of an arm; they show whether it has skip connections."""
    return WITH_SKIPS if arm.skips else WITHOUT


ARM_COLOR, ARM_DASH, ARM_SYMBOL = ({arm.name: arm_style(arm)[n] for arm in (RESIDUAL, PLAIN)} for n in range(3))

# Colour roles that follow the page's theme; the browser replaces them by the colours of the theme.
TEXT = "--st-text-color"
FAINT = "--rv-faint"
GRID = "--rv-grid"

SEQUENTIAL = "Cividis"  # perceptually uniform, and nearly the same with colour blindness
# The same for what is not drawn by plotly: places from 0 to 1, and the colours of matplotlib's cividis there.
SEQUENTIAL_STOPS = (
    (0.0, "#00224e"),
    (0.1, "#083370"),
    (0.2, "#35456c"),
    (0.3, "#4f576c"),
    (0.4, "#666970"),
    (0.5, "#7d7c78"),
    (0.6, "#948e77"),
    (0.7, "#aea371"),
    (0.8, "#c8b866"),
    (0.9, "#e5cf52"),
    (1.0, "#fee838"),
)


def faded(color: str, alpha: float) -> str:
    """A colour with transparency: "#0072B2" at 0.3 is "rgba(0,114,178,0.3)"."""
    r, g, b = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},{alpha})"


# Two classes of points: not the colours of the arms, distinct with colour blindness, and shown by their shape too.
CLASS_COLOR = ("#009E73", "#CC79A7")

# An Euler step is a residual block, so it has the residual colour. Vermilion is reserved for the plain network.
METHOD_COLOR = {
    "euler": ARM_COLOR["residual"],
    "midpoint": "#009E73",
    "heun": "#CC79A7",
    "rk4": "#E69F00",
    "dopri5": "#56B4E9",
}
METHOD_SYMBOL = {"euler": "circle", "midpoint": "square", "heun": "diamond", "rk4": "triangle-up", "dopri5": "x"}
METHOD_DASH = {"euler": "solid", "midpoint": "dash", "heun": "dot", "rk4": "dashdot", "dopri5": "longdash"}
