"""What hypothesis draws settings from."""

from typing import Any

from hypothesis import strategies as st

from resviz.count.layers import KINDS, PRODUCTS
from resviz.data.datasets import DATASETS
from resviz.families.resnet.spec import FIELDS, LIVE, Spec
from resviz.topics.calculator.presets import FAMILIES, NETS
from resviz.topics.calculator.question import COUNT_FIELDS, CountSpec
from resviz.words.fields import FieldFacts
from resviz.words.text import Edit, write_numbers


def values_of(fact: FieldFacts, *often: Any) -> st.SearchStrategy[Any]:
    """Every value that one field takes by itself; `often` are numbers worth a visit more often than chance has it."""
    match fact.kind:
        case "choice":
            return st.sampled_from(list(fact.choices))
        case "int":
            assert fact.low is not None and fact.high is not None
            return st.integers(int(fact.low), int(fact.high))
        case "float":
            found = st.floats(fact.low, fact.high)
            return found | st.sampled_from(often) if often else found
    return st.just(())  # what these take depends on the other fields


# -- networks to be counted ------------------------------------------------------------------------

_OWN = ("block", "custom", "cifar", "wrn", "resnext29", "cifar_densenet")
OWN = [net for net, (_, family, _) in NETS.items() if family in _OWN]
PUBLISHED = [net for net in NETS if net not in OWN]


@st.composite
def stages(draw: st.DrawFn, divisor: int, widest: int) -> str:
    """Stages whose widths `divisor` divides."""
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        stride = draw(st.sampled_from(["", "", "/1", "/2"]))
        parts.append(f"{draw(st.integers(1, 3))}x{divisor * draw(st.integers(1, widest))}{stride}")
    return ",".join(parts)


@st.composite
def own_words(draw: st.DrawFn, nets: list[str] | None = None, widest: int = 6, deepest: int = 3) -> dict[str, Any]:
    """What makes one network: all settings that it takes, all of them drawn."""
    net = draw(st.sampled_from(nets or list(NETS)))
    family = NETS[net][1]
    words: dict[str, Any] = {"net": net}
    uses = FAMILIES[family].uses
    choice = {name: draw(values_of(COUNT_FIELDS[name])) for name in uses if COUNT_FIELDS[name].kind == "choice"}
    words |= choice
    groups = draw(st.sampled_from([1, 1, 2, 3, 4])) if "groups" in uses else 1
    bottleneck = words.get("block", NETS[net][2].get("block")) == "bottleneck"
    match family:
        case "block":
            words |= {
                "inputs": (1 if bottleneck else groups) * draw(st.integers(1, 3 * widest)),
                "inner": groups * draw(st.integers(1, widest)),
                "stride": draw(st.integers(1, 2)),
            }
        case "custom":
            words["stages"] = draw(stages(groups, widest))
        case "cifar":
            each = 9 if bottleneck else 6
            words |= {"depth": 2 + each * draw(st.integers(1, deepest)), "width": draw(st.integers(1, 2 * widest))}
        case "wrn":
            words |= {"depth": 4 + 6 * draw(st.integers(1, deepest)), "width_factor": draw(st.integers(1, 3))}
        case "cifar_densenet":
            each = 6 if words["bottleneck"] == "yes" else 3
            words |= {"depth": 4 + each * draw(st.integers(1, deepest)), "growth": draw(st.integers(1, 2 * widest))}
            words["compression"] = draw(st.sampled_from([1.0, 0.5, 0.1, 0.37]))
        case "resnext29":
            words |= {"depth": 2 + 9 * draw(st.integers(1, deepest)), "width_factor": draw(st.integers(1, 3))}
            groups = draw(st.sampled_from([1, 2, 8, 64]))  # of 64 channels
    if "groups" in uses:
        words["groups"] = groups
    if "expansion" in uses:
        # a basic block's own groups split what comes out as well
        words |= {"expansion": draw(st.integers(0, 5)), "width_factor": draw(st.integers(1, 3))}
    smallest = 7 if words.get("stem") == "imagenet" else FAMILIES[family].smallest
    words |= {
        "input": smallest + draw(st.integers(0, 40)),
        "channels": draw(st.integers(1, 5)),
        "classes": draw(st.integers(1, 50)),
    }
    return words


COUNTED = st.sets(st.sampled_from(list(KINDS))).map(sorted)
HOW_WORDS = st.fixed_dictionaries(
    {
        "convention": values_of(COUNT_FIELDS["convention"]),
        "unit": values_of(COUNT_FIELDS["unit"]),
        "counted": st.just(PRODUCTS) | COUNTED,
    }
)


@st.composite
def count_specs(draw: st.DrawFn, nets: list[str] | None = None, **sizes: int) -> CountSpec:
    """A network, counted somehow. Where padding would have to take channels away, it projects instead."""
    words = draw(own_words(nets, **sizes))
    spec, problems = CountSpec.read({**words, **draw(HOW_WORDS)})
    assert all(problem.key == "shortcut" for problem in problems), problems
    return spec


# -- experiments -----------------------------------------------------------------------------------


def numbers(most: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.sets(st.integers(1, most), max_size=20).map(sorted).map(tuple) if most else st.just(())


@st.composite
def specs(draw: st.DrawFn, edits: int = 4) -> Spec:
    """Every valid spec: fields within their bounds, changed where two of them do not go together."""
    values = {name: draw(values_of(fact)) for name, fact in FIELDS.items()}
    if values["init"] == "zero_gamma" and (
        values["norm"] == "none" or values["order"] not in ("original", "relu_only")
    ):
        values["init"] = "he"
    if 0 < values["examples"] < values["batch"]:
        values["examples"] = values["batch"]
    # Groups of one channel of one pixel: see test_a_point_has_more_than_one_number_a_group.
    pixels = 1 if values["kind"] == "mlp" else DATASETS[values["dataset"]].shape[1]
    if pixels == 1 and values["norm"] in ("layer", "group"):
        values["width"] = max(8, values["width"])
    spec = Spec(**values)
    spec = spec.replace(cut=draw(numbers(spec.shortcuts)), remove=draw(numbers(spec.blocks)))
    for _ in range(draw(st.integers(0, edits))):
        at, key, value = draw(changes(spec))
        spec = Spec.read({**spec.model_dump(), "edits": (*spec.edits, Edit(at, key, str(value)))})[0]
    return spec


@st.composite
def changes(draw: st.DrawFn, spec: Spec) -> tuple[int, str, str]:
    """A step of a run, a setting that may change there, and a value it takes; the run may not go on that long."""
    key = draw(st.sampled_from(LIVE))
    there = {"cut": spec.shortcuts, "remove": spec.blocks}
    value = draw(numbers(there[key]).map(write_numbers) if key in there else values_of(FIELDS[key]))
    return draw(st.integers(1, min(spec.steps, 60)) | st.integers(1, spec.steps)), key, value
