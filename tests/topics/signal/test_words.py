"""One pass before training in numbers and words: every sentence is taken apart, and held against the record."""

import csv
import io
import json
import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resviz.cli import main
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.findings import EXPLODED, VANISHED
from resviz.families.resnet.spec import FIELDS, Spec
from resviz.topics.signal.theory import BATCH_NORM_RELU
from resviz.topics.signal.words import ALIKE, FLAT, signal_claims, signal_finding
from resviz.train.profiles import as_json, growth, to_csv
from resviz.train.records import ArmRecord, Record
from resviz.train.twins.initial import Initial
from resviz.words.text import parse_words
from tests.examples import examples
from tests.strategies import values_of

INITIAL = Initial()
SMALLEST = 2.0**-149  # of float32


def arm(back, std=None, weights=None) -> ArmRecord:
    """An arm whose signal going back is `back`; the activations and weights' gradients follow it where not given."""
    std = std or (1.0,) * len(back)
    return ArmRecord(
        2.3, 0.1, tuple(weights or (*back, 1.0)), tuple(back), (0.0,) * len(back), tuple(std), (0.0,) * len(back)
    )


def record(plain: ArmRecord, residual: ArmRecord) -> Record:
    return Record(1, 1, 0.1, {"residual": residual, "plain": plain})


def made(back: dict, **more) -> tuple[Spec, Record]:
    depth = len(back["plain"]) + 1
    arms = {name: arm(back[name], **more.get(name, {})) for name in ARMS}
    return Spec(depth=depth), record(arms["plain"], arms["residual"])


def steady(factor: float, layers: int = 11, last: float = 1.0) -> tuple[float, ...]:
    """A signal that comes to `factor` times itself each layer on its way back."""
    return tuple(last * factor**n for n in range(layers))[::-1]


# -- growth --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "ratio"),
    [
        ((8.0, 4.0, 2.0), 4.0),
        ((1.0, 5.0), 0.2),
        ((1e-40, 0.0, 1e40), 1e-80),
        ((3.0,), None),
        ((), None),
        ((0.0, 1.0), None),
        ((1.0, 0.0), None),
        ((math.inf, 1.0), None),
        ((1.0, math.inf), None),
        ((math.nan, 1.0), None),
        ((1.0, math.nan), None),
    ],
)
def test_growth_is_how_many_times_larger_the_first_is(signal, ratio):
    assert growth(signal) == (ratio if ratio is None else pytest.approx(ratio, rel=1e-12))


# -- JSON and CSV --------------------------------------------------------------------------------


def test_json_has_both_arms_and_none_for_what_is_no_number():
    back = {"plain": (math.inf, math.nan, 1.5), "residual": (0.0, 2.5, -0.0)}
    _, one = made(back, plain={"std": (1.0, math.inf, 0.0), "weights": (math.nan, 1e-45, 3.0, 4.0)})
    told = as_json(one)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["arms"]["plain"] == {
        "grad_norm": [None, 1e-45, 3.0, 4.0],
        "activation_grad_norm": [None, None, 1.5],
        "activation_std": [1.0, None, 0.0],
    }
    assert told["arms"]["residual"]["activation_grad_norm"] == [0.0, 2.5, 0.0]
    assert set(told) == {"arms"}
    assert list(told["arms"]) == ["plain", "residual"]


@pytest.mark.parametrize("depth", [2, 3, 8])
def test_csv_has_a_line_a_layer_and_every_digit(depth):
    one = INITIAL(Spec(depth=depth, width=4, examples=32, batch=32, device="cpu"))
    rows = list(csv.DictReader(io.StringIO(to_csv(one))))
    assert [row.pop("layer") for row in rows] == [str(n) for n in range(1, depth + 1)]
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    assert len(columns) == 2 * 5
    for key, cells in columns.items():
        name, _, quantity = key.partition(".")
        values = getattr(one.arms[name], quantity)
        assert len(values) == depth - (quantity != "grad_norm")
        assert [float(cell) for cell in cells if cell] == list(values)
        assert cells[len(values) :] == [""] * (depth - len(values))


def test_csv_keeps_what_left_the_range_readable():
    _, one = made({"plain": (math.inf, 0.0), "residual": (math.nan, 1e-45)})
    rows = list(csv.DictReader(io.StringIO(to_csv(one))))
    assert float(rows[0]["plain.activation_grad_norm"]) == math.inf
    assert math.isnan(float(rows[0]["residual.activation_grad_norm"]))
    assert float(rows[1]["residual.activation_grad_norm"]) == 1e-45


# -- the finding ---------------------------------------------------------------------------------

NUMBER = r"(?:[\d.,]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)"
# Everything that it may say of one network; a way that matches none of these makes a claim that nobody has checked.
WAYS = {
    "measured": r"the gradient (?P<how>explodes|vanishes|grows|shrinks|keeps its size) on its way back: "
    rf"(?:to )?(?P<each>{NUMBER})(?:-fold| of it) at every layer, "
    rf"(?:to )?(?P<ratio>{NUMBER})(?:-fold| of it) over (?P<steps>[\d,]+) layers?",
    "over": r"the gradient leaves the range of float32 on its way back \(up to 3\.4 × 10³⁸\)",
    "fixup": r"no gradient comes back before the first step: Fixup begins with a last layer of 0",
    "branches": r"(?P<zeros>\d+) of (?P<all>\d+) layers get no gradient at all: its branches begin at 0",
    "forward": r"(?P<zeros>\d+) of (?P<all>\d+) layers get a gradient of exactly 0: on the way forward the activations fell "
    r"below 1\.4 × 10⁻⁴⁵ at layer (?P<gone>\d+), where float32 ends, and nothing comes back through a 0",
    "back": r"the gradient is exactly 0 in (?P<zeros>\d+) of (?P<all>\d+) layers: float32 has nothing below 1\.4 × 10⁻⁴⁵",
    # Other reasons may be given for a 0; these are held against the record by their numbers alone.
    "other": r"(?P<zeros>\d+) of (?P<all>\d+) layers get (?:a gradient of exactly 0|no gradient(?: at all)?)(?P<why>[:,] .*)?",
}
FLATS = (
    rf"Yet the gradients of the (plain|residual) network’s weights look flat: the first is × ({NUMBER}) the last\. A weight’s "
    rf"gradient is the signal that comes back times the activation that comes in, and that (shrinks|grows) the other way, "
    rf"× ({NUMBER}) from the first layer to the last\."
)
SAME = (
    "Both networks give the same numbers, to the last digit: here a shortcut makes no difference.",
    "All shortcuts are cut: these are the same network.",
)


def number(text: str) -> float:
    mantissa, _, exponent = text.replace(",", "").partition(" × 10")
    return float(mantissa) * 10.0 ** int((exponent or "0").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))


def digits(each: float) -> float:
    """How far a growth a layer may be rounded: three digits where it is of an ordinary size, else two."""
    return 6e-3 if 0.01 <= each < 1000 else 0.06


def readable(text: str) -> None:
    assert not re.search(r"\b(nan|inf|None)\b", text), text
    assert not re.search(r"\.\d{5,}", text), text
    assert not re.search(r"\d\.?\d*e[-+]?\d", text), text


def check(spec: Spec, one: Record) -> dict[str, str]:
    """Hold every claim of a finding against its record; returns which way each arm was said to go."""
    text = signal_finding(spec, one)
    readable(text)
    if spec.depth < 3:
        assert text.startswith("With one layer before the last there is no way for a signal to go")
        return {}
    if not spec.shortcuts:
        assert text == "Neither network has a shortcut here: both are the same."
        return {}
    if text in SAME:
        assert (text == SAME[1]) == (len(spec.cut) == spec.shortcuts)
        plain, residual = (one.arms[name] for name in ("plain", "residual"))
        assert repr((plain.loss, plain.grad_norm)) == repr((residual.loss, residual.grad_norm))
        for name in ("activation_grad_norm", "activation_std"):  # whose sums may be taken in another order
            assert getattr(plain, name) == pytest.approx(getattr(residual, name), rel=1e-6, nan_ok=True), name
        return {}
    first, *flats, measured = text.split("\n\n")
    weights = {arm: growth(one.arms[arm].grad_norm[:-1]) for arm in ("plain", "residual")}
    said = re.findall(rf"({NUMBER}) in the (\w+) network", measured)
    assert f"on {spec.batch} images" in measured
    assert {arm: number(ratio) for ratio, arm in said} == {
        arm: pytest.approx(ratio, rel=0.06) for arm, ratio in weights.items() if ratio is not None
    }
    alike = " Over this depth the shortcuts hardly change what comes back."
    ways = re.fullmatch(rf"In the plain network (.*?); in the residual network (.*?)\.({re.escape(alike)})?", first)
    assert ways, first
    found, ratios = {}, {}
    for name, way in zip(("plain", "residual"), ways.groups(), strict=False):
        [kind, match] = next([k, m] for k, form in WAYS.items() if (m := re.fullmatch(form, way)))
        ratios[name] = check_way(spec, one.arms[name], kind, match)
        found[name] = match["how"] if kind == "measured" else kind
    both = None not in ratios.values()
    assert bool(ways[3]) == (
        both and max(ratios["plain"] / ratios["residual"], ratios["residual"] / ratios["plain"]) < ALIKE
    )
    said = [re.fullmatch(FLATS, flat) for flat in flats]
    assert [m[1] for m in said] == [name for name in ("plain", "residual") if looks_flat(one.arms[name])]
    for match in said:
        a = one.arms[match[1]]
        assert number(match[2]) == pytest.approx(a.grad_norm[0] / a.grad_norm[-2], rel=0.06)
        inward = a.activation_std[-1] / a.activation_std[0]
        assert number(match[4]) == pytest.approx(inward, rel=0.06)
        assert (match[3] == "shrinks") == (inward < 1)
        assert found[match[1]] in ("explodes", "vanishes")
        found[match[1]] += ", flat"
    return found


def looks_flat(a: ArmRecord) -> bool:
    """The signal spans more than two decades, the weights' gradients less than one, and the activations run against it."""
    back, forth, weights = a.activation_grad_norm, a.activation_std, a.grad_norm[:-1]
    if not all(0 < v < math.inf for ends in (back, forth, weights) for v in (ends[0], ends[-1])):
        return False
    ratio, outward, flat = (v[0] / v[-1] for v in (back, forth, weights))
    return (
        not VANISHED <= ratio <= EXPLODED and 1 / FLAT < flat < FLAT and (outward > 1) != (ratio > 1) and outward != 1
    )


def check_way(spec: Spec, a: ArmRecord, kind: str, match: re.Match) -> float | None:
    back = a.activation_grad_norm
    finite = all(map(math.isfinite, back))
    assert (kind == "over") == (not finite)
    if kind == "over":
        return None
    ends = back[0] > 0 and back[-1] > 0
    assert (kind == "measured") == ends
    if kind == "measured":
        ratio, steps = back[0] / back[-1], len(back) - 1
        assert number(match["ratio"]) == pytest.approx(ratio, rel=0.06)
        assert number(match["each"]) == pytest.approx(ratio ** (1 / steps), rel=digits(ratio ** (1 / steps)))
        assert int(match["steps"].replace(",", "")) == steps
        limits = {
            "explodes": (EXPLODED, math.inf),
            "grows": (ALIKE, EXPLODED),
            "keeps its size": (1 / ALIKE, ALIKE),
            "shrinks": (VANISHED, 1 / ALIKE),
            "vanishes": (0, VANISHED),
        }
        low, high = limits[match["how"]]
        assert low <= ratio <= high
        return ratio
    if kind == "fixup":
        assert spec.init == "fixup"
        assert not any(back)
        return None
    assert (int(match["zeros"]), int(match["all"])) == (back.count(0), len(back))
    assert int(match["zeros"]) > 0
    if kind == "branches":
        assert spec.init == "zero_gamma" or spec.branch_scale == 0, "its branches do not begin at 0"
    if kind == "forward":
        gone = int(match["gone"])
        assert a.activation_std[gone - 1] == 0 != a.activation_std[gone - 2]
        # A signal that fell out of the range was small before; one that a ReLU stopped at once was not.
        assert 0 < a.activation_std[gone - 2] < 1e-30
    if kind == "back":
        assert 0 < min(v for v in back if v > 0) < 1e-30
    return None


CASES = {
    "both of a kind": ({"plain": steady(2.0), "residual": steady(1.02)}, ("explodes", "keeps its size")),
    "vanishes": ({"plain": steady(0.5), "residual": steady(1.2)}, ("vanishes", "grows")),
    "shrinks": ({"plain": steady(0.8), "residual": steady(0.8, last=3.0)}, ("shrinks", "shrinks")),
    "past float32": ({"plain": (math.inf, 1e30, 1.0), "residual": (2.0, 1.0, 3.0)}, ("over", "keeps its size")),
    "no number at all": ({"plain": (math.nan,) * 3, "residual": (math.inf,) * 3}, ("over", "over")),
    "underflow": ({"plain": (0.0, 0.0, 1e-44, 1e-20), "residual": (1.0,) * 4}, ("back", "keeps its size")),
    "beyond": ({"plain": steady(1e6), "residual": steady(1e-6)}, ("explodes", "vanishes")),
    "on the edge": ({"plain": (100.0, 3.0, 1.0), "residual": (0.01, 3.0, 1.0)}, ("grows", "shrinks")),
}


@pytest.mark.parametrize("case", CASES)
def test_each_way_is_called_what_it_is(case):
    back, ways = CASES[case]
    assert tuple(check(*made(back)).values()) == ways


def test_where_the_way_forward_ends_that_is_why():
    spec, one = made(
        {"plain": (0.0,) * 4, "residual": (1.0,) * 4}, plain={"std": (1e-20, 1e-40, 0.0, 0.0), "weights": (0.0,) * 5}
    )
    assert check(spec, one)["plain"] == "forward"
    assert "at layer 3, where float32 ends" in signal_finding(spec, one)


def test_flat_weights_are_explained_in_both_directions():
    spec, one = made(
        {"plain": steady(0.4), "residual": steady(2.0)},
        plain={"std": steady(0.4)[::-1], "weights": (2.0,) + (1.0,) * 11},
        residual={"std": steady(2.0)[::-1], "weights": (1.0,) * 12},
    )
    assert check(spec, one) == {"plain": "vanishes, flat", "residual": "explodes, flat"}
    text = signal_finding(spec, one)
    assert "that shrinks the other way" in text
    assert "that grows the other way" in text


@pytest.mark.parametrize("weights", [(20.0,) + (1.0,) * 11, (0.0,) + (1.0,) * 11, (math.inf,) * 12])
def test_weights_that_are_not_flat_are_not_called_so(weights):
    spec, one = made(
        {"plain": steady(0.4), "residual": steady(1.0)}, plain={"std": steady(0.4)[::-1], "weights": weights}
    )
    assert check(spec, one)["plain"] == "vanishes"


def test_weights_that_are_flat_for_another_reason_are_left_alone():
    """Both go the same way: then the product is no explanation."""
    more = {"std": steady(0.4), "weights": (2.0,) * 12}
    spec, one = made({"plain": steady(0.4), "residual": steady(1.0)}, plain=more)
    assert check(spec, one)["plain"] == "vanishes"


def test_equal_numbers_are_called_equal_and_others_not():
    same = {"plain": steady(1.5), "residual": steady(1.5)}
    assert signal_finding(*made(same)) == SAME[0]
    # Where no gradient reaches the weights, their equal zeros say nothing of the rest.
    nothing = {"weights": (0.0,) * 12}
    spec, one = made(
        {"plain": (0.0,) * 11, "residual": (0.0,) * 11},
        plain={"std": (1.0, *(0.0,) * 10), **nothing},
        residual={"std": (1.0,) * 11, **nothing},
    )
    assert signal_finding(spec, one) not in SAME


@pytest.mark.parametrize("depth", [2, 3])
def test_without_a_block_there_is_nothing_to_compare(depth):
    spec = Spec(depth=depth, width=4, examples=32, batch=32, device="cpu")
    check(spec, INITIAL(spec))
    assert signal_finding(spec, INITIAL(spec)).startswith(("With one layer", "Neither network")[depth - 2])


REAL = {
    "zero gamma": ({"init": "zero_gamma"}, ("branches", "keeps its size")),
    "fixup": ({"init": "fixup", "norm": "none"}, ("fixup", "fixup")),
    "no branch": ({"branch_scale": 0.0}, ("branches", "keeps its size")),
    "torch": ({"init": "torch", "norm": "none", "depth": 62}, ("vanishes, flat", "keeps its size")),
    "underflow": ({"init": "torch", "norm": "none", "depth": 302}, ("forward", "grows")),
    "past": ({"branch_scale": 4.0, "norm": "none", "depth": 302}, ("over", "over")),
}


@pytest.mark.parametrize("case", REAL)
def test_real_networks_go_the_ways_that_they_are_known_for(case):
    words, ways = REAL[case]
    spec = Spec.of({"depth": 20, "width": 8, "examples": 32, "batch": 32, "device": "cpu", **words})
    assert tuple(check(spec, INITIAL(spec)).values()) == ways


@pytest.mark.parametrize("remove", ["1", "5", "9"])
def test_a_block_taken_out_is_not_one_that_begins_at_0(remove):
    spec = Spec.of({"depth": 20, "width": 8, "examples": 32, "batch": 32, "device": "cpu", "remove": remove})
    assert "begin at 0" not in signal_finding(spec, INITIAL(spec))
    check(spec, INITIAL(spec))


def test_a_dead_relu_is_not_the_end_of_float32():
    """One channel, whose weight is negative: layer 2 is 0 though layer 1 is as large as ever."""
    spec = Spec.of({"depth": 12, "width": 1, "norm": "none", "dataset": "spirals", "examples": 64, "batch": 64})
    one = INITIAL(spec.replace(device="cpu"))
    assert one.arms["plain"].activation_std[0] > 1
    assert one.arms["plain"].activation_std[1] == 0
    check(spec, one)


NAMES = ("block", "order", "norm", "activation", "init", "shortcut", "gate", "shortcut_scale", "branch_scale", "stages")
SPECS = st.fixed_dictionaries(
    {
        **{name: values_of(FIELDS[name], FIELDS[name].low, FIELDS[name].default) for name in NAMES},
        "kind": st.sampled_from(["conv", "mlp"]),
        "depth": st.integers(2, 16) | st.just(40),
        "width": st.integers(1, 6),
        "dataset": st.sampled_from(["digits", "spirals"]),
        "seed": st.integers(0, 9),
        "remove": st.sampled_from(["", "", "1"]),
        "cut": st.sampled_from(["", "", "1"]),
        "examples": st.just(16),
        "batch": st.just(16),
        "device": st.just("cpu"),
    }
).map(lambda words: Spec.read(words)[0])


@examples(25)
@given(SPECS)
@example(Spec(depth=12, width=4, norm="none", branch_scale=1e-7, examples=16, batch=16, device="cpu"))
def test_whatever_is_said_of_any_network_is_so_and_readable(spec):
    one = INITIAL(spec)
    check(spec, one)
    told = as_json(one)
    json.dumps(told, allow_nan=False)
    for name in ARMS:
        lengths = {key: len(values) for key, values in told["arms"][name].items()}
        assert lengths == {
            "grad_norm": spec.depth,
            "activation_grad_norm": spec.depth - 1,
            "activation_std": spec.depth - 1,
        }
    check_claims(spec, one)


# -- claims --------------------------------------------------------------------------------------


def check_claims(spec: Spec, one: Record) -> list[str]:
    claims = signal_claims(spec, one)
    measures = [measure for _, measure in claims]
    for claim, measure in claims:
        assert claim.said and claim.found and claim.source and measure
        readable(measure)
    ratios = {name: growth(one.arms[name].activation_grad_norm) for name in ARMS}
    weights = {name: growth(one.arms[name].grad_norm[:-1]) for name in ARMS}
    said = re.fullmatch(rf"plain, a layer: (?:× ({NUMBER})|.*float32.*|.*layer.*)", measures[0])
    assert bool(said[1]) == (ratios["plain"] is not None)
    if said[1]:
        each = ratios["plain"] ** (1 / (spec.depth - 2))
        assert number(said[1]) == pytest.approx(each, rel=digits(each))
    for found, text in ((ratios, measures[1]), (weights, measures[3])):
        for name, ratio in found.items():
            told = re.search(rf"{name}: (?:× ({NUMBER}))?", text)
            assert bool(told[1]) == (ratio is not None)
            if ratio is not None:
                assert number(told[1]) == pytest.approx(ratio, rel=0.06)
    return measures


@pytest.mark.parametrize("case", CASES)
def test_claims_are_held_against_what_was_measured(case):
    spec, one = made(CASES[case][0])
    measures = check_claims(spec, one)
    assert len(measures) == 4
    assert re.search(r"residual: (.*)", measures[1])[1] == measures[2].removeprefix("residual: ")


def test_the_numbers_of_the_literature_are_those_of_theory():
    spec, one = made(CASES["shrinks"][0])
    text = " ".join(claim.found for claim, _ in signal_claims(spec, one))
    for value in (BATCH_NORM_RELU, math.sqrt(1 / 2), math.sqrt(1 / 6)):
        assert f"× {value:.3f}" in text
    assert f"√{(math.sqrt(1 + 2)) ** 2:.0f} times larger a block" in text


def test_of_one_layer_nobody_says_that_it_left_float32():
    spec = Spec(depth=2, width=4, examples=16, batch=16, device="cpu")
    measures = check_claims(spec, INITIAL(spec))
    assert not [measure for measure in measures if "float32" in measure]


# -- the command line ----------------------------------------------------------------------------

SMALL = ["depth=6", "width=4", "examples=32", "batch=32", "device=cpu"]


def test_the_command_prints_the_profiles_as_json(capsys):
    assert main(["signal", *SMALL, "norm=none", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    told = json.loads(out)
    spec = Spec.of(parse_words([*SMALL, "norm=none"]))
    assert told == as_json(INITIAL(spec))
    assert list(told) == ["arms"]
    for name in ("plain", "residual"):
        found = told["arms"][name]
        assert {key: len(values) for key, values in found.items()} == {
            "grad_norm": 6,
            "activation_grad_norm": 5,
            "activation_std": 5,
        }
        assert all(value > 0 for values in found.values() for value in values)


def test_without_json_the_command_says_what_it_found(capsys):
    assert main(["signal", *SMALL]) == 0
    spec = Spec.of(parse_words(SMALL))
    assert capsys.readouterr().out == signal_finding(spec, INITIAL(spec)) + "\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["depth=abc"], "depth=abc: allowed is a whole number from 2 to 1,202"),
        (["order=relu"], "order=relu: allowed is one of original, bn_after, relu_before, relu_only, full"),
        (["gate=open"], "gate=open: allowed is one of none, exclusive, shortcut_only"),
        (["colour=red"], "colour=red: no such setting"),
        (["depth"], "write settings as key=value"),
        (["init=zero_gamma", "order=full"], "init=zero_gamma: needs a branch that ends in its normalisation"),
        (["--out", "signal.parquet"], "'signal.parquet' ends in '.parquet'; allowed are .csv, .json"),
        (["--out", "/no/such/folder/a.csv"], "there is no folder '/no/such/folder'"),
        (["--bogus"], "unrecognized arguments: --bogus"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_words_are_one_line_and_exit_2(capsys, words, says):
    assert main(["signal", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1


def test_out_writes_what_is_printed_and_a_table(capsys, tmp_path):
    for suffix in ("csv", "json"):
        assert main(["signal", *SMALL, "--json", "--out", str(tmp_path / f"signal.{suffix}")]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert (tmp_path / "signal.json").read_text() == printed[0] == printed[1]
    assert (tmp_path / "signal.csv").read_text() == to_csv(INITIAL(Spec.of(parse_words(SMALL))))


def test_a_file_that_cannot_be_written_and_data_that_are_not_here_exit_1(capsys, monkeypatch, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    assert main(["signal", *SMALL, "--out", str(tmp_path / "folder.csv")]) == 1
    assert "folder.csv" in capsys.readouterr().err
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    assert main(["signal", *SMALL, "dataset=mnist"]) == 1
    err = capsys.readouterr().err
    assert "MNIST is not in" in err
    assert len(err.splitlines()) == 1


def test_help_lists_every_setting(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["signal", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert all(f"{name}=" in text for name in Spec.model_fields)
