"""The exported script runs without this package and comes to the same numbers as the run it was made from."""

import ast
import builtins
import dis
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from types import CodeType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.script import script
from resviz.families.resnet.spec import FIELDS, LIVE, Spec
from resviz.nets.settings import ORDERS
from resviz.train.twins.machine import machine_of
from resviz.words.text import parse_words, write_numbers
from tests.examples import examples
from tests.exported import (
    ONE_PASS,
    RUNS,
    SURVIVAL_ONE_PASS,
    SURVIVAL_RUNS,
    assert_numbers_before_training,
    assert_numbers_of_the_run,
    printed,
    profiles,
    told_runs,
)

pytestmark = pytest.mark.xdist_group("with torch")

# -- the numbers ---------------------------------------------------------------------------------


@pytest.mark.process
@pytest.mark.heavy
@pytest.mark.parametrize("name", RUNS)
def test_a_script_gives_the_numbers_of_the_run(name):
    assert_numbers_of_the_run(RUNS[name], printed()[name])


@pytest.mark.process
@pytest.mark.heavy
@pytest.mark.parametrize("name", SURVIVAL_RUNS)
def test_with_stochastic_depth_too_a_script_gives_the_numbers_of_the_run(name):
    assert_numbers_of_the_run(SURVIVAL_RUNS[name], printed()[f"survival {name}"])


@pytest.mark.process
@pytest.mark.parametrize("name", ONE_PASS)
def test_a_script_of_one_pass_gives_what_is_measured_before_training(name):
    assert_numbers_before_training(ONE_PASS[name], printed()[name])


@pytest.mark.process
@pytest.mark.parametrize("name", SURVIVAL_ONE_PASS)
def test_a_script_of_one_pass_leaves_out_who_sleeps_at_the_first_step(name):
    text = printed()[f"survival {name}"]
    assert_numbers_before_training(SURVIVAL_ONE_PASS[name], text)
    silent = {layer for arm, layer, numbers in profiles(text) if arm == "residual" and numbers[-1] == 0}
    assert silent, "somebody sleeps at step 1 of this seed, or this test would say nothing"


SAME = "The numbers above are the same, to the digit.\n"
OTHER = "The numbers above differ from it. What the page showed was computed with {};\nthis is {}.\n"
WHY = "Where these differ, sums are rounded in another order, and what is learnt from them drifts apart.\n"


@pytest.mark.process
@pytest.mark.heavy
def test_a_script_says_whether_its_numbers_are_those_of_the_page_and_what_made_them():
    here = machine_of("cpu")
    same, ended = printed()["told same"], printed()["told ended"]
    lines = re.findall(r"^(\w+): step 11, (loss \S+, test accuracy \S+)$", same, flags=re.MULTILINE)
    shown = "".join(f"{arm}: {numbers}\n" for arm, numbers in lines)
    assert [arm for arm, _ in lines] == ["residual", "plain"] and same.endswith(f"The page showed:\n{shown}{SAME}")
    assert printed()["told other"].endswith(OTHER.format(here, here) + WHY)
    assert printed()["told unknown"].endswith(OTHER.format("a machine that is not known", here) + WHY)
    # Of what ended early, or is no number, nothing is compared.
    assert ended.endswith(f"The page showed:\nresidual: {lines[0][1].partition(', ')[2]}\n{SAME}")
    assert printed()["told pass"].endswith(SAME) and "output gradient of layer 7 " in printed()["told pass"]
    assert printed()["told far"].endswith(OTHER.format(here, here) + WHY)


@pytest.mark.process
@pytest.mark.heavy
def test_with_another_instruction_set_a_script_runs_and_says_which_one_made_the_numbers(tmp_path):
    (tmp_path / "resviz.py").write_text("raise ImportError('this package is not here')")
    (tmp_path / "run.py").write_text(told_runs()["told same"])
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"ATEN_CPU_CAPABILITY": "default"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    here = machine_of("cpu")
    other = replace(here, instructions="DEFAULT")
    before, after = (text.partition("The page showed:\n") for text in (printed()["told same"], done.stdout))
    assert after[2].endswith(SAME if before[0] == after[0] else OTHER.format(here, other) + WHY)


def test_a_run_that_has_not_ended_is_compared_with_nothing(real_run):
    spec = real_run.spec
    assert script(spec, record=real_run.records[-2], machine=real_run.machine) == script(spec)
    assert "SHOWN" in script(spec, record=real_run.records[-1], machine=real_run.machine)


# -- the text ------------------------------------------------------------------------------------


def drawn(fact):
    if fact.kind == "choice":
        return st.sampled_from(list(fact.choices))
    if fact.kind == "numbers":
        return st.sets(st.integers(1, 30), max_size=5).map(tuple)
    if fact.kind == "edits":
        return st.lists(st.sampled_from(LIVE).flatmap(change), max_size=6)
    return (st.integers if fact.kind == "int" else st.floats)(fact.low, fact.high)


def change(key: str):
    number = drawn(FIELDS[key])
    value = number.map(write_numbers) if FIELDS[key].kind == "numbers" else number.map(str)
    return st.tuples(st.integers(1, 30), st.just(key), value)


SPECS = st.fixed_dictionaries({name: drawn(fact) for name, fact in FIELDS.items()}).map(
    lambda words: Spec.read(words)[0]
)


def codes(code: CodeType):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def names(text: str) -> tuple[set[str], set[str]]:
    """Global names that a script binds and those that it uses, as Python's compiler sees them."""
    bound, used = set(), set()
    for code in codes(compile(text, "script", "exec")):
        at_top = code.co_name == "<module>"
        for step in dis.get_instructions(code):
            if step.opname in ("STORE_NAME", "STORE_GLOBAL") and at_top:
                bound.add(step.argval)
            elif step.opname == "LOAD_GLOBAL" or (step.opname == "LOAD_NAME" and at_top):
                used.add(step.argval)
    return bound, used


THERE = ["numpy", "sklearn", "torch", "torchvision"]  # what the script itself says it needs


def imported(text: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(text)))
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}


@examples(30)
@given(SPECS)
def test_every_script_is_python_and_uses_only_what_it_has(spec):
    text = script(spec)
    assert {name.partition(".")[0] for name in imported(text)} <= {*sys.stdlib_module_names, *THERE}
    bound, used = names(text)
    assert used - bound - set(dir(builtins)) - {"__annotations__"} == set()


@examples(30)
@given(SPECS)
def test_the_command_in_the_script_makes_the_same_experiment(spec):
    doc = ast.get_docstring(ast.parse(script(spec)))
    words = shlex.split(re.search(r"resviz train(.*)$", doc, flags=re.MULTILINE)[1])
    assert Spec.of(parse_words(words)) == spec


@pytest.mark.parametrize("block", FIELDS["block"].choices)
@pytest.mark.parametrize("order", ORDERS)
def test_a_script_has_its_block_and_order_in_its_tables_and_no_other(order, block):
    tree = ast.parse(script(Spec(depth=20, block=block, order=order)))
    nodes = [node for node in tree.body if isinstance(node, ast.Assign)]
    tables = {
        node.targets[0].id: [key.value for key in node.value.keys] for node in nodes if isinstance(node.value, ast.Dict)
    }
    assert (tables["EXPANSION"], tables["ORDERS"]) == ([block], [order])


@pytest.mark.parametrize(
    ("dataset", "name", "shape"),
    [
        ("mnist", "MNIST", (28, 28)),
        ("fashion_mnist", "FashionMNIST", (28, 28)),
        ("cifar10", "CIFAR10", (32, 32, 3)),
        ("cifar100", "CIFAR100", (32, 32, 3)),
    ],
)
def test_torchvisions_data_come_out_in_the_networks_layout(dataset, name, shape, monkeypatch):
    """Its MNIST keeps a tensor (N, H, W) and labels as a tensor, its CIFAR an array (N, H, W, C) and labels as a list."""
    import numpy as np
    import torch

    def fake(root, train, download):
        assert (root, download) == ("data", True)
        data = np.random.default_rng(0).integers(0, 256, (6 if train else 3, *shape), dtype=np.uint8)
        labels = list(range(len(data)))
        return (
            SimpleNamespace(data=data, targets=labels)
            if len(shape) == 3
            else SimpleNamespace(data=torch.from_numpy(data), targets=torch.tensor(labels))
        )

    monkeypatch.setitem(sys.modules, "torchvision", SimpleNamespace(datasets=SimpleNamespace(**{name: fake})))
    spec = Spec(dataset=dataset)
    tree = ast.parse(script(spec))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "load"]
    scope = {"torch": torch}
    exec(compile(ast.Module(found, []), "load", "exec"), scope)
    train_x, train_y, test_x, test_y = scope["load"]()
    assert (train_x.shape, test_x.shape) == ((6, *spec.data.shape), (3, *spec.data.shape))
    assert (train_y.tolist(), test_y.tolist()) == (list(range(6)), list(range(3)))
    assert train_x.dtype == torch.uint8
    first = fake("data", True, True).data
    expected = torch.as_tensor(first).permute(0, 3, 1, 2) if len(shape) == 3 else first[:, None]
    assert torch.equal(train_x, expected)


SMALL = {"depth": 8, "width": 4, "epochs": 1, "device": "cpu"}


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
