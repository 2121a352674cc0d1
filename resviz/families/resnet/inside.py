"""The spec of a question about a run's two trained networks: the run's own settings, and those of the question."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from resviz.data.datasets import Dataset
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.train.records import Training
from resviz.words.fields import setting_field
from resviz.words.text import Mistake


class InsideSpec(Spec):
    """Every setting of a run, so that a link to a question is also a link to the run; the added fields are the question."""

    @cached_property
    def run(self) -> Spec:
        """The run alone: two questions with the same run are about the same networks."""
        return Spec.model_construct(**{name: getattr(self, name) for name in Spec.model_fields})

    @property
    def last(self) -> Spec:
        """The settings of the run's last step, without edits."""
        return self.run.during(self.steps)


class NoAnswer(Mistake):
    """The question has no answer for these networks; the message is a sentence for people."""


def under_way(spec: InsideSpec, training: Training) -> str:
    """Return the sentence shown while the networks train."""
    step = max(training.step.values(), default=0)
    return f"Both networks learn: step {step:,} of {spec.steps:,}. What is kept of a run is not trained again."


def early(spec: InsideSpec, training: Training) -> str:
    """Return a note about arms that left the range of float32, or an empty string."""
    parts = []
    for arm, why in training.ended.items():
        at = training.step[arm]
        looked = f"its weights after step {at:,}" if at else "its initial weights"
        parts.append(
            f"The {arm} network stopped at step {at + 1:,}: {why} What is shown of it are {looked}; a smaller learning rate "
            "or batch normalisation lets it go on."
        )
    return " ".join(parts)


def overflowed(arm: str, what: str) -> NoAnswer:
    """Return the error that explains why an arm whose numbers are too large cannot be shown."""
    return NoAnswer(
        f"On its way through the {arm} network the image leaves the range of float32, so that {what}. A smaller learning "
        "rate, or batch normalisation, keeps it inside."
    )


def images_field(default: int = 360) -> Any:
    return setting_field(
        default, "images", "How many unseen images, evenly spaced; all there are, if there are fewer.", ge=1, le=2000
    )


def own_field() -> Any:
    return setting_field(
        "",
        "own image",
        "An image of your own as it goes into the networks, one byte a number, in base 64.",
        form="bytes in base 64, as many as an image of the data set has numbers",
        max_length=8192,
    )


def own_bytes(own: str) -> bytes:
    """Return the bytes of a person's own image, (C, H, W), 0 to 255. Raises ValueError if it is not base 64."""
    try:
        return base64.b64decode(own + "=" * (-len(own) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def own_trouble(own: str, data: Dataset) -> str:
    """Return why this is no image of a data set, or ""."""
    if not own:
        return ""
    if data.noun == "points":
        return f"{data.label} has points, whose numbers are no bytes"
    try:
        count = len(own_bytes(own))
    except ValueError:
        return "it is no base 64"
    wanted = math.prod(data.shape)
    return "" if count == wanted else f"an image of {data.label} has {wanted} numbers, this one {count}"


def whole(errors: Mapping[str, float], images: int, lost: Mapping[str, int]) -> str:
    """Return a sentence with the errors of the intact networks, by arm, on `images` unseen images; `lost` as in `misreads`."""
    if any(lost.values()):
        first, second = (misreads(errors[arm], images, lost.get(arm, 0)) for arm in ARMS)
        return f"Of {images:,} new images the complete residual network {first}; the plain one {second}."
    residual, plain = (f"{round(errors[arm] * images):,}" for arm in ARMS)
    return f"Complete, the residual network misreads {residual} of {images:,} new images, the plain one {plain}."


def misreads(error: float, images: int, lost: int) -> str:
    """Return what a network makes of so many images: an `error` of 0.1 of 360 is "misreads 36". On `lost` of them, which the
    error counts too, its numbers left the range of float32: there it reads nothing."""
    if lost >= images:
        return "reads nothing: its numbers leave the range of float32"
    wrong = f"misreads {round(error * images) - lost:,}"
    return f"{wrong} and reads nothing in {lost:,}, where its numbers leave the range of float32" if lost else wrong
