"""Where the lesions come from: the errors without each single block do not depend on the blocks that a person takes out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from resviz.families.resnet.family import ARMS
from resviz.latest import Latest
from resviz.topics.lesion.question import Lesions, LesionSpec
from resviz.ui.server import answers
from resviz.ui.sources import Computed, Look

KEPT = 50  # answers of other networks, 2 kB each


@dataclass
class Standing(Computed):
    """Lesions whose curve stands while the answer to a click is computed. One block out is a point of the curve: nothing has to
    be computed for it."""

    curves: Latest[LesionSpec, Look] = field(default_factory=lambda: Latest(KEPT))

    def ask(self, spec: LesionSpec, viewer: str, anew: bool) -> None:
        if not anew and _point(spec, self._curve(spec)):
            answers().ask(viewer)  # and waits for nothing else
        else:
            super().ask(spec, viewer, anew)

    def look(self, spec: LesionSpec, viewer: str = "") -> Look:
        found = super().look(spec, viewer)
        if found.share >= 1:
            self.curves[_intact(spec)] = found
            return found
        curve = self._curve(spec)
        if found.trouble or curve is None:
            return found
        if not found.running and (point := _point(spec, curve)):
            return point
        return _standing(spec, found, curve.record)

    def _curve(self, spec: LesionSpec) -> Look | None:
        """Return a complete answer about the same networks on the same images, or None."""
        intact = _intact(spec)
        if (curve := self.curves.get(intact)) is None and intact != spec:
            curve = super().look(intact)
        return curve if curve and curve.share >= 1 else None


def _intact(spec: LesionSpec) -> LesionSpec:
    return spec.replace(lesion=(), sever=())


def _point(spec: LesionSpec, curve: Look | None) -> Look | None:
    """Return the answer where it is a point of the curve: for one block out, and for none."""
    if spec.sever or len(spec.lesion) > 1 or curve is None:
        return None
    known: Lesions = curve.record
    together = {arm: known.single[arm][spec.lesion[0] - 1] for arm in ARMS} if spec.lesion else known.whole
    errors = {arm: error for arm, error in together.items() if error is not None}
    if len(errors) < len(ARMS):
        return None
    lost = {} if spec.lesion else known.lost
    return replace(curve, record=replace(known, spec=spec, together=errors, lost_together=lost), version="")


def _standing(spec: LesionSpec, found: Look, known: Lesions) -> Look:
    """Return the answer so far with the curve that is known; without errors for what is out, as long as there are none."""
    part: Lesions | None = found.record
    if part is None or not part.whole:
        record, version = replace(known, spec=spec, together={}), f"{spec.digest}-awaited"
    else:
        record, version = replace(part, single=known.single), f"{spec.digest}-standing"
    return replace(found, record=record, version=version)
