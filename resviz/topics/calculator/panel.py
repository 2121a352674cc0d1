"""The panels of the Calculator: the count, its comparison with built networks, and a measured training step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from resviz.runs.limits import Limits
from resviz.runs.questions import Question
from resviz.topics.calculator.architectures import Counted, count_all
from resviz.topics.calculator.cards import Beside, built_figures, count_figures, step_figures
from resviz.topics.calculator.measured import (
    StepTime,
    check_finding,
    estimate,
    pair_finding,
    step_finding,
    too_much,
)
from resviz.topics.calculator.presets import HOW, NETS
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.words import (
    RATIOS,
    comparison,
    network_finding,
    ratio_of_parameters,
    to_csv,
    to_markdown,
)
from resviz.ui.panel import Box, Choice, Control, File, Guess, Guessed, Modes, Panel, Part, Rows, Scenarios
from resviz.ui.server import scheduler
from resviz.ui.sources import Instant, Together

# Settings in the row of each family: name and width in px. The others are behind "More".
FIRST: dict[str, tuple[tuple[str, int], ...]] = {
    "block": (("block", 116), ("inputs", 92), ("inner", 104), ("groups", 80), ("stride", 70), ("shortcut", 142)),
    "custom": (("block", 122), ("stages", 300)),
    "cifar": (("depth", 96), ("shortcut", 150)),
    "wrn": (("depth", 96), ("width_factor", 96)),
    "cifar_densenet": (("depth", 96), ("growth", 84), ("bottleneck", 108)),
    "resnext29": (("groups", 96), ("width_factor", 96)),
}
NETWORKS = [name for name in NETS if name != "block"]
STEPS = 5.0  # a measurement takes about as long as this many steps
LOAD_SECONDS = 8.0  # seconds until a process of the panels' lane has loaded
# Examples to choose from: pairs of networks, and blocks.
PAIRS = {
    "ResNet-50 and 34": {"net": "resnet50", "other": "resnet34"},
    "152 layers of basic blocks": {"net": "resnet152", "other": "custom,block:basic,stages:4x64,12x128,54x256,5x512"},
    "… as wide outside": {"net": "resnet152", "other": "custom,block:basic,stages:4x256,12x512,54x1024,5x2048"},
    "32 groups": {"net": "resnext50_32x4d", "other": "resnet50"},
    "A plain network": {"net": "vgg16", "other": "resnet34"},
    "Dense": {"net": "cifar_densenet", "other": "cifar"},
    "Deep or wide": {"net": "cifar", "depth": "110", "other": "wrn"},
}
BLOCKS: dict[str, dict[str, str]] = {
    "256-64-64-256": {},
    "Basic, 64": {"block": "basic", "inputs": "64"},
    "Basic, 256": {"block": "basic", "inputs": "256", "inner": "256"},
    "ResNeXt 32x4d": {"groups": "32", "width_factor": "2"},
    "Halves the image": {"inner": "128", "stride": "2"},
}


# -- settings --------------------------------------------------------------------------------------------


def settings(spec: CountSpec) -> Rows:
    """The rows of settings: what is counted, what it is compared with, and how it is counted."""
    mode = Modes(
        {"network": ("A network", PAIRS["ResNet-50 and 34"]), "block": ("One block", {"net": "block"})},
        lambda spec: "block" if spec.net == "block" else "network",
        keep=HOW,
    )
    if spec.net == "block":
        pills = Scenarios({name: {"net": "block", **words} for name, words in BLOCKS.items()})
        return [(mode, *_network(spec), *_HOW), (pills,)]
    return [(mode, *_network(spec)), (*_beside(spec), *_HOW), (Scenarios(PAIRS), _GUESS)]


_HOW: tuple[Part, ...] = (
    Control("unit", width=92),
    Box("How it is counted", (Control("convention", width=230), Control("counted"))),
)


def _network(spec: CountSpec) -> list[Part]:
    """The controls for the network's name and for the settings that define it."""
    if spec.net == "block":
        return _structure(spec)
    names = {name: NETS[name][0] for name in NETWORKS}
    return [
        Choice("net", "network", "Which network is counted.", lambda _: names, lambda s: s.net, 226),
        *_structure(spec),
    ]


def _beside(spec: CountSpec) -> list[Part]:
    """The controls for the network to compare with, if there is one."""
    names = {"": "nothing", **{name: NETS[name][0] for name in NETWORKS}}
    now = Choice(
        "other.net",
        "beside it",
        "A network to compare with.",
        lambda _: names,
        lambda s: s.against.net if s.against else "",
        226,
    )
    return [now, *(_structure(spec.against, other=True) if spec.against else [])]


def _structure(spec: CountSpec, *, other: bool = False) -> list[Part]:
    def control(name: str, width: int) -> Control:
        if other:
            return Control(name, width=width, step=_step(name, spec), prefix="other.", owner=lambda s: s.against)
        return Control(name, width=width, step=_step(name, spec))

    first = FIRST.get(spec.family_name, ())
    shown = {name for name, _ in first}
    image = () if spec.net == "block" else ("channels", "classes")
    more = [*(name for name in spec.family.uses if name not in shown), *image]
    found: list[Part] = [control(name, width) for name, width in (*first, ("input", 84))]
    return [*found, Box("More", tuple(control(name, 170) for name in more))] if more else found


def _step(name: str, spec: CountSpec) -> int:
    """The amount that a press on plus adds."""
    if name == "depth":
        return (spec.depth_form or (1, 0))[0]
    return 16 if name in ("inputs", "inner") else 1


@cache
def _questions() -> tuple[Guessed, ...]:
    """The pairs as questions to guess before the bars are shown."""
    found = []
    for words in PAIRS.values():
        spec = CountSpec.of(words)
        assert spec.against
        text = f"How many parameters has **{spec.label}** beside **{spec.against.label}**?"
        found.append(Guessed(text, RATIOS, words))
    return (*found[1:], found[0])  # the first pair goes last, because the page opens with it


_GUESS = Guess(_questions(), lambda networks: ratio_of_parameters(*networks) if len(networks) == 2 else None)


def named(spec: CountSpec) -> str:
    """Return the words of an address. They always name the network, because without words the page opens with two networks."""
    query = spec.query()
    return query if "net" in spec.words() else f"net={spec.net}{query and '&'}{query}"


# -- what is counted -------------------------------------------------------------------------------------


def count_finding(networks: Sequence[Counted]) -> str:
    """Compare two networks in words; for a single network, say where its parameters and its work are."""
    if len(networks) == 2:
        return comparison(*networks)
    return "" if networks[0].spec.net == "block" else network_finding(networks[0])


COUNT = Panel(
    CountSpec,
    Instant(count_all),
    count_figures,
    count_finding,
    at_once=True,
    verb="Count",
    rows=settings,
    opening=PAIRS["ResNet-50 and 34"],
    named=named,
    files=(File("Table (CSV)", "csv", to_csv), File("Table (Markdown)", "md", to_markdown, "text/markdown")),
)


# -- the count against built networks ----------------------------------------------------------------------


def _asked(kind: str, spec: CountSpec) -> Question:
    """The question about one network. Settings that do not change the answer (other, unit, counted) are left out."""
    words = {**spec.own_words, "convention": spec.convention, "batch": spec.batch if kind == "steptime" else 1}
    return Question(kind, CountSpec.of(words))


@lru_cache(64)  # called repeatedly while the answer is computed
def _each(kind: str, spec: CountSpec) -> tuple[Question, ...]:
    return tuple(dict.fromkeys(_asked(kind, each.spec) for each in count_all(spec)))


def _beside_each(spec: CountSpec, found: list[Any]) -> list[Beside]:
    """Pair each counted network with its result; two equal networks share one result."""
    networks = count_all(spec)
    return list(map(Beside, networks, found if len(found) == len(networks) else found * len(networks)))


BUILT = Panel(
    CountSpec,
    Together("check", questions=lambda spec: _each("check", spec), combined=_beside_each),
    built_figures,
    lambda found: "\n\n".join(check_finding(each.counted, each.found) for each in found),
    verb="Build",
    first="Build and compare",
    again="Build again",
    by_press=lambda spec: True,
    opening=COUNT.opening,
    named=named,
)


# -- a training step -----------------------------------------------------------------------------------------


def _bars(spec: CountSpec) -> str:
    speed = scheduler().macs_per_second
    return " ".join(text for each in count_all(spec) if (text := too_much(each, speed, Limits().bytes)))


def _takes(spec: CountSpec) -> float:
    speed = scheduler().macs_per_second
    return LOAD_SECONDS + STEPS * sum(estimate(each, spec.batch, speed) for each in count_all(spec))


def step_said(found: Sequence[Beside]) -> str:
    """Return what bounds each step and, for two, whether the counts predict the times."""
    pairs: list[tuple[Counted, StepTime]] = [(each.counted, each.found) for each in found]
    said = [step_finding(counted, step) for counted, step in pairs]
    if len(pairs) == 2:
        (one, first), (other, second) = pairs
        said.append(pair_finding(one, other, (first, second)))
    return "\n\n".join(said)


STEP = Panel(
    CountSpec,
    Together(
        "steptime", questions=lambda spec: _each("steptime", spec), combined=_beside_each, takes=_takes, bars=_bars
    ),
    step_figures,
    step_said,
    controls=(Control("batch", width=110),),
    verb="Measure",
    first="Measure a training step",
    again="Measure again",
    by_press=lambda spec: True,
    opening=COUNT.opening,
    named=named,
)
