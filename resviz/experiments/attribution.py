"""Maps of what both networks of a run look at in an image: Captum's for the image, `probes.layerwise` for every block."""

from __future__ import annotations

import base64
import copy
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import torch
from captum.attr import GuidedBackprop, IntegratedGradients, LayerAttribution, NoiseTunnel, Occlusion, Saliency
from scipy.stats import rankdata
from torch import Tensor, nn

from resviz.experiments.train import Keeper
from resviz.experiments.trained import Trained, trained
from resviz.inside.attribution import FIRST_WRONG, GALLERY, METHODS, Attribution, AttributionSpec, Example, Map, Seen
from resviz.nets.resnet import ResNet, still
from resviz.probes.layerwise import conductance, gradcam, outputs_and_gradients, way_from
from resviz.records import ARMS

COPIES = 32  # of an image, with noise
AT_ONCE = 256  # images that go through together
TRAINING = 0.95  # share of the work
DIGITS = 6


def attribution(spec: AttributionSpec, *, keeper: Keeper | None = None) -> Iterator[Attribution]:
    """Train both networks of the run, unless they are there, then make the maps of one image.

    Raises DeviceUnavailable, DataUnavailable if the data set is not here, and ValueError for a method that means nothing in
    these networks.
    """
    check(spec)
    found = None
    for found in trained(spec.run, keeper=keeper):
        if not found.over:
            yield Attribution(spec, TRAINING * found.share, found.told)
    assert found is not None
    yield look(spec, found)


def check(spec: AttributionSpec) -> None:
    """Raises ValueError where a method means nothing in these networks."""
    label = METHODS[spec.method].label
    if METHODS[spec.method].blocks and not set(range(1, spec.blocks + 1)) - set(spec.last.remove):
        raise ValueError(f"depth={spec.depth}: this network has no block, and {label} makes a map of each")
    if spec.method == "guided_gradcam" and spec.last.activation != "relu":
        raise ValueError(f"activation={spec.last.activation}: {label} is defined for networks with ReLU alone")


def look(spec: AttributionSpec, found: Trained) -> Attribution:
    """The maps of one image, and which others there are."""
    shape, truth = spec.data.shape, found.data.test_y
    sights = {arm: Sight(found.net(arm), spec) for arm in ARMS}
    unseen = found.data.inputs(found.data.test_x)
    reads = {arm: sight.read(unseen) for arm, sight in sights.items()}
    order = wrong_first(truth, reads["residual"], reads["plain"])
    number = None if spec.own else order[0] if spec.image == FIRST_WRONG else spec.image
    if number is None:
        raw = torch.frombuffer(bytearray(spec.own_bytes), dtype=torch.uint8).to(truth.device)
        raw = raw.view_as(found.data.test_x[0])
    else:
        raw = found.data.test_x[number]
    x, black = (found.data.inputs(t[None]).reshape(1, *shape) for t in (raw, torch.zeros_like(raw)))
    target = spec.target if spec.target >= 0 else int(sights["residual"].read(x)[0])
    arms = {}
    for arm, sight in sights.items():
        seen = _seen(spec, sight, x, black, target)
        if spec.destroyed == "yes":
            other = _seen(spec, sight.destroyed(spec), x, black, target).maps
            alike = tuple(rank_correlation(a.values, b.values) for a, b in zip(seen.maps, other, strict=True))
            seen = Seen(seen.shares, seen.score, seen.base, seen.maps, seen.delta, other, alike)
        arms[arm] = seen
    return Attribution(
        spec,
        1.0,
        found.told,
        number,
        None if number is None else int(truth[number]),
        target,
        _packed(raw),
        arms,
        tuple(
            Example(n, int(truth[n]), {arm: int(reads[arm][n]) for arm in ARMS}, _packed(found.data.test_x[n]))
            for n in order[:GALLERY]
        ),
        {arm: int((reads[arm] != truth).sum()) for arm in ARMS},
        len(truth),
    )


def wrong_first(truth: Tensor, residual: Tensor, plain: Tensor) -> list[int]:
    """The numbers of all images: first those that the residual network reads wrong, then those that only the plain one does,
    then the others; each by its number. All (N,)."""
    rank = torch.where(residual != truth, 0, torch.where(plain != truth, 1, 2))
    order: list[int] = torch.sort(rank, stable=True).indices.tolist()
    return order


def rank_correlation(a: tuple[float, ...], b: tuple[float, ...]) -> float | None:
    """Spearman's, of the sizes of two maps' numbers, as Adebayo 2018 compares them; None where a map has no two different
    numbers."""
    ranks = [rankdata(np.abs(v)) for v in (a, b)]
    if any(np.ptp(r) == 0 for r in ranks):
        return None
    return _short(float(np.corrcoef(*ranks)[0, 1]))


class Sight(nn.Module):
    """A network that takes images as they are seen, (N, C, H, W), standardised, whatever shape it takes itself."""

    def __init__(self, net: ResNet, spec: AttributionSpec) -> None:
        super().__init__()
        self.net = still(net)
        self.takes = spec.input_shape

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x.reshape(len(x), *self.takes))

    def read(self, x: Tensor) -> Tensor:
        """(N,): the class that each image is read as."""
        with torch.no_grad():
            return torch.cat([self(part).argmax(1) for part in x.split(2 * AT_ONCE)])

    def blocks(self) -> dict[int, nn.Module]:
        """Those that x goes through, by number from 1."""
        blocks = enumerate(self.net.residual_blocks(), start=1)
        return {number: block for number, block in blocks if not block.removed}

    def destroyed(self, spec: AttributionSpec) -> Sight:
        """The same network with all its weights drawn anew, and what normalisation has kept as it is."""
        other = copy.deepcopy(self)
        other.net.initialise(spec.init, spec.seed + 1)
        return other


Maps = tuple[list[Tensor], list[float]]  # (h, w) each; and what each misses of the whole, where numbers add up


def _seen(spec: AttributionSpec, sight: Sight, x: Tensor, black: Tensor, target: int) -> Seen:
    with torch.no_grad():
        logits, base = sight(x)[0], sight(black)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that hooks are set, and that gradients are asked for
        maps, delta = MAPS[spec.method](spec, sight, x, black, target)
    numbers = list(sight.blocks()) if METHODS[spec.method].blocks else [0]
    return Seen(
        tuple(_short(v) for v in logits.softmax(0).tolist()),
        _short(logits[target].item()),
        _short(base[target].item()),
        tuple(_map(number, m) for number, m in zip(numbers, maps, strict=True)),
        tuple(map(_short, delta)),
    )


def _integrated(spec: AttributionSpec, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    found, delta = IntegratedGradients(sight).attribute(
        x,
        black,
        target,
        n_steps=spec.steps_between,
        internal_batch_size=AT_ONCE,
        return_convergence_delta=True,
    )
    return [found[0].sum(0)], delta.tolist()


def _saliency(spec: AttributionSpec, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    return [Saliency(sight).attribute(x.clone(), target)[0].amax(0)], []


def _smoothgrad(spec: AttributionSpec, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    tunnel = NoiseTunnel(Saliency(sight))
    with torch.random.fork_rng([x.device] if x.device.type == "cuda" else []):
        torch.manual_seed(spec.seed)
        found = tunnel.attribute(
            x.clone(),
            nt_type="smoothgrad",
            nt_samples=COPIES,
            stdevs=spec.noise * (x.max() - x.min()).item(),
            target=target,
            abs=False,
        )
    return [found[0].abs().amax(0)], []


def _occlusion(spec: AttributionSpec, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    channels = x.shape[1]
    found = Occlusion(sight).attribute(
        x,
        (channels, spec.window, spec.window),
        (channels, 1, 1),
        black,
        target,
        perturbations_per_eval=AT_ONCE,
    )
    return [found[0].mean(0)], []  # every channel of a pixel has the same


def _gradcam(spec: AttributionSpec, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    _, outputs, gradients = outputs_and_gradients(sight, list(sight.blocks().values()), x, target)
    return [m[0] for m in gradcam(outputs, gradients)], []


def _guided_gradcam(spec: AttributionSpec, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    guided = GuidedBackprop(sight).attribute(x.clone(), target)[0].sum(0)
    coarse, _ = _gradcam(spec, sight, x, black, target)
    height, width = guided.shape
    return [guided * LayerAttribution.interpolate(m.relu()[None, None], (height, width))[0, 0] for m in coarse], []


def _conductance(spec: AttributionSpec, sight: Sight, x: Tensor, black: Tensor, target: int) -> Maps:
    blocks = list(sight.blocks().values())
    way = way_from(black[0], x[0], spec.steps_between)
    _, outputs, gradients = outputs_and_gradients(sight, blocks, way, target)
    maps = [m.sum(0) for m in conductance(outputs, gradients)]
    with torch.no_grad():
        change = (sight(x) - sight(black))[0, target].item()
    return maps, [m.sum().item() - change for m in maps]


MAPS: dict[str, Callable[[AttributionSpec, Sight, Tensor, Tensor, int], Maps]] = {
    "integrated": _integrated,
    "saliency": _saliency,
    "smoothgrad": _smoothgrad,
    "occlusion": _occlusion,
    "gradcam": _gradcam,
    "guided_gradcam": _guided_gradcam,
    "conductance": _conductance,
}


def _map(number: int, values: Tensor) -> Map:
    height, width = values.shape
    flat = tuple(_short(v) for v in values.flatten().tolist())
    return Map(number, width, height, flat, _short(values.double().sum().item()))


def _packed(pixels: Tensor) -> str:
    """The numbers of an image as bytes in base 64; of a point nothing, since they are no bytes."""
    if pixels.dtype != torch.uint8:
        return ""
    return base64.urlsafe_b64encode(bytes(pixels.flatten().tolist())).decode().rstrip("=")


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
