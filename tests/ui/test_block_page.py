"""The Block page as Streamlit runs it, without a browser; the image goes through the block in this process."""

import io
import json
import re
import struct
import zlib
from concurrent.futures import Future

import pytest
from PIL import Image

from resviz.blockspec import BlockSpec
from resviz.blocktext import GUESSED, WHAT_Y_IS, block_finding, branch_name, code, numbers, what_y_is
from resviz.experiments.block import Through
from resviz.figures.block import flow
from resviz.images import prepared
from resviz.runs.prober import LookFailed, Prober
from resviz.settings import ORDERS
from resviz.ui import pictures, server
from tests.pairs import pairs
from tests.ui import addresses
from tests.ui.opening import address, open_page, ran


class Inside(Prober):
    """A prober without a process: every answer is there at once. `answers`, where it is set, is asked instead, and may raise."""

    def __init__(self, store, through):
        super().__init__(store)
        self.asked, self.answers = [], lambda question: through(question.spec, question.image)

    def ask(self, question, viewer=""):
        self.asked.append(question)
        future = Future()
        try:
            future.set_result(self.answers(question))
        except LookFailed as error:
            future.set_exception(error)
        return future


@pytest.fixture(scope="module")
def through():
    return Through()


@pytest.fixture(autouse=True)
def inside(tmp_path, monkeypatch, through):
    addresses.office(tmp_path, monkeypatch, prober=lambda store: Inside(store, through))
    return server._prober


def component(page, name):
    (found,) = [c for c in page.get("bidi_component") if c.proto.component_name == name]
    return json.loads(found.proto.json or found.proto.mixed.json)


def drawing(page):
    return component(page, "resviz_drawing")


def board(page):
    return json.loads(component(page, "resviz_board"))


def texts(page):
    return [each.value for each in page.markdown]


def said(page, part):
    return any(part in text for text in texts(page))


def png(width=40, height=30):
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def huge_png():
    """A PNG of a hundred million pixels, as far as its header goes."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


# -- what it shows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        {},
        *(
            {"image": "digit", **case}
            for case in pairs(
                block=["plain", "basic", "bottleneck"], order=list(ORDERS), shortcut=["B", "C"], stride=["1", "2"]
            )
        ),
    ],
    ids=str,
)
def test_a_block_is_drawn_with_its_own_numbers_formula_and_code(through, words):
    page = open_page("block", **words)
    spec = BlockSpec.of(words)
    record = through(spec)
    assert not page.warning and not page.error
    assert drawing(page) == flow(spec, record)
    assert f">{branch_name(spec)}</text>" in drawing(page)
    assert said(page, block_finding(spec, record))
    assert said(page, f"{record.parameters:,}") and page.latex
    assert page.code[0].value == code(spec).strip()
    file = component(page, "resviz_file")
    assert (file["name"], file["text"].splitlines()) == ("resviz-block.csv", [",".join(row) for row in numbers(record)])
    assert board(page)["url"] == "study/orders"


@pytest.mark.parametrize(("label", "kind"), [("what sits on the shortcut", "contents"), ("A, B and C", "options")])
def test_what_is_trained_against_each_other_is_chosen(label, kind):
    page = open_page("block", image="digit")
    (choice,) = [group for group in page.button_group if label in group.options or kind in group.options]
    choice.set_value(kind)
    assert board(ran(page))["url"] == f"study/{kind}"


def test_shapes_that_cannot_match_are_named_and_projected():
    page = open_page("block", image="digit", inputs="64", width="16")
    assert "x is 64x8x8 and F(x) 16x8x8" in page.warning[0].value
    assert "1×1 convolution" in drawing(page)


def test_what_cannot_be_measured_is_said(inside):
    def no(question):
        raise LookFailed("The process died twice of this question.")

    inside.answers = no
    page = open_page("block", image="digit")
    assert [error.value for error in page.error] == ["The process died twice of this question."]
    assert not page.get("bidi_component")


def test_a_machine_that_is_busy_says_so(inside, monkeypatch):
    monkeypatch.setattr(pictures, "SECONDS", 0.0)
    inside.ask = lambda question, viewer="": Future()
    assert "This machine is busy" in open_page("block", image="digit").error[0].value


# -- what a person changes -------------------------------------------------------------------------


def test_a_widget_and_a_scenario_write_the_address_and_what_is_published_is_told():
    page = open_page("block", image="digit")
    assert said(page, "6.61%")
    before = drawing(page)
    page.selectbox(key="set_order").set_value("full")
    ran(page)
    assert address(page) == {"image": "digit", "order": "full"}
    assert drawing(page) != before and said(page, "6.37%")
    page.selectbox(key="scenario_on the shortcut").set_value("dropout 0.5")
    ran(page)
    assert address(page) == {"image": "digit", "order": "full", "shortcut_dropout": "0.5"}
    assert said(page, "report no error for this mixture")


def test_zero_gamma_shows_the_identity_and_why_it_is_a_relu():
    page = open_page("block", image="digit", init="zero_gamma")
    assert said(page, "F(x) is exactly 0, so y is x, to the last bit")
    assert said(page, "get a gradient of exactly 0 now")
    page.button_group(key="scenario_").set_value("Zero gamma, x signed")
    ran(page)
    assert address(page) == {"image": "digit", "init": "zero_gamma", "entering": "signed"}
    assert said(page, "so y is max(0, x), to the last bit, and not x")


def test_guesses_are_held_against_what_is_measured(through):
    page = open_page("block", image="digit")
    right = 0
    for number, (situation, words) in enumerate((*GUESSED, GUESSED[0]), start=1):
        assert said(page, f"{situation} What is y?")
        spec = BlockSpec.of({"image": "digit", **words})
        truth, reason = what_y_is(through(spec))
        given = truth if number != 2 else "0"  # the second one is guessed wrong
        assert given in WHAT_Y_IS
        page.button(key=f"guess_block_{given}").click()
        ran(page)
        assert BlockSpec.of(address(page)) == spec
        right += given == truth
        assert said(page, f"You guessed **{given}**: {'right' if given == truth else 'not so'}. {reason}")
        assert any(each.value == f"{right} of {number} right so far" for each in page.caption)


# -- a picture of one's own ------------------------------------------------------------------------


def put_in(page, name, data):
    page.get("file_uploader")[0].set_value((name, data, "image/png"))
    return ran(page)


def test_a_picture_of_ones_own_goes_through_and_bad_files_are_refused_in_words(inside):
    page = open_page("block", image="own")
    assert "Choose a picture" in page.info[0].value and not page.get("bidi_component")
    put_in(page, "mine.png", png())
    assert inside.asked[-1].image == prepared(png(), "mine.png")
    before = drawing(page)
    for name, data, says in (
        ("notes.png", b"these are words", "'notes.png' is no picture that can be read"),
        ("cut.png", png(400, 300)[:300], "'cut.png' begins like a picture and is damaged or cut short"),
        ("huge.png", huge_png(), "'huge.png' has 10,000 x 10,000 pixels"),
    ):
        put_in(page, name, data)
        assert says in page.error[0].value
        assert drawing(page) == before  # the good one stays


def test_a_picture_is_asked_for_only_where_it_is_used():
    page = open_page("block", image="digit")
    assert not page.get("file_uploader") and not page.info
    assert re.match("<svg class=", drawing(page))
