"""The settings of a study of both networks at several depths."""

from __future__ import annotations

from typing import Any

from resviz.families.resnet.settings import MAX_DEPTH
from resviz.families.resnet.spec import Spec
from resviz.runs.studies import DEPTHS, MOST_DEPTHS, Study
from resviz.train.choices import MOST_SEEDS, Kind
from resviz.words.fields import setting_field
from resviz.words.text import Numbers, Problem, write_numbers

_ALLOWED = f"up to {MOST_DEPTHS} depths from 2 to {MAX_DEPTH:,}, such as 8,20,56"
DEPTH = Kind("depth", "depth", (), defaults={"seeds": 3}, by_depth=True)


class DepthSpec(Spec):
    """The settings of a run, trained at each of `depths` instead of one depth, with `seeds` seeds from `seed` on."""

    depths: Numbers = setting_field(DEPTHS, "depths", "Both networks are trained at each of them.", form=_ALLOWED)
    seeds: int = setting_field(3, "seeds", "Runs at each depth, with other weights and batches.", ge=1, le=MOST_SEEDS)

    def _conflict(self) -> tuple[Problem, Any] | None:
        good = tuple(n for n in self.depths if 2 <= n <= MAX_DEPTH)[:MOST_DEPTHS]
        if good != self.depths or not good:
            return Problem("depths", write_numbers(self.depths), f"allowed are {_ALLOWED}"), good or DEPTHS
        own = {name: getattr(self, name) for name in Spec.model_fields}
        each = (Spec.model_construct(**{**own, "depth": depth})._conflict() for depth in self.depths)
        return next((found for found in each if found), None)

    def study(self) -> Study:
        """Return the study. Raises SpecError if a setting does not fit one of the depths."""
        return Study.of("depth", {k: v for k, v in self.words().items() if k != "depth"})
