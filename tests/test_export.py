"""The exported script runs without this package and comes to the same numbers as the run it was made from."""

import ast
import builtins
import dis
import re
import shlex
import subprocess
import sys
from types import CodeType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.experiments.initial import Initial
from resviz.experiments.train import train
from resviz.export import script
from resviz.records import ARMS, History
from resviz.settings import ORDERS
from resviz.spec import FIELDS, LIVE, Spec
from resviz.words import parse_words, write_numbers
from tests.examples import examples

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

# Runs scripts one after the other in one process, where this package cannot be imported.
RUNNER = """
import sys, traceback
sys.modules["resviz"] = None
for path in sys.argv[1:]:
    print("#", path, flush=True)
    try:
        exec(compile(open(path).read(), path, "exec"), {"__name__": "__main__"})
    except Exception:
        traceback.print_exc(file=sys.stdout)
"""


ONE_PASS = {
    "pass_original": Spec(**SMALL, stages=2, shortcut="B", cut=(2,)),
    "pass_full": Spec(**SMALL, order="full", norm="none", gate="exclusive", shortcut_dropout=0.5, remove=(2,)),
    "pass_mlp": Spec(**SMALL, kind="mlp", order="relu_before", norm="none", init="xavier", seed=3),
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, str]:
    """What the script of each of RUNS and of ONE_PASS prints."""
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


@pytest.mark.parametrize("name", RUNS)
def test_a_script_gives_the_numbers_of_the_run(name, printed):
    history = History(RUNS[name])
    for event in train(RUNS[name]):
        history.add(event)
    expected = lines(history)
    assert expected.count("\n") == 2 * (2 + RUNS[name].steps // RUNS[name].steps_per_epoch)
    pattern = re.escape(expected).replace(re.escape("?"), r"[\d.]+")  # the run was not tested at every end of an epoch
    assert re.fullmatch(pattern, printed[name]), f"{printed[name]}\n{expected}"


@pytest.mark.parametrize("name", ONE_PASS)
def test_a_script_of_one_pass_gives_what_is_measured_before_training(name, printed):
    initial, spec = Initial(), ONE_PASS[name]
    record = initial(spec)
    initial.close()
    rows = re.findall(r"^(\w+): layer (\d+), .* (\S+), .* (\S+), .* (\S+)$", printed[name], flags=re.MULTILINE)
    assert [(arm, int(layer)) for arm, layer, *_ in rows] == [(arm, n + 1) for arm in ARMS for n in range(spec.depth)]
    for arm, layer, *numbers in rows:
        a = record.arms[arm]
        # Of the last layer, the head, only the weights are measured.
        columns = ((*a.activation_grad_norm, 0.0), (*a.activation_std, 0.0), a.grad_norm)
        expected = [column[int(layer) - 1] for column in columns]
        assert [float(number) for number in numbers] == pytest.approx(expected, rel=1e-5), (arm, layer)


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
