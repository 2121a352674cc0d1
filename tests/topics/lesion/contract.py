"""What the contract tests take of this topic: small questions, and any record that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from resviz.topics.lesion import question as paths
from tests.contract.asked import RUN, Asked
from tests.contract.records import ANY_SHARE, NONE_YET, both, cycled, training


@st.composite
def lesion(draw: st.DrawFn, *, measured: bool = False) -> paths.Lesions:
    spec = paths.LesionSpec(
        depth=draw(st.integers(4 if measured else 2, 30)),
        dataset=draw(st.sampled_from(["digits", "cifar100", "moons"])),
        block=draw(st.sampled_from(["basic", "basic", "plain"])),
    )
    chosen = draw(st.sets(st.integers(1, spec.blocks), max_size=3)) if spec.blocks else set()
    chosen = tuple(sorted(chosen))
    spec = spec.replace(lesion=chosen, sever=chosen[:1] if spec.shortcuts else ())
    if not measured and draw(NONE_YET):
        return paths.Lesions(spec, draw(st.floats(0, 0.8)), draw(training(spec.steps)))
    single = both(draw, cycled(st.none() | ANY_SHARE, spec.blocks) | st.just((None,) * spec.blocks))
    whole, together = both(draw, ANY_SHARE), both(draw, ANY_SHARE)
    changes = chosen if draw(st.booleans()) else ()
    # Where numbers overflow, the images count as misread.
    lost, lost_together = (
        {
            arm: draw(st.sampled_from([0, 0, 0, round(360 * errors[arm]) // 2, round(360 * errors[arm])]))
            for arm in whole
        }
        for errors in (whole, together)
    )
    told = draw(training(spec.steps, over=True))
    return paths.Lesions(spec, 1.0, told, whole, single, together, changes, 360, lost, lost_together)


ASKED = {
    "lesion": Asked(
        small={**RUN, "lesion": "1", "images": "20"},
        records=lesion(),
        typed=("paths", "lesion=2", "images=50"),
        refused=(
            (("paths", "study=all"), "study=all: allowed is one of lesions, several, lengths"),
            (("paths", "study="), "study=: allowed is one of lesions, several, lengths"),
            (("paths", "study=lesions", "study=several"), "study=several: given twice; the first was lesions"),
            (("paths", "depth=8", "lesion=4"), "lesion=4: depth 8 has blocks 1 to 3"),
            (("paths", "depth=8", "sever=2-9"), "sever=4-9: depth 8 has shortcuts 1 to 3"),
            (("paths", "lesion=x"), "lesion=x: allowed is block numbers from 1, such as 3,7,10-12"),
            (("paths", "images=0"), "images=0: allowed is a whole number from 1 to 2,000; nearest that works: 1"),
        ),
    ),
}
