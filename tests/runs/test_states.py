"""Kept states: the latest one on the way to a step is found, whichever run it is of, and what is damaged is not."""

import math
import os
import shutil
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.runs.states import IN_MEMORY, States
from resviz.train.twins import lockstep as training
from resviz.train.twins.lockstep import train
from tests.examples import examples

ROOT = Spec(depth=8, width=4, epochs=4, device="cpu")  # 44 steps
CUT = ROOT.branch(10, cut="1")


def arms(value: int) -> dict:
    """What stands for a state in these tests."""
    return {"plain": {"net": {"w": torch.full((50,), float(value))}, "norms": [0.1 + 0.2], "ended": False}}


def value_of(found) -> tuple[int, int] | None:
    """Step and value of what `nearest` has found."""
    return found and (found[0], int(found[1]["plain"]["net"]["w"][0]))


class Desk:
    """The states of one folder, as one process after another sees them."""

    def __init__(self, root: Path) -> None:
        self.root, self.all = root, []

    def open(self, **more) -> States:
        """As another process: nothing in memory, all that was put before on the disk."""
        for states in self.all:
            states.wait()
        self.all.append(States(self.root, **{"spacing": math.inf, **more}))
        return self.all[-1]

    def keep(self, spec: Spec, *steps: int, **more) -> None:
        """A state after each of these steps; its value is the step."""
        for step in steps:
            self.open(**more).of(spec).keep(spec, step, arms(step))

    def nearest(self, spec: Spec, step: int) -> tuple[int, int] | None:
        return value_of(self.open().of(spec).nearest(spec, step))

    def path(self, spec: Spec, step: int) -> Path:
        return self.root / spec.trunk(step).digest / f"{step}.pt"

    def files(self) -> list[str]:
        self.open()
        return sorted(path.name for path in self.root.rglob("*") if path.is_file())


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "states")
    yield desk
    for states in desk.all:
        states.close()


# -- finding -------------------------------------------------------------------------------------


def test_the_latest_state_up_to_a_step_is_found_and_none_past_it(desk):
    desk.keep(ROOT, 5, 12, 20)
    assert [desk.nearest(ROOT, step) for step in (4, 5, 11, 12, 19, 44)] == [
        None,
        (5, 5),
        (5, 5),
        (12, 12),
        (12, 12),
        (20, 20),
    ]


def test_a_state_comes_back_to_the_bit(desk):
    desk.keep(ROOT, 5)
    _, found = desk.open().of(ROOT).nearest(ROOT, 5)
    kept = arms(5)
    assert torch.equal(found["plain"]["net"].pop("w"), kept["plain"]["net"].pop("w"))
    assert found == kept


def test_a_branch_finds_the_states_of_its_trunk_up_to_where_it_left_and_its_own_after(desk):
    desk.keep(ROOT, 5, 10, 12, 40)
    assert desk.nearest(CUT, 44) == (10, 10), "step 12 of the trunk is not on its way"
    desk.keep(CUT, 11, 30)
    assert desk.nearest(CUT, 44) == (30, 30)
    assert desk.nearest(CUT, 29) == (11, 11)
    assert desk.nearest(CUT, 10) == (10, 10)
    assert desk.nearest(CUT, 9) == (5, 5)
    assert desk.nearest(ROOT, 39) == (12, 12), "and the trunk none of its branch"


def test_a_branch_of_a_branch_of_a_branch_finds_the_latest_of_any_of_them(desk):
    thrice = CUT.branch(20, lr="0.01").branch(30, cut="2")
    assert desk.nearest(thrice, 44) is None
    for spec, step in ((ROOT, 4), (CUT, 15), (CUT.branch(20, lr="0.01"), 25), (thrice, 35)):
        desk.keep(spec, step)
        assert desk.nearest(thrice, 44) == (step, step)
    assert [desk.nearest(thrice, step) for step in (34, 24, 14)] == [(25, 25), (15, 15), (4, 4)]


def test_no_state_of_another_branch_is_found(desk):
    for other in (ROOT.branch(10, cut="2"), ROOT.branch(9, cut="1"), ROOT.branch(10, cut="1", lr="0.01")):
        desk.keep(other, 15)
    desk.keep(ROOT.replace(seed=1), 8)
    desk.keep(ROOT.replace(epochs=5), 8)  # its learning rate may take another way
    assert desk.nearest(CUT, 44) is None


def test_what_a_longer_run_kept_serves_the_run_that_it_lengthens(desk):
    longer = ROOT.branch(44, epochs="8")
    desk.keep(longer, 40, 60)
    assert desk.nearest(ROOT, 44) == (40, 40)
    assert desk.nearest(longer, 88) == (60, 60)


changes = st.tuples(
    st.sampled_from([3, 6, 9]),
    st.sampled_from([("lr", "0.02"), ("lr", "0.01"), ("cut", "1"), ("momentum", "0.5"), ("epochs", "2")]),
)
runs = st.lists(changes, max_size=3).map(
    lambda many: Spec.read(
        {"depth": 8, "epochs": 1, "device": "cpu", "edits": " ".join(f"{at}:{k}:{v}" for at, (k, v) in many)}
    )[0]
)


@examples(40)
@given(st.lists(st.tuples(runs, st.integers(1, 11)), max_size=8), st.lists(runs, min_size=1, max_size=4), st.data())
def test_nearest_is_the_latest_state_whose_steps_all_had_the_same_settings(kept, asked, data):
    folder = Path(tempfile.mkdtemp())
    states = States(folder, spacing=math.inf)
    for number, (spec, step) in enumerate(kept):
        states.of(spec).keep(spec, step, arms(number))
    states.wait()

    def way(spec: Spec, step: int) -> list[Spec]:
        return [spec.during(s) for s in range(1, step + 1)]

    for spec in [*asked, *(spec for spec, _ in kept)]:
        goal = data.draw(st.integers(0, spec.steps))
        on_the_way = {
            step: n for n, (other, step) in enumerate(kept) if step <= goal and way(other, step) == way(spec, step)
        }
        expected = max(on_the_way.items(), default=None)
        assert value_of(States(folder).of(spec).nearest(spec, goal)) == expected
    states.close()
    shutil.rmtree(folder)


# -- damage --------------------------------------------------------------------------------------


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_other_software(path: Path) -> None:
    torch.save({"made_by": "records 0, torch 1.0", "arms": arms(99)}, path)


def without_a_maker(path: Path) -> None:
    torch.save({"arms": arms(99)}, path)


def of_another_kind(path: Path) -> None:
    torch.save([1, 2], path)


class Trap:
    """Says when it is unpickled."""

    sprung = False

    def __reduce__(self):
        return (setattr, (Trap, "sprung", True))


def with_code_in_it(path: Path) -> None:
    torch.save({"made_by": States(None).made_by, "arms": Trap()}, path)


@pytest.mark.parametrize(
    "damage", [cut_short, emptied, of_other_software, without_a_maker, of_another_kind, with_code_in_it]
)
def test_what_cannot_be_used_is_deleted_and_the_one_before_it_found(damage, desk):
    desk.keep(ROOT, 5, 10)
    desk.open()
    damage(desk.path(ROOT, 10))
    assert desk.nearest(ROOT, 20) == (5, 5)
    assert not desk.path(ROOT, 10).exists()
    assert not Trap.sprung
    desk.keep(ROOT, 10)
    assert desk.nearest(ROOT, 20) == (10, 10)


def test_what_is_being_written_is_not_there_yet(desk):
    desk.keep(ROOT, 5)
    desk.open()
    folder = desk.path(ROOT, 5).parent
    for name in (".0123456789abcdef", "7", "notes.pt"):
        shutil.copy(desk.path(ROOT, 5), folder / name)
    assert desk.nearest(ROOT, 20) == (5, 5)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("PytorchStreamWriter failed")])
def test_a_failed_write_ends_nothing_and_leaves_nothing(error, desk, monkeypatch):
    def fail(content, path):
        path.write_bytes(b"PK and then the disk was full")
        raise error

    desk.keep(ROOT, 5)
    desk.open()
    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", fail)
        desk.keep(ROOT, 10)
        assert desk.files() == ["5.pt"]
    desk.keep(ROOT, 12)
    assert desk.nearest(ROOT, 20) == (12, 12)


def test_where_nothing_can_be_written_states_are_in_memory(tmp_path):
    (tmp_path / "states").write_text("not a folder")
    states = States(tmp_path / "states", spacing=math.inf)
    keeper = states.of(ROOT)
    keeper.keep(ROOT, 5, arms(5))
    states.wait()
    assert value_of(keeper.nearest(ROOT, 20)) == (5, 5)
    states.close()


# -- how many ------------------------------------------------------------------------------------


def test_of_too_many_states_every_second_one_goes_and_the_latest_stays(desk):
    desk.keep(ROOT, *range(1, 9), run_bytes=1e9)
    folder = ROOT.digest
    assert not desk.open(run_bytes=1e9).thin(folder)
    states = desk.open(run_bytes=1.0)
    assert states.thin(folder)
    assert states.steps(folder) == {2, 4, 6, 8}
    assert states.thin(folder)
    assert states.steps(folder) == {4, 8}
    assert not states.thin(folder), "two stay, however large"
    assert not states.thin("of no run")


def test_a_run_that_outgrows_its_share_keeps_states_further_apart(desk):
    desk.keep(ROOT, 1)
    desk.open()
    size = desk.path(ROOT, 1).stat().st_size
    states = desk.open(spacing=1.0, run_bytes=6.5 * size)
    keeper = states.of(ROOT)
    there = []
    for step in range(2, 45):
        keeper.keep(ROOT, step, arms(step))
        states.wait()
        there.append(sorted(int(path.stem) for path in desk.path(ROOT, step).parent.glob("*.pt")))
    assert max(map(len, there)) <= 8
    assert [steps[-1] for steps in there] == list(range(2, 45)), "the latest is always there"
    assert min(len(steps) for steps in there[10:]) >= 3
    assert keeper.spacing >= 4.0


def test_a_state_that_another_process_deletes_meanwhile_does_not_end_the_run(desk):
    """Several workers keep states in one folder, and each makes room in it."""
    desk.keep(ROOT, 1, 2, 3)
    desk.open()
    desk.path(ROOT, 2).unlink()
    desk.path(ROOT, 2).symlink_to("what was there a moment ago")
    desk.keep(ROOT, 4, run_bytes=1.0)
    assert desk.nearest(ROOT, 20) == (4, 4)


def test_the_runs_longest_untouched_make_room_for_a_new_one(desk):
    specs = [ROOT.replace(seed=seed) for seed in range(4)]
    for age, spec in enumerate(specs):
        desk.keep(spec, 5, 6)
        desk.open()
        for step in (5, 6):
            os.utime(desk.path(spec, step), (1e9 - age, 1e9 - age))
    size = desk.path(ROOT, 5).stat().st_size
    os.utime(desk.path(specs[3], 6))  # the oldest has just been gone on with
    desk.open(all_bytes=5 * size).of(ROOT)
    assert [desk.nearest(spec, 9) for spec in specs] == [(6, 6), None, None, (6, 6)]
    desk.open(all_bytes=5 * size).of(ROOT)
    assert desk.files() == ["5.pt", "5.pt", "6.pt", "6.pt"], "what fits stays"


def test_the_share_of_the_disk_is_a_setting(monkeypatch):
    monkeypatch.setenv("RESVIZ_STATES_GB", "0.5")
    assert States(None).all_bytes == 5e8
    monkeypatch.delenv("RESVIZ_STATES_GB")
    assert States(None).all_bytes == 2e9


def test_without_a_folder_the_latest_few_are_in_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    states = States(None, run_bytes=1.0, all_bytes=1.0)
    keeper = states.of(ROOT)
    for step in range(1, IN_MEMORY + 3):
        keeper.keep(ROOT, step, arms(step))
    last = IN_MEMORY + 2
    assert states.steps(ROOT.digest) == set(range(3, last + 1))
    assert value_of(keeper.nearest(CUT, 44)) == (last, last)
    assert keeper.nearest(ROOT, 2) is None
    keeper.keep(ROOT, 3, arms(30))  # made again: now the youngest
    keeper.keep(ROOT, 20, arms(20))
    assert value_of(keeper.nearest(ROOT, 3)) == (3, 30)
    states.close()
    assert list(tmp_path.iterdir()) == []


# -- when ----------------------------------------------------------------------------------------


def test_states_are_kept_at_intervals_of_time():
    now = [100.0]
    states = States(None, spacing=1.0, clock=lambda: now[0])
    keeper = states.of(ROOT)
    wanted = []
    for step in range(1, 12):
        now[0] += 0.25
        wanted.append(keeper.wants(step))
    assert wanted == [False, False, False, True] * 2 + [False] * 3
    states.close()


def test_who_asks_for_a_state_gets_it_after_the_first_step_that_no_arm_has_begun():
    states = States(None)
    keeper = states.of(ROOT)
    assert keeper.ask(0) == 1
    assert [keeper.begins(arm, 1) for arm in ("residual", "plain")] == [True, True]
    for arm, step in (("residual", 2), ("plain", 2), ("residual", 3)):
        assert not keeper.begins(arm, step)
    assert keeper.ask(1) == 4, "the residual arm is at step 3 already"
    assert [keeper.begins("plain", step) for step in (3, 4, 5)] == [False, True, False]
    assert [keeper.begins("residual", step) for step in (4, 5)] == [True, False]
    later = states.of(ROOT)
    assert later.ask(20) == 21, "steps up to 20 are told already, and only made again"
    assert [step for step in range(1, 25) if later.begins("plain", step)] == [21]
    states.close()


@pytest.mark.heavy
def test_while_both_arms_run_every_state_asked_for_is_whole_and_the_one_of_its_step(desk):
    """Two threads that are steps apart, and somebody who asks at any time."""
    spec = ROOT.replace(epochs=2)
    keeper = desk.open().of(spec)
    asked = [keeper.ask(0)]
    for event in train(spec, keeper=keeper):
        if getattr(event, "step", 0) == asked[-1]:
            asked.append(keeper.ask(event.step))
    kept = sorted(int(name.removesuffix(".pt")) for name in desk.files())
    assert kept == [step for step in asked if step <= spec.steps]
    assert len(kept) > 3
    whole = list(train(spec))
    for step in (kept[1], kept[-1]):
        later = States(desk.root)
        assert later.get(spec.digest, step).keys() == {"residual", "plain"}
        assert list(train(spec, after=step, keeper=later.of(spec)))[1:] == whole[step + 1 :]
        later.close()


@pytest.mark.heavy
def test_a_run_goes_on_from_the_disk_to_the_numbers_of_one_in_one_go(desk, monkeypatch):
    """Where one arm has another optimiser by then, a block less and a shortcut less."""
    spec = ROOT.replace(epochs=2).branch(6, cut="1", optimizer="adam", lr="0.001").branch(14, remove="3")
    whole = list(train(spec))
    for event in train(spec, keeper=desk.open(spacing=0.0).of(spec)):
        assert event == whole[event.step if hasattr(event, "step") else 0]
    made, advance = set(), training._advance

    def watched(data, task, arm, *more):
        made.add(task.step)
        return advance(data, task, arm, *more)

    monkeypatch.setattr(training, "_advance", watched)
    for after in (6, 9, 14, 17, 22):
        made.clear()
        assert list(train(spec, after=after, keeper=desk.open().of(spec))) == [whole[0], *whole[after + 1 :]]
        assert made == set(range(after + 1, spec.steps + 1)), "nothing is made twice"
