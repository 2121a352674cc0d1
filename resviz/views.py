"""A page whose question has several sides shows them one at a time: what stands around each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """`why` is Markdown with formulas."""

    label: str
    question: str
    below: str
    why: str
