"""The closed form of a network against tools that build it."""

import statistics
import time

from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.question import CountSpec
from tests.bench.common import row

NET = "resnet152"


def bench_count(rounds=7, counts=200):
    """In turn, so that a drift of the machine's speed falls on all; medians of the rounds' ratios."""
    import torch
    import torchinfo
    import torchvision

    build = getattr(torchvision.models, NET)
    spec, net = CountSpec.of({"net": NET}), build()

    def from_words():
        return count(CountSpec.of({"net": NET}))

    def summary():
        return torchinfo.summary(net, input_size=(1, 3, spec.input, spec.input), verbose=0)

    def meta():
        with torch.device("meta"):
            return sum(p.numel() for p in build().parameters())

    ours = count(spec).total.sums
    told = {"torchinfo": summary().total_params, "the meta device": meta()}
    assert set(told.values()) == {ours.all_parameters}, f"resviz counts {ours.all_parameters:,} parameters, {told}"

    def timed(work, times=1):
        began = time.perf_counter()
        for _ in range(times):
            work()
        return (time.perf_counter() - began) / times

    timed(lambda: count(spec), counts)
    found = [
        (timed(lambda: count(spec), counts), timed(from_words, counts), timed(summary), timed(meta))
        for _ in range(rounds)
    ]
    closed, words, whole, built = (1e3 * statistics.median(column) for column in zip(*found, strict=True))
    row(f"count of {NET}, closed form (with words read: {words:.2f} ms)", f"{closed:.2f} ms", "(told)", True)
    for what, ms, column, target in (("torchinfo", whole, 2, 1000), ("building on the meta device", built, 3, 100)):
        ratio = statistics.median(times[column] / times[0] for times in found)
        row(f"{what} over the closed form ({ms:,.0f} ms)", f"{ratio:,.0f} x", f">= {target:,}", ratio >= target)
