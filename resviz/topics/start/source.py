"""Where the walls come from: the networks are trained only at a press; an edit of trained ones is measured at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from resviz.count.cost import seconds
from resviz.families.resnet.family import ARMS
from resviz.runs.limits import OVERHEAD_PER_LAYER_STEP, duration
from resviz.runs.questions import Question
from resviz.runs.recorded import held, recorded
from resviz.topics.start.figures import Walls, name_of
from resviz.topics.start.question import Edit, EditSpec, Reading, ReadSpec, Wall, WallSpec
from resviz.ui.server import answers, scheduler
from resviz.ui.sources import Computed, Look, affordable

AGAIN = "Train again, live, here"
FIRST = "Train both, live"


FRAMES = 40  # pictures of the replay


@lru_cache(100)
def _takes(spec: WallSpec, macs_per_second: float) -> str:
    """The time until both networks have learnt, in words; reading an image costs a third of learning from it."""
    cost = seconds(spec.family.of("cost")(spec.run), macs_per_second, OVERHEAD_PER_LAYER_STEP)
    read = FRAMES * min(spec.images, spec.data.test) / (3 * spec.steps * spec.examples_in_a_step)
    return f"about {duration(max(1.0, cost * (1 + read)))} here"


@dataclass
class Rehearsed:
    """The source of the walls: both networks, and what is asked about the trained residual one. What the package holds of a run
    is shown as it is; of networks trained here, edits are measured by the process that has them."""

    walls: Computed = field(default_factory=lambda: Computed("walls", affordable))
    edits: Computed = field(default_factory=lambda: Computed("edit", affordable))

    def ask(self, spec: EditSpec, viewer: str, anew: bool) -> None:
        wall = self.walls.look(spec.wall, viewer)
        if anew:
            self.walls.ask(spec.wall, viewer, anew=True)
        elif spec.edited and _over(wall):
            question = self.edits.question(spec.whole)
            unfit = recorded(question) is not None and not _fits(wall)
            here = answers().job(question) or answers().remembered(question)
            answers().ask(viewer, question, anew=unfit and not here, check=affordable)
        else:
            self.walls.stay(spec.wall, viewer)

    def stay(self, spec: EditSpec, viewer: str) -> None:
        if spec.edited and _over(self.walls.look(spec.wall, viewer)):
            self.edits.stay(spec.whole, viewer)
        else:
            self.walls.stay(spec.wall, viewer)

    def moment(self, spec: EditSpec) -> object:
        return self.walls.moment(spec.wall), spec.edited and self.edits.moment(spec.whole)

    def stop(self, spec: EditSpec, viewer: str) -> None:
        answers().leave(viewer)

    def trained(self, spec: WallSpec) -> bool:
        """Whether the networks of a spec are here, or in the package."""
        return _over(self.walls.look(spec))

    def look(self, spec: EditSpec, viewer: str = "") -> Look:
        wall = self.walls.look(spec.wall, viewer)
        if wall.record is None or not wall.record.steps or not (wall.running or _over(wall)):
            return self._blank(spec, wall)
        if wall.running:
            return Look(Walls(spec, wall.record, live=True), wall.share, True, wall.ahead, version=_version(spec, wall))
        found = self._known(spec, wall)
        if not spec.edited:
            shown = Walls(spec, wall.record, found)
            return Look(shown, 1.0, made=wall.made, version=_version(spec, wall), verb=AGAIN)
        edit = self.edits.look(spec.whole, viewer)
        if edit.made and not _fits(wall):
            edit = Look(None, 0.0)
        if edit.record is not None:
            found = {**found, name_of(spec): edit.record}
        return Look(
            Walls(spec, wall.record, found),
            edit.share,
            edit.running,
            edit.ahead,
            edit.trouble,
            made=wall.made,
            version=f"{_version(spec, wall)}-{name_of(spec)}-{edit.share:.4f}",
            verb=AGAIN,
        )

    def _blank(self, spec: EditSpec, wall: Look) -> Look:
        """Return what is shown before the networks have read anything: the images, where the package has them."""
        runs = scheduler()
        shown = Walls(spec, _unread(spec), live=wall.running, takes=_takes(spec.wall, runs.macs_per_second))
        version = f"{spec.wall.digest}-blank-{wall.running}"
        return Look(
            shown, 0.0, wall.running, wall.ahead, wall.trouble, missing=wall.missing, version=version, verb=FIRST
        )

    def _known(self, spec: EditSpec, wall: Look) -> dict[str, Edit]:
        """Return the edits that are known without asking, by name: a click on them is answered by the browser."""
        if _default(spec) and _fits(wall):
            return dict(_held())
        known = (answer for _, answer in answers().known.pairs() if isinstance(answer, Edit) and answer.spec.edited)
        return {name_of(edit.spec): edit for edit in known if edit.spec.wall == wall.record.spec}


@dataclass
class Drawn(Computed):
    """The source of what is read in a person's own image: nothing is trained for it."""

    kind: str = "drawn"
    check: Callable[[Any], None] = affordable
    walls: Rehearsed = field(default_factory=Rehearsed)

    def question(self, spec: ReadSpec) -> Question:
        return Question(self.kind, spec.whole)

    def ask(self, spec: ReadSpec, viewer: str, anew: bool) -> None:
        if not self.walls.trained(spec.wall):
            self.check(spec.whole)
        elif spec.own:
            super().ask(spec, viewer, anew)

    def look(self, spec: ReadSpec, viewer: str = "") -> Look:
        if not spec.own:
            return Look(Reading(spec, 1.0), 1.0, version=f"{spec.whole.digest}-empty")
        if not self.walls.trained(spec.wall):
            return Look(None, 0.0, trouble="These two have not learnt yet: train both, above.", barred=True)
        return super().look(spec, viewer)


def _unread(spec: EditSpec) -> Wall:
    """Return a wall of the images of a spec, if they are those of the default run, which nobody has read."""
    known, default = recorded(Question("walls", EditSpec.of({}).wall)), EditSpec.of({})
    if known is None or (spec.dataset, spec.images) != (default.dataset, default.images):
        count = min(spec.images, spec.data.test)
        return Wall(spec.wall, 0.0, images=count, truth="?" * count, reads=dict.fromkeys(ARMS, ()))
    return replace(known.record, spec=spec.wall, done=0.0, steps=(), reads=dict.fromkeys(ARMS, ()))


def _over(wall: Look) -> bool:
    return wall.record is not None and wall.share == 1.0


def _version(spec: EditSpec, wall: Look) -> str:
    record: Wall = wall.record
    read = hashlib.sha256(repr(record.reads).encode()).hexdigest()[:12]
    return f"{spec.wall.digest}-{read}-{wall.share:.4f}-{wall.running}-{bool(wall.made)}"


def _default(spec: EditSpec) -> bool:
    return spec.wall == EditSpec.of({}).wall


@lru_cache(1)
def _held() -> dict[str, Edit]:
    """The edits of the default run that the package holds, by name."""
    found = {}
    for question in held("edit"):
        if question.spec.words() and (known := recorded(question)):
            found[name_of(known.record.spec)] = known.record
    return found


def _fits(wall: Look) -> bool:
    """Whether the edits that the package holds are of these networks: those that it holds itself, or ones that read alike."""
    if wall.made:
        return True
    known = recorded(Question("walls", wall.record.spec))
    return known is not None and _last(known.record) == _last(wall.record)


def _last(wall: Wall) -> dict[str, str]:
    return {arm: frames[-1] for arm, frames in wall.reads.items()}
