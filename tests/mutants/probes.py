"""Faults of what is measured inside a network."""

from tests.mutants.fault import Fault

ACTIVATIONS, GRADIENTS = "resviz/probes/activations.py", "resviz/probes/gradients.py"
LAYERWISE, NORMS, PATHS = "resviz/probes/layerwise.py", "resviz/probes/norms.py", "resviz/topics/lengths/probes.py"
TAPS = "resviz/probes/taps.py"
MAPS = "resviz/probes/maps.py"
IN_PROBES, IN_BACKWARD = ("tests/probes/test_probes.py",), ("tests/probes/test_backward.py",)
IN_LAYERWISE, IN_PATHS = ("tests/probes/test_layerwise.py",), ("tests/topics/lengths/test_probes.py",)
IN_MAPS = ("tests/topics/photograph/test_experiment.py",)

FAULTS = [
    Fault(
        ACTIVATIONS,
        ".square() / size - mean.square()",
        ".square() / size + mean.square()",
        "the variance has the wrong sign before the mean's square",
        IN_PROBES,
    ),
    Fault(
        ACTIVATIONS,
        "torch.cat(parts)[self.back[1]]",
        "torch.cat(parts)",
        "layers of several sizes come out in another order",
        IN_PROBES,
    ),
    Fault(
        ACTIVATIONS,
        "zero) * block.scale for row",
        "zero) for row",
        "what a block adds is measured before it is scaled",
        IN_PROBES,
    ),
    Fault(
        ACTIVATIONS,
        "self.own = self.stats is None or any(block.removed or block.asleep for block in self.blocks)",
        "self.own = self.stats is None",
        "past a block taken out, x is that of the block taken out",
        IN_PROBES,
    ),
    Fault(
        NORMS,
        "torch.linalg.vector_norm(t, dim=tuple(range(1, t.dim())))",
        "torch.linalg.vector_norm(t.flatten(1)[:, 1:], dim=1)",
        "the first number of each image is left out of its norm",
        IN_PROBES,
    ),
    Fault(
        NORMS,
        "if SAFE[0] < quick.item() < SAFE[1]:",
        "if SAFE[0] < quick.item():",
        "sums of squares of an exploding network overflow",
        IN_PROBES,
    ),
    Fault(
        NORMS,
        "return (sums == 0) & ~(t != 0).permute(0, 2, 3, 1).reshape(-1, t.shape[1]).any(0)",
        "return sums == 0",
        "a channel whose numbers add up to 0 counts as dead",
        IN_PROBES,
    ),
    Fault(
        TAPS,
        'del module.__dict__["forward"]',
        "pass",
        "what is measured once is measured for ever",
        IN_PROBES,
    ),
    Fault(
        TAPS,
        "reversed(before)",
        "before",
        "a tap below another one stays",
        ("tests/probes/test_taps.py",),
    ),
    Fault(
        GRADIENTS,
        "norms = [zero if w.grad is None else next(found) for w in weights]",
        "norms = [*found, *[zero] * (len(weights) - len(gradients))]",
        "behind a weight that was not reached all norms move up",
        IN_PROBES,
    ),
    Fault(
        GRADIENTS,
        "[self.norms.get(row, zero) for row in range(len(self.modules))]",
        "[self.norms.get(row + 1, zero) for row in range(len(self.modules))]",
        "what comes back is told of the layer before",
        IN_BACKWARD,
    ),
    Fault(
        GRADIENTS,
        "        self.norms.clear()\n",
        "",
        "what a pass without a way back would give is that of an earlier one",
        IN_BACKWARD,
    ),
    Fault(
        LAYERWISE,
        "g.mean((2, 3), keepdim=True) * y).sum(1)",
        "g.mean((2, 3), keepdim=True) * y).mean(1)",
        "Grad-CAM averages channels instead of adding them",
        IN_LAYERWISE,
    ),
    Fault(
        LAYERWISE,
        "((y[1:] - y[:-1]) * g[:-1])",
        "((y[1:] - y[:-1]) * g[1:])",
        "conductance takes the gradient one step too late",
        IN_LAYERWISE,
    ),
    Fault(
        PATHS,
        "torch.where(chosen, _through(link.added, link.x, back), _through(link.carried, link.x, back))",
        "torch.where(chosen, _through(link.carried, link.x, back), _through(link.added, link.x, back))",
        "where images take different ways, branch and shortcut are swapped",
        IN_PATHS,
    ),
    Fault(
        PATHS,
        "columns = iter(through.unbind(1)[::-1])",
        "columns = iter(through.unbind(1))",
        "a path's choices are read from the wrong end",
        IN_PATHS,
    ),
    Fault(
        PATHS,
        "return order < length",
        "return order <= length",
        "sampled paths are a block too long",
        IN_PATHS,
    ),
    Fault(
        MAPS,
        "sight.destroyed(spec.seed + 1)",
        "sight.destroyed(spec.seed)",
        "the destroyed network may be the one that training began with",
        IN_MAPS,
    ),
]
