"""A run and its live settings, in the form that the browser code (ui/assets) reads."""

from __future__ import annotations

from itertools import pairwise

from resviz.runs.run import Run
from resviz.train.spec import TrainingSpec, live
from resviz.ui.payloads import Ancestor, LiveField, RunTold
from resviz.words.fields import facts
from resviz.words.text import write_numbers

# The order of the form: the settings tried most come first.
_FORM = (
    "lr",
    "cut",
    "remove",
    "optimizer",
    "momentum",
    "weight_decay",
    "schedule",
    "warmup",
    "epochs",
    "branch_scale",
    "shortcut_scale",
    "activation",
)


def describe(run: Run, device: str) -> RunTold:
    """Describe a run: its link, what is cut and removed when, and the runs it branched from, the first one first.

    The link names the device, on which the last bits depend; the address does not if "auto" is the same `device`.
    """
    spec = run.spec
    return {
        "digest": run.digest,
        "query": spec.query(),
        "address": _address(spec, device),
        "steps": spec.steps,
        "segments": [
            {
                "after": after,
                "cut": now.cut,
                "remove": now.remove,
                "settings": {name: _text(now, name) for name in live(type(spec))},
            }
            for after, now in spec.segments
        ],
        "lineage": _lineage(spec, device),
    }


def _address(spec: TrainingSpec, device: str) -> str:
    return (spec.replace(device="auto") if spec.device == device else spec).query()


def _lineage(spec: TrainingSpec, device: str) -> list[Ancestor]:
    root = spec.trunk(0)
    told = [
        f"cut {write_numbers(root.cut)}" if root.cut else "",
        f"removed {write_numbers(root.remove)}" if root.remove else "",
    ]
    line = [(root, 0, ", ".join(filter(None, told)) or "from the start")]
    afters = [after for after, _ in spec.segments]
    for (_, before), (after, now) in pairwise(spec.segments):
        following = next((later for later in afters if later > after), None)
        line.append(
            (spec if following is None else spec.trunk(following), after, spec.family.of("change")(before, now))
        )
    return [{"digest": s.digest, "address": _address(s, device), "at": at, "says": says} for s, at, says in line]


def live_fields(spec: type[TrainingSpec]) -> list[LiveField]:
    """Return the settings that may change during training, as the form behind "Branch here" needs them."""
    known, order = facts(spec), {name: place for place, name in enumerate(_FORM)}
    shown = (known[name] for name in sorted(live(spec), key=lambda name: order.get(name, len(order))))
    return [
        {"name": f.name, "label": f.label, "help": f.help, "kind": f.kind, "choices": dict(f.choices)} for f in shown
    ]


def _text(spec: TrainingSpec, name: str) -> str:
    return str(spec.model_dump()[name])
