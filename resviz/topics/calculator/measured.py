"""Results for counted networks: the count against a built network, and a measured training step. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resviz.count.layers import FLOAT
from resviz.topics.calculator.architectures import Counted
from resviz.topics.calculator.words import short
from resviz.words.say import percent

BACKWARD = 2  # times the products of a forward pass: one for the gradient of the weights, one for that of the input
SIDE = 1536  # of the square matrices whose product measures the rate
COPIES = 3  # of the parameters, while SGD with momentum trains them: weights, gradients, momentum
OVERHEAD = 1e-4  # seconds of a layer in a step besides its arithmetic, about
MOST_LAYERS = 6000  # that a check builds, in a second or two
SAME = 0.1  # relative difference below which two ratios count as equal
MOST_SECONDS = 20.0  # of one measured training step


# -- the count against a built network -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """The counts of a network built on torch's meta device, whose tensors have shapes but no values.

    built: what was built, in words. parameters: by numel(). macs: for one image by torch's FlopCounterMode, which counts
    products of matrices and convolutions. kept: bytes that autograd keeps for one image. The mean and deviation of each
    channel, which normalisation keeps for the whole batch, are left out on both sides.
    """

    built: str
    parameters: int
    macs: int
    kept: int


@dataclass(frozen=True, slots=True)
class Checked:
    """One line of the comparison: a counted number and the built one."""

    what: str
    counted: int
    built: int

    @property
    def verdict(self) -> str:
        """ "equal", or the difference in words."""
        off = self.counted - self.built
        return "equal" if off == 0 else f"the count is {abs(off):,} {'more' if off > 0 else 'less'}"


def compared(counted: Counted, check: Check) -> list[Checked]:
    """Compare the count with the built network, line by line."""
    sums = counted.total.sums
    return [
        Checked("parameters", sums.all_parameters, check.parameters),
        Checked("MACs of products", sums.macs(), check.macs),
        Checked("bytes kept for the backward pass", sums.kept, check.kept),
    ]


def check_finding(counted: Counted, check: Check) -> str:
    """Return a sentence that says whether all numbers are equal."""
    wrong = [line.what for line in compared(counted, check) if line.verdict != "equal"]
    name = f"**{counted.spec.label}** against {check.built}"
    if not wrong:
        return f"{name}: equal to the last unit."
    return f"{name}: {', '.join(wrong)} differ; please report this link."


def layers_of(counted: Counted) -> int:
    """The number of layers that a check would have to build."""
    return sum(layers.times for part in counted.parts for layers in part.stage.layers)


# -- a training step -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepTime:
    """The time of one training step of a batch: forward pass, loss, backward pass, update by SGD with momentum.

    seconds: the median of `steps` steps. fastest: the minimum. rate: MACs per second of a large matrix product with the same
    number of threads, the best before or after these steps. bandwidth: bytes per second of a large copy, read and written.
    """

    batch: int
    device: str
    threads: int
    seconds: float
    fastest: float
    steps: int
    rate: float
    bandwidth: float


def step_macs(counted: Counted, batch: int) -> int:
    """MACs of the products of a training step, forward and backward. The image needs no gradient, so the first convolution
    has only one product in the backward pass; the input of a single block does need one."""
    macs = (1 + BACKWARD) * counted.total.sums.macs()
    if counted.spec.net != "block":
        first = counted.parts[0].stage.layers[0]
        macs -= first.weights * first.pixels
    return batch * macs


def step_bytes(counted: Counted, batch: int) -> int:
    """The least memory of a training step: what is kept of the batch for the backward pass, and SGD's copies of the weights."""
    return batch * counted.total.sums.kept + COPIES * FLOAT * counted.total.sums.all_parameters


def moved_bytes(counted: Counted, batch: int) -> int:
    """The least bytes that a step moves to and from memory: everything kept is written once and read once, and so are the
    gradients; weights and momentum are each read and written once as well."""
    return 2 * batch * counted.total.sums.kept + 2 * COPIES * FLOAT * counted.total.sums.all_parameters


@dataclass(frozen=True, slots=True)
class Roofline:
    """A measured step and its lower bounds, in seconds (Williams 2009, doi 10.1145/1498765.1498785)."""

    arithmetic: float
    memory: float
    measured: float

    @property
    def floor(self) -> float:
        return max(self.arithmetic, self.memory)

    @property
    def achieved(self) -> float:
        """The share of the speed at the floor that the step reached."""
        return self.floor / self.measured


def roofline(counted: Counted, step: StepTime) -> Roofline:
    """Return the lower bounds of this step on the machine that measured it."""
    macs, moved = step_macs(counted, step.batch), moved_bytes(counted, step.batch)
    return Roofline(macs / step.rate, moved / step.bandwidth, step.seconds)


def estimate(counted: Counted, batch: int, macs_per_second: float) -> float:
    """Estimate the seconds of a step at this rate, before it is measured."""
    return step_macs(counted, batch) / macs_per_second + layers_of(counted) * OVERHEAD


def too_much(counted: Counted, macs_per_second: float, bytes_allowed: float) -> str:
    """Return why this machine should not measure such a step, and the largest batch that works; empty if it may."""
    batch = counted.spec.batch
    needs, memory = estimate(counted, batch, macs_per_second), step_bytes(counted, batch)
    if needs <= MOST_SECONDS and memory <= bytes_allowed:
        return ""
    fits = [
        n
        for n in range(1, batch)
        if estimate(counted, n, macs_per_second) <= MOST_SECONDS and step_bytes(counted, n) <= bytes_allowed
    ]
    text = (
        f"batch={batch}: a step of {counted.spec.label} would take about {seconds(needs)} and {short(memory, 'B')} here; "
        f"the limit is {seconds(MOST_SECONDS)} and {short(bytes_allowed, 'B')}"
    )
    return f"{text}; nearest that works: {fits[-1]}." if fits else f"{text}. A smaller input or network would fit."


def step_finding(counted: Counted, step: StepTime) -> str:
    """Return what bounds the step, and how close it came to that bound."""
    line = roofline(counted, step)
    arithmetic = f"at the rate of one large matrix product its products take {seconds(line.arithmetic)}"
    memory = f"moving what must go to memory and back takes {seconds(line.memory)}"
    bound, other = (arithmetic, memory) if line.arithmetic >= line.memory else (memory, arithmetic)
    return (
        f"**{counted.spec.label}**: {seconds(step.seconds)} for a training step of {_images(step.batch)}. The floor: {bound}, "
        f"and {other}. The step reaches {percent(round(line.achieved, 2))} of that speed."
    )


def pair_finding(one: Counted, other: Counted, times: tuple[StepTime, StepTime]) -> str:
    """Return whether the ratio of the counts predicts the ratio of the times."""
    work = step_macs(one, times[0].batch) / step_macs(other, times[1].batch)
    took = times[0].seconds / times[1].seconds
    text = f"**{one.spec.label}** does {work:.2f} times the products of **{other.spec.label}** and takes {took:.2f} times as long"
    if abs(took / work - 1) < SAME:
        return f"{text}: here the count tells the time."
    memory = moved_bytes(one, times[0].batch) / moved_bytes(other, times[1].batch)
    return f"{text}: the count alone does not tell the time. It moves {memory:.2f} times the memory."


def how_measured(found: Sequence[StepTime]) -> str:
    """Return how the steps were measured: the device, the number of steps, and the reference rates."""
    one, fewest = found[0], min(step.steps for step in found)
    threads = "one thread" if one.threads == 1 else f"{one.threads} threads"
    rate, bandwidth = (max(getattr(step, name) for step in found) / 1e9 for name in ("rate", "bandwidth"))
    return (
        f"Measured on this machine’s {one.device.upper()}, {threads}, in float32: the median of at least {fewest} steps of SGD "
        f"with momentum. Its best product of two {SIDE:,} × {SIDE:,} matrices made {rate:.3g} GMACs a second, its best copy "
        f"{bandwidth:.3g} GB a second. A training step makes three times the products of a forward pass, less the first "
        "convolution’s gradient for the image."
    )


def seconds(value: float) -> str:
    """Format a time with a fitting unit: "2.3 s", "41 ms", "12 min"."""
    if value >= 90:
        return f"{value / 60:,.0f} min"
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= 0.9995 * size:
            return f"{float(f'{value / size:.3g}'):g} {unit}"
    return "no time"


def _images(batch: int) -> str:
    return "one image" if batch == 1 else f"{batch:,} images"
