"""Which depths to compare, as settings: what the Depth page and the command line take."""

from __future__ import annotations

from typing import Any

from resviz.fields import setting_field
from resviz.settings import MAX_DEPTH
from resviz.spec import Spec
from resviz.studies import DEPTHS, MOST_DEPTHS, MOST_SEEDS, Study
from resviz.words import Numbers, Problem, write_numbers


class DepthSpec(Spec):
    """Every setting of a run but its depth, which is each of `depths`; and how many seeds, from `seed` on."""

    depths: Numbers = setting_field(
        DEPTHS, "depths", f"Up to {MOST_DEPTHS} of them, such as 8,20,56: both networks are trained at each."
    )
    seeds: int = setting_field(3, "seeds", "Runs at each depth, with other weights and batches.", ge=1, le=MOST_SEEDS)

    def _conflict(self) -> tuple[Problem, Any] | None:
        good = tuple(n for n in self.depths if 2 <= n <= MAX_DEPTH)[:MOST_DEPTHS]
        if good != self.depths or not good:
            allowed = f"allowed are up to {MOST_DEPTHS} depths from 2 to {MAX_DEPTH:,}"
            return Problem("depths", write_numbers(self.depths), allowed), good or DEPTHS
        return super()._conflict()

    def study(self) -> Study:
        """Raises SpecError where a setting does not go with one of the depths."""
        return Study.of("depth", {k: v for k, v in self.words().items() if k != "depth"})
