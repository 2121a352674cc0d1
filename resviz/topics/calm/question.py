"""The first steps of both networks, as a study of one run."""

from __future__ import annotations

from resviz.families.resnet.spec import Spec
from resviz.runs.studies import Study
from resviz.train.choices import Choice, Kind

# The run that the Train page opens with: once trained there, its results are available here.
CALM = Kind(
    "calm",
    "network",
    (Choice("residual", "residual"), Choice("plain", "plain", arm="plain")),
    defaults={"seeds": 1},
    most_seeds=1,
)


def calm_study(spec: Spec) -> Study:
    """Return the study of a run with these settings, but with the default batch and epochs, and without edits."""
    return Study.of("calm", {k: v for k, v in spec.words().items() if k not in ("batch", "epochs", "edits")})
