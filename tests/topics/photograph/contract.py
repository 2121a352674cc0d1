"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

import base64

from hypothesis import strategies as st

from resviz.topics.attribution import question as maps
from resviz.topics.photograph import question as photographs
from tests.contract.asked import Asked
from tests.contract.records import ANY_SHARE, NONE_YET, SHAPES, seen

NAMES = {1: "goldfish", 207: "golden retriever", 832: "stupa", 920: "traffic light", 999: "toilet tissue", 0: "tench"}


PHOTOGRAPH = base64.urlsafe_b64encode(bytes(3 * photographs.DRAWN**2)).decode().rstrip("=")


@st.composite
def photograph(draw: st.DrawFn) -> photographs.Photograph:
    spec = photographs.PhotographSpec(
        network=draw(st.sampled_from(list(photographs.PRETRAINED))),
        weights=draw(st.sampled_from(["trained", "random"])),
        method=draw(st.sampled_from(list(maps.METHODS))),
        image=draw(st.sampled_from(["china", "flower", "own"])),
        destroyed=draw(st.sampled_from(["no", "yes"])),
    )
    found = None
    if not draw(NONE_YET):
        found = draw(seen(maps.METHODS[spec.method], spec.destroyed == "yes", draw(SHAPES), 0))
    shares = sorted(draw(st.tuples(*[ANY_SHARE] * photographs.TOP)), reverse=True)
    best = tuple(zip((832, 920, 207, 1, 999), shares, strict=True))
    target = draw(st.sampled_from(list(NAMES)))
    return photographs.Photograph(spec, 0.05 if found is None else 1.0, target, PHOTOGRAPH, best, NAMES, found)


ASKED = {
    "photograph": Asked(small={"weights": "random", "method": "saliency"}, records=photograph()),
}
