"""Runs on the Train page, made up: the records, and the branches that a click asks for."""

from __future__ import annotations

import json
from typing import Any

from resviz.families.resnet.findings import initial_finding
from resviz.families.resnet.spec import Spec
from resviz.runs.run import Run, encoded
from resviz.train.records import History
from tests import paced
from tests.harness.scenes_panel import Scene
from tests.harness.write import words_of

SMALL = "depth=8&epochs=3"  # 33 steps
DEVICE = "&device=cpu"


def spec_of(query: str) -> Spec:
    """The experiment of a link on a machine without another device."""
    return Spec.of({"device": "cpu", **words_of(query)})


def run_of(spec: Spec, history: History | None = None) -> Run:
    run = Run(spec, status="finished")
    run.history = history or paced.history(spec)
    run.seconds = 1.0
    return run


def told(spec: Spec, history: History | None = None) -> dict[str, Any]:
    """A run as the site has it."""
    run = run_of(spec, history)
    return {"head": {**run.head(), "message": ""}, "records": json.loads(run.encoded(0))}


def described(spec: Spec, *, preview: bool = False) -> dict[str, Any]:
    """What the server says of a branch, or of the run of a link; before training with what its first step measures."""
    from resviz.ui.training import described

    answer: dict[str, Any] = {"run": described(run_of(spec))}
    if preview:
        record = paced.record(spec, 1)
        answer |= {"preview": encoded(record), "finding": initial_finding(spec, record)}
    return answer


def branch(parent: Spec, at: int | str, changes: dict[str, str], new: Spec, *, preview: bool = False) -> dict[str, Any]:
    """The answer to a click, by its question."""
    said = json.dumps({"at": at, "set": changes}, sort_keys=True)
    return {f"POST runs/{parent.digest}/branch {said}": described(new, preview=preview)}


def scene(*queries: str, answers: dict[str, Any] | None = None, specs: tuple[Spec, ...] = ()) -> dict[str, Any]:
    """Pages of these links, with their runs, and the runs of `specs`."""
    made = Scene("train")
    made.opens("train", view=False)
    all_of_them = {spec.digest: spec for spec in (*map(spec_of, queries), *specs)}
    parents = {digest: spec for found in specs for digest, spec in lineage(found)}
    runs = parents | all_of_them
    for query in dict.fromkeys((*queries, *map(shown, runs.values()))):
        run = run_of(spec_of(query))
        made.knows("train", query, run, version=run.digest)
    return {
        **made.written(),
        "answers": {**made.answers, **(answers or {})},
        "runs": {d: told(s) for d, s in runs.items()},
    }


def shown(spec: Spec) -> str:
    """The address that the page has for a run on this machine."""
    return spec.replace(device="auto").query()


def lineage(spec: Spec) -> list[tuple[str, Spec]]:
    """The runs that a branch comes from."""
    return [(trunk.digest, trunk) for edit in spec.edits if (trunk := spec.trunk(edit.at)).digest != spec.digest]


def _train() -> dict[str, Any]:
    """One run, and what may be done with it: cut at step 12 and 20, at the end, before training; settings changed."""
    small = spec_of(SMALL)
    cut_at_12, cut_at_20 = small.branch(12, cut=[2]), small.branch(20, cut=[1])
    both = cut_at_12.branch(20, cut=[1, 2])
    at_once = cut_at_12.branch(12, cut=[1, 2])
    next_cut = small.branch(7, cut=[2])
    restored = next_cut.branch(15, cut=[])
    start = small.branch(0, cut=[2])
    longer = small.branch(33, epochs=6, remove=[2])
    slower = small.branch(15, optimizer="adam", lr=0.001)
    both_changed = next_cut.replace(norm="none")
    answers = {
        **branch(small, 12, {"cut": "2"}, cut_at_12),
        **branch(small, 20, {"cut": "1"}, cut_at_20),
        **branch(cut_at_12, 20, {"cut": "1,2"}, both),
        **branch(cut_at_12, 12, {"cut": "1,2"}, at_once),
        **branch(small, "next", {"cut": "2"}, next_cut),
        **branch(next_cut, "next", {"cut": ""}, restored),
        **branch(small, 0, {"cut": "2"}, start, preview=True),
        **branch(small, 33, {"remove": "2"}, longer),
        **branch(small, 15, {"lr": "0.001", "optimizer": "adam"}, slower),
    }
    others = (cut_at_12, cut_at_20, both, at_once, next_cut, restored, start, longer, slower, both_changed)
    return scene(SMALL, f"{SMALL}&norm=none&lr=0.1", "depth=12&epochs=3", answers=answers, specs=others)


ODD = (  # networks that nobody plans for, 11 steps each
    "depth=2&epochs=1", "depth=4&epochs=1", "depth=8&epochs=1&block=plain",
    "depth=11&epochs=1&block=bottleneck&stages=3&shortcut=B&width=4", "depth=8&epochs=1&order=full&norm=none",
    "depth=8&epochs=1&branch_scale=0", "depth=8&epochs=1&cut=1-3&remove=1-3", "depth=8&epochs=1&dataset=spirals&width=8",
)  # fmt: skip

SCENES = {"train": _train, "oddruns": lambda: scene(*ODD)}
