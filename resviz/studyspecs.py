"""Studies as settings: what the pages and the command line take, and the study that it makes."""

from __future__ import annotations

from copy import copy
from typing import Any, Literal

from pydantic.fields import FieldInfo

from resviz.fields import setting_field
from resviz.settings import MAX_DEPTH
from resviz.spec import Spec
from resviz.studies import DEPTHS, KINDS, MOST_DEPTHS, MOST_SEEDS, Study
from resviz.words import Numbers, Problem, write_numbers

_ALLOWED = f"up to {MOST_DEPTHS} depths from 2 to {MAX_DEPTH:,}, such as 8,20,56"
_SMALL = KINDS["orders"].defaults  # of all kinds that compare choices


def _otherwise(name: str, default: Any) -> Any:
    """A setting of a run with another default."""
    field: FieldInfo = copy(Spec.model_fields[name])
    field.default = default
    return field


class DepthSpec(Spec):
    """Every setting of a run but its depth, which is each of `depths`; and how many seeds, from `seed` on."""

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
        """Raises SpecError where a setting does not go with one of the depths."""
        return Study.of("depth", {k: v for k, v in self.words().items() if k != "depth"})


class ComparedSpec(Spec):
    """Which choices inside a block are compared, on networks that train in a few minutes; and how many seeds, from `seed` on."""

    compare: Literal["orders", "contents", "options"] = setting_field(
        "orders",
        "What to compare",
        "Each choice is trained with the same seeds.",
        choices={"orders": "the five orders", "contents": "what sits on the shortcut", "options": "A, B and C"},
    )
    seeds: int = setting_field(
        _SMALL["seeds"], "seeds", "Runs of each choice, with other weights and batches.", ge=1, le=MOST_SEEDS
    )
    depth: int = _otherwise("depth", _SMALL["depth"])
    stages: int = _otherwise("stages", _SMALL["stages"])
    epochs: int = _otherwise("epochs", _SMALL["epochs"])

    def study(self) -> Study:
        """Raises SpecError where there is nothing to compare."""
        varied = ("compare", *KINDS[self.compare].varied)
        return Study.of(self.compare, {k: v for k, v in self.words().items() if k not in varied})


def calm_study(spec: Spec) -> Study:
    """The first steps of a run with these settings, with a training's batch and from its start."""
    return Study.of("calm", {k: v for k, v in spec.words().items() if k not in ("batch", "epochs", "edits")})
