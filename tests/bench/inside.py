"""What looks inside: all blocks from one pass beside Captum's pass a block, a landscape beside the loss-landscapes package."""

import statistics
import time
import warnings

from resviz.families.resnet.spec import Spec
from resviz.topics.landscape.question import LandscapeSpec
from tests.bench.common import row

DEPTH = 20
GRID = 33


def bench_inside(rounds=5):
    import torch

    torch.set_num_threads(1)
    _blocks(rounds)
    found = _trained()
    _first_picture(found)
    _grid(found)


def timed(function):
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


# -- every block's map -----------------------------------------------------------------------------


def _blocks(rounds):
    import torch
    from captum.attr import LayerGradCam

    from resviz.families.resnet.nets import build
    from resviz.nets.resnet import still
    from resviz.probes.layerwise import gradcam, outputs_and_gradients

    spec = Spec(depth=DEPTH)
    net = still(build(spec, "residual").to(memory_format=torch.channels_last))
    x = torch.randn(64, *spec.data.shape).to(memory_format=torch.channels_last)
    blocks = net.residual_blocks()

    def bare():
        entering = x.clone().requires_grad_()
        torch.autograd.grad(net(entering)[:, 0].sum(), entering)

    def ours():
        _, outputs, gradients = outputs_and_gradients(net, blocks, x, 0)
        gradcam(outputs, gradients)

    def captum():
        for block in blocks:
            LayerGradCam(net, block).attribute(x.clone().requires_grad_(), target=0)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bare(), ours(), captum()
        triples = [(timed(bare), timed(ours), timed(captum)) for _ in range(4 * rounds)]
    ratio = statistics.median(b / a for a, b, _ in triples)
    peer = statistics.median(c / a for a, _, c in triples)
    row(f"GradCAM of all {len(blocks)} blocks, in forward and backward passes", f"{ratio:.2f}", "<= 1.5", ratio <= 1.5)
    row("the same by Captum, a call a block", f"{peer:.1f}", "", True)


# -- landscapes ------------------------------------------------------------------------------------


def _trained():
    from resviz.train.twins.trained import trained

    *_, found = trained(LandscapeSpec(depth=DEPTH).run, course=True)
    return found


def _first_picture(found, rounds=5):
    """The networks are trained, as when one has just watched them learn."""
    from resviz.topics.landscape.experiment import landscape

    def first(normalised_by):
        spec = LandscapeSpec(depth=DEPTH, statistics=normalised_by)
        next(record for record in landscape(spec) if record is not None and record.arms)

    for name in ("own", "kept"):
        first(name)
        seconds = statistics.median(timed(lambda name=name: first(name)) for _ in range(rounds))
        what = f"first picture of both landscapes, 9 x 9, statistics {name}"
        row(what, f"{seconds:.2f} s", "<= 1 s", seconds <= 1)


def _grid(found):
    """Both networks, the same images, in evaluation mode: all points of one plane each."""
    import loss_landscapes
    import torch
    from loss_landscapes.metrics import Loss
    from torch.nn import functional

    from resviz.families.resnet.family import ARMS
    from resviz.nets.resnet import still
    from resviz.topics.landscape.experiment import landscape

    spec = LandscapeSpec(depth=DEPTH, statistics="kept", finest=str(GRID))
    at = torch.arange(spec.images) * len(found.data.train_y) // spec.images
    x, y = found.data.inputs(found.data.train_x[at]), found.data.train_y[at]
    metric = Loss(functional.cross_entropy, x, y)

    def ours():
        for _ in landscape(spec):
            pass

    def theirs(threads):
        torch.set_num_threads(threads)
        for arm in ARMS:
            loss_landscapes.random_plane(still(found.net(arm)), metric, distance=1, steps=GRID, normalization="filter")
        torch.set_num_threads(1)

    # With both cores and channels_last, which is the most that it can be given.
    pairs = [(timed(ours), timed(lambda: theirs(2))) for _ in range(3)]
    mine, best = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    row(
        f"{GRID} x {GRID} landscapes of both networks, loss-landscapes in ours",
        f"{best / mine:.1f}",
        ">= 2",
        best >= 2 * mine,
    )
    row("of which ours", f"{mine:.1f} s", "", True)
