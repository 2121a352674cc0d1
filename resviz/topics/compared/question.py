"""The settings of a comparison of choices inside a block, and the study that they define."""

from __future__ import annotations

from copy import copy
from typing import Any, Literal

from pydantic.fields import FieldInfo

from resviz.families.resnet.choices import CONTENTS, OPTIONS, ORDERS, SMALL
from resviz.families.resnet.published import PublishedError
from resviz.families.resnet.published import published as errors_of
from resviz.families.resnet.spec import Spec
from resviz.runs.studies import Study
from resviz.train.choices import MOST_SEEDS, Choice
from resviz.words.fields import setting_field

COMPARED = {kind.name: kind for kind in (ORDERS, CONTENTS, OPTIONS)}


def _otherwise(name: str, default: Any) -> Any:
    """A setting of a run, with another default."""
    field: FieldInfo = copy(Spec.model_fields[name])
    field.default = default
    return field


def published(study: Study, choice: Choice) -> tuple[PublishedError, ...]:
    """Return what the table that the study cites reports for a choice."""
    spec = study.spec(choice, 0)
    assert isinstance(spec, Spec)
    found = errors_of(spec, plain=choice.arm == "plain")
    return tuple(row for row in found if row.source == study.source)


class ComparedSpec(Spec):
    """A comparison of choices inside a block, on networks that train in a few minutes, with `seeds` seeds from `seed` on."""

    compare: Literal["orders", "contents", "options"] = setting_field(
        "orders",
        "What to compare",
        "Each choice is trained with the same seeds.",
        choices={"orders": "the five orders", "contents": "what sits on the shortcut", "options": "A, B and C"},
    )
    seeds: int = setting_field(
        SMALL["seeds"], "seeds", "Runs of each choice, with other weights and batches.", ge=1, le=MOST_SEEDS
    )
    depth: int = _otherwise("depth", SMALL["depth"])
    stages: int = _otherwise("stages", SMALL["stages"])
    epochs: int = _otherwise("epochs", SMALL["epochs"])

    def study(self) -> Study:
        """Return the study. Raises SpecError if there is nothing to compare."""
        varied = ("compare", *COMPARED[self.compare].varied)
        return Study.of(self.compare, {k: v for k, v in self.words().items() if k not in varied})
