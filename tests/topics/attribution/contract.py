"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.topics.attribution import question as maps
from tests.contract.asked import RUN, Asked
from tests.contract.records import NONE_YET, PIXELS, SHAPES, both, seen, training


@st.composite
def attribution(draw: st.DrawFn, *, measured: bool = False) -> maps.Attribution:
    """Of digits; where it is not `measured` the networks may still learn."""
    spec = maps.AttributionSpec(
        method=draw(st.sampled_from(list(maps.METHODS))), destroyed=draw(st.sampled_from(["no", "yes"]))
    )
    if not measured and draw(NONE_YET):
        return maps.Attribution(spec, draw(st.floats(0, 0.9)), draw(training()))
    method, shape = maps.METHODS[spec.method], draw(SHAPES)
    number = draw(st.none() | st.integers(0, 359))
    pixels = draw(st.sampled_from(["", PIXELS]))
    example = st.builds(
        maps.Example,
        st.integers(0, 359),
        st.integers(0, 9),
        st.fixed_dictionaries({arm: st.integers(0, 9) for arm in ARMS}),
        st.just(pixels),
    )
    return maps.Attribution(
        spec,
        1.0,
        draw(training(over=True)),
        number,
        None if number is None else draw(st.integers(0, 9)),
        draw(st.integers(0, 9)),
        pixels,
        both(draw, seen(method, spec.destroyed == "yes", shape, 10)),
        draw(st.lists(example, min_size=1, max_size=2).map(tuple)) if pixels else (),
        both(draw, st.integers(0, 360)),
        360,
    )


ASKED = {
    "attribution": Asked(
        small={**RUN, "method": "smoothgrad", "steps_between": "3", "destroyed": "yes"},
        records=attribution(),
        typed=("attribution", "steps_between=4"),
        survives=False,
        refused=(
            (
                ("attribution", "method=lime"),
                "method=lime: allowed is one of integrated, saliency, smoothgrad, occlusion",
            ),
            (("attribution", "image=400"), "image=400: Digits, 8x8 has unseen images 0 to 359"),
            (("attribution", "target=10"), "target=10: Digits, 8x8 has classes 0 to 9"),
            (("attribution", "window=9"), "window=9: an image has 8 pixels a side"),
            (("attribution", "own=!"), "own=!: it is no base 64"),
            (("attribution", "own=AAAA"), "own=AAAA: an image of Digits, 8x8 has 64 numbers, this one 3"),
            (("attribution", "depth=1"), "depth=1: allowed is a whole number from 2 to 1,202; nearest that works: 2"),
            (("attribution", "study=lengths"), "study=lengths: no such setting"),
        ),
    ),
}
