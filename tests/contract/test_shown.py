"""What is said and drawn of any record: of those that come with the package, and of all that hypothesis thinks of."""

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given

from resviz.draw.bound import fill
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from tests.contract.anyspec import any_spec
from tests.contract.checks import check_shown, colours, of_palette
from tests.contract.claims import CLAIMS, ELSEWHERE, check_claims
from tests.contract.kinds import BOUND, ENTRIES, KEPT, OPEN, SAID, each
from tests.examples import examples

ANY = {name: entry for name, entry in ENTRIES.items() if entry.records is not None}


@each(OPEN)
def test_what_comes_with_the_package(entry):
    record = entry.opens().record
    check_shown(entry, record.spec, record)
    assert entry.figures is None or len(entry.figures(record)) >= 2, "there is something to see"


@each(ANY)
def test_any_record(entry):
    @examples(15)
    @given(entry.records)
    def holds(record):
        check_shown(entry, record.spec, record)
        for finding in entry.findings:
            check_claims(entry.name, record, finding(record.spec, record))

    holds()


@each({name: entry for name, entry in ANY.items() if name in KEPT})
def test_any_record_comes_back_from_text_to_the_last_bit(entry):
    @examples(15)
    @given(entry.records)
    def holds(record):
        text = entry.to_text(record)
        json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
        again = entry.from_text(text)
        assert again == record and repr(again) == repr(record) and entry.to_text(again) == text

    holds()


@each(ANY)
def test_a_record_is_said_and_drawn_alike_each_time(entry):
    """Nothing is left over from the record before."""

    @examples(5)
    @given(entry.records, entry.records)
    def holds(record, between):
        def all_of(which):
            figures = json.dumps(entry.figures(which)) if entry.figures else ""
            return [finding(which.spec, which) for finding in entry.findings], figures

        first = all_of(record)
        all_of(between)
        assert all_of(record) == first

    holds()


@each({name: entry for name, entry in ENTRIES.items() if entry.command})
def test_the_command_line_says_and_draws_what_the_page_does(entry):
    assert entry.command == (entry.panel.finding, entry.panel.figures)


# -- charts that the browser fills -----------------------------------------------------------------


@pytest.mark.parametrize("page", BOUND)
def test_charts_of_any_run_are_json_with_titles_and_the_apps_colours(page, make_history):
    @examples(15)
    @given(any_spec(Spec))
    def holds(spec):
        charts = BOUND[page](spec)
        ids = [chart["id"] for chart in charts]
        assert len(set(ids)) == len(ids) >= 2
        assert json.loads(json.dumps(charts, allow_nan=False)) == charts
        for chart in charts:
            assert chart["title"] and all(map(of_palette, colours(chart)))
            assert all(trace.get("name") or trace["type"] == "heatmap" for trace in chart["figure"]["data"])

    holds()
    seen = make_history(Spec(depth=8), losses={arm: [2.0, None, 1e-3] for arm in ARMS})
    for chart in BOUND[page](seen.spec):
        assert fill(chart, seen).data, "plotly takes it once it is filled"


# What a press builds or measures here says numbers of this machine, which test_measured.py compares with the counts.
OF_THE_MACHINE = {"built", "step"}


@pytest.mark.parametrize("kind", SAID)
def test_every_kind_of_sentence_is_compared_with_random_records(kind):
    """Here, or in a test of its own, which draws its records with hypothesis."""
    if kind in CLAIMS:
        assert SAID[kind].records is not None and kind not in ELSEWHERE
        return
    if kind in OF_THE_MACHINE:
        return
    path, _, name = ELSEWHERE[kind].partition("::")
    tree = ast.parse((Path(__file__).parents[2] / path).read_text(encoding="utf-8"))
    (test,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    assert any("given" in ast.unparse(mark) for mark in test.decorator_list), name
