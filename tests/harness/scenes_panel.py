"""Panels: what their pages hand down, and what the server answers about recorded and made-up records of the Euler page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.probes.methods import Map
from resviz.runs.recorded import opening, recorded
from resviz.topic import Shown, topics
from resviz.train.plane import CELLS
from resviz.train.records import Training
from resviz.ui import asking
from resviz.ui.panels import PANELS
from resviz.ui.sources import Look
from tests.harness.site import question
from tests.harness.write import address, handed, words_of

SHOWN: dict[str, Shown] = {name: shown for topic in topics().values() for name, shown in topic.shows.items()}
COARSE = 12  # cells of a shading, along each side
APART = {"beside": False, "alone": False, "later": False}  # a panel by itself, where a scene says nothing else


def asked(kind: str, query: str = "", what: str = "", method: str = "GET") -> str:
    """What names an answer: what a browser asks of a panel whose settings are so."""
    return question(method, f"panel/{kind}{what}", words_of(query))


def page(kind: str, **options: bool) -> str:
    """What the page of a panel hands down."""
    from resviz.ui.page import panel

    return handed("page", lambda: panel(kind, replace(SHOWN[kind], **(APART | options))))


def answer(kind: str, query: str = "", record: Any = None, **look: Any) -> Any:
    """What the server says of a panel: by default the whole of `record`, or of the answer that comes with the package."""
    about = asking.asked(PANELS[kind], words_of(query))
    spec = about.spec
    assert not about.problems
    if record is None and not look:
        known = recorded(opening(kind))
        assert known is not None and known.record.spec == spec
        record, look = known.record, {"made": known.made}
    return json.loads(asking.answer(kind, PANELS[kind], about, Look(record, **{"share": 1.0, **look}), "", "").text)


@dataclass
class Scene:
    """What a panel on the page at `path` hands down and says; the page's first panel needs no view in the address."""

    path: str
    pages: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def opens(self, kind: str, *, view: bool = True, **options: bool) -> None:
        """The panel stands on the page, or is its view of this name; its settings are those of the address."""
        self.pages[address(self.path, f"view={kind}" * view)] = page(kind, **options)

    def knows(self, kind: str, query: str = "", record: Any = None, *, also: tuple[str, ...] = (), **look: Any) -> None:
        """The server's answer, however its settings are written; `also`: as a browser writes them that names a default."""
        told = answer(kind, query, record, **look)
        for words in (told["query"], query, *also):
            assert answer(kind, words, record, **look) == told
            self.keep(asked(kind, words), told)

    def now(self, moment: str, kind: str, query: str = "", record: Any = None, **look: Any) -> None:
        """An answer that a test puts in the place of another, when it comes to that (seeing.now)."""
        self.keep(f"{moment}: {asked(kind, query)}", answer(kind, query, record, **look))

    def keep(self, name: str, told: dict[str, Any]) -> None:
        """An answer; where another has the same figures and nothing that this one lacks, only what differs from that."""
        for like, other in self.answers.items():
            if (
                like != name
                and "figures" in told
                and other.get("figures") == told["figures"]
                and not set(other) - set(told)
            ):
                told = {"like": like, "with": {key: value for key, value in told.items() if value != other.get(key)}}
                break
        self.answers[name] = told

    def written(self) -> dict[str, Any]:
        return {"pages": self.pages, "answers": self.answers}


def known(kind: str) -> Any:
    """The record that comes with the package."""
    found = recorded(opening(kind))
    assert found is not None
    return found.record


def made_of(kind: str) -> str:
    """When and with what the package's answer was made."""
    found = recorded(opening(kind))
    assert found is not None
    return found.made


def coarse(signs: str, cells: int = CELLS) -> str:
    """A shading of fewer cells: the middle one of each few."""
    every = cells // COARSE
    return "".join(
        signs[(j * every + every // 2) * cells + i * every + every // 2] for j in range(COARSE) for i in range(COARSE)
    )


def few(rows: Any, every: int) -> Any:
    """Of each row only some points."""
    return tuple(tuple(row[::every]) for row in rows)


LEARNT = Training(dict.fromkeys(ARMS, 33))


def map_of(block: int, side: int, first: int) -> Map:
    """Numbers from -1 to 1, others for another `first`."""
    values = tuple(round(((7 * k + 3 * first) % 23) / 11 - 1, 2) for k in range(side * side))
    return Map(block, side, side, values, round(sum(values), 3))
