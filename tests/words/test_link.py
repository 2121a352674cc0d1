"""Links that mail and chat programs have damaged: what is read of them, what is refused, and what is said."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.ui.asking import asked, linked, said_of
from resviz.ui.panels import PANELS
from resviz.words.link import ENDS, query_of

RUN, SOLVE, COUNT = PANELS["train"], PANELS["solve"], PANELS["count"]
GOOD = "depth=20&norm=none&seed=3"

# The link as it arrives, the link that was meant, and what is said of it.
DAMAGED = [
    *(
        (f"{GOOD}{end}", GOOD, f"“seed=3{end}” was read as seed=3")
        for end in [*ENDS, ").", ".”", "!)"]
        if end not in "&#"
    ),
    (f"{GOOD}%22", GOOD, '“seed=3"” was read as seed=3'),
    (f"{GOOD}%E2%80%9D.", GOOD, "“seed=3”.” was read as seed=3"),
    (
        "depth=20&amp;norm=none&amp;seed=3",
        GOOD,
        "“amp;norm=none” was read as norm=none; “amp;seed=3” was read as seed=3",
    ),
    ("depth=20&amp%3Bamp%3Bnorm=none&seed=3", GOOD, "“amp;amp;norm=none” was read as norm=none"),
    ("depth%3D20%26norm%3Dnone%26seed%3D3", GOOD, "“depth=20&norm=none&seed=3” was read as 3 settings"),
    (
        "depth%253D20%2526norm%253Dnone%2526seed%253D3",
        GOOD,
        "“depth%3D20%26norm%3Dnone%26seed%3D3” was read as 3 settings",
    ),
    ("depth=3D20&norm=3Dnone&seed=3", GOOD, "“depth=3D20” was read as depth=20; “norm=3Dnone” was read as norm=none"),
    ("depth=%2220%22&norm=none&seed=3", GOOD, '“depth="20"” was read as depth=20'),
    ("Depth=20&NORM=none&seed=3", GOOD, "“Depth=20” was read as depth=20; “NORM=none” was read as norm=none"),
    ("depth=20&norm=none&seed=3&depth=20", GOOD, "depth=20 is given 2 times and was read once"),
    (
        "depth=20&norm=none&seed=3&amp;depth=20.",
        GOOD,
        "“amp;depth=20.” was read as depth=20; depth=20 is given 2 times and was read once",
    ),
    (f"{GOOD}&cut=3%252C7", f"{GOOD}&cut=3,7", "“cut=3%2C7” was read as cut=3,7"),
    (f"{GOOD}&cut=3,7).", f"{GOOD}&cut=3,7", "“cut=3,7).” was read as cut=3,7"),
    (f"{GOOD}&edits=60:cut:7%20)", f"{GOOD}&edits=60:cut:7", "“edits=60:cut:7 )” was read as edits=60:cut:7"),
    (f"{GOOD}&at=7.", f"{GOOD}&at=7", "“at=7.” was read as at=7"),
    (f"{GOOD}&utm_source=chat&utm_medium=mail&fbclid=Iw.AR2", GOOD, ""),
    (f"gclid=1&{GOOD}&amp;utm_campaign=x&mc_eid=5", GOOD, ""),
]
WHOLE = [GOOD, "", "depth=20", "lr=0.05", "cut=3,7,10-12", "edits=60:cut:7+90:lr:0.01", "run=0123456789abcdef"]


def read(panel, query):
    return asked(panel, parse_qsl(query, keep_blank_values=True))


@pytest.mark.parametrize(("query", "meant", "says"), DAMAGED)
def test_a_damaged_link_is_read_as_it_was_meant_its_address_corrected_and_said(query, meant, says):
    about, right = read(RUN, query), read(RUN, meant)
    assert (about.spec, about.problems) == (right.spec, ())
    told = said_of(about)["read"]
    assert told["query"] == query_of(parse_qsl(meant))
    assert told["says"] == (f"The link was damaged on its way: {says}." if says else "")


@pytest.mark.parametrize("query", WHOLE)
def test_of_a_link_that_is_whole_nothing_is_said(query):
    assert "read" not in said_of(read(RUN, query))


@pytest.mark.parametrize(
    ("panel", "query", "says"),
    [
        (RUN, "depth=20&depth=56", "depth=20 and 56: the link gives it twice, as “20” and as “56”; leave one of them"),
        (
            RUN,
            "depth=20&amp;depth=56.",
            "depth=20 and 56: the link gives it twice, as “20” and as “56”; leave one of them",
        ),
        (RUN, "depth=20…", "depth=20…: allowed is a whole number from 2 to 1,202"),
        (RUN, "depth=2...", "depth=2...: allowed is a whole number from 2 to 1,202"),
        (RUN, "depth=twenty.", "depth=twenty.: allowed is a whole number from 2 to 1,202"),
        (RUN, "lr=1,024", "lr=1,024: it can be read as 1024 and as 1.024; write the one that you mean; allowed is"),
        (RUN, "norm=bath)", "norm=bath): allowed is one of"),
        (RUN, "dept=20", "dept=20: no such setting; did you mean depth?"),
        (SOLVE, "h=0.1&h=0.2", "h=0.1 and 0.2: the link gives it twice"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_value_and_never_another_experiment_in_silence(panel, query, says):
    about = read(panel, query)
    [problem] = about.problems
    assert str(problem).startswith(says)
    assert about.spec == read(panel, "").spec, "no part of it is taken for the whole"


@pytest.mark.parametrize(
    ("panel", "query", "meant"),
    [
        (SOLVE, "system=rotation&h=0.1).", "system=rotation&h=0.1"),
        (SOLVE, "start=1%252C0”", "start=1,0"),
        (COUNT, "net=custom&block=basic&stages=3x64,4x128.", "net=custom&block=basic&stages=3x64,4x128"),
        (COUNT, "net=resnet50&other=vgg16)", "net=resnet50&other=vgg16"),
    ],
)
def test_words_of_every_kind_are_mended(panel, query, meant):
    about = read(panel, query)
    assert (about.spec, about.problems) == (read(panel, meant).spec, ())
    assert about.link.says


@pytest.mark.parametrize("name", PANELS)
@given(data=st.data())
def test_any_pairs_are_read_and_what_is_mended_needs_no_mending(name, data):
    known = [*PANELS[name].spec.model_fields, "amp;depth", "utm_source", "view", "depth=20"]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(known), st.text(max_size=8)), max_size=4))
    link = linked(PANELS[name], pairs)
    if link.mended is not None:
        assert linked(PANELS[name], link.mended).mended is None
    about = asked(PANELS[name], pairs)
    given = {key for key, _ in link.mended or pairs} - {"view", *PANELS[name].passes}
    assert {problem.key for problem in about.problems} <= given | set(PANELS[name].spec.model_fields) | {"run"}
