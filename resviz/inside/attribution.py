"""What two trained networks look at in an image: maps that say which pixels speak for a class. No torch."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from resviz.fields import setting_field
from resviz.findings import percent, times
from resviz.inside.network import InsideSpec, Training, early, under_way
from resviz.records import ARMS, Vector
from resviz.words import Problem

MOST_CLASSES = 100
FIRST_WRONG = -1  # of `image`
GALLERY = 18  # images to choose from
ALIKE, MUCH_ALIKE = 0.2, 0.5  # rank correlations beyond which two maps show part, or much, of the same


@dataclass(frozen=True)
class Method:
    """How a map is made. `blocks`: one for every block, else one of the image. `signed`: it says what speaks against the class
    too. `sums`: its numbers add up to a change of the logit, and the difference is told."""

    label: str
    blocks: bool
    signed: bool
    sums: bool
    source: str
    says: str


METHODS = {
    "integrated": Method(
        "integrated gradients",
        False,
        True,
        True,
        "Sundararajan 2017, arXiv 1703.01365",
        "the gradient, averaged on the way from a black image to this one, times the change of each pixel",
    ),
    "saliency": Method(
        "saliency",
        False,
        False,
        False,
        "Simonyan 2013, arXiv 1312.6034",
        "the size of the gradient: where a small change of a pixel would change the class's score most",
    ),
    "smoothgrad": Method(
        "SmoothGrad",
        False,
        False,
        False,
        "Smilkov 2017, arXiv 1706.03825",
        "the saliency averaged over copies of the image with noise on them",
    ),
    "occlusion": Method(
        "occlusion",
        False,
        True,
        False,
        "Zeiler 2013, arXiv 1311.2901",
        "how much the class's score falls while a small square of the image is made black",
    ),
    "gradcam": Method(
        "GradCAM",
        True,
        True,
        False,
        "Selvaraju 2017, arXiv 1610.02391",
        "the channels of each block, weighted by how much their mean speaks for the class",
    ),
    "guided_gradcam": Method(
        "guided GradCAM",
        True,
        True,
        False,
        "Selvaraju 2017, arXiv 1610.02391",
        "each block's GradCAM, kept above 0, times a gradient that only passes what is above 0 on its way back",
    ),
    "conductance": Method(
        "layer conductance",
        True,
        True,
        True,
        "Dhamdhere 2018, arXiv 1805.12233",
        "how much of the score's change, from a black image to this one, flows through each place of each block",
    ),
}


MethodName = Literal["integrated", "saliency", "smoothgrad", "occlusion", "gradcam", "guided_gradcam", "conductance"]


class AttributionSpec(InsideSpec):
    """An image, a class and a method, for both networks of a run."""

    method: MethodName = setting_field(
        "integrated", "method", "How the map is made.", choices={name: method.label for name, method in METHODS.items()}
    )
    image: int = setting_field(
        FIRST_WRONG,
        "image",
        "The number of an unseen image; −1 is the first that the residual network reads wrong, or else the plain one.",
        ge=FIRST_WRONG,
        le=60_000,
    )
    target: int = setting_field(
        -1,
        "class",
        "The class that the map speaks of; −1 is the one that the residual network reads.",
        ge=-1,
        le=MOST_CLASSES - 1,
    )
    destroyed: Literal["no", "yes"] = setting_field(
        "no",
        "destroy the networks",
        "Draw all weights anew and make the same map: one that stays the same never told anything about what was learnt (Adebayo "
        "2018, arXiv 1810.03292).",
        choices={"no": "no", "yes": "yes, beside the map"},
    )
    steps_between: int = setting_field(
        50, "steps", "Images between the black one and this one, for the methods that go along a line.", ge=2, le=500
    )
    noise: float = setting_field(
        0.15, "noise", "SmoothGrad: deviation of the noise, as a share of the image's range.", ge=0.0, le=2.0
    )
    window: int = setting_field(2, "window", "Occlusion: pixels a side of what is made black.", ge=1, le=32)
    own: str = setting_field(
        "",
        "own image",
        "An image of your own as it goes into the networks, one byte a number, in base 64.",
        form="bytes in base 64, as many as an image of the data set has numbers",
        max_length=8192,
    )

    def _conflict(self) -> tuple[Problem, Any] | None:
        classes, test = self.data.classes, self.data.test
        if self.target >= classes:
            return self._wrong(
                "target", f"{self.data.label} has classes 0 to {classes - 1}; −1 is the one that is read"
            )
        if self.image >= test:
            return self._wrong("image", f"{self.data.label} has unseen images 0 to {test - 1}")
        side = min(self.data.shape[1:])
        if self.window > side > 1:  # of a point there is nothing but the whole
            problem = Problem("window", str(self.window), f"an image has {side} pixels a side")
            return problem, side
        if self.own and self.data.noun == "points":
            return self._wrong("own", f"{self.data.label} has points, whose numbers are no bytes")
        if self.own:
            wanted = math.prod(self.data.shape)
            try:
                count = len(self.own_bytes)
            except ValueError:
                return self._wrong("own", "it is no base 64")
            if count != wanted:
                return self._wrong("own", f"an image of {self.data.label} has {wanted} numbers, this one {count}")
        return super()._conflict()

    @property
    def stride(self) -> int:
        """Pixels that the black square of occlusion moves by."""
        return 1

    @property
    def own_bytes(self) -> bytes:
        """The numbers of the person's own image, (C, H, W), 0 to 255. Raises ValueError for what is no base 64."""
        try:
            return base64.b64decode(self.own + "=" * (-len(self.own) % 4), altchars=b"-_", validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Map:
    """(height, width) numbers, row by row. block: whose output they belong to, from 1; 0 is the image. largest: of their
    sizes. total: their sum."""

    block: int
    width: int
    height: int
    values: Vector
    total: float

    @property
    def largest(self) -> float:
        return max(map(abs, self.values), default=0.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """One network and the image.

    shares: what it gives to each class (softmax). score: the target's logit; base: that of the black image. maps: one of the
    image, or one for each block, input first. delta: for methods whose numbers add up, the sum's difference from score - base,
    of each map. destroyed: the same maps with all weights drawn anew; alike: rank correlation (Spearman) of the sizes of each
    map's numbers with those of its destroyed one; None where a map has no two different numbers.
    """

    shares: Vector
    score: float
    base: float
    maps: tuple[Map, ...]
    delta: Vector = ()
    destroyed: tuple[Map, ...] = ()
    alike: tuple[float | None, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether no number left the range of float32."""
        maps = (m.total for m in (*self.maps, *self.destroyed))
        return all(map(math.isfinite, (*self.shares, self.score, self.base, *self.delta, *maps)))

    @property
    def reads(self) -> int:
        return max(range(len(self.shares)), key=self.shares.__getitem__)


@dataclass(frozen=True, slots=True)
class Example:
    """An unseen image: its number, its class, what each arm reads."""

    number: int
    truth: int
    reads: Mapping[str, int]
    pixels: str  # base 64 of (C, H, W) bytes


@dataclass(frozen=True, slots=True)
class Attribution:
    """One image in both networks. number: of the unseen image, None for a person's own, whose truth nobody knows. wrong: how many
    unseen images each arm reads wrong, of `test`."""

    spec: AttributionSpec
    done: float
    training: Training = field(default_factory=Training)
    number: int | None = None
    truth: int | None = None
    target: int = 0
    pixels: str = ""
    arms: Mapping[str, Seen] = field(default_factory=dict)
    gallery: tuple[Example, ...] = ()
    wrong: Mapping[str, int] = field(default_factory=dict)
    test: int = 0


# -- in words --------------------------------------------------------------------------------------


def finding(record: Attribution) -> str:
    """What the maps show, in paragraphs with an empty line between."""
    if not record.arms:
        return under_way(record.spec, record.training)
    parts = (
        _reading(record),
        adds_up(METHODS[record.spec.method], str(record.target), record.arms),
        sanity(record.arms),
        _agreement(record),
        early(record.spec, record.training),
    )
    return "\n\n".join(part for part in parts if part)


def _reading(record: Attribution) -> str:
    reads = {arm: record.arms[arm].reads for arm in ARMS}
    said = {arm: f"{reads[arm]} ({percent(record.arms[arm].shares[reads[arm]])})" for arm in ARMS}
    what = "Your image" if record.number is None else f"This {record.truth}"
    if reads["residual"] == reads["plain"]:
        text = (
            f"{what} is read as {reads['residual']} by both networks "
            f"({' and '.join(percent(record.arms[arm].shares[reads[arm]]) for arm in ARMS)})"
        )
    else:
        text = f"{what} is read as {said['residual']} by the residual network, as {said['plain']} by the plain one"
    method = METHODS[record.spec.method]
    return f"{text}. The maps speak of {record.target}: {method.says}."


def adds_up(method: Method, target: str, networks: Mapping[str, Seen]) -> str:
    """How well the maps of networks, by name, add up to the change of the score; nothing for methods that do not."""
    if not method.sums:
        return ""
    told = []
    for name, seen in networks.items():
        change, off = seen.score - seen.base, max(map(abs, seen.delta), default=0.0)
        share = f" ({percent(off / abs(change))} of it)" if 0 < off < 10 * abs(change) else ""
        which = f"at most {_small(off)}" if len(seen.delta) > 1 else _small(off)
        told.append(
            f"{name} {_signed(change)}, which the map{'s miss' if method.blocks else ' misses'} by {which}{share}"
        )
    return (
        f"From a black image to this one the score of {target} changes by: {'; '.join(told)}. That is the "
        "convergence delta: more steps make it smaller."
    )


def sanity(networks: Mapping[str, Seen]) -> str:
    """Whether the maps of networks, by name, change when all weights are drawn anew; nothing where that was not tried."""
    told = []
    for name, seen in networks.items():
        known = [value for value in seen.alike if value is not None]
        if not known:
            continue
        value = sorted(known)[len(known) // 2]
        told.append((name, value, len(seen.alike)))
    if not told:
        return ""
    said = " and ".join(
        f"{_cosine(value)} in {name if len(told) == 1 else f'the {name} network'}"
        f"{' (median of its blocks)' if count > 1 else ''}"
        for name, value, count in told
    )
    for least, how_much in ((MUCH_ALIKE, "much"), (ALIKE, "part")):
        if same := [name for name, value, _ in told if value > least]:
            one = "the map" if len(networks) == 1 else f"the {same[0]} network’s map"
            whose = "both maps" if len(same) > 1 else one
            verdict = (
                f"{how_much} of {whose} was there without anything learnt: it shows the image, or the architecture"
            )
            break
    else:
        verdict = "the map changes with the network, as it should"
    return (
        f"With all weights drawn anew the map's rank correlation with the first one is {said} (1 would be the same map, 0 "
        f"unrelated): {verdict}."
    )


def _agreement(record: Attribution) -> str:
    wrong = [f"{record.wrong[arm]:,} in the {arm} network" for arm in ARMS if arm in record.wrong]
    return f"Of {record.test:,} unseen images, read wrong: {' and '.join(wrong)}." if wrong else ""


def _small(value: float) -> str:
    return "nothing" if value == 0 else times(value)


def _signed(value: float) -> str:
    return times(value) if value >= 0 else f"−{times(-value)}"


def _cosine(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
