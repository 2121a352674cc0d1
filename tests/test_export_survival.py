"""With stochastic depth too, the exported script comes to the numbers of the run it was made from."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.experiments.initial import Initial
from resviz.experiments.train import train
from resviz.export import script
from resviz.records import ARMS, History
from resviz.spec import Spec
from tests.examples import examples
from tests.test_export import RUNNER, lines

SMALL = {"depth": 8, "width": 4, "epochs": 1, "device": "cpu"}
RUNS = {
    "sgd": Spec(**SMALL | {"depth": 12}, survival=0.5, weight_decay=0.01),
    "hardly": Spec(**SMALL | {"depth": 12}, survival=0.05, seed=3, order="full", norm="none"),
    "nearly": Spec(**SMALL, survival=0.95, stages=2, shortcut="B"),
    "adam": Spec(**SMALL, survival=0.3, optimizer="adam", lr=0.002, stages=2, shortcut="C"),
    "adamw": Spec(**SMALL | {"depth": 12}, block="bottleneck", survival=0.4, optimizer="adamw", lr=0.01, seed=1),
    "gates": Spec(**SMALL, survival=0.4, gate="exclusive", gate_bias=-1.0, shortcut_dropout=0.3, branch_scale=0.5),
    "mlp": Spec(**SMALL, kind="mlp", norm="none", survival=0.5, dataset="moons", examples=300, batch=32),
    "plain": Spec(**SMALL, block="plain", survival=0.3),
    "still": Spec(**SMALL, survival=0.4, momentum=0.0).branch(4, momentum=0.9).branch(8, weight_decay=0.1),
    "changed": Spec(**SMALL | {"depth": 12}, survival=0.4, cut=(2,), remove=(5,))
    .branch(3, cut=[1], remove=[])
    .branch(7, cut=[], remove=[1, 4])
    .branch(9, remove=[]),
    "another": Spec(**SMALL, survival=0.3, optimizer="adam", lr=0.002)
    .branch(4, optimizer="sgd", lr=0.02)
    .branch(8, optimizer="adamw", lr=0.002),
    "longer": Spec(**SMALL, survival=0.5, schedule="cosine").branch(8, epochs=2, shortcut_scale=0.5),
}
ONE_PASS = {
    "pass_half": Spec(**SMALL | {"depth": 12}, survival=0.5, seed=2),
    "pass_hardly": Spec(**SMALL, survival=0.05, order="full", norm="none", shortcut="B", stages=2, cut=(1,)),
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, str]:
    """What the script of each of RUNS and of ONE_PASS prints, where this package cannot be imported."""
    folder = tmp_path_factory.mktemp("scripts")
    for name, spec in RUNS.items():
        (folder / f"{name}.py").write_text(script(spec))
    for name, spec in ONE_PASS.items():
        (folder / f"{name}.py").write_text(script(spec, one_pass=True))
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, *(f"{name}.py" for name in (*RUNS, *ONE_PASS))],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    parts = re.split(r"^# (\w+)\.py\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", RUNS)
def test_a_script_gives_the_losses_of_the_run(name, printed):
    history = History(RUNS[name])
    for event in train(RUNS[name]):
        history.add(event)
    expected = lines(history)
    assert expected.count("\n") == 2 * (2 + RUNS[name].steps // RUNS[name].steps_per_epoch)
    pattern = re.escape(expected).replace(re.escape("?"), r"[\d.]+")  # the run was not tested at every end of an epoch
    assert re.fullmatch(pattern, printed[name]), f"{printed[name]}\n{expected}"


@pytest.mark.parametrize("name", ONE_PASS)
def test_a_script_of_one_pass_leaves_out_who_sleeps_at_the_first_step(name, printed):
    initial, spec = Initial(), ONE_PASS[name]
    record = initial(spec)
    initial.close()
    rows = re.findall(r"^(\w+): layer (\d+), .* (\S+), .* (\S+), .* (\S+)$", printed[name], flags=re.MULTILINE)
    assert [(arm, int(layer)) for arm, layer, *_ in rows] == [(arm, n + 1) for arm in ARMS for n in range(spec.depth)]
    for arm, layer, *numbers in rows:
        a = record.arms[arm]
        columns = ((*a.activation_grad_norm, 0.0), (*a.activation_std, 0.0), a.grad_norm)
        assert [float(n) for n in numbers] == pytest.approx([c[int(layer) - 1] for c in columns], rel=1e-5), (
            arm,
            layer,
        )
    silent = {int(layer) for arm, layer, *numbers in rows if arm == "residual" and float(numbers[-1]) == 0}
    assert silent, "somebody sleeps at step 1 of this seed, or this test would say nothing"


def remembered(text: str) -> int:
    return text.count('setdefault("momentum_buffer"')


@examples(30)
@given(st.floats(0.05, 1.0), st.sampled_from(["sgd", "adam", "adamw"]))
def test_the_script_fills_momentum_in_only_where_blocks_sleep(survival, optimizer):
    text = script(Spec(**SMALL, survival=survival, optimizer=optimizer))
    assert remembered(text) == (survival < 1 and optimizer == "sgd")
    assert text.count(f"        survival={survival!r},\n") == 1


def test_another_optimiser_on_the_way_has_its_momentum_filled_in_too():
    spec = Spec(**SMALL, survival=0.5, optimizer="adam").branch(4, optimizer="sgd")
    assert remembered(script(spec)) == 1
    assert remembered(script(spec.replace(survival=1.0))) == 0
