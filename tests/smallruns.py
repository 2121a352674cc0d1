"""Five real trainings of a second or two, for all tests that need some real records: computed once a session."""

import functools
import pickle
from pathlib import Path

from filelock import FileLock

from resviz.records import History
from resviz.spec import Spec

SPECS = {
    "digits": Spec(depth=8, width=4, epochs=2, device="cpu"),  # 22 steps
    "diverging": Spec(
        depth=8, width=4, epochs=2, norm="none", lr=100.0, device="cpu"
    ),  # both leave the range of float32
    "spirals": Spec(depth=8, width=4, epochs=2, dataset="spirals", device="cpu"),
    "branch": Spec(depth=8, width=4, epochs=2, device="cpu").branch(10, cut=[2]),
    "remade": Spec(depth=8, width=4, epochs=2, device="cpu").branch(10, remove=[1]).branch(15, lr=0.005),
}


@functools.cache
def history(name: str, folder: Path) -> History:
    """The history of the training of this name, from `folder` if another process has put it there."""
    path = folder / f"{name}.pickle"
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            path.write_bytes(pickle.dumps(_trained(SPECS[name])))
        return pickle.loads(path.read_bytes())


def _trained(spec: Spec) -> History:
    from resviz.experiments.train import train

    found = History(spec)
    for event in train(spec):
        found.add(event)
    return found
