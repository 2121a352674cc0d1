"""Panels that look inside trained networks: small records, made up by hand, and the blocks unrolled, which need none."""

from __future__ import annotations

import base64
from dataclasses import asdict, replace
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.probes.methods import Map, Seen
from resviz.runs.downloads import Download
from resviz.topics.attribution.question import Attribution, AttributionSpec
from resviz.topics.landscape.question import Landscape, LandscapeSpec, Slice, Step
from resviz.topics.lengths.question import Lengths, LengthsSpec
from resviz.topics.lesion.question import Lesions, LesionSpec
from resviz.topics.photograph.question import DRAWN, Photograph, PhotographSpec
from resviz.topics.several.question import Several, SeveralSpec
from resviz.topics.unravel.question import Unravelled, UnravelSpec
from resviz.train.records import Training
from tests.harness.scenes_panel import Scene, asked, known, made_of
from tests.harness.write import words_of

LEARNT = Training(dict.fromkeys(ARMS, 33))

# -- lesions, several, lengths ---------------------------------------------------------------------

SMALL = "depth=8&epochs=3"  # three blocks
LARGER = "depth=10&epochs=3"  # four
WHOLE = {"residual": 0.05, "plain": 0.1}
SINGLE = {"residual": (0.3, 0.2, 0.1, 0.15), "plain": (0.9, 0.85, 0.8, 0.75)}
CUT = 0.5  # of the residual network with a shortcut cut


def lesions(query: str, single: int | None = None) -> Lesions:
    """One block out is that block out; several are the worst of them and a little more. `single`: so many are measured."""
    spec = LesionSpec.of(words_of(query))
    together = {
        arm: max((SINGLE[arm][n - 1] for n in spec.lesion), default=WHOLE[arm]) + 0.02 * (len(spec.lesion) > 1)
        for arm in ARMS
    }
    if spec.sever:
        together["residual"] = CUT
    found = {
        arm: tuple(v if single is None or n < single else None for n, v in enumerate(SINGLE[arm][: spec.blocks]))
        for arm in ARMS
    }
    return Lesions(spec, 1.0 if single is None else 0.8, LEARNT, WHOLE, found, together, (), 360)


def learning(query: str) -> Lesions:
    """Before there is anything to take out."""
    curve = {arm: ((1, 12, 22), (2.3, 1.6, last)) for arm, last in (("residual", 0.9), ("plain", 1.2))}
    return Lesions(LesionSpec.of(words_of(query)), 0.4, Training(dict.fromkeys(ARMS, 22), {}, curve))


def _lesion() -> dict[str, Any]:
    scene = Scene("paths")
    scene.opens("lesion", view=False)
    scene.knows("lesion", SMALL, lesions(SMALL), also=(f"{SMALL}&lesion=&sever=",))
    for lesion, sever in (("1", ""), ("1,3", ""), ("", "2"), ("2", ""), ("2", "3")):
        words = f"{SMALL}&lesion={lesion}&sever={sever}"
        scene.knows("lesion", words, lesions(words))
    scene.knows("lesion", LARGER, learning(LARGER), share=0.4, running=True)
    scene.now("partly", "lesion", LARGER, lesions(LARGER, 2), share=0.8, running=True)
    scene.now("all", "lesion", LARGER, lesions(LARGER))
    return scene.written()


def _small_paths() -> dict[str, Any]:
    """The other two views of three blocks."""
    scene = Scene("paths")
    scene.opens("several")
    scene.opens("lengths")
    for draws in (8, 1):
        query = f"{SMALL}&draws={draws}"
        errors = {
            arm: tuple(tuple(round(WHOLE[arm] + 0.1 * n + 0.01 * k, 3) for k in range(draws)) for n in (1, 2, 3))
            for arm in ARMS
        }
        tau = tuple(tuple(1 - 0.6 * n + 0.1 * (k % 2) for k in range(draws)) for n in (1, 2))
        order = {arm: errors[arm][:2] for arm in ARMS}
        record = Several(
            SeveralSpec.of(words_of(query)), 1.0, LEARNT, WHOLE, (1, 2, 3), errors, (1, 2), tau, order, 360
        )
        scene.knows("several", query, record)
    norm = (0.004, 0.002, 0.0005, 0.0001)
    scene.knows("lengths", SMALL, Lengths(LengthsSpec.of(words_of(SMALL)), 1.0, LEARNT, 3, norm, 0.01, 128))
    return scene.written()


# -- unrolled --------------------------------------------------------------------------------------

# As a browser asks for them, one after the other: also with the defaults, 3 blocks and 3 sums opened, in words.
UNRAVELLED = (
    "", "opened=0", "opened=1", "opened=2", "opened=3", "blocks=4", "blocks=2", "blocks=1", "blocks=3",
    "out=", "out=2", "out=3", "out=2,3", "blocks=4&opened=4",
)  # fmt: skip


def _unravel() -> dict[str, Any]:
    scene = Scene("paths")
    scene.opens("unravel")
    for query in UNRAVELLED:
        scene.knows("unravel", query, Unravelled(UnravelSpec.of(words_of(query))))
    return scene.written()


# -- maps ------------------------------------------------------------------------------------------

NET = "depth=8&width=4&epochs=3"  # three blocks
SHOWN = 6  # images to choose from
OTHER = 3  # one of them
OWN = (
    base64.urlsafe_b64encode(bytes(16 if k % 8 == 4 else 0 for k in range(64))).decode().rstrip("=")
)  # an upright stroke
MAPS = ("target=7", "target=7&method=gradcam", "method=saliency", "method=saliency&destroyed=yes", f"own={OWN}")


def map_of(block: int, side: int, first: int) -> Map:
    """Numbers from -1 to 1, others for another `first`."""
    values = tuple(round(((7 * k + 3 * first) % 23) / 11 - 1, 2) for k in range(side * side))
    return Map(block, side, side, values, round(sum(values), 3))


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


BLOCKS = 8  # of ResNet-18
DIGEST = "0123456789abcdef"  # names a photograph of one's own
CHOSEN = f"weights=random&image=own&own={DIGEST}"


def photograph(query: str) -> Photograph:
    """Of the picture only the upper tenth of its red: what is not there is painted black."""
    spec = PhotographSpec.of(words_of(query))
    shift = {"china": 0, "flower": 4, "own": 8}[spec.image]
    maps = tuple(map_of(k, 7, shift + k) for k in range(1, BLOCKS + 1))
    pixels = base64.urlsafe_b64encode(bytes([200 - shift] * (DRAWN * DRAWN // 10))).decode().rstrip("=")
    names = {832: "stupa", 698: "palace", 663: "monastery", 442: "bell cote", 497: "church"}
    best = tuple((number, (0.4 - shift / 100) / 2**k) for k, number in enumerate(names))
    found = Seen(tuple(share for _, share in best), 2.5, 0.1, maps)
    return Photograph(spec, 1.0, 832, pixels, best, names, found)


def _photograph() -> dict[str, Any]:
    scene = Scene("attribution")
    scene.opens("photograph")
    trouble = (
        "The weights of ResNet-18 (45 MB) are not on this machine; choose weights drawn at random, or download them."
    )
    scene.knows("photograph", "", share=0.0, trouble=trouble, missing="resnet18")
    scene.now("running", "photograph", "", share=0.0, running=True)
    scene.now("here", "photograph", "", photograph("weights=trained"))
    for query in ("weights=random", "weights=random&image=flower", CHOSEN):
        scene.knows("photograph", query, photograph(query))
    scene.answers["POST panel/photograph/picture"] = {"digest": DIGEST}
    part = Download("resnet18", done=12_300_000, total=46_830_571)
    for moment, told in (
        ("", part),
        ("failed: ", replace(part, state="failed", message="The download broke off.")),
        ("done: ", replace(part, state="done")),
    ):
        scene.answers[f"{moment}GET data/resnet18"] = asdict(told)
    return scene.written()


# -- landscapes ------------------------------------------------------------------------------------

PLANE = "depth=8&width=4&epochs=3&finest=9"
FINER, WAY = PLANE.replace("finest=9", "finest=17"), f"{PLANE}&directions=path"
LOW, HIGH = {"residual": 0.01, "plain": 0.1}, {"residual": 10.0, "plain": 100.0}


def height(arm: str, x: float, y: float) -> float:
    """A bowl with its lowest point in the middle, steeper for the plain network."""
    return LOW[arm] * (HIGH[arm] / LOW[arm]) ** ((x * x + y * y) / 2)


def landscape(query: str, size: int = 9, done: float = 1.0) -> Landscape:
    spec = LandscapeSpec.of(words_of(query))
    record = Landscape(spec, done, LEARNT, size, (0.0, 0.0), 1.0, {}, 64, (1200, 1234))
    way = [(0.9, -0.8), (0.5, -0.3), (0.2, -0.3), (0.1, 0.1), (0.0, 0.0)]
    arms = {
        arm: Slice(
            tuple(tuple(round(height(arm, x, y), 6) for x in record.axis(0)) for y in record.axis(1)),
            0.1,
            tuple(Step(8 * k, x, y, round(height(arm, x, y), 6)) for k, (x, y) in enumerate(way)),
            (0.6, 0.9) if spec.directions == "path" else (0.001, 0.002),
            (1.5, 1.4),
        )
        for arm in ARMS
    }
    return replace(record, arms=arms)


def _landscape() -> dict[str, Any]:
    scene = Scene("landscape")
    scene.opens("landscape", view=False)
    scene.knows("landscape", PLANE, landscape(PLANE), made=made_of("landscape"))
    scene.now("here", "landscape", PLANE, landscape(PLANE))
    scene.knows("landscape", FINER, share=0.2, running=True)
    scene.now("coarse", "landscape", FINER, landscape(FINER, 9, 0.5), share=0.5, running=True)
    scene.now("stopped", "landscape", FINER, landscape(FINER, 9, 0.5), share=0.5)
    scene.now("fine", "landscape", FINER, landscape(FINER, 17))
    scene.knows("landscape", WAY, landscape(WAY))
    scene.answers[asked("landscape", FINER, "/stop", "POST")] = {"status": "waiting"}
    return scene.written()


SCENES = {
    "lesion": _lesion,
    "small_paths": _small_paths,
    "unravel": _unravel,
    "attribution": _attribution,
    "photograph": _photograph,
    "landscape": _landscape,
}
