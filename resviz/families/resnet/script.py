"""Export of the networks on screen as one standalone script: the code of resviz/nets, with this spec's numbers."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path

from resviz.families.resnet.spec import Spec
from resviz.nets.settings import EXPANSION, ORDERS
from resviz.train.records import UNKNOWN, Machine, Record

# The definitions in these files are copied unchanged, so they must be readable by themselves.
_NETS = Path(__file__).parents[2] / "nets"
_MACHINE = Path(__file__).parents[2] / "train/twins/machine.py"

_TORCHVISION = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "cifar10": "CIFAR10", "cifar100": "CIFAR100"}
_OPTIMIZER = {
    "sgd": "torch.optim.SGD(net.parameters(), LR, momentum={s.momentum!r}, weight_decay={s.weight_decay!r}, fused=True)",
    "adam": "torch.optim.Adam(net.parameters(), LR, weight_decay={s.weight_decay!r}, fused=True)",
    "adamw": "torch.optim.AdamW(net.parameters(), LR, weight_decay={s.weight_decay!r}, fused=True)",
}

_HEAD = '''"""Twin networks of depth {s.depth}, one with shortcuts and one without: {what}.

Made by resviz from its own code; runs alone with torch, numpy, scikit-learn and torchvision:
    resviz {command}
"""

import hashlib
import math
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional, init

EXPANSION = {expansion}
'''

_MADE_DATA = '''

def load():
    """Images (N, C, H, W) and labels for training and test."""
    import numpy as np

{make}
    order = np.random.default_rng(0).permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]  # class by class, so that each has its share of the test
    held = np.zeros(len(y), dtype=bool)
    held[order[np.arange({s.data.test}) * len(y) // {s.data.test}]] = True
    x, y = torch.from_numpy(x), torch.from_numpy(y).long()
    return x[~held], y[~held], x[held], y[held]
'''

_POINTS = """    random = np.random.default_rng(0)
    y = np.arange({n}) % 2
    RADIUS
    x = MIDDLEradius * np.stack([np.cos(angle), np.sin(angle)]) + random.normal(0.0, NOISE, (2, len(y)))
    x = x.T[:, :, None, None].astype(np.float32)"""

_RINGS = _POINTS.replace("MIDDLE", "")

_MAKE = {
    "digits": """    from sklearn.datasets import load_digits

    digits = load_digits()
    x, y = digits.images[:, None].astype(np.uint8), digits.target""",
    "circles": _RINGS.replace("RADIUS", "radius, angle = 1.0 - y / 2, random.uniform(0, 2 * np.pi, len(y))").replace(
        "NOISE", "0.08"
    ),
    "moons": _POINTS.replace("MIDDLE", "np.stack([0.5 * y - 0.25, 0.25 * y - 0.125]) + ")
    .replace("RADIUS", "radius, angle = 0.5, random.uniform(0, np.pi, len(y)) + np.pi * y")
    .replace("NOISE", "0.06"),
    "spirals": _RINGS.replace(
        "RADIUS",
        """radius = np.sqrt(random.uniform(0.02, 1.0, len(y)))
    angle = 3 * np.pi * radius + np.pi * y""",
    ).replace("NOISE", "0.03"),
}

_TORCHVISION_DATA = '''

def load():
    """Images (N, C, H, W) and labels for training and test; downloaded into ./data if they are not there."""
    from torchvision import datasets

    halves = []
    for train in (True, False):
        half = datasets.{name}("data", train=train, download=True)
        x = torch.as_tensor(half.data)
        halves += [x[:, None] if x.ndim == 3 else x.permute(0, 3, 1, 2).contiguous(), torch.as_tensor(half.targets)]
    return tuple(halves)
'''

_RATES = """

# What was learnt, and how.
STEPS_PER_EPOCH, STEPS, LR = {s.steps_per_epoch}, {s.steps}, {s.lr!r}


def learning_rate(step):
{rates}


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        correct = sum((net(inputs(a)).argmax(1) == b).sum().item() for a, b in zip(x.split(512), y.split(512)))
    net.train()
    return correct / len(y)
"""

_SETUP = """

def inputs(x):
    return (x.to(torch.float32, memory_format=torch.channels_last) - mean[:, None, None]) / std[:, None, None]


torch.set_num_threads(1)  # the order of sums, and so the last bit of every number, depends on it
BATCH = {s.batch}
train_x, train_y, test_x, test_y = load()
kept = torch.randperm(len(train_y), generator=torch.Generator().manual_seed(0))[:{s.train_examples}]
train_x, train_y = train_x[kept], train_y[kept]
pixels = train_x.double()
mean, std = pixels.mean((0, 2, 3)).float(), pixels.std((0, 2, 3), correction=0).float()
std = torch.where(std > 0, std, 1.0)
{rows}
found = {{}}
for arm in ("residual", "plain"):
    net = ResNet(
{arguments}
    )
    {cut}
    net = net.to(memory_format=torch.channels_last)
    print(f"{{arm}}: {{sum(p.numel() for p in net.parameters()):,}} parameters, same start {{checksum(net)}}")
    generator = torch.Generator().manual_seed({s.seed})
"""

_LOOP = """    optimizer = {optimizer}
{remember}    for step in range(1, STEPS + 1):
{changes}        if (step - 1) % STEPS_PER_EPOCH == 0:
            order = torch.randperm(len(train_y), generator=generator)
        chosen = order[(step - 1) % STEPS_PER_EPOCH * BATCH:][:BATCH]
        net.begin(step)
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(inputs(train_x[chosen])), train_y[chosen])
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step)
        optimizer.step()
        if step % STEPS_PER_EPOCH == 0 or step == 1:
            score = accuracy(net, test_x, test_y)
            print(f"{{arm}}: step {{step}}, loss {{loss.item():.9g}}, test accuracy {{score:.9g}}")
    found[arm] = {{"loss": loss.item(), "test accuracy": score}}
"""

_REMEMBER = (
    "for p in net.parameters():  # what has been out has no momentum yet",
    '    optimizer.state[p].setdefault("momentum_buffer", torch.zeros_like(p))',
)

_ONE_PASS = """    chosen = torch.randperm(len(train_y), generator=generator)[:BATCH]
    signal, spread = {}, {}

    def watch(layer):
        def hook(module, taken, given):
            spread[layer] = given.double().std(correction=0).item()
            given.register_hook(lambda gradient: signal.update({layer: gradient.double().norm().item()}))

        return hook

    for layer, module in enumerate(net.outputs(), start=1):
        module.register_forward_hook(watch(layer))
    net.begin(1)
    functional.cross_entropy(net(inputs(train_x[chosen])), train_y[chosen]).backward()
    for layer, weights in enumerate(net.layers(), start=1):
        gradient = 0.0 if weights.weight.grad is None else weights.weight.grad.double().norm().item()
        row = [signal.get(layer, 0.0), spread.get(layer, 0.0), gradient]
        print(f"{arm}: layer {layer}, output gradient {row[0]:.6g}, output spread {row[1]:.6g}, weight gradient {row[2]:.6g}")
        if layer in (1, len(list(net.layers())) - 1):
            found.setdefault(arm, {})[f"output gradient of layer {layer}"] = row[0]
"""

# What the page showed, as far as it is finite, what had computed it, and how near is the same.
_SHOWN = """


def same(a, b):
    return {same}


# What the page showed, and what had computed it.
SHOWN = {shown}
MADE = {made!r}

print("The page showed:")
for arm, numbers in SHOWN.items():
    print(f"{{arm}}: " + ", ".join(f"{{name}} {{number:{digits}}}" for name, number in numbers.items()))
version, instructions, processor = cpu()
if all(same(found[arm][name], number) for arm, numbers in SHOWN.items() for name, number in numbers.items()):
    print("The numbers above are the same, to the digit.")
else:
    print(f"The numbers above differ from it. What the page showed was computed with {{MADE or 'a machine that is not known'}};")
    print(f"this is torch {{version}}, {{instructions}}, {{processor}}.")
    print("Where these differ, sums are rounded in another order, and what is learnt from them drifts apart.")
"""
_SAME, _NEAR = 'f"{a:.9g}" == f"{b:.9g}"', "math.isclose(a, b, rel_tol=1e-5)"

_ROWS = """mean, std = (v.repeat_interleave(train_x[0, 0].numel()) for v in (mean, std))
train_x, test_x = (x.reshape(len(x), -1, 1, 1) for x in (train_x, test_x))  # each image as one row of numbers
"""


def script(spec: Spec, *, one_pass: bool = False, record: Record | None = None, machine: Machine = UNKNOWN) -> str:
    """Return a standalone PyTorch script of both arms and their training, or of one pass before it: on a CPU it gives the
    numbers of the run. `record` is what the page shows, of the last step or of the pass, and `machine` what computed it: at its
    end the script says whether its own numbers are the same, and if not, with what the others were made."""
    about = "one pass before training" if one_pass else f"{spec.epochs} epochs"
    parts = [
        _HEAD.format(
            s=spec,
            what=f"{spec.data.label}, {about}",
            command=f"{'signal' if one_pass else 'train'} {spec.command()}",
            expansion={spec.block: EXPANSION[spec.block]},
        ).rstrip()
        + "\n",
        _definitions(_NETS / "settings.py", only={"Order"}),
        f'ORDERS = {{"{spec.order}": {ORDERS[spec.order]!r}}}',
        _definitions(_NETS / "blocks.py"),
        _definitions(_NETS / "init.py"),
        _definitions(_NETS / "resnet.py", leave_out={"still"}),
    ]
    if spec.dataset in _MAKE:
        make = _MAKE[spec.dataset].format(n=spec.data.train + spec.data.test)
        parts.append(_MADE_DATA.format(s=spec, make=make).strip())
    else:
        parts.append(_TORCHVISION_DATA.format(name=_TORCHVISION[spec.dataset]).strip())
    main, shown = _main(spec, one_pass), _shown(spec, one_pass, record)
    if shown:
        parts.append(_definitions(_MACHINE, only={"cpu"}))
        numbers = "{\n" + "".join(f"    {arm!r}: {values!r},\n" for arm, values in shown.items()) + "}"
        same, digits = (_NEAR, ".4g") if one_pass else (_SAME, ".9g")
        main = main.rstrip() + _SHOWN.format(same=same, shown=numbers, made=str(machine), digits=digits)
    parts.append(main.strip())
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _shown(spec: Spec, one_pass: bool, record: Record | None) -> dict[str, dict[str, float]]:
    """Return the numbers that the script compares with its own, by arm and name; none of a run that has not ended."""
    if record is None or (not one_pass and record.step != spec.steps):
        return {}
    shown: dict[str, dict[str, float | None]] = {}
    for arm, found in ((arm, record.arms[arm]) for arm in spec.arms if arm in record.arms):
        back = found.activation_grad_norm or ()
        last = spec.layers - 1
        shown[arm] = (
            {f"output gradient of layer {layer}": back[layer - 1] for layer in (1, last) if layer <= len(back)}
            if one_pass
            else {"loss": found.loss, "test accuracy": found.test_accuracy}
        )
    finite = {
        arm: {name: value for name, value in numbers.items() if value is not None and math.isfinite(value)}
        for arm, numbers in shown.items()
    }
    return {arm: numbers for arm, numbers in finite.items() if numbers}


def _main(spec: Spec, one_pass: bool) -> str:
    cut = "net.cut_all()"
    if spec.block != "plain":
        cut = f'net.cut_all() if arm == "plain" else net.cut({list(spec.cut)})'
    if spec.remove:
        cut += f"\n    net.remove({list(spec.remove)})"
    setup = _SETUP.format(
        s=spec,
        cut=cut,
        rows=_ROWS if spec.kind == "mlp" else "",
        arguments="\n".join(f"        {k}={v!r}," for k, v in spec.network.items()),
    )
    if one_pass:
        return setup + _ONE_PASS
    loop = _LOOP.format(
        changes="".join(f"        {line}\n" for line in _changes(spec)),
        optimizer=_OPTIMIZER[spec.optimizer].format(s=spec),
        remember="".join(f"    {line}\n" for line in _REMEMBER)
        if spec.survival < 1 and spec.optimizer == "sgd"
        else "",
    )
    return _RATES.format(s=spec, rates="\n".join(_rates(spec))) + setup + loop


def _rates(spec: Spec) -> Iterator[str]:
    """Yield the lines of the body of `learning_rate`, the latest segment first."""
    for after, now in reversed(spec.segments):
        fall = {
            "constant": "1.0",
            "cosine": f"0.5 * (1.0 + math.cos(math.pi * ((step - 1) / {now.steps})))",
            "step": f"0.1 ** (((step - 1) / {now.steps} >= 0.5) + ((step - 1) / {now.steps} >= 0.75))",
        }[now.schedule]
        warm = f"min(1.0, step / {now.warmup})" if now.warmup else "1.0"
        lr = "LR" if now.lr == spec.lr else repr(now.lr)
        rate = f"return {lr} * {warm} * {fall}"
        yield f"    if step > {after}:\n        {rate}" if after else f"    {rate}"


def _changes(spec: Spec) -> Iterator[str]:
    """Yield the lines of the training loop that make the changes during training."""
    for (_, before), (after, now) in pairwise(spec.segments):
        lines = []
        if now.cut != before.cut:
            lines.append(f'net.cut_all() if arm == "plain" else net.cut({list(now.cut)})')
        if now.remove != before.remove:
            lines.append(f"net.remove({list(now.remove)})")
        if now.activation != before.activation:
            lines.append(f"net.activate({now.activation!r})")
        for name, attribute in (("branch_scale", "scale"), ("shortcut_scale", "shortcut_scale")):
            if getattr(now, name) != getattr(before, name):
                lines += ["for block in net.residual_blocks():", f"    block.{attribute} = {getattr(now, name)!r}"]
        if now.optimizer != before.optimizer:
            lines.append("optimizer = " + _OPTIMIZER[now.optimizer].format(s=now))
            lines += _REMEMBER if now.survival < 1 and now.optimizer == "sgd" else ()
        else:
            names = ("momentum", "weight_decay") if now.optimizer == "sgd" else ("weight_decay",)
            lines += [
                f'optimizer.param_groups[0]["{name}"] = {getattr(now, name)!r}'
                for name in names
                if getattr(now, name) != getattr(before, name)
            ]
        if now.optimizer == before.optimizer == "sgd" and (now.remove, now.cut) != (before.remove, before.cut):
            lines += _REMEMBER
        if lines:
            yield f"if step == {after + 1}:"
            yield from (f"    {line}" for line in lines)


def _definitions(file: Path, leave_out: Collection[str] = (), only: Collection[str] = ()) -> str:
    """Return the module-level code of a file without imports, or `only` these names; read as text, so torch is not imported."""
    source = file.read_text()
    lines = source.splitlines()
    parts, previous = [], 0
    for node in ast.parse(source).body:
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        while start > previous + 1 and lines[start - 2].startswith("#"):
            start -= 1  # a comment directly above a statement belongs to it
        previous = node.end_lineno or node.lineno
        is_doc = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_doc or isinstance(node, ast.Import | ast.ImportFrom) or _defined(node) in leave_out:
            continue
        if only and _defined(node) not in only:
            continue
        parts.append("\n".join(lines[start - 1 : previous]))
    return "\n\n\n".join(parts)


def _defined(node: ast.stmt) -> str:
    """Return the name that a statement binds, or an empty string."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return node.name
    target = (
        node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
    )
    return target.id if isinstance(target, ast.Name) else ""
