"""The texts of the loss landscape page: claims checked against the literature, the explanation and the findings."""

from __future__ import annotations

import math
from statistics import median

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import InsideSpec, early
from resviz.topics.landscape.figures import Shown
from resviz.topics.landscape.question import (
    FLAT,
    STEEP,
    Landscape,
    LandscapeSpec,
    Slice,
    Way,
    Ways,
    descent,
    fall,
    here,
    is_pit,
    is_plateau,
    nearly,
    outside,
    rim,
)
from resviz.train.records import Training
from resviz.words.claims import LI_2018, Claim
from resviz.words.say import percent, times

CLAIMS = (
    Claim(
        "Skip connections make the loss convex.",
        "On planes through 56 and 110 layers without shortcuts pictures look chaotic, with shortcuts they look smooth; at 20 "
        "layers the difference is slight. A plane through so many dimensions that looks convex proves nothing about "
        "convexity.",
        f"{LI_2018}, sections 5 and 6",
    ),
    Claim(
        "Two networks can be compared by how wide their valleys are.",
        "Only where the directions are scaled to the weights: a network with normalisation computes the same with all its "
        "filters twice as long, and its valley then looks twice as wide.",
        f"{LI_2018}, section 4",
    ),
    Claim(
        "The path of training can be drawn on any plane.",
        "Two random directions are at right angles to nearly everything, and show no movement. The two main directions of "
        "the path hold most of it: 40 to 90% in the networks of that paper.",
        f"{LI_2018}, section 7",
    ),
)


WHY = (
    "At every point of the plane the loss is that of weights $\\theta + a\\, d + b\\, e$. A random $d$ is made "
    "as long as the network’s own weights, filter by filter, $d_{ij} \\leftarrow d_{ij} \\|\\theta_{ij}\\| / "
    "\\|d_{ij}\\|$, because a ReLU network with normalisation computes the same after all its filters were "
    "scaled (Li 2018, section 4). Biases and what normalisation has learnt stay where they are. Batch "
    "normalisation takes the means and variances that the images have at each point. Li 2018 uses those that "
    "training has kept, which no longer fit far from the middle, so that part of those walls is theirs: "
    "choose them under More and compare. The two main directions of the training path are its principal "
    "components (section 7)."
)


WARNING = (
    "A plane through so many dimensions shows little of them: one that looks like a bowl proves nothing about convexity, "
    "and another pair of directions shows another picture (Li 2018, section 6; Goodfellow 2015)."
)


ALIKE, DIFFERENT = 1.1, 1.5  # ratios of two distances or losses, up to which they are alike, and from which they differ


def under_way(spec: InsideSpec, training: Training) -> str:
    """Return the sentences shown while the networks train: also after the same run was trained elsewhere."""
    step = max(training.step.values(), default=0)
    return (
        f"Both networks learn: step {step:,} of {spec.steps:,}. They do so also where this run was trained before: of a run only "
        "some states are kept, and here the weights of the whole way are needed. The numbers are the same."
    )


# -- the ways ----------------------------------------------------------------------------------------


def about(spec: LandscapeSpec) -> str:
    return (
        f"Two {spec.depth}-layer networks, the same weights at the start. Each map is the plane in which the weights of one of "
        "them move most. Dark: low loss."
    )


def ways_finding(shown: Shown) -> str:
    """Return what both ways show, in paragraphs separated by an empty line; the first says it in short, with its numbers."""
    record = shown.ways
    if not record.arms:
        if shown.live:
            return under_way(record.spec, record.training)
        return f"**These two ways are not measured yet.** Measure them: {shown.takes or 'both networks learn first'}."
    parts = (_sense(record), _held(record), _lost(record), early(record.spec, record.training))
    return "\n\n".join(part for part in parts if part)


def _sense(record: Ways) -> str:
    """Return the first paragraph: which network goes farther and which gets down, then the distances and losses of both."""
    residual, plain = (record.arms[arm] for arm in ARMS)
    head = _stopped(record) or _compared(residual, plain)
    it = "It" if head.startswith("The plain") else "The plain network"
    return f"**{head}** {it} moves {_over(plain)}; the residual network moves {_over(residual)}."


AS_FAR = ("not as far", "about as far", "up to 5 times as far", "more than 5 times as far")


def as_far(shown: Shown) -> tuple[str, str] | None:
    """Return how far the weights of the plain network move compared with those of the residual one, one of AS_FAR, and a sentence
    with both distances; None while they are not measured."""
    record = shown.ways
    if not record.arms:
        return None
    residual, plain = (record.arms[arm].far for arm in ARMS)
    low, high = sorted((residual, plain))
    if high <= DIFFERENT * low or not high:
        right = 1
    elif plain < residual:
        right = 0
    else:
        right = 2 if plain <= 5 * residual else 3
    said = f"Those of the plain network move {times(plain)} units, those of the residual network {times(residual)}."
    return AS_FAR[right], " ".join(filter(None, (said, _stopped(record))))


def _stopped(record: Ways) -> str:
    """Return the sentence that says which networks could not learn to the end, or an empty string."""
    ended = [arm for arm in ARMS if arm in record.training.ended]
    if len(ended) == 2:
        return "Both networks leave the range of float32 on their way."
    return f"The {ended[0]} network leaves the range of float32 on its way." if ended else ""


def _compared(residual: Way, plain: Way) -> str:
    """Return which way is longer, and which of them lead down."""
    low, high = sorted((residual.far, plain.far))
    farther, nearer = ("plain", "residual") if plain.far > residual.far else ("residual", "plain")
    down = {"residual": descent(residual), "plain": descent(plain)}
    if high <= DIFFERENT * low:
        distance = "Both go about equally far"
    else:
        distance = (
            f"The {farther} network goes {times(high / low)} times as far"
            if low
            else f"Only the {farther} network moves"
        )
    if down["residual"] == down["plain"]:
        both = ("neither gets down", "both get part of the way down", "both get down")[down["plain"]]
        falls = fall(residual), fall(plain)
        same = high <= ALIKE * low and max(falls) <= ALIKE * min(falls)
        return f"No difference here: both go equally far, and {both}." if same else f"{distance}, and {both}."
    if not distance.startswith("Both") and down[farther] < down[nearer]:
        return f"{distance} and {'does not get down' if not down[farther] else 'gets less far down'}."
    lower, higher = sorted(down, key=down.__getitem__, reverse=True)
    lower_one = f"the {lower} network" if distance.startswith("Both") else "it"
    return (
        f"{distance}, and {lower_one} gets farther down."
        if down[higher]
        else f"{distance}, and only {lower_one} gets down."
    )


def _over(way: Way) -> str:
    """Return how far a way leads and over what, from the losses on it."""
    far = f"{times(way.far)} units"
    first, last = (_loss(math.inf if m.loss is None else m.loss) for m in (way.moments[0], way.moments[-1]))
    if is_plateau(way):
        return f"{far} over a plateau, where the loss hardly changes ({first} to {last})"
    if is_pit(way):
        return f"{far}, into a pit ({first} to {last})"
    return (
        f"{far}, downhill ({first} to {last})" if descent(way) else f"{far}, and the loss goes from {first} to {last}"
    )


def _held(record: Ways) -> str:
    """Return how much of the ways the maps hold, what distances are to be compared with, and what the losses are of."""
    shares = [record.arms[arm].explained[1] for arm in ARMS]
    residual, plain = map(_share, shares)
    little = ", so that they show only a small part of it" if min(shares) < 0.5 else ""
    wrong = [percent(record.arms[arm].error) for arm in ARMS]
    return (
        f"Each map shows two of the many directions in which weights can move. These hold {residual} of the way of the "
        f"residual network and {plain} of that of the plain network{little}. The numbers above the maps, and the curve, are the "
        f"real losses on {record.images:,} training images. In the end the residual network reads {wrong[0]} of these wrong, the "
        f"plain network {wrong[1]}. To compare distances with: the weights themselves are {times(record.arms['plain'].length)} "
        "units long at the start."
    )


def _share(share: float) -> str:
    return percent(share) if share >= 5e-4 else "less than 0.1%"


def _lost(record: Ways) -> str:
    parts = [
        f"at {count:,} of {total:,} points the loss of the {arm} network leaves the range of float32; the map is brightest there"
        for arm, way in record.arms.items()
        for count, total in [_count(way)]
        if count
    ]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _count(way: Way) -> tuple[int, int]:
    losses = [v for row in way.map.loss for v in row]
    return sum(v is None for v in losses), len(losses)


# -- the loss around the trained weights ---------------------------------------------------------------


def hollows(slice_: Slice) -> int:
    """Return how many inner points lie lower than all eight neighbours; chaotic pictures have many of them."""
    rows = [[math.inf if v is None else v for v in row] for row in slice_.loss]
    around = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
    inner = range(1, len(rows) - 1)
    return sum(all(rows[y][x] < rows[y + i][x + j] for i, j in around) for y in inner for x in inner)


def finding(record: Landscape) -> str:
    """Return what both planes show, in paragraphs separated by an empty line; the first is on the loss, the last a warning."""
    if not record.arms:
        return under_way(record.spec, record.training)
    parts = (
        _height(record),
        _shape(record),
        _course(record),
        _overflow(record),
        early(record.spec, record.training),
        WARNING,
    )
    return "\n\n".join(part for part in parts if part)


def _height(record: Landscape) -> str:
    """Return what lies around the trained weights, from the loss on the edge of the plane relative to theirs; for the directions
    of the way, whose plane does not have them in its middle, both losses."""
    if record.spec.directions == "random":
        return _ground(record)
    images, told = _images(record), []
    for arm in ARMS:
        at = here(record, arm)
        told.append(
            f"the {arm} network has a loss of {_loss(at)} there and reads {percent(record.arms[arm].error)} of them wrong; on "
            f"the edge of the picture the loss is {_loss(median(rim(record.arms[arm].loss)))} (median)"
        )
    return f"The way ends at the trained weights. On {images} {told[0]}. {told[1][:1].upper()}{told[1][1:]}."


def _images(record: Landscape) -> str:
    return f"{record.images:,} {'training' if record.spec.on == 'train' else 'unseen'} images"


def ground(slice_: Slice, guess: float) -> str:
    """Return what the trained weights stand on, from the losses on the edge of the plane relative to theirs.

    A pit: nearly all are at least ten times as large; a shallow one: at least twice. A plateau: nearly all are at most twice as
    large and at least half, and the loss of the trained weights is more than half that of guessing, `guess`; flat ground if it is
    less. A slope: none of these. An empty string if the loss of the trained weights is 0 or left the range of float32.
    """
    last = slice_.path[-1].loss
    if not last:
        return ""
    edge = rim(slice_.loss)
    if nearly(v >= FLAT * last for v in edge):
        return "lies in a pit" if nearly(v >= STEEP * last for v in edge) else "lies in a shallow pit"
    if nearly(last / FLAT <= v <= FLAT * last for v in edge):
        return "stands on a plateau" if last > guess / 2 else "stands on flat ground"
    return "stands on a slope"


def _ground(record: Landscape) -> str:
    guess = math.log(record.spec.data.classes)
    residual, plain = (ground(record.arms[arm], guess) for arm in ARMS)
    edge, other = (_at_edge(record, arm) for arm in ARMS)
    if residual and (residual, edge) == (plain, other):
        sense = f"No difference here: each {plain}, and at the edge the loss is {other}."
    else:
        sense = (
            f"The residual network {residual or 'cannot be placed here'}: at the edge the loss is {edge}. "
            f"The plain one {plain or 'cannot be placed here'}: at the edge it is {other}."
        )
    each = [
        f"{_loss(here(record, arm))} in the {arm} network, which reads {percent(record.arms[arm].error)} of them wrong"
        for arm in ARMS
    ]
    middle = f"In the middle are the trained weights: on {_images(record)} their loss is {each[0]}, and {each[1]}."
    return f"**{sense}** {middle}"


def _at_edge(record: Landscape, arm: str) -> str:
    """Return the median loss at the edge, relative to that in the middle where that can be said."""
    middle, edge = here(record, arm), median(rim(record.arms[arm].loss))
    if math.isinf(edge) or math.isinf(middle) or not middle or not edge:
        return _loss(edge)
    if edge < middle / ALIKE:
        return f"{times(middle / edge)} times smaller"
    return f"{times(edge / middle)} times larger" if edge > middle * ALIKE else "the same"


def _shape(record: Landscape) -> str:
    found = {arm: hollows(record.arms[arm]) for arm in ARMS}
    points = f"(points lower than all eight neighbours) among {(record.size - 2) ** 2:,} points inside"
    residual, plain = (found[arm] for arm in ARMS)
    if residual == plain:
        each = "none" if not residual else "1 each" if residual == 1 else f"{residual} each"
        return f"Hollows {points}: {each}; no difference here."
    return f"Hollows {points}: residual {residual}, plain {plain}."


def _course(record: Landscape) -> str:
    told = []
    for arm in ARMS:
        x, both = record.arms[arm].explained
        share = f"{percent(both)}" if both >= 5e-4 else "less than 0.1%"
        more = f" ({percent(x)} of it along x)" if record.spec.directions == "path" else ""
        told.append(f"{share}{more} in the {arm} network")
    moved, _ = record.moved
    text = f"Of the way that the weights took while they learnt, the plane holds {' and '.join(told)}"
    if record.spec.directions == "random":
        return (
            f"{text}: two random directions among {moved:,} are at nearly right angles to any way, so that it looks as if hardly "
            "anything had moved. The directions of the training path show it."
        )
    return f"{text}. What is left out changes the loss too: the real loss of each step is in the table."


def _overflow(record: Landscape) -> str:
    points = record.size**2
    parts = [
        f"at {count:,} of {points:,} points the loss of the {arm} network leaves the range of float32; there it is drawn at the "
        "top of the scale"
        for arm in ARMS
        if (count := outside(record.arms[arm]))
    ]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _loss(value: float) -> str:
    return "beyond float range" if math.isinf(value) else times(value)
