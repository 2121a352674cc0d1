"""Why it is so, and what the literature found."""

from __future__ import annotations

from resviz.words.claims import LI_2018, Claim

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
