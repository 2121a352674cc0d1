"""Faults of the networks."""

from tests.mutants.fault import Fault

BLOCKS, RESNET, INIT = "resviz/nets/blocks.py", "resviz/nets/resnet.py", "resviz/nets/init.py"
PLANE, FOLDED = "resviz/nets/plane.py", "resviz/topics/landscape/nets.py"
IN_BLOCKS, IN_RESNET = ("tests/nets/test_blocks.py",), ("tests/nets/test_resnet.py",)
IN_INIT, IN_SLEEP = ("tests/nets/test_init.py",), ("tests/nets/test_stochastic_depth.py",)
IN_PLANE, IN_FOLDED = ("tests/nets/test_plane.py",), ("tests/topics/landscape/test_nets.py",)

FAULTS = [
    Fault(
        BLOCKS,
        "return branch if path is None else branch + path",
        "return branch if path is None else branch - path",
        "the shortcut is taken away instead of added",
        IN_BLOCKS,
    ),
    Fault(
        BLOCKS,
        "                path = path - gate * path\n",
        "                path = gate * path\n",
        "an open gate lets the shortcut through instead of the branch",
        IN_BLOCKS,
    ),
    Fault(
        BLOCKS,
        "norm if chosen.sums_normed else",
        "norm if not chosen.sums_normed else",
        "projections are normalised where the branch is not",
        IN_BLOCKS,
    ),
    Fault(
        BLOCKS,
        "nn.GroupNorm(1, channels)",
        "nn.GroupNorm(channels, channels)",
        "layer normalisation takes each channel by itself",
        IN_BLOCKS,
    ),
    Fault(
        BLOCKS,
        "convs = [(inputs, width, 1, 1), (width, width, kernel, stride), (width, outputs, 1, 1)]",
        "convs = [(inputs, width, 1, stride), (width, width, kernel, 1), (width, outputs, 1, 1)]",
        "a bottleneck's stride stands in its first 1x1 convolution",
        IN_BLOCKS,
    ),
    Fault(
        BLOCKS,
        "x * (kept.to(x.dtype) / (1 - self.p))",
        "x * (kept.to(x.dtype) / self.p)",
        "dropout scales by the wrong share",
        IN_BLOCKS,
    ),
    Fault(
        BLOCKS,
        """                    path.add_module(name, ACTIVATIONS[activation]())
        self._spare_x()
""",
        """                    path.add_module(name, ACTIVATIONS[activation]())
""",
        "after a change of the activation x is overwritten in place",
        IN_BLOCKS,
    ),
    Fault(
        RESNET,
        "stride = 2 if stage > 0 and i == 0 else 1",
        "stride = 2 if stage > 0 and i == 1 else 1",
        "the second block of a stage halves the image, not the first",
        IN_RESNET,
    ),
    Fault(
        RESNET,
        "block.removed = number in chosen",
        "block.removed |= number in chosen",
        "a block taken out is never put back",
        IN_RESNET,
    ),
    Fault(
        RESNET,
        "reseed((self.seed * 1_000_003 + step) * 1009 + number,",
        "reseed((self.seed * 1_000_003 + step) * 1009,",
        "dropout drops the same numbers in every block",
        IN_RESNET,
    ),
    Fault(
        RESNET,
        "for i, module in enumerate(part):\n                if isinstance(module, KINDS):",
        "for i, module in enumerate(part[:-1]):\n                if isinstance(module, KINDS):",
        "the last activation of a stem and of the end keeps its kind",
        IN_RESNET,
    ),
    Fault(
        RESNET,
        "1.0 - number / len(self.blocks) * (1.0 - survival)",
        "1.0 - (number - 1) / len(self.blocks) * (1.0 - survival)",
        "the decay of survival begins a block too late",
        IN_SLEEP,
    ),
    Fault(
        RESNET,
        "awake[number] >= block.survival",
        "awake[number] < block.survival",
        "a block sleeps as often as it should be awake",
        IN_SLEEP,
    ),
    Fault(
        INIT,
        'w, mode="fan_out"',
        'w, mode="fan_in"',
        "He's scheme goes by what comes in",
        IN_INIT,
    ),
    Fault(
        INIT,
        "(-1 / (2 * len(convs) - 2))",
        "(-1 / (2 * len(convs)))",
        "Fixup's factor has another power",
        IN_INIT,
    ),
    Fault(
        PLANE,
        'torch.add(x, slope, alpha=self.h) if self.arm == "residual" else self.h * slope',
        'torch.add(x, slope, alpha=self.h) if self.arm == "plain" else self.h * slope',
        "the arms in the plane are swapped",
        IN_PLANE,
    ),
    Fault(
        FOLDED,
        "norm.weight / torch.sqrt(norm.running_var + norm.eps)",
        "norm.weight / (norm.running_var + norm.eps)",
        "directions are scaled by the variance, not by its root",
        IN_FOLDED,
    ),
]
