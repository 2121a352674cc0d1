"""The texts of the loss landscape view: claims checked against the literature, the explanation and the finding."""

from __future__ import annotations

import math
from statistics import median

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import early, under_way
from resviz.topics.landscape.question import Landscape, Slice, here, outside
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


def rim(slice_: Slice) -> float:
    """Return the median loss on the edge of the plane; infinite where most of it left the range of float32."""
    rows = slice_.loss
    edge = [*rows[0], *rows[-1], *(row[k] for row in rows[1:-1] for k in (0, -1))]
    return median(math.inf if v is None else v for v in edge)


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
    spec, images = record.spec, f"{record.images:,} {'training' if record.spec.on == 'train' else 'unseen'} images"
    told = []
    for arm in ARMS:
        at = here(record, arm)
        told.append(
            f"the {arm} network has a loss of {_loss(at)} there and reads {percent(record.arms[arm].error)} of them wrong; on "
            f"the edge of the picture the loss is {_loss(rim(record.arms[arm]))} (median)"
        )
    where = (
        "In the middle are the trained weights"
        if spec.directions == "random"
        else "The way ends at the trained weights"
    )
    return f"{where}. On {images} {told[0]}. {told[1][:1].upper()}{told[1][1:]}."


def _shape(record: Landscape) -> str:
    found = {arm: hollows(record.arms[arm]) for arm in ARMS}
    points = f"of {(record.size - 2) ** 2:,} points inside"
    residual, plain = (found[arm] for arm in ARMS)
    if residual == plain:
        each = "none" if not residual else "1 each" if residual == 1 else f"{residual} each"
        return f"Hollows, lower than all eight neighbours, {points}: {each}; no difference here."
    return f"Hollows, lower than all eight neighbours, {points}: residual {residual}, plain {plain}."


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
