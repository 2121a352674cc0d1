"""Runs whose exported scripts are tested, and what one process prints that runs all of these scripts and lacks this package."""

import functools
import math
import re
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.script import script
from resviz.families.resnet.spec import Spec
from resviz.train.records import History
from resviz.train.twins.initial import Initial
from resviz.train.twins.lockstep import train
from tests.forked import with_torch

SMALL = {"depth": 8, "width": 4, "epochs": 1, "device": "cpu"}
RUNS = {
    "basic": Spec(**SMALL),
    "bottleneck": Spec(
        **SMALL | {"depth": 12}, block="bottleneck", norm="none", optimizer="adamw", lr=0.002, weight_decay=0.1
    ),
    "full": Spec(**SMALL, order="full", norm="group", activation="gelu", schedule="cosine", warmup=3, seed=5),
    "relu_only": Spec(**SMALL, order="relu_only", init="zero_gamma", shortcut="C", shortcut_scale=0.5),
    "bn_after": Spec(**SMALL, order="bn_after", stages=2, shortcut="B", gate="shortcut_only", gate_bias=-1.0),
    "relu_before": Spec(**SMALL, order="relu_before", norm="layer", activation="leaky_relu", cut=(2,)),
    "gate": Spec(**SMALL, gate="exclusive", gate_bias=-2.0, cut=(1,)).branch(5, cut=[2]),
    "dropout": Spec(**SMALL, shortcut_dropout=0.3, seed=2).branch(5, cut=[2], shortcut_scale=0.5),
    "mlp": Spec(**SMALL, kind="mlp", norm="none", order="full", optimizer="adam", lr=0.002),
    "mlp_gates": Spec(**SMALL, kind="mlp", gate="exclusive", shortcut_dropout=0.5, dataset="spirals", examples=300),
    "gates_removed": Spec(**SMALL, gate="exclusive", stages=2, shortcut="B", remove=(2,))
    .branch(4, cut=[1])
    .branch(8, remove=[], cut=[]),
    "projections": Spec(
        **SMALL | {"depth": 12}, stages=2, shortcut="B", cut=(2, 5), optimizer="adam", lr=0.01, branch_scale=0.5
    ),
    "spirals": Spec(
        **SMALL | {"epochs": 2}, dataset="spirals", examples=300, batch=32, init="orthogonal", schedule="step"
    ),
    "circles": Spec(**SMALL, dataset="circles", examples=300, batch=64, init="fixup", activation="tanh"),
    "moons": Spec(**SMALL, dataset="moons", examples=300, batch=64, activation="gelu"),
    "plain": Spec(**SMALL, block="plain", init="zero_gamma", weight_decay=0.001),
    "cut": Spec(**SMALL | {"epochs": 2}).branch(6, cut=[1, 3]).branch(9, cut=[3], lr=0.1),
    "put_back": Spec(**SMALL | {"depth": 12}, stages=2, shortcut="B", remove=(2,), weight_decay=0.01)
    .branch(3, remove=[1, 4], momentum=0.5)
    .branch(7, remove=[], weight_decay=0.0, branch_scale=0.5),
    "restored": Spec(**SMALL, stages=2, shortcut="C", cut=(1, 3)).branch(5, cut=[2]),
    "another": Spec(**SMALL, order="full", norm="none", init="fixup", optimizer="adam", lr=0.002)
    .branch(4, activation="tanh", remove=[2])
    .branch(6, activation="leaky_relu", optimizer="sgd", momentum=0.0)
    .branch(8, momentum=0.9, remove=[])
    .branch(10, optimizer="adamw", weight_decay=0.1),
    "longer": Spec(**SMALL, schedule="cosine", warmup=4).branch(8, schedule="step").branch(11, epochs=3, cut=[2]),
    "removed": Spec(**SMALL, block="plain", remove=(1,)).branch(5, remove=[1, 2, 3], warmup=8),
}
ONE_PASS = {
    "pass_original": Spec(**SMALL, stages=2, shortcut="B", cut=(2,)),
    "pass_full": Spec(**SMALL, order="full", norm="none", gate="exclusive", shortcut_dropout=0.5, remove=(2,)),
    "pass_mlp": Spec(**SMALL, kind="mlp", order="relu_before", norm="none", init="xavier", seed=3),
}

# With stochastic depth.
SURVIVAL_RUNS = {
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
SURVIVAL_ONE_PASS = {
    "pass_half": Spec(**SMALL | {"depth": 12}, survival=0.5, seed=2),
    "pass_hardly": Spec(**SMALL, survival=0.05, order="full", norm="none", shortcut="B", stages=2, cut=(1,)),
}


@functools.cache
def told_runs() -> dict[str, str]:
    """Scripts that compare their numbers with those of a page: of a run and of a pass as they are, of a run with another loss in
    the last digit, and of one kept before it was noted what computed it."""
    spec, one = RUNS["basic"], ONE_PASS["pass_original"]
    history, initial = History(spec), Initial()
    for event in train(spec):
        history.add(event)
    record, first, made = history.records[-1], initial(one), history.machine
    initial.close()
    arm = record.arms["plain"]
    other = replace(record, arms={**record.arms, "plain": replace(arm, loss=arm.loss * (1 + 1e-8))})
    far = replace(
        first, arms={a: replace(v, activation_grad_norm=(1.0,) * (one.depth - 1)) for a, v in first.arms.items()}
    )
    ended = replace(record, arms={"residual": replace(record.arms["residual"], loss=math.inf)}, ended={"plain": "NaN"})
    return {
        "told same": script(spec, record=record, machine=made),
        "told other": script(spec, record=other, machine=made),
        "told unknown": script(spec, record=other),
        "told ended": script(spec, record=ended, machine=made),
        "told pass": script(one, one_pass=True, record=first, machine=made),
        "told far": script(one, one_pass=True, record=far, machine=made),
    }


@functools.cache
def printed() -> dict[str, str]:
    """What the script of each run prints, those of the survival runs by such names as "survival sgd"."""
    scripts = {name: script(spec) for name, spec in RUNS.items()}
    scripts |= {name: script(spec, one_pass=True) for name, spec in ONE_PASS.items()}
    scripts |= {f"survival {name}": script(spec) for name, spec in SURVIVAL_RUNS.items()}
    scripts |= {f"survival {name}": script(spec, one_pass=True) for name, spec in SURVIVAL_ONE_PASS.items()}
    scripts |= told_runs()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in scripts.items():
            (Path(folder) / f"{name}.py").write_text(text)
        done = subprocess.run(
            with_torch().command("tests.scripts:main", *(f"{name}.py" for name in scripts)),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=100,
        )
    assert done.returncode == 0, done.stderr
    parts = re.split(r"^# ([\w ]+)\.py\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def lines(history: History) -> str:
    """What a script should print of this run: losses and accuracies as %.9g, in which no two float32 look the same."""
    spec, out = history.spec, []
    for arm in ARMS:
        start = history.start.arms[arm]
        out.append(f"{arm}: {start.params:,} parameters, same start {start.checksum}")
        for r in history.records:
            if r.step == 1 or r.step % spec.steps_per_epoch == 0:
                accuracy = r.arms[arm].test_accuracy
                told = "?" if accuracy is None else f"{accuracy:.9g}"
                out.append(f"{arm}: step {r.step}, loss {r.arms[arm].loss:.9g}, test accuracy {told}")
    return "\n".join(out) + "\n"


def profiles(printed: str) -> list[tuple[str, int, list[float]]]:
    """Arm, layer and numbers of each line that a script of one pass has printed."""
    rows = re.findall(r"^(\w+): layer (\d+), .* (\S+), .* (\S+), .* (\S+)$", printed, flags=re.MULTILINE)
    return [(arm, int(layer), [float(number) for number in numbers]) for arm, layer, *numbers in rows]


def assert_numbers_of_the_run(spec: Spec, printed: str) -> None:
    history = History(spec)
    for event in train(spec):
        history.add(event)
    expected = lines(history)
    assert expected.count("\n") == 2 * (2 + spec.steps // spec.steps_per_epoch)
    pattern = re.escape(expected).replace(re.escape("?"), r"[\d.]+")  # the run was not tested at every end of an epoch
    assert re.fullmatch(pattern, printed), f"{printed}\n{expected}"


def assert_numbers_before_training(spec: Spec, printed: str) -> None:
    initial = Initial()
    record = initial(spec)
    initial.close()
    rows = profiles(printed)
    assert [(arm, layer) for arm, layer, _ in rows] == [(arm, n + 1) for arm in ARMS for n in range(spec.depth)]
    for arm, layer, numbers in rows:
        a = record.arms[arm]
        # Of the last layer, the head, only the weights are measured.
        columns = ((*a.activation_grad_norm, 0.0), (*a.activation_std, 0.0), a.grad_norm)
        assert numbers == pytest.approx([column[layer - 1] for column in columns], rel=1e-5), (arm, layer)
