"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

import base64
import math
from typing import Any

from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.runs.questions import answerer
from resviz.topics.start.figures import Walls, name_of, templates
from resviz.topics.start.question import Edit, EditSpec, Reading, ReadSpec, Wall, letter
from tests.contract.asked import RUN, Asked
from tests.contract.records import NONE_YET, cycled, training

OWN = base64.urlsafe_b64encode(bytes(16 * (k % 8 == 3) for k in range(64))).decode().rstrip("=")  # a line


@st.composite
def wall(draw: st.DrawFn, *, trained: bool = False) -> Wall:
    spec = EditSpec(
        depth=draw(st.integers(2, 30)),
        dataset=draw(st.sampled_from(["digits", "cifar100", "moons"])),
        block=draw(st.sampled_from(["basic", "basic", "plain"])),
        norm=draw(st.sampled_from(["batch", "batch", "none"])),
    ).wall
    if not trained and draw(NONE_YET):
        return Wall(spec, 0.0)
    images, classes = draw(st.integers(1, 150)), spec.data.classes
    size, points = math.prod(spec.data.shape), spec.data.noun == "points"
    letters = cycled(st.integers(0, classes - 1).map(letter), images).map("".join)
    ended = draw(training(spec.steps, over=trained))
    frames = draw(st.integers(1, 5))
    steps = tuple(round(spec.steps * k / max(1, frames - 1)) for k in range(frames))
    lengths = {arm: draw(st.integers(1, frames)) if arm in ended.ended else frames for arm in ARMS}
    return Wall(
        spec,
        1.0 if trained else 0.5,
        ended,
        images,
        draw(letters),
        "" if points else base64.urlsafe_b64encode(bytes(images * size)).decode().rstrip("="),
        ((0.0, 1.0),) * images if points else (),
        (4672,) * spec.blocks,
        steps[: max(lengths.values())],
        {arm: tuple(draw(letters) for _ in range(count)) for arm, count in lengths.items()},
    )


@st.composite
def edit(draw: st.DrawFn, spec: EditSpec | None = None, images: int = 20) -> Edit:
    spec = spec or EditSpec(sever=draw(st.integers(0, 27)))
    read = draw(st.just(images) | st.integers(0, images))
    letters = cycled(st.sampled_from("0123456789"), images).map("".join)
    if read < images:
        return Edit(spec, 0.8, draw(training(spec.steps, over=True)), draw(letters)[:read])
    anew = draw(st.just("") | letters)
    return Edit(spec, 1.0, draw(training(spec.steps, over=True)), draw(letters), anew)


@st.composite
def shown(draw: st.DrawFn) -> Walls:
    found = draw(wall(trained=True) | wall())
    spec = EditSpec.model_construct(**{**found.spec.model_dump(), "sever": 0, "lesion": 0})
    if found.done < 1:
        return Walls(spec, found, live=found.training.step != {}, takes="about 12 s here")
    if spec.blocks and draw(st.booleans()):
        name = draw(st.sampled_from(["sever", "lesion"])) if spec.shortcuts else "lesion"
        spec = spec.replace(**{name: draw(st.integers(1, spec.blocks))})
        if draw(st.booleans()):
            return Walls(spec, found, {name_of(spec): draw(edit(spec, found.images))})
    return Walls(spec, found)


@st.composite
def reading(draw: st.DrawFn) -> Reading:
    spec = ReadSpec(own=draw(st.sampled_from(["", OWN])), block=draw(st.sampled_from(["basic", "plain"])))
    if not spec.own or draw(NONE_YET):
        return Reading(spec, 0.5, draw(training(spec.steps)))
    shares = {arm: draw(st.tuples(*[st.floats(0, 1)] * 10)) for arm in ARMS}
    return Reading(spec, 1.0, draw(training(spec.steps, over=True)), shares)


def walls_of(spec: EditSpec) -> Any:
    *_, found = answerer("walls")(spec.wall)
    *_, edited = answerer("edit")(spec.whole)
    return Walls(spec, found, {name_of(spec): edited} if spec.edited else {})


SMALL = {**RUN, "images": "20"}
ASKED = {
    "start": Asked(small=RUN, quick=True, bound=templates),
    "walls": Asked(small=SMALL, records=wall(), of_the_way=True),
    "drawn": Asked(small={**RUN, "own": OWN}, asked_first="there is no image before one is drawn", records=reading()),
    "edit": Asked(small={**SMALL, "sever": "1"}, records=edit()),
    "wall": Asked(small={**SMALL, "sever": "1"}, quick=True, answer=walls_of, records=shown()),
}
