"""TODO"""

from __future__ import annotations

# The colours of feature maps: purple below 0, light at 0, green above. ColorBrewer's PRGn, told apart by all common kinds of
# colour vision, and neither of the colours that mean residual and plain.
COLOURS = ((0.0, "#40004b"), (0.25, "#9970ab"), (0.5, "#f7f7f7"), (0.75, "#5aae61"), (1.0, "#00441b"))
