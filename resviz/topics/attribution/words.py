"""The texts of the Attribution page: explanation, claims from the literature, and the finding."""

from __future__ import annotations

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import early, under_way
from resviz.probes.methods import ALIKE, METHODS, MUCH_ALIKE, adds_up, sanity, told
from resviz.topics.attribution.question import Attribution
from resviz.words.claims import ADEBAYO_2018, Claim
from resviz.words.say import percent

CLAIMS = (
    Claim(
        "A map that lights up the object explains the decision.",
        "Some methods show much the same after all weights were drawn anew: they find edges, as the image has them. A map "
        "has to change with the network before it can explain it.",
        ADEBAYO_2018,
    ),
    Claim(
        "The gradient says what matters.",
        "It says what a small change would do. Where the network is saturated, a pixel that matters has a gradient of nearly 0: "
        "integrated gradients add it up from a baseline on, and depend on which baseline.",
        "Sundararajan 2017, arXiv 1703.01365, section 2",
    ),
    Claim(
        "GradCAM shows where a block looks.",
        "It weights whole channels by the mean of their gradient; its derivation holds for the last convolution before a "
        "global average. In earlier blocks it is a heuristic.",
        "Selvaraju 2017, arXiv 1610.02391, section 3",
    ),
)


WHY = (
    "A map gives every pixel $i$ of an image $x$ a number. Saliency is $|\\partial S_c / \\partial x_i|$, with "
    "$S_c$ the score of class $c$ before the softmax; integrated gradients are $(x_i - x'_i) \\int_0^1 "
    "\\partial S_c(x' + \\alpha (x - x')) / \\partial x_i \\, d\\alpha$ with a black $x'$, and add up to $S_c(x) - "
    "S_c(x')$; what a finite sum misses of that is the convergence delta. GradCAM weights the channels $A^k$ "
    "of a block by the mean of $\\partial S_c / \\partial A^k$. The maps of all blocks come from one forward "
    "and one backward pass. A map that looks right need not be: Adebayo 2018 draws all weights anew, and some "
    "maps hardly change. The switch does that here."
)


def finding(record: Attribution) -> str:
    """Return what the maps show, as paragraphs separated by an empty line."""
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


CHANGES = ("hardly", "in part", "it is another one")


def truth(record: Attribution) -> tuple[str, str] | None:
    """Return how much the residual network's map changes when all weights are drawn anew, and a sentence; None if that was not
    measured."""
    seen = record.arms.get("residual")
    alike = seen.median_alike if seen else None
    if alike is None:
        return None
    choice = 0 if alike > MUCH_ALIKE else 1 if alike > ALIKE else 2
    return CHANGES[
        choice
    ], f"The rank correlation of both maps is {alike:.2f}: 1 is the same order of pixels, 0 no relation."


def _reading(record: Attribution) -> str:
    reads = {arm: record.arms[arm].reads for arm in ARMS}
    share = {arm: percent(record.arms[arm].shares[reads[arm]]) for arm in ARMS}
    what = "your image" if record.number is None else f"this {record.truth}"
    if reads["residual"] == reads["plain"]:
        text = f"Both networks read {what} as {reads['residual']} ({' and '.join(share.values())} sure)"
    else:
        text = (
            f"The residual network reads {what} as {reads['residual']} ({share['residual']} sure), the plain one as "
            f"{reads['plain']} ({share['plain']} sure)"
        )
    return f"{text}. {told(METHODS[record.spec.method], str(record.target), len(ARMS))}"


def _agreement(record: Attribution) -> str:
    wrong = [f"the {arm} network misreads {record.wrong[arm]:,}" for arm in ARMS if arm in record.wrong]
    return f"Of {record.test:,} unseen images {' and '.join(wrong)}." if wrong else ""
