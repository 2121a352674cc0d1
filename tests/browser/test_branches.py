"""Cutting while it learns, going back in time, and branches: what is recorded can be made again, bit for bit."""

import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from resviz.experiments.train import train
from resviz.records import History, Record
from resviz.runs.store import Store
from resviz.spec import Spec
from tests.browser.looking import SMALL, finished, js, trained_on, wait

LONG = "depth=8&epochs=60"  # 660 steps, long enough to be met while it learns


def cut_live(page, n=2, after=20):
    """Cut a shortcut of the network that learns in the page; returns after which step."""
    wait(page, f"view.records.head >= {after}")
    page.locator(f'.rv-arc[data-n="{n}"]').click()
    wait(page, "view.run.segments.length === 2 && view.records.head > view.run.segments[1].after")
    return js(page, "view.run.segments[1].after")


def kept(server, digest) -> History:
    store = Store(server.log.parent)
    found, message = store.load(digest)
    store.close()
    assert not message
    return found.history


def test_a_cut_while_it_learns_is_a_branch_that_anyone_can_make_again(server, new_page, make_server):
    page = new_page(f"{server.url}/train?{LONG}&seed=51")
    wait(page, "view.records.head >= 5")
    parent = js(page, "view.run.digest")
    at = cut_live(page, 2, after=20)
    assert at >= 20
    page.wait_for_url(lambda url: f"{at}%3Acut%3A2" in url or f"{at}:cut:2" in url)
    page.locator(".rv-branch", has_text=f"after step {at}: cut shortcut 2").wait_for()
    expect(page.get_by_role("switch", name="Shortcut 2,")).to_have_attribute("aria-checked", "false")
    wait(page, "view.plots.cards[2].plot.layout.shapes?.length >= 1")
    finished(page)
    wait(
        page, "view.editor.shelf.get(view.run.lineage[0].digest).records.head === 660"
    )  # what it would have been without
    without = js(page, "view.editor.shelf.get(view.run.lineage[0].digest).records.list")
    digest, mine = js(page, "view.run.digest"), js(page, "view.records.list")
    assert js(page, "view.run.lineage[0].digest") == parent
    assert mine[:at] == without[:at]
    assert mine[at]["residual"]["loss"] != without[at]["residual"]["loss"]
    assert mine[at]["plain"]["loss"] == without[at]["plain"]["loss"]
    assert len(mine) == 660
    assert "test_accuracy" in mine[at]["residual"]  # measured at once
    expect(page.locator(".rv-finding")).to_contain_text(f"Changed after step {at}: cut shortcut 2.")

    # The same from nothing: in Python, from the command line, and on a server that has never seen it.
    spec = Spec.of({"depth": "8", "epochs": "60", "seed": "51", "device": "cpu", "edits": f"{at}:cut:2"})
    assert spec.digest == digest
    history = kept(server, digest)
    assert history.records == [event for event in train(spec) if isinstance(event, Record)]
    words = ["depth=8", "epochs=60", "seed=51", f"edits={at}:cut:2"]
    out = subprocess.run(
        [sys.executable, "-m", "resviz.cli", "train", *words, "--json"], capture_output=True, text=True, check=True
    )
    told = json.loads(out.stdout)
    assert told["digest"] == digest
    for arm in ("residual", "plain"):
        assert told["arms"][arm]["loss"] == history.column(arm, "loss")[1]
        assert told["arms"][arm]["grad_norm"] == [list(v) for v in history.column(arm, "grad_norm")[1]]
        assert told["arms"][arm]["test_accuracy"] == history.last(arm, "test_accuracy")
    fresh = make_server()
    other = new_page(page.url.replace(server.url, fresh.url))
    finished(other)
    assert js(other, "view.run.digest") == digest
    assert js(other, "view.records.list") == mine


def test_scrubbing_back_moves_every_panel_and_a_click_branches_there(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=52&edits=20:cut:1")
    finished(page)
    wait(page, "view.net.cut.length === 1")
    page.get_by_role("slider", name="Step shown").fill("12")
    wait(page, "view.net.cut.length === 0 && view.plots.cards[2].plot.data[1].x.length === 12")
    wait(page, "view.plots.cards[0].shown === 12 && view.plots.cards[1].shown === 12")
    page.get_by_text("Branches after step 12.").wait_for()
    page.locator('.rv-arc[data-n="3"]').click()
    wait(page, "view.run.query.includes('edits=12:cut:3') && view.headInfo.status === 'finished'")
    assert len(js(page, "view.editor.nodes()")) == 3
    rows = page.locator(".rv-branch").all_inner_texts()
    assert [row.split("\n")[0].removeprefix("↳ ") for row in rows] == [
        "from the start",
        "after step 12: cut shortcut 3",
        "after step 20: cut shortcut 1",
    ]
    page.locator(".rv-branch").nth(2).click()  # nothing is lost
    wait(page, "view.run.query.includes('20:cut:1') && view.headInfo.status === 'finished'")
    wait(page, "view.plots.cards[2].plot.data.length > 2")  # the other branch is drawn beside


def test_branch_here_takes_any_setting_that_keeps_the_shapes_and_quotes_what_it_cannot_use(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=53")
    finished(page)
    page.get_by_role("slider", name="Step shown").fill("15")
    page.get_by_role("button", name="Branch here").click()
    form = page.get_by_role("dialog")
    form.get_by_text("Branch after step 15").wait_for()
    form.get_by_role("button", name="Branch", exact=True).click()
    form.get_by_text("change at least one setting").wait_for()
    form.get_by_label("learning rate").fill("fast")
    form.get_by_role("button", name="Branch", exact=True).click()
    form.get_by_text("edits=15:lr:fast: allowed is a number from 1e-06 to 100").wait_for()
    form.get_by_label("learning rate").fill("0.001")
    form.get_by_label("optimiser").select_option("adam")
    form.get_by_role("button", name="Branch", exact=True).click()
    wait(page, "view.run.query.includes('edits=15:optimizer:adam+15:lr:0.001') && view.headInfo.status === 'finished'")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".rv-branch").nth(1)).to_contain_text("learning rate 0.02 to 0.001")


def test_undo_goes_back_to_the_parent_and_redo_to_the_branch(server, new_page):
    page = new_page(f"{server.url}/train?{LONG}&seed=54")
    at = cut_live(page, 1)
    page.keyboard.press("Control+z")
    wait(page, "view.run.segments.length === 1")
    page.wait_for_url(lambda url: "edits" not in url)
    wait(page, f"view.records.head > {at + 3}")  # the parent learns on
    assert js(page, "view.net.cut") == []
    page.keyboard.press("Control+Shift+Z")
    wait(page, "view.run.segments.length === 2 && view.net.cut.length === 1")


def test_clicks_in_quick_succession_all_count(server, new_page):
    page = new_page(f"{server.url}/train?{LONG}&seed=55")
    wait(page, "view.records.head >= 5")
    for n in (1, 2, 3):
        page.locator(f'.rv-arc[data-n="{n}"]').dispatch_event("click")
    wait(page, "view.run.segments.at(-1).cut.length === 3 && view.records.head > view.run.segments.at(-1).after")
    assert js(page, "view.net.cut") == [1, 2, 3]


def test_two_people_on_one_link_have_each_their_own_branch(server, new_page):
    url = f"{server.url}/train?{LONG}&seed=56"
    ann, ben, cem = (new_page(url) for _ in range(3))
    for page in (ann, ben, cem):
        wait(page, "view.records.head >= 10")
    digest = js(cem, "view.run.digest")
    cut_ann = cut_live(ann, 1)
    wait(ben, "view.records.head >= 15")
    ben.locator('.rv-arc[data-n="3"]').click()
    wait(ben, "view.run.segments.length === 2")
    for page in (ann, ben, cem):
        finished(page)
    assert js(cem, "view.run.digest") == digest
    assert js(cem, "view.run.segments.length") == 1
    assert len({js(page, "view.run.digest") for page in (ann, ben, cem)}) == 3
    spec = Spec.of({"depth": "8", "epochs": "60", "seed": "56", "device": "cpu"})
    assert kept(server, digest).records == [event for event in train(spec) if isinstance(event, Record)]
    assert js(ann, "view.records.list").copy()[:cut_ann] == js(cem, "view.records.list")[:cut_ann]


def test_at_the_end_a_click_trains_on(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=57")
    trained_on(page)
    assert js(page, "view.run.query").endswith("edits=33:epochs:6+33:remove:2")
    assert js(page, "view.records.list[33].residual.grad_norm.filter((v) => v === 0).length") == 2


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ("500:cut:1", "edits=500:cut:1: the run has 33 steps: a change can come after step 1 to 32"),
        ("10:cut:9", "edits=10:cut:9: depth 8 has shortcuts 1 to 3"),
        ("10:depth:20", "edits=10:depth:20: depth cannot change on the way"),
        ("ten", "edits=ten: allowed is step:setting:value, such as 60:cut:7 90:lr:0.01"),
    ],
)
def test_a_link_whose_change_cannot_be_made_says_why_and_keeps_the_rest(server, new_page, edits, says):
    page = new_page(f"{server.url}/train?{SMALL}&edits={edits}+20:cut:1")
    page.get_by_text(says).wait_for()
    finished(page)
    assert js(page, "view.run.segments.map((s) => s.after)") == [0, 20]


def test_fewer_blocks_keep_the_changes_that_still_fit(server, new_page):
    page = new_page(f"{server.url}/train?depth=20&epochs=3&edits=10:cut:9+20:cut:2")
    finished(page)
    box = page.get_by_role("spinbutton", name="depth")
    box.fill("8")
    box.press("Enter")
    page.get_by_text("edits=10:cut:9: depth 8 has shortcuts 1 to 3").wait_for()
    wait(page, "view.run.segments.length === 2 && view.run.segments[1].after === 20")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"at": 999, "set": {"cut": "1"}}, "the run has"),
        ({"at": 5, "set": {"cut": "77"}}, "edits=5:cut:77: depth 8 has shortcuts 1 to 3"),
        ({"at": -3, "set": {"cut": "1"}}, "at='-3': allowed is a step from 0, or next"),
        ({"at": 5, "set": {"colour": "red"}}, "edits=5:colour:red: no such setting"),
        ([], "a JSON object is needed"),
    ],
)
def test_a_branch_that_cannot_be_made_is_answered_in_words(server, new_page, body, says):
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    url = f"{server.url}/runs/{js(page, 'view.run.digest')}/branch?viewer=test"
    request = urllib.request.Request(url, json.dumps(body).encode(), {"X-Resviz": "1"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 400
    assert says in refused.value.read().decode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, b"{}"))  # as another site could make a browser do
    assert refused.value.code == 400
