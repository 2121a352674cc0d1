"""Photographs of a person's own: how they come to the server, what names them, how long they stay, and what is asked of them."""

import asyncio
import base64
import hashlib
import io
import json
import queue
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from resviz.data import images
from resviz.data.pretrained import PRETRAINED, Pretrained
from resviz.latest import Latest
from resviz.runs import worker
from resviz.runs.jobs import FOREVER
from resviz.runs.messages import Done, Failed, Happened, Want
from resviz.runs.questions import Question
from resviz.topics.photograph.question import SIDE, Photograph, PhotographSpec
from resviz.ui import sources
from resviz.ui.panels import PANELS
from resviz.ui.sources import Look, Pictured, keep_picture
from tests.ui.addresses import APP, PRESSED, fetch, furnish, state
from tests.ui.desk import Fails

PLACE = "/panel/photograph/picture"
GONE = "0123456789abcdef"


def file(colour="red", size=(SIDE, SIDE), kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """A server that has no pictures yet, and whose processes are never started."""
    scheduler = furnish(tmp_path, monkeypatch)
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(sources, "_pictures", {})
    yield scheduler
    scheduler.store.close()


@pytest.fixture
def desk(office):
    """The process that would answer is the test."""
    return office.pool


@pytest.fixture
def source(desk):
    return PANELS["photograph"].source


def post(data, name="mine.png", pressed=True):
    """Status and text of the address that takes a file, sent in two halves as from a page."""
    halves = [data[: len(data) // 2], data[len(data) // 2 :]]
    answer = []

    async def receive():
        return {"type": "http.request", "body": halves.pop(0), "more_body": bool(halves)}

    async def send(message):
        answer.append(message)

    headers = {**(PRESSED if pressed else {}), **({} if name is None else {"X-Name": quote(name)})}
    scope = {
        "type": "http",
        "method": "POST",
        "path": PLACE,
        "query_string": b"",
        "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
    }
    # In a thread of its own: browser tests, which may have come before, leave a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, APP(scope, receive, send)).result()
    return answer[0]["status"], b"".join(message.get("body", b"") for message in answer[1:]).decode()


def sent(data):
    status, text = post(data)
    assert status == 200, text
    told = json.loads(text)
    assert set(told) == {"digest"}
    return told["digest"]


def own(digest, **words):
    return PhotographSpec.of({"image": "own", "own": digest, "weights": "random", **words})


def seen(spec, done=1.0):
    return Photograph(spec, done, 1, "", ((1, 0.5),), {1: "goldfish"})


# -- a file comes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_file_becomes_a_square_and_its_digest_names_it(kind):
    data = file("green", (300, 500), kind)
    digest = sent(data)
    kept = sources._pictures[digest]
    assert kept == images.prepared(data, "whatever", SIDE)
    assert digest == hashlib.sha256(kept).hexdigest()[:16]
    assert Image.open(io.BytesIO(kept)).size == (SIDE, SIDE)
    spec, problems = PhotographSpec.read({"image": "own", "own": digest})
    assert not problems and spec.own == digest


def test_it_is_the_middle_of_the_picture():
    picture = np.zeros((SIDE, 3 * SIDE, 3), dtype=np.uint8)
    picture[:, :SIDE, 0] = picture[:, SIDE : 2 * SIDE, 1] = picture[:, 2 * SIDE :, 2] = 255
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    kept = np.array(Image.open(io.BytesIO(sources._pictures[sent(out.getvalue())])))
    assert (kept == [0, 255, 0]).all()


def test_the_same_picture_has_one_name_whatever_its_file_is_called():
    first = post(file(), "one.png")
    assert post(file(), "two.png") == first and post(file(), None) == first
    assert sent(file("blue")) != json.loads(first[1])["digest"]
    assert len(sources._pictures) == 2


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", file()[:300], file(kind="JPEG")[:900]]
)
def test_what_is_no_picture_is_declined_with_the_name_of_the_file(data):
    status, text = post(data, "my cat.png")
    assert status == 400
    assert text.startswith("'my cat.png' ") and text.endswith(".") and "\n" not in text
    assert "is no picture that can be read" in text or "damaged or cut short" in text
    assert sources._pictures == {}


def test_names_are_quoted_as_people_write_them_and_not_at_any_length():
    assert post(b"hello", "Ω фото.png")[1].startswith("'Ω фото.png' is no picture that can be read.")
    status, text = post(b"hello", "x" * 5000)
    assert status == 400 and "x" * 100 in text and "x" * 101 not in text
    assert post(b"hello", None)[0] == 400


def test_a_file_that_is_too_large_is_declined(monkeypatch):
    monkeypatch.setattr(images, "LARGEST_BYTES", 1000)
    status, text = post(b"x" * 1001, "large.png")
    assert status == 400 and text.startswith("'large.png' has ")


def test_a_picture_of_too_many_pixels_is_declined(monkeypatch):
    monkeypatch.setattr(images, "LARGEST_PIXELS", 100)
    status, text = post(file(size=(20, 20)), "wide.png")
    assert status == 400 and "'wide.png' has 20 x 20 pixels" in text


def test_what_another_site_makes_a_browser_post_is_declined():
    """It cannot send a header of ours along."""
    status, text = post(file(), pressed=False)
    assert (status, text) == (400, "this address is for the pages of the app")
    assert sources._pictures == {}


def test_a_link_cannot_send_a_picture():
    assert fetch(PLACE)[0] in (404, 405)
    assert sources._pictures == {}


def test_the_panel_says_where_files_go():
    panel = PANELS["photograph"]
    (told,) = [each for row in panel.described(PhotographSpec()) for each in row if each.get("kind") == "file"]
    assert (told["name"], f"/{told['upload']}", told["also"]) == ("own", PLACE, {"image": "own"})


# -- how long it stays -------------------------------------------------------------------------------


def test_only_the_latest_are_kept(monkeypatch):
    monkeypatch.setattr(sources, "_pictures", Latest(3))
    names = [keep_picture(bytes([n])) for n in range(5)]
    assert sorted(sources._pictures) == sorted(names[2:])
    assert [sources._pictures[name] for name in names[2:]] == [b"\2", b"\3", b"\4"]


def test_one_that_comes_again_is_among_the_latest(monkeypatch):
    monkeypatch.setattr(sources, "_pictures", Latest(2))
    first = keep_picture(b"first")
    keep_picture(b"second")
    assert keep_picture(b"first") == first
    third = keep_picture(b"third")
    assert set(sources._pictures) == {first, third}


# -- what is asked -----------------------------------------------------------------------------------


def test_a_photograph_that_ships_with_us_is_asked_without_a_file(source):
    for spec in (PhotographSpec(weights="random"), PhotographSpec(weights="random", image="flower", own=GONE)):
        assert source.question(spec) == Question("photograph", spec)
        assert source.question(spec).image is None


def test_ones_own_goes_to_the_process_with_its_bytes(source, desk):
    data = images.prepared(file(), "x", SIDE)
    spec = own(keep_picture(data))
    source.ask(spec, "a", anew=False)
    assert source.look(spec).running
    assert desk.begin() == Question("photograph", spec, data)
    desk.tell(seen(spec, 0.05))
    assert source.look(spec) == Look(seen(spec, 0.05), 0.05, running=True)
    desk.end(seen(spec))
    assert source.look(spec) == Look(seen(spec), 1.0)


def test_two_pictures_are_two_questions(source, desk):
    one, other = (own(keep_picture(data)) for data in (b"one", b"other"))
    source.ask(one, "a", anew=False)
    desk.begin()
    desk.end(seen(one))
    assert source.look(one).share == 1
    assert source.look(other) == Look(None, 0.0)
    assert len({source.question(spec).key for spec in (one, other, one.replace(seed=1))}) == 3


@pytest.mark.parametrize("do", ["question", "moment", "look"])
def test_a_picture_that_is_gone_has_to_be_chosen_again(source, desk, do):
    with pytest.raises(
        ValueError, match=rf"own='{GONE}': this picture is not on this machine any more; choose the file"
    ):
        getattr(source, do)(own(GONE))
    with pytest.raises(ValueError, match="There is no picture of your own yet: choose a file"):
        getattr(source, do)(PhotographSpec(image="own"))
    with pytest.raises(ValueError, match="choose the file again"):
        source.ask(own(GONE), "a", anew=True)
    assert not desk.waiting()


def test_a_picture_that_others_have_pushed_out_is_gone(source, monkeypatch):
    monkeypatch.setattr(sources, "_pictures", Latest(1))
    spec = own(keep_picture(b"mine"))
    assert source.question(spec).image == b"mine"
    keep_picture(b"another")
    with pytest.raises(ValueError, match="choose the file again"):
        source.question(spec)


# -- at the address ----------------------------------------------------------------------------------


def test_a_chosen_file_is_looked_at_and_its_answer_shown(desk):
    digest = sent(file("blue"))
    words = {"image": "own", "own": digest, "weights": "random", "method": "saliency"}
    told = state("/panel/photograph", viewer="me", **words)
    assert (told["status"], told["trouble"], told["missing"]) == ("running", "", "")
    assert told["values"]["own"] == digest and f"own={digest}" in told["query"]
    question = desk.begin()
    assert question.image == images.prepared(file("blue"), "x", SIDE)
    desk.end(seen(question.spec))
    told = state("/panel/photograph", viewer="me", **words)
    assert told["status"] == "finished" and "“goldfish”" in told["finding"]
    assert [figure["id"] for figure in told["figures"]] == ["photo_maps", "photo_classes"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            {"image": "own", "own": GONE},
            f"own='{GONE}': this picture is not on this machine any more; choose the file again.",
        ),
        (
            {"image": "own"},
            "There is no picture of your own yet: choose a file. It stays on the machine that runs this app.",
        ),
        ({"image": "own", "own": "mine"}, "own=mine: 16 hexadecimal digits name a file that was chosen on this page"),
    ],
    ids=["gone", "none", "no name"],
)
def test_a_picture_that_is_not_here_is_said_in_a_sentence(desk, method, words, says):
    status, _, text = fetch("/panel/photograph", method, PRESSED, viewer="me", **words)
    told = json.loads(text)
    assert (status, told["barred"]) == (200, True)
    assert says in (told["trouble"], *told["problems"])
    assert not desk.waiting()


def test_stopping_needs_no_picture(desk):
    digest = sent(file())
    words = {"image": "own", "own": digest, "weights": "random"}
    state("/panel/photograph", viewer="me", **words)
    desk.begin()
    sources._pictures.clear()
    assert fetch("/panel/photograph/stop", "POST", PRESSED, viewer="me", **words)[0] == 200
    assert not desk.waiting()


# -- weights that are not here -----------------------------------------------------------------------


@pytest.fixture
def file_of_weights(tmp_path, monkeypatch):
    """Where the trained weights of ResNet-18 would be: a file of these bytes is whole."""
    known = Pretrained("ResNet-18", f"resnet18-{hashlib.sha256(b'weights').hexdigest()[:8]}.pth", 45)
    monkeypatch.setitem(PRETRAINED, "resnet18", known)
    folder = tmp_path / "data" / "weights"
    folder.mkdir(parents=True)
    return folder / known.file


@pytest.mark.parametrize("here", [None, b"damaged"], ids=["missing", "damaged"])
def test_without_trained_weights_random_ones_are_asked_at_once_and_said_to_be_random(desk, file_of_weights, here):
    if here:
        file_of_weights.write_bytes(here)
    told = state("/panel/photograph", viewer="me")
    assert (told["status"], told["trouble"], told["query"], told["values"]["weights"]) == ("running", "", "", "trained")
    asked = desk.begin()
    assert asked.spec == PhotographSpec(weights="random")
    desk.end(seen(asked.spec))
    told = state("/panel/photograph", viewer="me")
    what = f"are damaged in {file_of_weights}" if here else "are not on this machine"
    assert told["note"] == f"The trained weights of ResNet-18 (45 MB) {what}; these are drawn at random."
    assert (told["status"], told["missing"], told["query"]) == ("finished", "resnet18", "")
    assert "not trained" in told["finding"]
    (offered,) = [each for row in told["rows"] for each in row if each["name"] == "weights"]
    assert offered["choices"][0] == ["trained", "trained on ImageNet (not here)"]
    random = state("/panel/photograph", viewer="me", weights="random")
    assert (random["version"], random["finding"]) == (told["version"], told["finding"]) and "note" not in random
    headers = fetch("/panel/photograph.csv")[1]
    assert PhotographSpec(weights="random").digest in headers["content-disposition"], "a file is named by what is in it"


def test_an_answer_of_random_weights_is_never_that_of_trained_ones(office, desk, source, file_of_weights):
    trained = PhotographSpec()
    source.ask(trained, "a", anew=False)
    desk.end(seen(desk.begin().spec))
    before = state("/panel/photograph", viewer="me")
    assert office.store.answer_text(f"photograph {trained.digest}") is None
    file_of_weights.write_bytes(b"weights")
    assert source.look(trained) == Look(None, 0.0), "the weights have come: nothing is known of them"
    told = state("/panel/photograph", viewer="me")
    assert told["status"] == "running" and "note" not in told
    asked = desk.begin()
    assert asked.spec == trained
    desk.end(seen(asked.spec))
    after = state("/panel/photograph", viewer="me")
    assert after["version"] != before["version"] and after["missing"] == ""
    file_of_weights.unlink()
    assert source.look(trained).record.spec == trained, "what was computed of them stays"
    assert source.look(trained).note == ""


def test_what_failed_for_another_reason_names_no_download(source, desk):
    spec = PhotographSpec(weights="random")
    source.ask(spec, "a", anew=False)
    desk.begin()
    desk.end(Fails("There was not enough memory."))
    assert source.look(spec) == Look(None, 0.0, trouble="There was not enough memory.")
    assert source.look(spec).missing == ""


def test_the_process_itself_names_what_is_missing_and_takes_the_file():
    source = Pictured("photograph")  # without anything to answer instead
    spec = own(sent(file("blue")), method="saliency")
    told = []
    made = worker.Worker(queue.Queue(), told.append, None)
    for number, asked in enumerate((source.question(PhotographSpec()), source.question(spec))):
        made.want = Want(number, f"{number}", asked.kind, asked.spec.model_dump_json(), 0, FOREVER, image=asked.image)
        while made.want:
            made._advance(made.want)
    missing, *parts, end = told
    assert isinstance(missing, Failed) and missing.missing == "resnet18"
    assert "ResNet-18 (45 MB) are not on this machine" in missing.message
    assert all(isinstance(part, Happened) for part in parts) and isinstance(end, Done)
    assert [part.event.seen is None for part in parts] == [True, False]
    found = parts[-1].event
    assert (found.spec, found.done) == (spec, 1.0)
    red, green, blue = np.frombuffer(base64.urlsafe_b64decode(found.pixels + "=="), dtype=np.uint8).reshape(3, -1)
    assert (red == 0).all() and (green == 0).all() and (blue == 255).all()


@pytest.mark.parametrize("words", [{"image": "own"}, {"image": "own", "own": "0" * 16}])
def test_the_file_of_a_photograph_that_is_not_here_is_refused_in_words(words):
    status, _, text = fetch("/panel/photograph.csv", **words)
    assert status == 400 and "choose" in text
