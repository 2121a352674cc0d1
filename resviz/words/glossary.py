"""The glossary: technical terms that stand on the pages, in one plain sentence each.

The browser underlines a term where it first stands on a page, and shows its sentence there (ui/assets/terms.js).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from resviz.words.claims import HE_2015, HE_2016, VEIT_2016


@dataclass(frozen=True)
class Term:
    """A technical term.

    says: one sentence that a second-year student understands at first reading. Of other terms it uses only those whose own
    sentences use none.
    forms: the spellings under which it stands in texts besides its name. The first letter of any may be a capital.
    source: the paper whose definition this is.
    """

    says: str
    forms: tuple[str, ...] = ()
    source: str = ""


SUNDARARAJAN_2017 = "Sundararajan 2017, arXiv 1703.01365"
SELVARAJU_2017 = "Selvaraju 2017, arXiv 1610.02391"
CHEN_2018 = "Chen 2018, arXiv 1806.07366"

_NETWORKS = {
    "residual network": Term(
        "A network whose blocks add their input x to what they compute: x + F(x).", ("residual networks",), HE_2015
    ),
    "plain network": Term(
        "The same network without shortcuts: each block passes on F(x) alone.", ("plain networks",), HE_2015
    ),
    "shortcut": Term(
        "A wire that carries x past a few layers, to where it is added to what they computed.", ("shortcuts",), HE_2015
    ),
    "block": Term("A few layers in a row that belong together; a network repeats it many times.", ("blocks",)),
    "branch": Term("The layers that a shortcut goes around: they compute F(x).", ("branches",), HE_2016),
    "path": Term(
        "One way through the network: at each block either through its layers or along the shortcut.",
        ("paths",),
        VEIT_2016,
    ),
    "bottleneck": Term(
        "A block that narrows to a quarter of its channels, does its 3×3 work on those, and widens again.",
        ("bottlenecks",),
        HE_2015,
    ),
    "projection": Term(
        "Weights on a shortcut that give x another size or another number of channels, so that it can be added.",
        ("projections",),
        HE_2015,
    ),
    "stage": Term("Blocks in a row whose images have the same size and the same number of channels.", ("stages",)),
    "stem": Term("The layers before the first block, which take in the image."),
    "parameter": Term("A number inside a network that training changes, such as a weight.", ("parameters",)),
    "bias": Term("A number that a layer adds to its result, and that training changes like a weight.", ("biases",)),
    "channel": Term(
        "One of the maps that a layer makes of an image; a colour photograph has three: red, green and blue.",
        ("channels",),
    ),
    "convolution": Term(
        "A layer that slides a small window of weights over the image; at each place it adds up weight times pixel.",
        ("convolutions",),
    ),
    "stride": Term("How many pixels a window moves at a time: with 2, the result is half as high and half as wide."),
    "pooling": Term("Replaces every small square of an image by its largest number, or by their mean."),
    "fully connected layer": Term(
        "A layer in which every number that comes out depends on every number that goes in.",
        ("fully connected layers",),
    ),
    "receptive field": Term("The part of the image that one number inside the network depends on."),
    "ReLU": Term("Sets every negative number to 0 and leaves the others as they are."),
    "activation": Term("A number that a layer passes on to the next one.", ("activations",)),
}
_NORMALISATION = {
    "normalisation": Term(
        "Rescales the numbers inside a network to mean 0 and spread 1, so that they neither grow nor shrink on their way.",
        ("normalisations",),
    ),
    "batch normalisation": Term(
        "Gives each channel mean 0 and spread 1 over all images of a batch, then a scale and a shift that are learnt.",
        ("BN",),
        "Ioffe 2015, arXiv 1502.03167",
    ),
    "γ": Term(
        "A scale that is learnt: each channel is multiplied by it once its numbers have mean 0 and spread 1.",
        (),
        "Ioffe 2015, arXiv 1502.03167",
    ),
    "zero gamma": Term(
        "Starts every block as if its layers gave 0, so that at first only the shortcut passes anything on.",
        (),
        "Goyal 2017, arXiv 1706.02677",
    ),
    "He’s initialisation": Term(
        "Random first weights, just large enough that a signal keeps its size from layer to layer under ReLU.",
        ("He’s",),
        "He 2015b, arXiv 1502.01852",
    ),
    "Xavier’s initialisation": Term(
        "Random first weights, just large enough that a signal keeps its size where layers only multiply and add.",
        ("Xavier’s",),
        "Glorot 2010",
    ),
    "Fixup": Term(
        "First weights for networks that rescale nothing inside: every block begins as its shortcut alone.",
        (),
        "Zhang 2019, arXiv 1901.09321",
    ),
}
_TRAINING = {
    "CPU": Term("The main processor of a computer, on which networks learn here if there is no graphics processor."),
    "same starting weights": Term(
        "Both networks begin with the same numbers: the digits after ✓ are computed from all of these, and are equal in both."
    ),
    "loss": Term("How wrong a network is, as one number; training makes it smaller.", ("training loss",)),
    "gradient": Term(
        "How much a result would change if each number behind it changed a little; training follows it downhill.",
        ("gradients",),
    ),
    "gradient norm": Term(
        "The length of a gradient: one number for how hard a layer is pushed to change.", ("gradient norms",)
    ),
    "vanishing gradient": Term(
        "A gradient that shrinks from layer to layer, from the last to the first, until the first ones learn nothing.",
        ("vanishing gradients",),
    ),
    "exploding gradient": Term(
        "A gradient that grows from layer to layer, from the last to the first, until every step of learning overshoots.",
        ("exploding gradients",),
    ),
    "backward pass": Term("The way from the loss back through all layers, on which every weight gets its gradient."),
    "batch": Term("The few images that a network learns from together in one step.", ("batches",)),
    "learning rate": Term("How far one step of learning moves the weights."),
    "seed": Term(
        "The number that all random choices follow from: the same number gives the same run again.", ("seeds",)
    ),
    "training error": Term("The share that a network gets wrong of the very images it learns from."),
    "test error": Term("The share that a network gets wrong of images it has never learnt from."),
    "overfitting": Term("Learning the training images by heart: few errors on those, many on new ones."),
    "degradation": Term(
        "A deeper network gets even its own training images wrong more often than a shallower one.", (), HE_2015
    ),
    "dead channel": Term(
        "A channel that is 0 for every image of a batch: it passes nothing on and learns nothing.", ("dead channels",)
    ),
    "training path": Term("The way that the weights took through the space of all weights while the network learnt."),
}
_NUMBERS = {
    "log scale": Term(
        "An axis on which equal distances are equal factors: from 1 to 10 is as far as from 10 to 100.",
        (
            "log scales",
            "log axes",
        ),
    ),
    "norm": Term("The length of a list of numbers: the root of the sum of their squares, written ‖·‖.", ("norms",)),
    "spread": Term(
        "The standard deviation: how far numbers typically lie from their mean.",
        (
            "spreads",
            "standard deviation",
            "standard deviations",
        ),
    ),
    "root mean square": Term("The root of the mean of the squares: the typical size of numbers, whatever their signs."),
    "mean squared error": Term("The mean of the squared differences between what comes out and what should come out."),
    "median": Term("The value in the middle: half of the values are smaller, half are larger."),
    "draws": Term(
        "Random choices, made anew each time; how far their results differ shows how much is chance.", ("one draw",)
    ),
    "cosine": Term("How alike two directions are: 1 is the same, 0 a right angle, −1 the opposite."),
    "autocorrelation": Term(
        "How alike a curve is to itself moved sideways: 1 is the same, 0 has nothing to do with it."
    ),
    "rank correlation": Term(
        "How alike two orders are: 1 is the same order, 0 unrelated, −1 the reverse.", (), "Kendall 1938"
    ),
    "binomial": Term("How likely each number of heads is when a coin, fair or not, is tossed n times."),
    "Jacobian": Term("The table of how much each number that comes out changes with each number that goes in."),
    "eigenvalue": Term("The factor by which a matrix stretches a direction that it does not turn.", ("eigenvalues",)),
    "convexity": Term(
        "The shape of a single bowl: a straight line between two of its points never runs below it.", ("convex",)
    ),
    "float32": Term("The usual way to store a number: 4 bytes, about 7 digits, up to 3.4 × 10³⁸."),
}
_INSIDE = {
    "hollow": Term("A point of the picture that is lower than all points around it.", ("hollows",)),
    "softmax": Term("Turns the scores of all classes into shares that add up to 1."),
    "integrated gradients": Term(
        "Adds up how much each pixel changes the score while a black image turns into this one.", (), SUNDARARAJAN_2017
    ),
    "convergence delta": Term(
        "How far integrated gradients are from adding up to the score’s change, as they should.", (), SUNDARARAJAN_2017
    ),
    "saliency": Term(
        "How much the score would change if a pixel changed a little.", (), "Simonyan 2013, arXiv 1312.6034"
    ),
    "SmoothGrad": Term(
        "The mean of many saliency maps of one image, each with a little noise added to the image.",
        (),
        "Smilkov 2017, arXiv 1706.03825",
    ),
    "occlusion": Term(
        "Blacks out one small square after the other and sees how far the score falls.",
        (),
        "Zeiler 2013, arXiv 1311.2901",
    ),
    "GradCAM": Term(
        "Adds up the channels of a block, each weighted by how much it speaks for the class.", (), SELVARAJU_2017
    ),
    "guided GradCAM": Term(
        "The fine details that speak for the class, kept only in the area that speaks for it too.", (), SELVARAJU_2017
    ),
    "layer conductance": Term(
        "How much of the score’s change from a black image to this one goes through each number of a block.",
        (),
        "Dhamdhere 2018, arXiv 1805.12233",
    ),
}
_EQUATIONS = {
    "ODE": Term(
        "An ordinary differential equation: it says how fast a state changes at every moment.",
        (
            "ODEs",
            "differential equation",
        ),
    ),
    "Neural ODE": Term(
        "A differential equation that is learnt: it carries an input from time 0 to 1, in place of a row of blocks.",
        ("Neural ODEs",),
        CHEN_2018,
    ),
    "solver": Term("A method that follows an equation through time, one small step after the other.", ("solvers",)),
    "Euler’s method": Term(
        "Solves an equation in steps: go straight on for a time h at the present speed, then look again.",
        (
            "forward Euler",
            "Euler step",
        ),
    ),
    "Dormand–Prince": Term(
        "A method that makes each step as long as its own estimate of the error allows.", (), "Dormand 1980"
    ),
    "|R(hλ)|": Term(
        "The factor by which one step multiplies the solution of x′ = λx: above 1 it grows with every step."
    ),
    "tolerance": Term("The error that a method may make in one step; it shortens the step until its error is smaller."),
    "adjoint": Term(
        "A second equation, solved backwards in time: it gives the gradient without keeping the states on the way.",
        (),
        CHEN_2018,
    ),
    "flow": Term("The motion of all points along a field of arrows, as in a river; two ways never cross.", ("flows",)),
    "roll-out": Term("Predictions in a row, each made from the one before.", ("roll-outs",)),
}
_COUNTS = {
    "MAC": Term(
        "A multiply-accumulate: one multiplication and one addition, the unit in which a network’s work is counted.",
        (
            "MACs",
            "multiply-accumulate",
            "multiply-accumulates",
        ),
    ),
    "FLOP": Term("A floating-point operation: one multiplication or one addition of two numbers.", ("FLOPs",)),
    "autograd": Term("The part of PyTorch that computes gradients; for that it keeps numbers of the way forward."),
    "top-1": Term("Only the class with the highest score counts as the network’s answer."),
    "ImageNet": Term(
        "1.28 million photographs in 1,000 classes, on which networks are often compared.",
        (),
        "Russakovsky 2014, arXiv 1409.0575",
    ),
    "CIFAR-10": Term(
        "60,000 photographs of 32 × 32 pixels in ten classes, on which networks are often compared.",
        (),
        "Krizhevsky 2009",
    ),
    "MNIST": Term("70,000 handwritten digits of 28 × 28 pixels.", (), "LeCun 1998"),
}

TERMS: Mapping[str, Term] = MappingProxyType(
    {**_NETWORKS, **_NORMALISATION, **_TRAINING, **_NUMBERS, **_INSIDE, **_EQUATIONS, **_COUNTS}
)


def told() -> list[dict[str, Any]]:
    """Return all terms as the browser reads them: name, sentence, source, and every spelling."""
    return [{"name": name, "says": t.says, "source": t.source, "forms": [name, *t.forms]} for name, t in TERMS.items()]
