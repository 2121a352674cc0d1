"""The Block page's panel as the browser's half drives it; the image goes through the block in this process."""

import csv
import io
import json
import struct
import xml.etree.ElementTree as ElementTree
import zlib

import pytest
from PIL import Image

from resviz.data.images import prepared
from resviz.latest import Latest
from resviz.nets.settings import ORDERS
from resviz.topics.block.experiment import Through
from resviz.topics.block.figures import drawn
from resviz.topics.block.question import BlockSpec
from resviz.topics.block.words import (
    GUESSED,
    NOT_REPORTED,
    WHAT_Y_IS,
    block_finding,
    branch_name,
    code,
    counts,
    numbers,
    reported,
    what_y_is,
)
from resviz.ui import sources
from tests.pairs import pairs
from tests.ui import addresses
from tests.ui.addresses import APP, PRESSED, request
from tests.ui.desk import Fails, here
from tests.ui.driving import Driven
from tests.ui.opening import address, open_page

DIGIT = {"image": "digit"}


@pytest.fixture(scope="module")
def through():
    return Through()


@pytest.fixture(autouse=True)
def inside(tmp_path, monkeypatch):
    pool = addresses.furnish(tmp_path, monkeypatch).pool
    pool.answers = here
    monkeypatch.setattr(sources, "_pictures", Latest(9))
    return pool


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


def drawing(panel):
    return panel.card("block_flow")["own"]["markup"]


# -- what it shows ---------------------------------------------------------------------------------


def test_the_page_mounts_the_block_and_the_choices_and_writes_nothing_into_the_address():
    page = open_page("block")
    found = [json.loads(c.proto.bytes) for c in page.get("bidi_component")]
    assert [(told["kind"], told["alone"]) for told in found] == [("block", False), ("compared", True)]
    assert address(page) == {} and not page.warning


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
    panel, spec = Driven("block", **words), BlockSpec.of(words)
    record = through(spec)
    assert not panel.problems and not panel.state["trouble"]
    assert panel.card("block_flow")["own"] == json.loads(json.dumps(drawn(spec, record)))
    assert f"{branch_name(spec)}</text>" in drawing(panel)
    assert panel.finding == block_finding(spec, record)
    assert panel.card("block_counts")["text"] == counts(spec, record)
    told = panel.card("block_reported")
    assert told.get("rows", {}).get("rows", []) == reported(spec) and told.get("text", "") == (
        "" if reported(spec) else NOT_REPORTED
    )
    head, *rows = numbers(record)
    assert panel.card("block_flow")["table"] == {"header": head, "rows": rows}
    assert list(csv.reader(io.StringIO(panel.file()[2]))) == numbers(record)
    status, headers, text = panel.file("py")
    assert (status, text) == (200, code(spec))
    assert headers["content-disposition"] == f'attachment; filename="resviz-block-{spec.digest}.py"'


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ({}, ["y=ReLU(x+BN(W2*ReLU(BN(W1*x))))"]),
        ({"order": "full", "norm": "none"}, ["y=x+W2*ReLU(W1*ReLU(x))"]),
        ({"gate": "shortcut_only", "norm": "none", "order": "full"}, ["y=(1−g)⊙x+W2*ReLU(W1*ReLU(x))", "g=σ(Wg*x+bg)"]),
    ],
)
def test_the_formula_is_read_as_it_is_written_and_names_stay_one_word(words, read):
    lines = Driven("block", **DIGIT, **words).card("block_formula")["markup"].split("</p>")[:-1]
    roots = [ElementTree.fromstring(f"{line}</p>") for line in lines]  # well-formed
    assert ["".join(root.itertext()) for root in roots] == read
    words_in = {node.text for root in roots for node in root.iter() if node.tag.endswith("mtext")}
    assert "ReLU" in words_in


def test_shapes_that_cannot_match_are_named_and_projected():
    panel = Driven("block", **DIGIT, inputs="64", width="16")
    assert "x is 64x8x8 and F(x) 16x8x8" in panel.problems[0]
    assert "1×1 convolution" in drawing(panel)


def test_what_cannot_be_measured_is_said(inside):
    def fails(question):
        raise Fails("The process died twice of this question.")

    inside.answers = fails
    panel = Driven("block", **DIGIT)
    assert panel.state["trouble"] == "The process died twice of this question." and panel.figures is None


def test_while_the_image_goes_through_that_is_said(inside):
    inside.answers = None
    panel = Driven("block", **DIGIT)
    assert (panel.state["status"], panel.state["says"]) == ("running", "The image goes through …")


def test_settings_that_only_whole_networks_have_are_left_alone():
    panel = Driven("block", **DIGIT, depth="20", cut="1-9", epochs="3", norm="layer", colour="red")
    assert panel.problems == [panel.problems[0]] and panel.problems[0].startswith("colour=red: no such setting")
    assert panel.words == {"image": "digit", "norm": "layer"}


# -- what a person changes -------------------------------------------------------------------------


def test_a_setting_and_a_scenario_go_into_the_address_and_what_is_published_is_told():
    panel = Driven("block", **DIGIT)
    assert panel.card("block_reported")["rows"]["rows"][0][0] == "**6.61%**"
    before = drawing(panel)
    panel.change(order="full")
    assert panel.words == {**DIGIT, "order": "full"}
    assert drawing(panel) != before and panel.card("block_reported")["rows"]["rows"][0][0] == "**6.37%**"
    (contents,) = panel.parts("list")
    (dropout,) = [choice for choice in contents["choices"] if choice["label"] == "dropout 0.5"]
    panel.change(dropout["set"])
    assert panel.words == {**DIGIT, "order": "full", "shortcut_dropout": "0.5"}
    assert panel.card("block_reported")["text"] == NOT_REPORTED
    assert panel.state["values"]["on the shortcut"] == "dropout 0.5"
    assert panel.change(gate="exclusive").state["values"]["on the shortcut"] == ""


def test_zero_gamma_shows_the_identity_and_why_it_is_a_relu():
    panel = Driven("block", **DIGIT, init="zero_gamma")
    assert "F(x) is exactly 0, so y is x, to the last bit" in panel.finding
    assert "get a gradient of exactly 0 now" in panel.finding
    panel.pill("Zero gamma, x signed")
    assert panel.words == {**DIGIT, "init": "zero_gamma", "entering": "signed"}
    assert "so y is max(0, x), to the last bit, and not x" in panel.finding


def test_guesses_are_held_against_what_is_measured(through):
    panel = Driven("block", **DIGIT)
    (guess,) = panel.parts("guess")
    for question, (situation, words) in zip(guess["questions"], GUESSED, strict=True):
        assert question["text"] == f"{situation} What is y?" and question["choices"] == list(WHAT_Y_IS)
        panel.change(question["set"])
        spec = BlockSpec.of({**DIGIT, **words})
        assert BlockSpec.of(panel.words) == spec
        assert panel.state["truth"] == list(what_y_is(through(spec)))


# -- a picture of one's own ------------------------------------------------------------------------


def put_in(name, data):
    path, sent = "/panel/block/picture", {**PRESSED, "X-Name": name}
    return request(APP, path, "POST", sent, data)


def test_a_picture_of_ones_own_goes_through_and_bad_files_are_refused_in_words(inside, tmp_path):
    panel = Driven("block", image="own")
    assert (
        panel.state["barred"] and "choose a file. It stays on the machine that runs this app" in panel.state["trouble"]
    )
    part = panel.part("own")
    assert (part["kind"], part["upload"], part["also"]) == ("file", "panel/block/picture", {"image": "own"})
    status, _, text = put_in("mine.png", png())
    assert status == 200
    panel.change({"image": "own", "own": json.loads(text)["digest"]})
    assert inside.asked[-1].image == prepared(png(), "mine.png")
    assert panel.finding and drawing(panel)
    for name, data, says in (
        ("notes.png", b"these are words", "'notes.png' is no picture that can be read"),
        ("cut.png", png(400, 300)[:300], "'cut.png' begins like a picture and is damaged or cut short"),
        ("huge.png", huge_png(), "'huge.png' has 10,000 x 10,000 pixels"),
    ):
        status, _, text = put_in(name, data)
        assert status == 400 and says in text
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(prepared(png(), "mine.png") in path.read_bytes() for path in kept), "it is not on the disk"


def test_a_picture_that_is_gone_and_a_name_that_is_none_are_said():
    panel = Driven("block", image="own", own="0123456789abcdef")
    assert panel.state["barred"] and "is not on this machine any more; choose the file again" in panel.state["trouble"]
    assert "16 hexadecimal digits" in Driven("block", image="own", own="mine.png").problems[0]
    assert request(APP, "/panel/count/picture", "POST", PRESSED, png())[0] == 404
    assert request(APP, "/panel/block/picture", "POST", {}, png())[0] == 400
