"""What panels offer: settings that exist, values that are allowed, and words that lead back to the spec they came from."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.euler.solve import SolveSpec
from resviz.fields import facts
from resviz.runs.questions import KINDS, Question
from resviz.runs.recorded import OPENING
from resviz.spec import Spec
from resviz.ui.panels import PANELS, Control, Panel
from resviz.ui.sources import Measured
from resviz.words import text_of
from tests.examples import examples
from tests.strategies import values_of

DRAWN_BY_PANEL_JS = {"file", "slider", "choice", "int", "float", "text", "numbers"}  # the last three as a line of text
SLIDERS = [(name, c) for name, panel in PANELS.items() for c in (*panel.controls, *panel.more) if c.stops]


def controls(panel: Panel) -> tuple[Control, ...]:
    return (*panel.controls, *panel.more)


def drawn(name: str) -> st.SearchStrategy[Any]:
    """Specs of a panel, of all that its controls can set; what does not go together falls back to the default."""
    known = facts(PANELS[name].spec)
    values = {c.name: values_of(known[c.name]) for c in controls(PANELS[name])}
    values |= {c.name: values[c.name] | st.sampled_from(c.stops) for c in controls(PANELS[name]) if c.stops}
    if PANELS[name].spec is SolveSpec:
        values["start"] = st.lists(st.floats(-100, 100), max_size=2).map(tuple)
    return st.fixed_dictionaries({}, optional=values).map(lambda words: PANELS[name].spec.read(words)[0])


any_panel = pytest.mark.parametrize("name", PANELS)
any_slider = pytest.mark.parametrize(("name", "control"), SLIDERS, ids=[f"{n} {c.name}" for n, c in SLIDERS])


# -- what there is -------------------------------------------------------------------------------


@any_panel
def test_it_opens_with_the_defaults_of_its_spec(name):
    spec = PANELS[name].spec()
    assert spec.words() == {}
    assert spec.query() == ""
    assert PANELS[name].spec.read({}) == (spec, ())


@any_panel
def test_its_controls_are_settings_of_its_spec_each_offered_once(name):
    panel = PANELS[name]
    names = [control.name for control in controls(panel)]
    assert panel.controls, "something stands outside of More"
    assert len(set(names)) == len(names)
    assert set(names) <= set(panel.spec.model_fields)


@any_panel
def test_what_is_learnt_is_asked_under_its_own_name_and_has_a_recorded_opening(name):
    panel = PANELS[name]
    if isinstance(panel.source, Measured):
        assert panel.source.kind == name
        assert KINDS[name].parts
        assert (name in OPENING) == (name != "photograph")  # whose weights do not come with the package
        assert Question(name, panel.spec()).key
    else:
        assert panel.at_once, "what has no recorded answer shows something without one"
        assert name not in OPENING


def test_every_recorded_answer_has_a_panel_that_opens_with_it():
    measured = {name for name, panel in PANELS.items() if isinstance(panel.source, Measured)}
    assert measured == {*OPENING, "photograph"}
    for name in OPENING:
        assert PANELS[name].spec is KINDS[name].spec


def test_whole_trainings_of_image_networks_are_weighed_before_they_start():
    no_check = Measured("flow").check
    weighed = {n for n, p in PANELS.items() if isinstance(p.source, Measured) and p.source.check is not no_check}
    assert weighed == {name for name, panel in PANELS.items() if issubclass(panel.spec, Spec)}


# -- sliders -------------------------------------------------------------------------------------


@any_slider
def test_stops_are_values_that_the_setting_takes_written_as_the_panel_shows_them(name, control):
    """A slider finds its place by the text."""
    panel = PANELS[name]
    (told,) = panel.described([control])
    for stop, text in zip(control.stops, told["stops"], strict=True):
        for value in (stop, text):
            spec = panel.spec.of({control.name: value})
            assert getattr(spec, control.name) == stop
            assert panel.values(spec)[control.name] == text


@any_slider
def test_stops_go_one_way_and_hold_the_default_or_lie_around_it(name, control):
    stops, default = control.stops, facts(PANELS[name].spec)[control.name].default
    assert len(stops) > 1
    assert list(stops) in (sorted(set(stops)), sorted(set(stops), reverse=True))
    assert default in stops or min(stops) < default < max(stops)
    assert type(stops[0]) is type(default)


@any_slider
def test_a_slider_is_a_number(name, control):
    assert facts(PANELS[name].spec)[control.name].kind in ("int", "float")


# -- as the browser's side is told -----------------------------------------------------------------


@any_panel
def test_what_is_told_of_controls_is_json_with_the_label_the_help_and_what_is_allowed(name):
    panel = PANELS[name]
    told = json.loads(json.dumps(panel.described(controls(panel)), allow_nan=False))
    assert [each["name"] for each in told] == [control.name for control in controls(panel)]
    for each, control in zip(told, controls(panel), strict=True):
        fact = facts(panel.spec)[control.name]
        assert each["label"] == fact.label != ""
        assert each["help"].startswith(fact.help)
        assert each["help"].lower().endswith(f"{fact.allowed.lower()}.")
        assert each["kind"] == ("file" if control.upload else "slider" if control.stops else fact.kind)
        assert each["kind"] in DRAWN_BY_PANEL_JS
        assert (each["low"], each["high"]) == (fact.low, fact.high)
        assert list(each["choices"].items()) == list(fact.choices.items())
        assert (each["kind"] == "choice") == bool(each["choices"])
        if each["kind"] == "int":
            assert each["low"] is not None and each["high"] is not None


def test_nothing_is_told_of_no_control():
    assert PANELS["flow"].described(()) == []


# -- values --------------------------------------------------------------------------------------


@any_panel
def test_values_of_any_spec_lead_back_to_it(name):
    panel = PANELS[name]

    @examples(60)
    @given(drawn(name))
    def holds(spec):
        values = panel.values(spec)
        assert list(values) == [control.name for control in controls(panel)]
        assert all(isinstance(value, str) for value in values.values())
        assert panel.spec.read({**spec.words(), **values}) == (spec, ())

    holds()


@any_panel
def test_beside_each_slider_of_any_spec_stands_its_value_in_a_few_words(name):
    panel = PANELS[name]

    @examples(60)
    @given(drawn(name))
    def holds(spec):
        said = panel.said(spec)
        assert list(said) == [control.name for control in controls(panel) if control.stops]
        for control in controls(panel):
            if control.stops:
                text = said[control.name]
                assert text.strip() == text and 0 < len(text) < 60 and "\n" not in text
                if control.said is None:
                    assert float(text) == pytest.approx(getattr(spec, control.name), rel=1e-5)

    holds()


@any_panel
def test_choices_show_a_value_that_is_among_them(name):
    panel = PANELS[name]
    values = panel.values(panel.spec())
    for each in panel.described(controls(panel)):
        if each["kind"] == "choice":
            assert values[each["name"]] in each["choices"]
        assert values[each["name"]] == text_of(panel.spec().model_dump()[each["name"]])
