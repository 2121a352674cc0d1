"""What the harness answers from for this topic."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.probes.methods import Seen
from resviz.topics.attribution.question import Attribution, AttributionSpec
from tests.harness.scenes_panel import LEARNT, Scene, known, map_of
from tests.harness.write import words_of

NET = "depth=8&width=4&epochs=3"  # three blocks


SHOWN = 6  # images to choose from


OTHER = 3  # one of them


OWN = (
    base64.urlsafe_b64encode(bytes(16 if k % 8 == 4 else 0 for k in range(64))).decode().rstrip("=")
)  # an upright stroke


MAPS = ("target=7", "target=7&method=gradcam", "method=saliency", "method=saliency&destroyed=yes", f"own={OWN}")


def seen(spec: AttributionSpec, arm: str, shift: int) -> Seen:
    full: Seen = known("attribution").arms[arm]
    first = shift + 10 * (arm == "plain")
    maps = (
        tuple(map_of(k, 8 // 2 ** max(0, k - 2), first + k) for k in (1, 2, 3))
        if spec.method == "gradcam"
        else (map_of(0, 8, first),)
    )
    anew = spec.destroyed == "yes"
    destroyed = tuple(map_of(m.block, m.width, first + 5) for m in maps) if anew else ()
    return replace(full, maps=maps, destroyed=destroyed, alike=(0.25,) * len(destroyed), delta=full.delta[: len(maps)])


def attribution(query: str) -> Attribution:
    """Images and readings are those of the recorded networks, the maps are made up."""
    full: Attribution = known("attribution")
    spec = AttributionSpec.of(words_of(query))
    gallery = full.gallery[:SHOWN]
    chosen = next((k for k, e in enumerate(gallery) if e.number == spec.image), 0)
    shift = 1 + chosen + (spec.target + 1) + 3 * bool(spec.own)
    whose = {"number": gallery[chosen].number, "truth": gallery[chosen].truth, "pixels": gallery[chosen].pixels}
    if spec.own:
        whose = {"number": None, "truth": None, "pixels": spec.own}
    target = spec.target if spec.target >= 0 else full.target
    arms = {arm: seen(spec, arm, shift) for arm in ARMS}
    return replace(full, spec=spec, training=LEARNT, target=target, arms=arms, gallery=gallery, **whose)


def other_image() -> str:
    return f"image={known('attribution').gallery[OTHER].number}"


def _attribution() -> dict[str, Any]:
    scene = Scene("attribution")
    queries = ("", other_image(), *MAPS)
    scene.opens("attribution", view=False)
    for query in queries:
        words = f"{NET}{query and '&'}{query}"
        also = {"": (f"{NET}&own=",), other_image(): (f"{words}&own=",)}.get(query, ())
        scene.knows("attribution", words, attribution(words), also=also)
    return scene.written()


SCENES = {"attribution": _attribution}
VIEWS = {"attribution": ("attribution", f"attribution?{NET}", NET)}
