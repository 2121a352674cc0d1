"""What the harness answers from for this topic."""

from __future__ import annotations

import base64
from dataclasses import asdict, replace
from typing import Any
from unittest.mock import patch

from resviz.probes.methods import Seen
from resviz.runs.downloads import Download
from resviz.topics.photograph.question import DRAWN, Photograph, PhotographSpec
from tests.harness.scenes_panel import Scene, map_of
from tests.harness.write import words_of

LACKING = "resviz.topics.photograph.question.lacking"
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


@patch(LACKING, return_value="are not on this machine")  # whatever this one has
def _photograph(lacking: object) -> dict[str, Any]:
    scene = Scene("attribution")
    scene.opens("photograph")
    random = photograph("weights=random")
    note = "The trained weights of ResNet-18 (45 MB) are not on this machine; these are drawn at random."
    scene.knows("photograph", "", random, note=note, missing="resnet18", instead=random.spec)
    scene.now("running", "photograph", "", share=0.0, running=True)
    with patch(LACKING, return_value=""):
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


SCENES = {"photograph": _photograph}
VIEWS = {"photograph": ("photograph", "attribution?view=photograph&weights=random", "weights=random")}
