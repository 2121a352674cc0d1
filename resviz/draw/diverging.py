"""The diverging colour scale of feature maps."""

from __future__ import annotations

# Purple below 0, light at 0, green above: ColorBrewer's PRGn, which is safe for all common kinds of colour blindness and differs
# from the colours of the residual and the plain arm.
COLOURS = ((0.0, "#40004b"), (0.25, "#9970ab"), (0.5, "#f7f7f7"), (0.75, "#5aae61"), (1.0, "#00441b"))
