"""What a family of networks declares, and how families are found: each is a folder of resviz/families with a file family.py.

A family is networks that share settings and layers. An arm is one of the two conditions that a run compares, a twin the network
of an arm, a task what both learn: data, loss and score. As with topics (topic.py), what a family consists of is named as
"module:attribute" within its folder, and imported when it is used.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "families"
PACKAGE = "resviz.families"
DEFAULT = "resnet"  # of a spec that names no family


@dataclass(frozen=True)
class Arm:
    """One of the two conditions. skips: whether its networks have skip connections, from which its colour follows."""

    name: str
    label: str
    skips: bool


RESIDUAL = Arm("residual", "residual", skips=True)
PLAIN = Arm("plain", "plain", skips=False)


@dataclass(frozen=True)
class Family:
    """A family of networks.

    arms: both conditions, the one with skips first.
    spec: the class of its settings, a `train.spec.TrainingSpec`.
    twin: makes the network of an arm (`train.twins.twin.Twin`) from a spec and the arm's name; may import torch.
    task: what both networks learn (`train.twins.task.Task`); may import torch.
    cost: what training a spec takes, as a `count.cost.Cost`.
    finding: what a run shows, as sentences, from its history.
    recovery: which of its choices a guess about a change during the run should have been, and a sentence; None before its end.
    first_finding: what one pass before training shows, from a spec and a record.
    change: what differs between two specs, in words.
    network: where layers and skips stand on the drawing, from a spec.
    script: one file that trains the networks of a spec by itself; with `one_pass` it measures one pass. It compares its
        numbers with those of a `record`, if that is given, which a `machine` made.
    """

    label: str
    arms: tuple[Arm, Arm]
    spec: str
    twin: str
    task: str
    cost: str
    finding: str
    recovery: str
    first_finding: str
    change: str
    network: str
    script: str
    name: str = ""  # of its folder, filled in when it is found

    def named(self, reference: str) -> Any:
        """What "module:attribute" names in this family's folder."""
        module, attribute = reference.split(":")
        return getattr(import_module(f"{PACKAGE}.{self.name}.{module}"), attribute)

    def of(self, what: str) -> Any:
        """One of the things above by its name here: `of("cost")` is the function that the family names so."""
        return self.named(getattr(self, what))


@functools.cache
def families() -> dict[str, Family]:
    """All families by name."""
    found = sorted(path.parent.name for path in FOLDER.glob("*/family.py"))
    return {name: replace(import_module(f"{PACKAGE}.{name}.family").FAMILY, name=name) for name in found}
