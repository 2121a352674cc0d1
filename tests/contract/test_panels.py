"""What panels offer: settings that exist, values that are allowed, words that lead back to the spec, cards that have a place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.topic import pages, topics
from resviz.topics.solve.question import SolveSpec
from resviz.ui.panel import Box, Control
from resviz.ui.passing import Passes
from resviz.words.fields import facts
from resviz.words.text import text_of
from tests.contract.kinds import SHOWN, each
from tests.examples import examples
from tests.strategies import values_of

DRAWN_BY_SETTINGS_JS = {
    "file",
    "slider",
    "choice",
    "names",
    "pills",
    "int",
    "float",
    "text",
    "numbers",
    "edits",
}  # the last four as text


def controls(entry, spec=None):
    """Those of a spec, of the defaults where none is given: settings of its own, in boxes too."""
    parts = list(entry.panel.parts(spec or entry.spec()))
    inside = [part for box in parts if isinstance(box, Box) for part in box.parts]
    return [part for part in (*parts, *inside) if isinstance(part, Control) and not part.prefix]


SLIDERS = [(entry, control) for entry in SHOWN.values() for control in controls(entry) if control.stops]
of_each_slider = pytest.mark.parametrize(
    ("entry", "control"), SLIDERS, ids=[f"{entry.name} {control.name}" for entry, control in SLIDERS]
)


def drawn(entry):
    """Specs of a panel, of all that its controls can set; what does not go together falls back to the default."""
    known = facts(entry.spec)
    values = {c.name: values_of(known[c.name]) for c in controls(entry)}
    values |= {c.name: values[c.name] | st.sampled_from(c.stops) for c in controls(entry) if c.stops}
    if entry.spec is SolveSpec:
        values["start"] = st.lists(st.floats(-100, 100), max_size=2).map(tuple)
    return st.fixed_dictionaries({}, optional=values).map(lambda words: entry.spec.read(words)[0])


# -- settings --------------------------------------------------------------------------------------


@each(SHOWN)
def test_its_controls_are_settings_of_its_spec_each_offered_once(entry):
    names = [control.name for control in controls(entry)]
    assert not names or any(not isinstance(part, Box) for part in entry.panel.parts(entry.spec())), "all is behind More"
    assert len(set(names)) == len(names)
    assert set(names) <= set(entry.spec.model_fields)
    assert entry.panel.verb.strip() and entry.panel.spec is entry.spec
    assert set(entry.panel.passes).isdisjoint(names), "what a link says of what is offered is used"


@of_each_slider
def test_stops_are_values_that_the_setting_takes_written_as_the_panel_shows_them(entry, control):
    """A slider finds its place by the text."""
    told = control.described(entry.spec())
    fact = facts(entry.spec)[control.name]
    assert fact.kind in ("int", "float")
    for stop, text in zip(control.stops, told["stops"], strict=True):
        assert fact.low <= stop <= fact.high
        for value in (stop, text):
            spec = entry.spec.of({control.name: value})
            assert getattr(spec, control.name) == stop
            assert entry.panel.values(spec)[control.name] == text


@of_each_slider
def test_stops_go_one_way_and_hold_the_default_or_lie_around_it(entry, control):
    stops, default = control.stops, facts(entry.spec)[control.name].default
    assert len(stops) > 1
    assert list(stops) in (sorted(set(stops)), sorted(set(stops), reverse=True))
    assert default in stops or min(stops) < default < max(stops)
    assert type(stops[0]) is type(default)


@each(SHOWN)
def test_what_is_told_of_controls_is_json_with_the_label_the_help_and_what_is_allowed(entry):
    for control in controls(entry):
        shown = json.loads(json.dumps(control.described(entry.spec()), allow_nan=False))
        assert (shown["part"], shown["name"]) == ("setting", control.name)
        fact = facts(entry.spec)[control.name]
        assert shown["label"] == fact.label != ""
        assert shown["help"].startswith(fact.help)
        assert shown["help"].lower().endswith(f"{fact.allowed.lower()}.")
        assert shown["kind"] == (
            "file" if control.upload else "slider" if control.stops else "pills" if control.pills else fact.kind
        )
        assert shown["kind"] in DRAWN_BY_SETTINGS_JS
        assert (shown["low"], shown["high"]) == (fact.low, fact.high)
        assert shown["choices"] == [list(choice) for choice in fact.choices.items()]
        assert (shown["kind"] in ("choice", "names", "pills")) == bool(shown["choices"])
        if shown["kind"] == "int":
            assert shown["low"] is not None and shown["high"] is not None


@each(SHOWN)
def test_choices_show_a_value_that_is_among_them(entry):
    spec = entry.spec()
    values = entry.panel.values(spec)
    for shown in (control.described(spec) for control in controls(entry)):
        if shown["kind"] == "choice":
            assert values[shown["name"]] in dict(shown["choices"])
        nothing = facts(type(spec))[shown["name"]].optional
        assert values[shown["name"]] == ("" if nothing else text_of(spec.model_dump()[shown["name"]]))


@each(SHOWN)
def test_values_of_any_spec_lead_back_to_it_and_stand_beside_their_sliders(entry):
    @examples(30)
    @given(drawn(entry))
    def holds(spec):
        shown, said = entry.panel.values(spec), entry.panel.beside(spec)
        assert all(isinstance(value, str) for value in shown.values())
        own = {control.name: shown[control.name] for control in controls(entry, spec)}
        assert entry.spec.read({**spec.words(), **own}) == (spec, ())
        assert set(said) - {"switch"} == {control.name for control in controls(entry, spec) if control.stops}
        for control in controls(entry, spec):
            if control.stops:
                text = said[control.name]
                assert text.strip() == text and 0 < len(text) < 60 and "\n" not in text
                if control.said is None:
                    assert float(text) == pytest.approx(getattr(spec, control.name), rel=1e-5)

    holds()


# -- where it stands -------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", topics().values(), ids=topics())
def test_a_topic_has_a_question_a_name_a_place_and_texts_that_are_sentences(topic):
    assert topic.question[0].isupper() and topic.label.strip() == topic.label != ""
    assert topic.page and topic.shows
    assert all(shown.name for shown in topic.shows.values())
    texts = [topic.below, topic.do, *(topic.named(topic.why) for _ in range(bool(topic.why)))]
    texts += [shown.text for shown in topic.shows.values()]
    for text in filter(None, texts):
        assert text.strip() == text and "  " not in text
        assert text.rstrip("$").endswith((".", ")", "?")), text


def test_the_first_topic_of_a_page_says_what_to_do_there_and_views_have_all_their_texts():
    for name, (first, *others) in pages().items():
        assert first.do and first.question.endswith("?"), name
        if others and not any(shown.title for topic in others for shown in topic.shows.values()):
            for topic in (first, *others):
                assert topic.below and topic.why and topic.question.endswith("?"), topic.name


def test_no_two_topics_ask_the_same_or_have_one_place_and_no_panel_has_two():
    found = list(topics().values())
    assert len({topic.question for topic in found}) == len({topic.place for topic in found}) == len(found)
    assert sorted(name for topic in found for name in topic.shows) == sorted(SHOWN)
    for names in ([n for topic in found for n in topic.asks], [n for topic in found for n in topic.studies]):
        assert len(set(names)) == len(names)


@each(SHOWN)
def test_what_is_computed_elsewhere_is_asked_under_the_panels_own_name(entry):
    assert entry.asked_as in (None, entry.name, "initial")
    assert (entry.asked_as == "initial") == isinstance(entry.panel.source, Passes)
    elsewhere = not entry.panel.at_once or entry.asked_as is not None
    assert elsewhere == (
        entry.panel.by_press(entry.spec()) or entry.asked_as is not None or entry.name in ("calm", "wall")
    )
    assert entry.asked_as is not None or not entry.parts
    assert entry.asked_as is None or entry.asked_with is entry.panel.spec
    assert entry.weighed == (entry.asked_as == entry.name and issubclass(entry.spec, Spec)), (
        "whole trainings of image networks are weighed before they start"
    )
