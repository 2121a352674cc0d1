"""The methods for attribution maps, the record of their results, and sentences about them; needs no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from resviz.words.say import percent, times
from resviz.words.text import Vector

ALIKE, MUCH_ALIKE = 0.2, 0.5  # rank correlations above which two maps have part, or much, in common


@dataclass(frozen=True)
class Method:
    """A method for maps. `blocks`: one map for every block, else one of the image. `signed`: numbers below 0 speak against the
    class. `sums`: the numbers add up to a change of the logit, and the difference is reported."""

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


@dataclass(frozen=True, slots=True)
class Map:
    """A map of (height, width) numbers, row by row. block: the block whose output it belongs to, from 1; 0 is the image.
    largest: the largest absolute value. total: the sum."""

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
    """The output and the maps of one network for one image.

    shares: the softmax probability of each class. score: the target's logit; base: the same for the black image. maps: one of
    the image, or one for each block, input first. delta: for methods whose numbers add up, the sum of each map minus
    (score - base). destroyed: the same maps after all weights have been redrawn; alike: Spearman's rank correlation of the
    absolute values of each map with those of its destroyed map; None if those of a map are all equal.
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
        """Whether all numbers are finite."""
        maps = (m.total for m in (*self.maps, *self.destroyed))
        return all(map(math.isfinite, (*self.shares, self.score, self.base, *self.delta, *maps)))

    @property
    def median_alike(self) -> float | None:
        """The median of `alike`, the upper one of two; None if none is known."""
        known = sorted(value for value in self.alike if value is not None)
        return known[len(known) // 2] if known else None

    @property
    def reads(self) -> int:
        return max(range(len(self.shares)), key=self.shares.__getitem__)


def adds_up(method: Method, target: str, networks: Mapping[str, Seen]) -> str:
    """Sentences on how closely the maps of each network add up to the change of the score; empty for methods without `sums`."""
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
    """A sentence on whether the maps of each network change when all weights are redrawn; empty if that was not computed."""
    told = []
    for name, seen in networks.items():
        if (value := seen.median_alike) is not None:
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


def _small(value: float) -> str:
    return "nothing" if value == 0 else times(value)


def _signed(value: float) -> str:
    return times(value) if value >= 0 else f"−{times(-value)}"


def _cosine(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
