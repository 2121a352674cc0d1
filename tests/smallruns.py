"""Real trainings of a second or less, for all tests that need some real records: computed once a session."""

import functools
import pickle
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from resviz.families.resnet.spec import Spec
from resviz.runs.studies import Results, Study, outcome
from resviz.train.records import History

_DIGITS = Spec(depth=8, width=4, epochs=2, device="cpu")  # 22 steps
SPECS = {
    "digits": _DIGITS,
    "diverging": _DIGITS.replace(norm="none", activation="leaky_relu", lr=100.0),  # both leave the range of float32
    "spirals": _DIGITS.replace(dataset="spirals"),
    "branch": _DIGITS.branch(10, cut=[2]),
    "remade": _DIGITS.branch(10, remove=[1]).branch(15, lr=0.005),
    "shallow": _DIGITS.replace(depth=4),  # with `digits`, what STUDY needs
}
STUDY = Study.of("depth", {"width": "4", "epochs": "2", "device": "cpu", "depths": "4,8", "seeds": "1"})


def results(run: Callable[[str], History]) -> Results:
    """What the runs of STUDY come to, `run` being the fixture `small_run`."""
    names = {spec: name for name, spec in SPECS.items()}
    return {(choice.name, 0): outcome(run(names[STUDY.spec(choice, 0)]), choice.arm) for choice in STUDY.choices}


@functools.cache
def history(name: str, folder: Path) -> History:
    """The history of the training of this name, from `folder` if another process has put it there."""
    path = folder / f"{name}.pickle"
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            path.write_bytes(pickle.dumps(_trained(SPECS[name])))
        return pickle.loads(path.read_bytes())


def _trained(spec: Spec) -> History:
    from resviz.train.twins.lockstep import train

    found = History(spec)
    for event in train(spec):
        found.add(event)
    return found
