"""Why it is so."""

from __future__ import annotations

WHY = (
    "The maps are those of the other view. There are no plain networks of this size with trained weights to "
    "put beside them: at 34 layers the plain one of He 2015 reads 28.54% of ImageNet wrong, the residual one "
    "25.03% (Table 2). Everything but the weights is computed here; they are downloaded only if you say so."
)
