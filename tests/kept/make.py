"""What was kept before a change of the house: a small RESVIZ_HOME, and what twenty links gave.

`python -m tests.kept.make` writes both anew. Do that only when numbers are meant to change (`RECORDS_VERSION`): the files in
this folder, and `kept.json` in the folders of topics, are there so that tests/test_kept.py notices when they change unmeant.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.runs.questions import KINDS, Question, answerer
from resviz.runs.states import States
from resviz.runs.store import Store, made_by
from resviz.topic import topics
from resviz.topics.lesion.question import LesionSpec
from resviz.train.records import History, Start, to_csv
from resviz.train.twins.lockstep import train

FOLDER = Path(__file__).parent
HOME, LINKS, FACTS = FOLDER / "home", FOLDER / "links.json", FOLDER / "facts.json"

RUN = Spec(depth=8, width=4, examples=256, epochs=3, device="cpu")  # 6 steps
SECOND = Spec(depth=4, width=4, dataset="spirals", examples=256, epochs=2, norm="none", lr=0.05, device="cpu")
FORK = 4  # after which step of RUN a state is kept, and the branch begins
BRANCH = RUN.branch(FORK, cut=[2])
QUESTIONS = (
    Question("ode", KINDS["ode"].spec.of({"steps": "2", "hidden": "4", "tol": "0.1"})),
    Question("lesion", LesionSpec.of({**RUN.words(), "lesion": "2", "images": "100"})),
    Question("initial", Spec(depth=8, width=4, batch=16, device="cpu").during(1)),
)
OFTEN = (
    "",
    "depth=20&norm=none&lr=0.05",
    "depth=56&epochs=12&seed=0",
    "cut=7,12-15",
    "edits=60:cut:7+90:lr:0.005",
    "depth=56&norm=none&init=torch&batch=32",
    "kind=mlp&width=64&depth=50",
    "depth=8&width=4&block=bottleneck&stages=3&shortcut=B",
    "depth=20&width=8&stages=2&order=full&shortcut=C",
    "depth=14&width=8&norm=layer&activation=gelu",
    "depth=14&width=8&norm=group&activation=silu&optimizer=adam&lr=0.001",
    "depth=20&width=8&init=zero_gamma&schedule=cosine&warmup=5",
    "depth=20&width=8&norm=none&init=fixup",
    "depth=20&width=8&init=orthogonal&activation=tanh",
    "depth=20&width=8&gate=exclusive&gate_bias=-2",
    "depth=20&width=8&survival=0.5&seed=3",
    "depth=20&width=8&shortcut_dropout=0.5&branch_scale=0.3",
    "depth=8&width=8&block=plain&seed=5",
    "dataset=spirals&depth=12&width=8&kind=mlp&optimizer=adamw&weight_decay=0.01",
    "depth=20&width=8&remove=3&shortcut_scale=0.5&momentum=0.5&examples=512&batch=64",
    "dataset=moons&depth=8&width=16&schedule=step&epochs=4&order=relu_only",
)  # of runs, as links write them
DEFAULTS = {
    "block": {"order": "full", "shortcut": "B", "stride": "2"},
    "shattered": {"depth": "20", "seeds": "2"},
    "check": {"net": "cifar", "depth": "110"},
    "adaptive": {"system": "rotation", "h": "0.1", "n": "100", "method": "euler"},
    "flow": {"data": "spirals", "blocks": "6"},
    "refine": {"blocks": "4", "smooth": "0.01"},
    "ode": {"tol": "0.01", "augment": "2"},
    "crossing": {"augment": "3"},
    "rollout": {"dt": "0.2", "noise": "0.01"},
    "walls": {"depth": "20", "seed": "3"},
    "edit": {"depth": "20", "sever": "3"},
    "drawn": {"depth": "20", "own": "A" * 86},
    "depthtime": {"depth": "20", "order": "full"},
    "attribution": {"method": "gradcam", "image": "5"},
    "photograph": {"network": "resnet18", "destroyed": "yes"},
    "lesion": {"lesion": "3", "survival": "0.5"},
    "several": {"draws": "4", "seed": "2"},
    "lengths": {"repeats": "4"},
    "landscape": {"directions": "path", "finest": "17"},
    "ways": {"depth": "20", "columns": "25"},
}  # by kind of question: settings beside which the defaults are taken too


def others_of(topic: str) -> Path:
    """The file with what links to a topic's questions gave."""
    return FOLDER.parent / "topics" / topic / "kept.json"


def machine() -> str:
    """What the last bits of a number depend on."""
    return f"{made_by()}, {torch.backends.cpu.get_cpu_capability()}"


def words_of(link: str) -> dict[str, str]:
    """A link's settings."""
    from urllib.parse import parse_qsl

    return dict(parse_qsl(link, keep_blank_values=True))


def begun(spec: Spec) -> dict[str, Any]:
    """How a run begins: its name, the weights that both networks begin with, and the first losses."""
    spec = spec.replace(device="cpu")
    start, first = islice(train(spec), 2)
    assert isinstance(start, Start)
    return {
        "checksum": {arm: start.arms[arm].checksum for arm in ARMS},
        "params": {arm: start.arms[arm].params for arm in ARMS},
        "loss": {arm: first.arms[arm].loss for arm in ARMS},
    }


def _home() -> dict[str, Any]:
    shutil.rmtree(HOME, ignore_errors=True)
    store, told = Store(HOME), {}
    states = States(HOME / "states", spacing=1e9)
    for spec in (RUN, SECOND, BRANCH):
        keeper, history, began = states.of(spec), History(spec), time.perf_counter()
        if spec == RUN:
            keeper.ask(FORK - 1)
        for event in train(spec, keeper=keeper):
            history.add(event)
        store.keep(history, round(time.perf_counter() - began, 2))
        told[spec.digest] = {
            "steps": spec.steps,
            "csv": hashlib.sha256(to_csv(history).encode()).hexdigest(),
            "loss": {arm: history.last(arm, "loss") for arm in ARMS},
        }
    states.wait()
    states.close()
    for question in QUESTIONS:
        found = answerer(question.kind)(question.spec)
        for last in () if question.kind == "initial" else found:
            found = last or found
        to_text = KINDS[question.kind].to_text
        assert to_text is not None
        store.keep_answer_text(question.key, to_text(found))
    store.db.execute("PRAGMA journal_mode=DELETE")  # one file
    store.close()
    return told


def _links(kind: str, chosen: dict[str, str]) -> list[dict[str, Any]]:
    specs = [(words, KINDS[kind].spec.of(words)) for words in ({}, chosen)]
    return [
        {"words": words, "digest": spec.digest, "query": spec.query(), "key": Question(kind, spec).key}
        for words, spec in specs
    ]


def main() -> None:
    torch.set_num_threads(1)
    facts = {"machine": machine(), "runs": _home(), "questions": [question.key for question in QUESTIONS]}
    FACTS.write_text(json.dumps(facts, indent=1) + "\n")
    runs = [
        {"link": link, "digest": Spec.of(words_of(link)).digest, **begun(Spec.of(words_of(link)))} for link in OFTEN
    ]
    LINKS.write_text(json.dumps({"machine": machine(), "runs": runs}, indent=1) + "\n")
    for topic in topics().values():
        others = {kind: _links(kind, DEFAULTS[kind]) for kind in topic.asks if kind in DEFAULTS}
        if others:
            others_of(topic.name).write_text(json.dumps(others, indent=1) + "\n")


if __name__ == "__main__":
    main()
