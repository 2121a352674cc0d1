"""What a network reads in an image: the class with the largest output, or nothing where its numbers left the range of floats."""

from __future__ import annotations

from torch import Tensor

NOTHING = -1  # no class: the outputs are not all finite


def classes_read(outputs: Tensor) -> Tensor:
    """Return the class of each row of outputs (N, C): (N,), NOTHING where they are not all finite: the largest of NaN and
    infinity would be a class by chance."""
    return outputs.argmax(1).masked_fill(~outputs.isfinite().all(1), NOTHING)
