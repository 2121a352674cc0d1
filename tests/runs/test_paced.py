"""The trainer that needs no torch: its records have the shapes of real ones, and it can be held, and it branches as they do."""

import subprocess
import sys
from dataclasses import fields

import pytest

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.train.records import ArmRecord
from tests.paced import Paced, history, record

SMALL = Spec(depth=8, width=4, epochs=2, device="cpu")


def shapes(found):
    """By step and arm, how many numbers each quantity has; None where it is not measured."""
    names = [f.name for f in fields(ArmRecord) if f.name != "test_accuracy"]
    return {
        (r.step, arm): [
            None if (value := getattr(r.arms[arm], name)) is None else len(value) if isinstance(value, tuple) else 1
            for name in names
        ]
        for r in found.records
        for arm in ARMS
    }


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["digits", "branch", "remade"])
def test_it_measures_what_a_real_training_measures(small_run, name):
    real = small_run(name)
    made = history(real.spec)
    assert shapes(made) == shapes(real)
    assert [(r.step, r.epoch, r.lr) for r in made.records] == [(r.step, r.epoch, r.lr) for r in real.records]
    for step in real.spec.edges & {r.step for r in real.records}:
        assert all(made.records[step - 1].arms[arm].test_accuracy is not None for arm in ARMS)


def test_a_branch_has_the_numbers_of_its_parent_up_to_where_it_leaves_and_others_after():
    parent = history(SMALL).records
    for changes in ({"cut": [2]}, {"remove": [1]}, {"lr": 0.001}):
        branch = history(SMALL.branch(10, **changes)).records
        assert [r.arms for r in branch[:10]][1:] == [r.arms for r in parent[:10]][1:]
        assert branch[10].arms["residual"].loss != parent[10].arms["residual"].loss
    cut = history(SMALL.branch(10, cut=[2])).records
    assert cut[10].arms["plain"].loss == parent[10].arms["plain"].loss, "the plain network has no shortcut to lose"


def test_all_shortcuts_cut_make_both_networks_lose_alike():
    made = record(SMALL.replace(cut=(1, 2, 3)), 7)
    assert made.arms["residual"].loss == made.arms["plain"].loss


class Keeper:
    """States that are kept in memory."""

    fork = None

    def __init__(self):
        self.kept = []

    def wants(self, step):
        return step % 4 == 0

    def begins(self, arm, step):
        return False

    def keep(self, spec, step, state):
        self.kept.append(step)


def test_it_goes_on_after_a_step_and_keeps_states(tmp_path):
    keeper = Keeper()
    start, *records = Paced(tmp_path, wait=lambda seconds: None)(SMALL, after=10, keeper=keeper)
    assert start.device == "cpu"
    assert records == history(SMALL).records[10:]
    assert keeper.kept == [12, 16, 20]
    assert (tmp_path / "log").read_text().splitlines() == ["begin 0 after 10", "end 0"]


def test_a_file_holds_a_run_before_a_step_and_another_makes_it_fail(tmp_path):
    gate, waited = tmp_path / "hold-0-3", []

    def wait(seconds):
        waited.append(seconds)
        if len(waited) == 5:
            gate.unlink()

    gate.touch()
    (tmp_path / "raise-0-6").touch()
    run = Paced(tmp_path, wait=wait, seconds=1.0)(SMALL, after=0, keeper=Keeper())
    assert [next(run), next(run), next(run)][-1].step == 2
    assert waited == [1.0, 1.0]
    assert next(run).step == 3 and not gate.exists()
    assert [next(run).step, next(run).step] == [4, 5]
    with pytest.raises(RuntimeError, match="asked to fail at 6"):
        next(run)


@pytest.mark.process
def test_neither_torch_nor_streamlit_is_needed():
    code = (
        "import sys, tests.paced as paced; from resviz.families.resnet.spec import Spec; paced.record(Spec(), 3)\n"
        "print([name for name in ('torch', 'streamlit', 'torchvision') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
