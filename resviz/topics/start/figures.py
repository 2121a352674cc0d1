"""The figures of the Start page: the walls of what both networks read, and a gradient profile under each network."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from resviz.draw.figure import Arm, Figure, Network, Own, Picture, Table
from resviz.draw.maps import picture
from resviz.draw.profile import profile
from resviz.families.resnet.drawing import network
from resviz.families.resnet.family import ARMS, SHORT
from resviz.families.resnet.spec import Spec
from resviz.topics.start.question import Edit, EditSpec, Reading, Wall, right, tiles
from resviz.words.say import percent


@dataclass(frozen=True)
class Walls:
    """What the walls show: both networks so far, and what is known without each shortcut and each block, by name ("sever 14").
    live: they are being trained just now. takes: how long that takes, in words, before it begins."""

    spec: EditSpec
    wall: Wall
    edits: Mapping[str, Edit] = field(default_factory=dict)
    live: bool = False
    takes: str = ""

    @property
    def name(self) -> str:
        """The name of the edit that the spec asks for, or ""."""
        return name_of(self.spec)

    @property
    def edit(self) -> Edit | None:
        """That edit, as far as it is measured; None if there is none, or nothing of it yet."""
        found = self.edits.get(self.name)
        return found if found and found.reads else None


def name_of(spec: EditSpec) -> str:
    return f"sever {spec.sever}" if spec.sever else f"lesion {spec.lesion}" if spec.lesion else ""


class EditDrawn(TypedDict):
    """What is read without a shortcut or a block. reads: in each tile, a space where that is not known yet; right: of the images
    `seen` so far; anew: of all, with averages measured anew, None if that is not known or there are none."""

    reads: str
    right: int
    seen: int
    anew: int | None


class WallDrawn(Own):
    """What wall.js draws. image: all tiles in one picture after the other, (tiles, C, H, W); places: of points instead. truth and
    reads: one character a tile; right: of all `images`; steps, right and reads by frame, of the run's steps `of`."""

    network: Network
    image: Picture
    places: NotRequired[Sequence[tuple[float, float]]]
    truth: str
    images: int
    steps: Sequence[int]
    of: int
    right: Mapping[str, Sequence[int]]
    reads: Mapping[str, Sequence[str]]
    live: bool
    sever: int
    lesion: int
    edits: Mapping[str, EditDrawn]


def walls(shown: Walls) -> list[Figure]:
    """Return the two walls with the drawing of the residual network."""
    wall, spec = shown.wall, shown.spec.whole
    chosen = tiles(wall)
    own: WallDrawn = {
        "by": "wall",
        "network": network(spec),
        "image": picture(_pixels(wall, chosen, math.prod(spec.data.shape)), spec.data),
        "truth": "".join(wall.truth[n] for n in chosen),
        "images": wall.images,
        "steps": wall.steps,
        "of": spec.steps,
        "right": {arm: [right(reads, wall.truth) for reads in frames] for arm, frames in wall.reads.items()},
        "reads": {arm: ["".join(reads[n] for n in chosen) for reads in frames] for arm, frames in wall.reads.items()},
        "live": shown.live,
        "sever": shown.spec.sever,
        "lesion": shown.spec.lesion,
        "edits": {name: _edit(edit, wall, chosen) for name, edit in shown.edits.items()},
    }
    if wall.places:
        own["places"] = [wall.places[n] for n in chosen]
    made: Figure = {"id": "wall", "title": "What both networks read", "note": "unseen images", "bare": True, "own": own}
    return [made | {"table": _table(shown)}]


def _table(shown: Walls) -> Table:
    """The accuracies of the walls: at each step of the replay, and with each edit that is known."""
    wall = shown.wall
    rows = [
        [
            f"step {step}",
            *(_share(frames[k], wall.truth) if k < len(frames) else "–" for frames in wall.reads.values()),
            "–",
        ]
        for k, step in enumerate(wall.steps)
    ]
    words = {"sever": "cut shortcut", "lesion": "take out block"}
    for name, edit in shown.edits.items():
        what, number = name.split()
        anew = _share(edit.anew, wall.truth) if edit.anew else "–"
        rows.append([f"{words[what]} {number}", _share(edit.reads, wall.truth), "–", anew])
    return {"header": ["read correctly", *ARMS, "residual, averages measured anew"], "rows": rows}


def _share(reads: str, truth: str) -> str:
    return percent(right(reads, truth) / len(reads)) if reads else "–"


def _pixels(wall: Wall, chosen: Sequence[int], size: int) -> str:
    """Return the pixels of these images, `size` bytes each, as one text in base 64."""
    every = base64.urlsafe_b64decode(wall.pixels + "=" * (-len(wall.pixels) % 4))
    return base64.urlsafe_b64encode(b"".join(every[n * size : (n + 1) * size] for n in chosen)).decode().rstrip("=")


def _edit(edit: Edit, wall: Wall, chosen: Sequence[int]) -> EditDrawn:
    return {
        "reads": "".join(edit.reads[n] if n < len(edit.reads) else " " for n in chosen),
        "right": right(edit.reads, wall.truth),
        "seen": len(edit.reads),
        "anew": right(edit.anew, wall.truth) if edit.anew else None,
    }


class ReadDrawn(Own):
    """What reads.js draws: for each network, its name and the share of each class; no shares before anything is drawn."""

    arms: Sequence[tuple[Arm, str, Sequence[float]]]


def drawn(record: Reading) -> list[Figure]:
    """Return the pad to draw on, and what both networks read there."""
    spec = record.spec
    image: Picture = {**picture(spec.own, spec.data), "live": True, "upload": f"own/{spec.dataset}"}
    own: ReadDrawn = {
        "by": "reads",
        "arms": [(arm, SHORT[arm], record.shares.get(arm, ())) for arm in ARMS],  # type: ignore[misc]
    }
    rows = [
        [str(n), *(percent(record.shares[arm][n]) for arm in ARMS)]
        for n in range(spec.data.classes if record.shares else 0)
    ]
    table: Table = {"header": ["class", *ARMS], "rows": rows}
    return [
        {"id": "drawn_pad", "title": "Draw here", "note": "or choose a file", "bare": True, "pad": image},
        {
            "id": "drawn_read",
            "title": "What both read",
            "note": "share of each class",
            "bare": True,
            "own": own,
            "table": table,
        },
    ]


def templates(spec: Spec) -> list[Figure]:
    """One profile for each arm, residual first; both share one range."""
    return [
        profile(
            "grad_norm",
            f"Gradient norm of each layer's weights, {arm}",
            spec,
            log=True,
            note="before training, log scale",
            arms=(arm,),
            pale=False,
            aligned=True,
            axis_title=arm == ARMS[-1],
        )
        | {"id": f"start_{arm}"}
        for arm in ARMS
    ]
