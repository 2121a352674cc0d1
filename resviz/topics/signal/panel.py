"""The panel of the Signal page: one pass before training, its settings, common claims, and questions to guess."""

from __future__ import annotations

from urllib.parse import urlencode

from resviz.draw.figure import Figure
from resviz.families.resnet.script import script
from resviz.families.resnet.spec import Spec
from resviz.topics.signal.figures import templates
from resviz.topics.signal.words import DIRECTIONS, OPENING, direction_back, signal_claims, signal_finding
from resviz.train.profiles import to_csv
from resviz.train.records import UNKNOWN
from resviz.ui.panel import Box, Control, File, Guess, Guessed, Panel, Rows, Scenarios, Switch
from resviz.ui.passing import PASSES, Pass, bound, drawing
from resviz.ui.server import scheduler


def _about(spec: Spec) -> str:
    return f"Before anything is learnt: {spec.batch} images go forward through {spec.depth} layers, and the gradient comes back."


def _tried(spec: Spec) -> dict[str, dict[str, str]]:
    root = f"{max(1, spec.blocks) ** -0.5:.3g}"
    return {
        "Batch normalisation": {},
        "None, small weights": {"norm": "none", "init": "torch"},
        "None, He’s weights": {"norm": "none", "init": "he"},
        "… branch × 1/√L": {"norm": "none", "init": "he", "branch_scale": root},
        "Zero gamma": {"init": "zero_gamma"},
    }


def _guess(tried: dict[str, dict[str, str]]) -> Guess:
    situations = (
        ("No normalisation, and PyTorch’s own small weights.", "plain", tried["None, small weights"]),
        ("No normalisation, and He’s larger weights.", "residual", tried["None, He’s weights"]),
        ("The same with every branch times 1/√L.", "residual", tried["… branch × 1/√L"]),
        ("Batch normalisation, and He’s weights.", "plain", tried["Batch normalisation"]),
    )
    asked = "{} Going back through the **{}** network, what does the signal do?"
    return Guess([Guessed(asked.format(said, arm), DIRECTIONS, words) for said, arm, words in situations], _truth)


def _truth(found: Pass) -> tuple[str, str]:
    residual = found.spec.norm == "none" and found.spec.init != "torch"
    return direction_back(found.record, "residual" if residual else "plain")


_FIRST = (
    Control("depth", width=84, step=2),
    *(Control(n, width=w) for n, w in (("norm", 104), ("init", 150), ("branch_scale", 84), ("activation", 116))),
    Control("width", width=76),
)
_MORE = Box(
    "More settings",
    tuple(
        Control(name, width=132)
        for name in (
            *(
                "batch",
                "kind",
                "dataset",
                "block",
                "order",
                "shortcut",
                "gate",
                "gate_bias",
                "shortcut_scale",
                "stages",
            ),
            *("cut", "remove", "seed", "device"),
        )
    ),
)


def _rows(spec: Spec) -> Rows:
    tried = _tried(spec)
    return [(Switch(), *_FIRST), (Scenarios(tried), _guess(tried), _MORE)]


def _figures(found: Pass) -> list[Figure]:
    claims = [[c.said, measure, c.found, c.source] for c, measure in signal_claims(found.spec, found.record)]
    return [
        drawing("net", found.spec, "residual", "plain", tools=True),
        *templates(found.spec),
        {
            "id": "signal_claims",
            "title": "What is often said, and what is so",
            "note": "measured here just now, and found by papers",
            "rows": {"header": ["often said", "measured here", "found", "source"], "rows": claims},
        },
    ]


def _named(spec: Spec) -> str:
    """Return the words of an address, always with the batch, because its default on this page is another one."""
    return urlencode({"batch": str(spec.batch)} | spec.words(), safe=",:")


def _script(found: Pass) -> str:
    """Return the code of a pass, which compares its numbers with those on the page. They were measured here."""
    runs = scheduler()
    machine = runs.pool.machine if runs.resolve(found.spec, timeout=0.0).device == runs.device else UNKNOWN
    return script(found.spec, one_pass=True, record=found.record, machine=machine)


PANEL = Panel(
    Spec,
    PASSES,
    _figures,
    lambda found: signal_finding(found.spec, found.record),
    rows=_rows,
    at_once=True,
    usual=OPENING,
    named=_named,
    files=(
        File("Data", "csv", lambda found: to_csv(found.record)),
        File(
            "Code",
            "py",
            _script,
            "text/x-python",
            "The PyTorch code of exactly this pass",
        ),
    ),
    about=_about,
    bound=bound,
)
