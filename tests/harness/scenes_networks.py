"""Runs that leave the range of float32 on the way, and networks of other kinds whose figures are the same to the letter."""

from __future__ import annotations

from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.train.records import History, Record
from tests import paced
from tests.topics.train.scenes import branch as answer_to_branch
from tests.topics.train.scenes import lineage, scene, spec_of, told

ONE = "depth=8&epochs=1&norm=none"  # 11 steps; the plain network leaves at step 5
BOTH = "depth=8&epochs=1&norm=none&lr=100"  # both leave at step 4
NEVER = f"{BOTH}&edits=8:cut:1"  # long before its change
KINDS = tuple(f"depth=8&epochs=1&stages=3{more}" for more in ("", "&shortcut=C", "&block=plain"))
SMALL = "depth=8&epochs=3"


def history(spec: Spec) -> History:
    """What such a run leaves: the networks of BOTH end at step 4, the plain one of ONE at step 5."""
    whole = paced.history(spec)
    if spec.norm != "none":
        return whole
    last = dict.fromkeys(ARMS, 4) if spec.lr == 100 else {"plain": 5}
    found = History(spec, whole.start)
    for record in whole.records:
        arms = {arm: told for arm, told in record.arms.items() if record.step < last.get(arm, 99)}
        ended = {arm: "its loss is larger than float32 can hold." for arm, step in last.items() if step == record.step}
        if arms or ended:
            found.add(Record(record.step, record.epoch, record.lr, arms, ended))
    return found


def _diverging() -> dict[str, Any]:
    one, both, never = spec_of(ONE), spec_of(BOTH), spec_of(NEVER)
    while_it_learns, at_the_end, before = one.branch(7, cut=[2]), both.branch(4, cut=[1]), both.branch(2, cut=[3])
    answers = {
        **answer_to_branch(one, "next", {"cut": "2"}, while_it_learns),
        **answer_to_branch(both, 4, {"cut": "1"}, at_the_end),
        **answer_to_branch(at_the_end, 2, {"cut": "3"}, before),
    }
    specs = (one, both, never, while_it_learns, at_the_end, before)
    parents = dict(pair for spec in specs for pair in lineage(spec))
    made = scene(ONE, BOTH, NEVER, answers=answers, specs=specs)
    return {**made, "runs": {spec.digest: told(spec, history(spec)) for spec in (*parents.values(), *specs)}}


def _restored() -> dict[str, Any]:
    """A shortcut cut while it learns and restored before the next step, beside the scene "train"."""
    small = spec_of(SMALL)
    cut = small.branch(7, cut=[2])
    return {"answers": answer_to_branch(cut, "next", {"cut": ""}, small)}


SCENES = {"diverging": _diverging, "kinds": lambda: scene(*KINDS), "restored": _restored}
