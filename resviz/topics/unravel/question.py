"""A few residual blocks, unrolled into the paths that x can take through them (Veit 2016, arXiv 1605.06431, Fig. 1). No torch."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

from resviz.words.fields import Worded, setting_field
from resviz.words.text import Numbers, Problem, write_numbers

MOST = 4  # blocks


class UnravelSpec(Worded):
    """How many blocks, how many of their sums are opened, and which blocks are out."""

    blocks: int = setting_field(3, "blocks", "Blocks in a row.", ge=1, le=MOST)
    opened: int = setting_field(3, "unrolled", "Sums that are opened, the last one first.", ge=0, le=MOST)
    out: Numbers = setting_field((), "take out", "Numbers of the blocks that are out: their branch gives 0.")

    def _conflict(self) -> tuple[Problem, Any] | None:
        if strange := [n for n in self.out if not 1 <= n <= MOST]:
            problem = Problem("out", write_numbers(strange), f"there are blocks 1 to {MOST}")
            return problem, tuple(n for n in self.out if n not in strange)
        return None

    @property
    def sums(self) -> int:
        """How many sums are opened, at most one per block."""
        return min(self.opened, self.blocks)

    @property
    def outs(self) -> tuple[int, ...]:
        """The blocks that are out, without numbers beyond `blocks`."""
        return tuple(n for n in self.out if n <= self.blocks)


@dataclass(frozen=True, slots=True)
class Unravelled:
    """The answer. lengths: how many paths of length 0, 1, ... are left."""

    spec: UnravelSpec
    done: float = 1.0

    @property
    def left(self) -> int:
        """Blocks that are not out."""
        return self.spec.blocks - len(self.spec.outs)

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(comb(self.left, k) for k in range(self.left + 1))
