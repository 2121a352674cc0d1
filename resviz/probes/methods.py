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
    class. `sums`: the numbers add up to a change of the logit, and the difference is reported. `says`: what the map shows, with
    {} for the class."""

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
        "how much each pixel raises or lowers the score of {}: its average gradient on the way from a black image to this one, "
        "times its change",
    ),
    "saliency": Method(
        "saliency",
        False,
        False,
        False,
        "Simonyan 2013, arXiv 1312.6034",
        "where a small change of a pixel would change the score of {} most: the size of the gradient",
    ),
    "smoothgrad": Method(
        "SmoothGrad",
        False,
        False,
        False,
        "Smilkov 2017, arXiv 1706.03825",
        "where a small change of a pixel would change the score of {} most, averaged over copies of the image with noise added",
    ),
    "occlusion": Method(
        "occlusion",
        False,
        True,
        False,
        "Zeiler 2013, arXiv 1311.2901",
        "how much the score of {} falls while a small square of the image is made black",
    ),
    "gradcam": Method(
        "GradCAM",
        True,
        True,
        False,
        "Selvaraju 2017, arXiv 1610.02391",
        "where each block speaks for {}: the sum of its channels, each weighted by how much it raises that score on average",
    ),
    "guided_gradcam": Method(
        "guided GradCAM",
        True,
        True,
        False,
        "Selvaraju 2017, arXiv 1610.02391",
        "the positive part of each block's GradCAM for {}, times a gradient that lets only positive numbers pass on its way back",
    ),
    "conductance": Method(
        "layer conductance",
        True,
        True,
        True,
        "Dhamdhere 2018, arXiv 1805.12233",
        "how much of the change of the score of {}, from a black image to this one, passes through each place of each block",
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


def told(method: Method, target: str, networks: int = 1) -> str:
    """A sentence on what the maps of a method show of a class, in one network or several."""
    shows = "maps show" if method.blocks or networks > 1 else "map shows"
    return f"The {shows} {method.says.replace('{}', target)}."


def adds_up(method: Method, target: str, networks: Mapping[str, Seen]) -> str:
    """Sentences on how closely the maps of each network add up to the change of the score; empty for methods without `sums`."""
    if not method.sums:
        return ""
    said = []
    for name, seen in networks.items():
        change, off = seen.score - seen.base, max(map(abs, seen.delta), default=0.0)
        share = f" ({percent(off / abs(change))})" if 0 < off < 10 * abs(change) else ""
        few = f"is off by {times(off)}" if len(seen.delta) < 2 else f"are off by at most {times(off)}"
        exact = "adds up exactly" if len(seen.delta) < 2 else "add up exactly"
        maps = f"the map{'s' if len(seen.delta) > 1 else ''} {f'{few}{share}' if off else exact}"
        said.append(f"in {_named(name, networks)} the score changes by {_signed(change)}, and {maps}")
    return (
        f"The numbers of a map should add up to the change of the score of {target} from a black image to this one: "
        f"{'; '.join(said)}. The gap is the convergence delta: it goes to 0 "
        "with many steps, and a few more can also make it larger."
    )


def sanity(networks: Mapping[str, Seen]) -> str:
    """Sentences on whether the maps of each network change when all weights are redrawn; empty if that was not computed."""
    found = [
        (name, value, len(seen.alike)) for name, seen in networks.items() if (value := seen.median_alike) is not None
    ]
    if not found:
        return ""
    said = " and ".join(
        f"{_cosine(value)} in {_named(name, networks)}{' (median of its blocks)' if count > 1 else ''}"
        for name, value, count in found
    )
    verdict = "the map changes with the network, as it should"
    for least, how_much in ((MUCH_ALIKE, "much"), (ALIKE, "part")):
        if same := [name for name, value, _ in found if value > least]:
            one = "the map" if len(networks) == 1 else f"the {same[0]} network’s map"
            whose = "both maps" if len(same) > 1 else one
            verdict = f"{how_much} of {whose} is there without anything learnt, from the image or the architecture"
            break
    return (
        f"Between this map and that of random weights the rank correlation is {said} (1: the same order of pixels, 0: no "
        f"relation). So {verdict}."
    )


def _named(name: str, networks: Mapping[str, Seen]) -> str:
    return name if len(networks) == 1 else f"the {name} network"


def _signed(value: float) -> str:
    return times(value) if value >= 0 else f"−{times(-value)}"


def _cosine(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
