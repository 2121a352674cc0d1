"""A run in the words of the browser's side."""

import json
from itertools import pairwise
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.findings import change_in_words
from resviz.families.resnet.spec import FIELDS, LIVE, Spec
from resviz.runs.run import Run
from resviz.ui.describe import describe, live_fields

CHANGES = {
    "cut": st.sampled_from(["", "1", "2-3", "1-3"]),
    "remove": st.sampled_from(["", "2", "1,3"]),
    "lr": st.sampled_from(["0.02", "0.1", "1e-05"]),
    "epochs": st.sampled_from(["3", "4", "6"]),
    "optimizer": st.sampled_from(["sgd", "adam"]),
    "branch_scale": st.sampled_from(["0.0", "0.5", "1.0"]),
}


@st.composite
def specs(draw):
    words = {"depth": "8", "epochs": "3", "device": draw(st.sampled_from(["cpu", "cuda"]))}
    words |= {key: draw(CHANGES[key]) for key in draw(st.sets(st.sampled_from(["cut", "remove", "lr"])))}
    edits = []
    for _ in range(draw(st.integers(0, 5))):
        key = draw(st.sampled_from(sorted(CHANGES)))
        edits.append(f"{draw(st.integers(0, 40))}:{key}:{draw(CHANGES[key])}")
    spec, _ = Spec.read({**words, "edits": " ".join(edits)})
    return spec


def read(query):
    return Spec.of(dict(parse_qsl(query, keep_blank_values=True)))


@given(specs())
def test_a_run_and_those_it_comes_from_are_what_the_spec_says(spec):
    told = describe(Run(spec), "cpu")
    assert told["digest"] == spec.digest
    assert told["steps"] == spec.steps
    assert read(told["query"]) == spec
    afters = [after for after, _ in spec.segments]
    lineage = told["lineage"]
    assert json.loads(json.dumps(lineage)) == lineage
    assert [node["at"] for node in lineage] == afters
    assert lineage[-1]["digest"] == spec.digest
    for node, following in zip(lineage, [*afters[1:], None], strict=True):
        trunk = spec if following is None else spec.trunk(following)
        assert node["digest"] == trunk.digest
        assert read(node["address"]).replace(device=trunk.device) == trunk
        assert ("device=" in node["address"]) == (trunk.device != "cpu")
    for older, newer in pairwise(lineage):
        assert older["digest"] != newer["digest"]
        # Up to where it parts, a branch makes the steps of the one it comes from.
        assert read(newer["address"]).trunk(newer["at"]) == read(older["address"])


@given(specs())
def test_says_names_what_changed(spec):
    nodes = describe(Run(spec), "cpu")["lineage"]
    root = nodes[0]["says"]
    parts = [f"cut {spec.model_dump()['cut']}"] * bool(spec.cut) + [f"removed {spec.model_dump()['remove']}"] * bool(
        spec.remove
    )
    assert root == (", ".join(parts) or "from the start")
    for node, (_, before), (_, now) in zip(nodes[1:], spec.segments, spec.segments[1:], strict=False):
        assert node["says"] == change_in_words(before, now)
        assert node["says"]


@given(specs())
def test_segments_are_the_settings_in_force(spec):
    told = describe(Run(spec), "cpu")["segments"]
    for segment, (after, now) in zip(told, spec.segments, strict=True):
        assert (segment["after"], segment["cut"], segment["remove"]) == (after, now.cut, now.remove)
        assert set(segment["settings"]) == set(LIVE)
        assert now.replace(**segment["settings"]) == now  # what the form shows is what holds


@pytest.mark.parametrize(
    ("device", "here", "named"),
    [("cpu", "cpu", False), ("cpu", "cuda", True), ("cuda", "cuda", False), ("auto", "cpu", False)],
)
def test_the_address_names_the_device_only_where_it_is_another(device, here, named):
    told = describe(Run(Spec(depth=8, device=device)), here)
    assert ("device=" in told["address"]) is named
    assert ("device=" in told["query"]) is (device != "auto")
    assert read(told["address"]).replace(device=device) == read(told["query"])


def test_the_form_has_every_setting_that_may_change_once():
    fields = live_fields(Spec)
    assert json.loads(json.dumps(fields)) == fields
    assert sorted(f["name"] for f in fields) == sorted(LIVE)
    for field in fields:
        fact = FIELDS[field["name"]]
        assert (field["label"], field["help"], field["kind"], field["choices"]) == (
            fact.label,
            fact.help,
            fact.kind,
            dict(fact.choices),
        )
        assert (field["kind"] == "choice") == bool(field["choices"])
