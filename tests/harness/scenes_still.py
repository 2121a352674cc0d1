"""Networks before training on the Start page: what it hands down, and what one made-up pass measures after each click."""

from __future__ import annotations

from typing import Any

from resviz.figures.start import templates
from resviz.records import ArmRecord, Record
from resviz.spec import Spec
from resviz.ui.looks import looked
from tests import paced
from tests.harness.scenes_train import spec_of
from tests.harness.write import address, handed, words_of

ODD = (  # networks that nobody plans for
    "depth=2", "depth=3", "depth=5", "depth=20&block=plain", "depth=29&block=bottleneck&stages=3&shortcut=B",
    "depth=20&order=full&stages=2", "depth=20&branch_scale=0", "depth=56&cut=1-27&remove=1-27",
    "dataset=spirals&width=8&stages=3", "depth=20&stages=3&shortcut=A", "depth=20&stages=3&shortcut=B",
    "depth=20&stages=3&shortcut=C",
)  # fmt: skip
OVERFLOWN = "depth=302&norm=none&width=4&batch=8&branch_scale=4"  # both networks leave the range of float32
LARGE = "depth=1202&batch=2"


def pass_of(spec: Spec) -> Record:
    """What one pass measures; of OVERFLOWN nothing is a number."""
    record = paced.record(spec, 1)
    if spec.norm != "none":
        return record
    lost = {"residual": float("inf"), "plain": float("nan")}
    return Record(1, 1, record.lr, {arm: ArmRecord(value, 0.1, (value,) * spec.depth) for arm, value in lost.items()})


def start(query: str) -> Any:
    """What the Start page hands down, before anything is measured."""
    from resviz.ui import live

    spec = Spec.of(words_of(query))
    return handed("live", lambda: live.still(spec, templates(spec), key="start"))


def look(query: str) -> dict[str, Any]:
    """The server's answer to a look at networks before training."""
    spec = Spec.of(words_of(query))
    return looked(spec, pass_of(spec_of(query)), "start")


def written_out(query: str) -> str:
    """The same settings as the app writes them."""
    return Spec.of(words_of(query)).query()


def asked(query: str) -> str:
    """The question what one pass measures of these settings."""
    return f"GET {address('look', f'view=start&{query}')}"


def scene(*queries: str) -> dict[str, Any]:
    return {
        "pages": {address("start", found): start(query) for query in queries for found in (query, written_out(query))},
        "answers": {asked(found): look(query) for query in queries for found in (query, written_out(query))},
    }


def _start() -> dict[str, Any]:
    """Twenty layers, and what clicks make of them."""
    cuts = ("1", "5", "7", "2,4,6,8", "1,2,3,4,5,6,7,8,9")
    return scene(
        "depth=20",
        *(f"depth=20&cut={cut}" for cut in cuts),
        "depth=20&remove=3",
        "depth=20&cut=5&remove=5",
        "depth=8",
        "depth=20&seed=5",
    )


SCENES = {
    "start": _start,
    "odd": lambda: scene(*ODD, OVERFLOWN),
    "large": lambda: scene(LARGE),
}
