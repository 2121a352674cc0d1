"""What a topic tells the contract tests of each of its questions and panels: `ASKED`, in tests/topics/NAME/contract.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import strategies as st

# A run that is trained in no time.
RUN = {"depth": "6", "width": "2", "examples": "64", "batch": "64", "epochs": "1", "device": "cpu"}


@dataclass(frozen=True)
class Asked:
    """small: words of a spec that is answered in well under a second; other: what a person might ask in between.
    measures: what of a record is a time or a memory of this machine, as a path with * for every key.
    quick: nothing is recorded of it, for the answer is there in under a second; asked_first: why it opens with nothing.
    records: any record that there can be; None where only real ones are tested. runs: the record is runs, which the scheduler has
    trained. answer: of the spec, where neither the panel's source nor its kind says it. bound: the charts of a spec that the
    browser fills with what a run says. typed: what a person types for its smallest question, but for the run it is about.
    survives: there is an answer where a network left the range of float32 as it learnt.
    of_the_way: it needs the networks as they were while they learnt, of which only the last states are on disk.
    refused: what no command takes, and what is said then.
    """

    small: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=lambda: {"seed": "7"})
    measures: tuple[str, ...] = ()
    quick: bool = False
    asked_first: str = ""
    records: st.SearchStrategy[Any] | None = None
    runs: bool = False
    answer: Callable[[Any], Any] | None = None
    bound: Callable[[Any], list[Any]] | None = None
    typed: tuple[str, ...] = ()
    survives: bool = True
    of_the_way: bool = False
    refused: tuple[tuple[tuple[str, ...], str], ...] = ()
    marks: tuple[pytest.MarkDecorator, ...] = ()
