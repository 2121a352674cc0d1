"""The settings of a network to count: a published one, one of a family, custom stages, or a single block."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import model_validator

from resviz.families.resnet.settings import MAX_DEPTH
from resviz.nets.settings import CONVS_PER_BLOCK, EXPANSION
from resviz.topics.calculator.presets import (
    FAMILIES,
    HOW,
    NETS,
    STRUCTURE,
    Blocks,
    Family,
    preset,
    read_other,
    read_stages,
)
from resviz.topics.calculator.settings import CountSettings
from resviz.words.fields import facts
from resviz.words.say import enumerated
from resviz.words.text import Problem, SpecError

SYNONYMS = {"in": "inputs"}  # `in` is a keyword of Python


class CountSpec(CountSettings):
    """The network to count, and how to count it."""

    LATER: ClassVar[tuple[str, ...]] = ("growth", "bottleneck", "compression")
    ALSO: ClassVar[tuple[str, ...]] = tuple(SYNONYMS)

    @property
    def family(self) -> Family:
        return FAMILIES[self.family_name]

    @property
    def family_name(self) -> str:
        return NETS[self.net][1]

    @property
    def plan(self) -> tuple[Blocks, ...]:
        """The stages of a network of blocks; empty for VGG and DenseNets. Raises ValueError if `stages` cannot be parsed."""
        match self.family_name:
            case "resnet" | "custom":
                return read_stages(self.stages)
            case "cifar" | "wrn" | "resnext29":
                each, ends = self.depth_form or (1, 0)
                width = 16 * self.width_factor if self.net == "wrn" else self.width
                return tuple(Blocks((self.depth - ends) // each, width * 2**i, 1 + (i > 0)) for i in range(3))
            case "block":
                return (Blocks(1, self.inner, self.stride),)
            case _:
                return ()

    @property
    def outputs_per_inner(self) -> int:
        return self.expansion or EXPANSION[self.block]

    def widths(self, inner: int) -> tuple[int, int]:
        """Return the channels inside and the output channels of a block."""
        if self.net == "wrn":  # its width factor is already in all channels
            return inner, inner
        return inner * self.width_factor, inner * self.outputs_per_inner

    @property
    def stem_width(self) -> int:
        return 16 if self.net == "wrn" else self.plan[0].inner

    @property
    def depth_form(self) -> tuple[int, int] | None:
        """(layers that one more block in each stage adds, other layers) for families set by depth; None for others."""
        match self.family_name:
            case "cifar" | "resnext29":
                return 3 * CONVS_PER_BLOCK[self.block], 2
            case "wrn":
                return 6, 4
            case "cifar_densenet":
                return 3 * (2 if self.bottleneck == "yes" else 1), 4
            case _:
                return None

    @cached_property
    def against(self) -> Self | None:
        """The network to compare with, counted with the same settings. Raises SpecError."""
        if not self.other:
            return None
        how = {name: getattr(self, name) for name in HOW}
        return type(self).of({**read_other(self.other), **how})

    @property
    def own_words(self) -> dict[str, str]:
        """The words of the network alone: without how it is counted, and without the network beside it."""
        words = {key: value for key, value in self.words().items() if key not in (*HOW, "other")}
        return {"net": self.net, **words}

    def as_other(self) -> str:
        """Return this network as text for the setting `other`."""
        net, *settings = (value if key == "net" else f"{key}:{value}" for key, value in self.own_words.items())
        return ",".join([net, *settings])

    @property
    def label(self) -> str:
        """The network's name, with all settings that differ from those of that name."""
        words = self.own_words
        said = [text.format(words[key]) for key, text in _ALSO.items() if key in words]
        return ", ".join([self._name, *said])

    @property
    def _name(self) -> str:
        if self.family_name == "cifar":
            order = "pre-activation " if self.order == "full" else ""
            block = "bottleneck " if self.block == "bottleneck" else ""
            return f"CIFAR {order}{block}ResNet-{self.depth}" + (", option A" if self.shortcut == "A" else "")
        match self.net:
            case "wrn":
                return f"WRN-{self.depth}-{self.width_factor}"
            case "cifar_densenet":
                letters = "B" * (self.bottleneck == "yes") + "C" * (self.compression < 1)
                share = f", θ = {self.compression:g}" if self.compression not in (0.5, 1.0) else ""
                return f"DenseNet{letters and '-'}{letters}-{self.depth}, k = {self.growth}{share}"
            case "resnext29":
                base = 64 * self.width_factor / self.groups
                return f"ResNeXt-{self.depth}, {self.groups}x{base:g}d"
            case "custom":
                layers = 2 + CONVS_PER_BLOCK[self.block] * sum(blocks.times for blocks in self.plan)
                return f"{layers} {self.block} layers ({self.stages.replace(',', ', ')})"
            case "block":
                inside, outputs = self.widths(self.inner)
                widths = [self.inputs, *[inside] * (CONVS_PER_BLOCK[self.block] - 1), outputs]
                return f"{self.block} block {'-'.join(map(str, widths))}"
            case _:
                return NETS[self.net][0]

    # -- from words ------------------------------------------------------------------------------

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> tuple[Self, tuple[Problem, ...]]:
        twice = [
            Problem(key, str(words[key]), f"is another word for {name}, which is given too")
            for key, name in SYNONYMS.items()
            if key in words and name in words
        ]
        words = {SYNONYMS.get(key, key): value for key, value in words.items() if not (key in SYNONYMS and twice)}
        if "net" not in words and {"block", "inputs", "inner"} & words.keys():
            words["net"] = "block"
        spec, problems = super().read(words)
        return spec, (*twice, *problems)

    def changed(self, changes: Mapping[str, str | None]) -> tuple[Self, tuple[Problem, ...]]:
        """Change settings as in the base class; a new network starts with its own settings. `other.depth` is the depth of the
        network beside this one, `other.net` its name; an empty name removes it."""
        beside = {name.partition(".")[2]: value for name, value in changes.items() if name.startswith("other.")}
        own = {name: value for name, value in changes.items() if not name.startswith("other.")}
        if not beside:
            return super().changed(own)
        if beside.get("net") == "":
            return super().changed({**own, "other": None})
        other = self.against or type(self).of({"net": beside["net"]} if beside.get("net") else {})
        after, problems = other.changed(beside)
        if any(problem.key in beside for problem in problems):
            return self, tuple(Problem(f"other.{p.key}", p.value, p.allowed) for p in problems)
        found, more = super().changed({**own, "other": after.as_other()})
        return found, (*problems, *more)

    def _along(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        net, dropped = changes.get("net") or self.net, {*changes}
        if net != self.net:  # a new network starts with its own settings
            dropped |= {*STRUCTURE, *(["other"] if "block" in (net, self.net) else [])}
        return {name: word for name, word in {"net": self.net, **self.words()}.items() if name not in dropped}

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the settings that the network's name implies."""
        return {**preset(str(words.get("net", "resnet50"))), **words}

    def _default(self, name: str) -> Any:
        return preset(self.net).get(name, super()._default(name))

    def _conflict(self) -> tuple[Problem, Any] | None:
        try:
            plan = self.plan
        except ValueError as error:
            return self._wrong("stages", str(error))
        for name in STRUCTURE:
            if name not in self.family.uses and getattr(self, name) != self._default(name):
                takers = ", ".join(key for key, family in FAMILIES.items() if name in family.uses and key != "resnet")
                return self._wrong(name, f"{self._name} has its own; it can be chosen for {takers}")
        if form := self.depth_form:
            each, ends = form
            most = (MAX_DEPTH - ends) // each
            n = max(1, min(round((self.depth - ends) / each), most))
            if (nearest := each * n + ends) != self.depth:
                below = max(1, min((self.depth - ends) // each, most))
                around = enumerated([each * k + ends for k in range(below, min(below + 1, most) + 1)])
                what = f"this family has {each}n+{ends} layers, such as {around}; nearest that works: {nearest}"
                return Problem("depth", str(self.depth), what), nearest
        return self._unequal_groups(plan) or self._narrowing(plan) or self._unfitting()

    def _widths_along(self, plan: Sequence[Blocks]) -> list[tuple[int, int, int]]:
        """The channels (in, inside, out) of the first block of each stage."""
        found, inputs = [], self.inputs if self.net == "block" else self.stem_width if plan else 0
        for blocks in plan:
            found.append((inputs, *self.widths(blocks.inner)))
            inputs = found[-1][2]
        return found

    def _unequal_groups(self, plan: Sequence[Blocks]) -> tuple[Problem, Any] | None:
        """The problem if groups do not divide the channels of every 3x3 convolution."""
        split = [(widths[1],) if self.block == "bottleneck" else widths for widths in self._widths_along(plan)]
        wrong = next((widths for widths in split if math.gcd(*widths) % self.groups), None)
        if wrong is None:
            return None
        common = math.gcd(*(width for widths in split for width in widths))
        nearest = min((d for d in range(1, common + 1) if common % d == 0), key=lambda d: abs(d - self.groups))
        what = (
            f"a 3x3 convolution of {' and '.join(f'{n:,}' for n in dict.fromkeys(wrong))} channels cannot be split into "
            f"{self.groups:,} equal groups; nearest that works: {nearest}"
        )
        return Problem("groups", str(self.groups), what), nearest

    def _narrowing(self, plan: Sequence[Blocks]) -> tuple[Problem, Any] | None:
        """The problem if option A would have to remove channels, which padding cannot do."""
        for inputs, _, outputs in self._widths_along(plan):
            if self.shortcut == "A" and inputs > outputs:
                what = (
                    f"from {inputs:,} to {outputs:,} channels: padding adds channels and takes none away; nearest that "
                    "works: B"
                )
                return Problem("shortcut", "A", what), "B"
        return None

    def _unfitting(self) -> tuple[Problem, Any] | None:
        """The problem if the image is too small, or if `other` cannot be compared with this network."""
        smallest, why = self.family.smallest, self.family.why
        if self.net == "custom" and self.stem == "imagenet":
            smallest, why = FAMILIES["resnet"].smallest, FAMILIES["resnet"].why
        if self.input < smallest:
            return Problem("input", str(self.input), f"too small: {why}; nearest that works: {smallest}"), smallest
        try:
            against = self.against
        except SpecError as error:
            return self._wrong("other", f"{error}")
        if against and "block" in (self.net, against.net) and self.net != against.net:
            return self._wrong("other", "a block goes beside a block, a network beside a network")
        return None


# Texts for settings that the network's name does not mention.
_ALSO = {
    "shortcut": "option {}",
    "norm": "{} normalisation",
    "bias": "with biases",
    "width": "width {}",
    "stem": "{} stem",
    "stride": "stride {}",
    "input": "{0} × {0} pixels",
    "channels": "{} image channels",
    "classes": "{} classes",
}


COUNT_FIELDS = facts(CountSpec)
