"""The texts about one pass before training: the finding, common claims beside the measurements, and the explanation."""

from __future__ import annotations

import math

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.findings import EXPLODED, VANISHED
from resviz.families.resnet.spec import Spec
from resviz.topics.signal.theory import BATCH_NORM_RELU
from resviz.train.profiles import growth
from resviz.train.records import ArmRecord, Record
from resviz.words.claims import HE_2015, Claim
from resviz.words.say import times

FLAT = 10.0  # gradients of the first and last weights within this factor look flat on a log scale over many decades
ALIKE = 2.0  # two networks whose growth differs by a smaller factor are called alike
SMALLEST = "1.4 × 10⁻⁴⁵"  # the smallest positive float32
LARGEST = "3.4 × 10³⁸"


# A single pass needs fewer images than a training step: with this batch it answers at once. A batch named in a link is used
# as it is.
OPENING = {"batch": "32"}


def signal_finding(spec: Spec, record: Record) -> str:
    """Return what the pass shows; paragraphs are separated by an empty line."""
    if spec.depth < 3:
        return "With one layer before the last there is no way for a signal to go: choose a greater depth."
    if not spec.shortcuts:
        return "Neither network has a shortcut here: both are the same."
    plain, residual = record.arms["plain"], record.arms["residual"]
    if plain.grad_norm == residual.grad_norm and _alike(plain, residual):
        return (
            "All shortcuts are cut: these are the same network."
            if len(spec.cut) == spec.shortcuts
            else "Both networks give the same numbers, to the last digit: here a shortcut makes no difference."
        )
    found = {arm: growth(record.arms[arm].activation_grad_norm or ()) for arm in ARMS}
    parts = [_direction(arm, record.arms[arm], found[arm], spec) for arm in reversed(ARMS)]
    text = "; ".join(parts)
    text = f"{text[:1].upper()}{text[1:]}."
    p, r = found["plain"], found["residual"]
    if p is not None and r is not None and max(p / r, r / p) < ALIKE:
        text += " Over this depth the shortcuts hardly change what comes back."
    flat = (_flat(arm, record.arms[arm], found[arm]) for arm in reversed(ARMS))
    return "\n\n".join(filter(None, [text, *flat, _measured(spec, record)]))


def _measured(spec: Spec, record: Record) -> str:
    """Say what the numbers are of, and give those of the weights, which other pages compare."""
    text = (
        f"This is the gradient with respect to what each layer gives out, on {spec.batch:,} images, from the last convolution "
        "to the first layer."
    )
    known = [(arm, ratio) for arm in reversed(ARMS) if (ratio := growth(record.arms[arm].grad_norm[:-1])) is not None]
    if not known:
        return text
    each = " and ".join(f"{times(ratio)} in the {arm} network" for arm, ratio in known)
    return (
        f"{text} Start and Train compare the gradients of the weights instead. On these images, that of the first layer over "
        f"that of the last convolution is {each}."
    )


def _direction(arm: str, a: ArmRecord, ratio: float | None, spec: Spec) -> str:
    signal = a.activation_grad_norm or ()
    the = f"in the {arm} network"
    if any(not math.isfinite(v) for v in signal):
        return f"{the} the gradient leaves the range of float32 on its way back (up to {LARGEST})"
    if ratio is None:
        zeros = sum(v == 0 for v in signal)
        if spec.init == "fixup":
            return f"{the} no gradient comes back before the first step: Fixup begins with a last layer of 0"
        if spec.init == "zero_gamma" or spec.branch_scale == 0:
            return f"{the} {zeros} of {len(signal)} layers get no gradient at all: its branches begin at 0"
        if spec.remove:
            return f"{the} {zeros} of {len(signal)} layers get no gradient: a block at an end is taken out"
        forward = a.activation_std or ()
        gone = next((n for n, v in enumerate(forward, start=1) if v == 0), 0)
        if gone and not (gone > 1 and forward[gone - 2] < TINY):
            return f"{the} {zeros} of {len(signal)} layers get a gradient of exactly 0: no activation is above 0 at layer {gone}"
        if gone:
            return (
                f"{the} {zeros} of {len(signal)} layers get a gradient of exactly 0: on the way forward the activations fell "
                f"below {SMALLEST} at layer {gone}, where float32 ends, and nothing comes back through a 0"
            )
        if min((v for v in signal if v > 0), default=1.0) > TINY:
            return f"{the} {zeros} of {len(signal)} layers get a gradient of exactly 0"
        return (
            f"{the} the gradient is exactly 0 in {zeros} of {len(signal)} layers: float32 has nothing below {SMALLEST}"
        )
    steps = len(signal) - 1
    each = ratio ** (1 / steps)
    how = (
        "explodes"
        if ratio > EXPLODED
        else "vanishes"
        if ratio < VANISHED
        else "grows"
        if ratio > ALIKE
        else "shrinks"
        if ratio < 1 / ALIKE
        else "keeps its size"
    )
    far = f"over {steps:,} layer{'s' * (steps != 1)}"
    if ratio > 1:
        return f"{the} the gradient {how} on its way back: {_each(each)}-fold at every layer, {times(ratio)}-fold {far}"
    return f"{the} the gradient {how} on its way back: to {_each(each)} of it at every layer, to {times(ratio)} of it {far}"


DIRECTIONS = ("it vanishes", "it keeps its size", "it explodes")


def direction_back(record: Record, arm: str) -> tuple[str, str]:
    """Return which of DIRECTIONS the backward signal of a network takes, and a sentence with the number. 0 counts as vanished,
    values outside float32 as exploded."""
    signal = record.arms[arm].activation_grad_norm or ()
    ratio = growth(signal)
    if any(not math.isfinite(v) for v in signal):
        return DIRECTIONS[2], f"In the {arm} network it leaves the range of float32."
    if ratio is None:
        return DIRECTIONS[0], f"In the {arm} network exactly 0 is left of it."
    way = DIRECTIONS[2] if ratio > EXPLODED else DIRECTIONS[0] if ratio < VANISHED else DIRECTIONS[1]
    return way, f"In the {arm} network the first layer gets × {times(ratio)} of what the last one does."


TINY = 1e-30


def _each(value: float) -> str:
    return f"{value:.3g}" if 0.01 <= value < 1000 else times(value)


def _alike(a: ArmRecord, b: ArmRecord) -> bool:
    def close(x: float, y: float) -> bool:
        return x == y or abs(x - y) <= 1e-6 * max(abs(x), abs(y)) or (x != x and y != y)

    pairs = ((a.activation_grad_norm, b.activation_grad_norm), (a.activation_std, b.activation_std))
    return all(close(x, y) for u, v in pairs for x, y in zip(u or (), v or (), strict=True))


def _flat(arm: str, a: ArmRecord, ratio: float | None) -> str:
    """Return a warning where the gradients of the weights look flat although the signal is not, with the reason; else ""."""
    weights, forward = growth(a.grad_norm[:-1]), a.activation_std or ()
    if ratio is None or weights is None or VANISHED <= ratio <= EXPLODED or not 1 / FLAT < weights < FLAT:
        return ""
    outward = growth(forward)
    if outward is None or (outward > 1) == (ratio > 1):
        return ""
    shrinks = "shrinks" if outward > 1 else "grows"
    return (
        f"Yet the gradients of the {arm} network’s weights look flat: the first is × {times(weights)} the last. A weight’s "
        f"gradient is the signal that comes back times the activation that comes in, and that {shrinks} the other way, "
        f"× {times(1 / outward)} from the first layer to the last."
    )


def signal_claims(spec: Spec, record: Record) -> list[tuple[Claim, str]]:
    """Return common claims, each with what the literature found and the measurement of this pass."""
    arms = {arm: record.arms[arm] for arm in ARMS}
    back = {arm: growth(a.activation_grad_norm or ()) for arm, a in arms.items()}
    weights = {arm: growth(a.grad_norm[:-1]) for arm, a in arms.items()}
    steps = max(1, spec.depth - 2)
    nothing = "outside float32, or 0" if spec.depth > 2 else "one layer only"

    def said(arm: str, ratio: float | None) -> str:
        return f"{arm}: " + (nothing if ratio is None else f"× {times(ratio)}")

    both = "; ".join(said(arm, back[arm]) for arm in reversed(ARMS))
    each = back["plain"] and back["plain"] ** (1 / steps)
    return [
        (
            Claim(
                "In a deep plain network the gradient vanishes.",
                f"With batch normalisation and ReLU it explodes towards the input: × {BATCH_NORM_RELU:.3f} a layer in the "
                "limit of wide layers and large batches. Without normalisation it goes by the initialisation: × 1 under "
                "He’s, × 0.707 under Xavier’s, × 0.408 under PyTorch’s.",
                "Yang 2019, arXiv 1902.08129; closed forms",
            ),
            "plain, a layer: " + (f"× {_each(each)}" if each else nothing),
        ),
        (
            Claim(
                "Shortcuts cure vanishing gradients.",
                "The plain networks that fail to learn are trained with batch normalisation, and their gradients were "
                "found healthy: the difficulty is unlikely to be a vanishing gradient. What fails is the optimisation: "
                "the training error itself is higher.",
                f"{HE_2015}, section 4.1",
            ),
            f"first layer’s signal over the last one’s, before training: {both}",
        ),
        (
            Claim(
                "The + 1 guarantees a gradient.",
                "A block’s Jacobian is I + dF/dx, which can cancel or grow: without normalisation h + W₂ relu(W₁ h) makes the "
                "norm √3 times larger a block under He’s initialisation. Fixup, zero gamma and a branch scale of 1/√L are "
                "answers to that.",
                "closed form; Zhang 2019, arXiv 1901.09321",
            ),
            said("residual", back["residual"]),
        ),
        (
            Claim(
                "The gradient norm of the weights shows it.",
                "A weight’s gradient is the signal that comes back times the activation that comes in. Where both shrink "
                "from opposite ends, it looks flat.",
                "backpropagation",
            ),
            "weights: " + "; ".join(said(arm, weights[arm]) for arm in reversed(ARMS)),
        ),
    ]


WHY = (
    "Layer $l$ computes $x_l = f_l(x_{l-1})$. What comes back is $\\delta_{l-1} = J_l^\\top \\delta_l$ with $J_l = "
    "\\partial f_l / \\partial x_{l-1}$: a product of as many matrices as there are layers, which grows or shrinks "
    "like a power unless each keeps lengths. With a shortcut the factor is $I + \\partial F / \\partial x$. A "
    "weight's gradient is something else: $\\partial L / \\partial W_l = \\delta_l\\, x_{l-1}^\\top$, the signal that "
    "comes back times the activation that comes in. Under He's initialisation a ReLU layer keeps lengths (He 2015b, "
    "arXiv 1502.01852); batch normalisation fixes the forward signal, and makes the backward one grow by $\\sqrt{\\pi "
    "/ (\\pi - 1)} = 1.211$ a layer in the limit (Yang 2019, arXiv 1902.08129). Where a convolution meets the border "
    "of zeros it passes on a little less: the dotted lines count that."
)
