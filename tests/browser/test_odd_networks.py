"""Networks, links, screens and moments that nobody plans for: both pages work, and draw nothing that was not measured."""

import os
import re
import subprocess
import time

import pytest
from playwright.sync_api import expect

from resviz.spec import Spec
from tests.browser.looking import SMALL, finished, js, status, trained_on, wait

LONG = "depth=8&epochs=60"  # 660 steps, long enough to be met while it learns
OVER = "['finished', 'failed', 'cancelled'].includes(view.headInfo.status)"

# What is drawn and no number: in attributes and words of the drawing, and in what plotly was given.
STRANGE = """() => {
  const strange = [], odd = /NaN|Infinity|undefined|null/;
  for (const node of document.querySelectorAll(".rv-net, .rv-net *, .rv-line-box *")) {
    for (const { name, value } of node.attributes) if (odd.test(value)) strange.push(`${node.tagName} ${name}=${value}`);
  }
  for (const box of document.querySelectorAll(".rv-tools, .rv-net, .rv-bar, .rv-tree")) {
    if (odd.test(box.textContent)) strange.push(box.textContent);
  }
  for (const card of window.resviz.plots.cards) {
    for (const trace of card.plot.data ?? []) {
      for (const v of [trace.x, trace.y, ...(trace.z ?? [])].flatMap((row) => Array.from(row ?? []))) {
        if (v !== null && !Number.isFinite(v)) strange.push(`${card.template.id}: ${v}`);
      }
    }
    for (const line of card.plot.querySelectorAll(".js-line")) {
      if (odd.test(line.getAttribute("d") ?? "")) strange.push(`${card.template.id}: a line`);
    }
  }
  return strange.slice(0, 5);
}"""


def measured(page):
    """Wait until a look before training is there, and drawn."""
    wait(page, "view.records.any && view.plots.cards[1].plot.data", 60_000)
    page.wait_for_function("() => window.resviz.plots.cards[0].plot._fullLayout")


def sound(page, query):
    """What is drawn is the network of these settings, and every number drawn is one."""
    spec = Spec.of(dict(part.split("=") for part in query.split("&")))
    assert js(page, "view.net.network.blocks") == spec.blocks
    if js(page, "view.net.drawing.items().every(([a, b]) => a === b)"):
        expect(page.locator(".rv-arc")).to_have_count(spec.shortcuts)
        expect(page.locator('.rv-block[data-arm="residual"]')).to_have_count(spec.blocks)
    expect(page.locator(".rv-net [tabindex='0']")).to_have_count(
        js(page, "view.net.drawings.length") * bool(spec.blocks)
    )
    expect(page.get_by_role("button", name="cut all")).to_have_count(int(spec.shortcuts > 0))
    assert page.evaluate(STRANGE) == []


# -- before training -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "depth=2",
        "depth=3",
        "depth=5",
        "depth=20&block=plain",
        "depth=29&block=bottleneck&stages=3&shortcut=B",
        "depth=20&order=full&stages=2",
        "depth=20&branch_scale=0",
        "cut=1-27&remove=1-27",
        "depth=1202&norm=none&width=2&batch=4",  # one network leaves the range of float32
        "depth=302&norm=none&width=4&batch=8&branch_scale=4",  # both do
        "dataset=spirals&width=8&stages=3",
    ],
)
def test_start_shows_any_network(server, new_page, query):
    page = new_page(f"{server.url}/?{query}")
    measured(page)
    sound(page, query)
    expect(page.locator(".rv-trouble")).to_have_count(0)
    spec = Spec.of(dict(part.split("=") for part in query.split("&")))
    expect(page.locator(".rv-switch")).to_be_enabled(enabled=bool(spec.shortcuts))
    if not spec.shortcuts:
        page.get_by_text("no + x here").wait_for()
        page.get_by_text("Neither network has a shortcut here").wait_for()
    elif spec.blocks < 30:  # the one switch works, and leads back
        before = js(page, "view.net.cut.length")
        page.locator(".rv-switch").click()
        cut = 0 if before else spec.shortcuts
        wait(page, f"view.net.cut.length === {cut} && view.query.includes('cut=') === {str(cut > 0).lower()}")
        assert page.evaluate(STRANGE) == []


def test_numbers_that_leave_the_range_are_gaps_and_said_in_words(server, new_page):
    page = new_page(f"{server.url}/?depth=302&norm=none&width=4&batch=8&branch_scale=4")
    measured(page)
    for card in (0, 1):
        assert set(js(page, f"Array.from(view.plots.cards[{card}].plot.data[0].y)")) == {None}
    page.get_by_text("leave the range of float32").wait_for()


def test_what_cannot_be_measured_takes_the_numbers_before_it_away(server, new_page):
    page = new_page(f"{server.url}/?depth=8")
    measured(page)
    page.get_by_label("data", exact=True).first.click()
    page.get_by_role("option", name="MNIST", exact=True).click()
    page.locator(".rv-trouble").wait_for()
    page.wait_for_timeout(300)
    assert js(page, "view.records.any") is False, "the profile of digits stands under a page about MNIST"
    page.goto(f"{server.url}/?depth=8&width=64&batch=1024")
    measured(page)
    box = page.get_by_role("spinbutton", name="depth")
    box.fill("1202")
    box.press("Enter")
    page.get_by_text("the limit is").wait_for()
    page.wait_for_timeout(300)
    assert js(page, "view.records.any") is False, "the numbers of 8 layers stand under 1,202"


def test_back_and_forward_on_start(server, new_page):
    page = new_page(f"{server.url}/?depth=8")
    measured(page)
    for n in (1, 3):
        page.locator(f'.rv-arc[data-n="{n}"]').click()
        page.wait_for_url(lambda url, n=n: re.search(f"cut=.*{n}", url))
    page.wait_for_timeout(1800)  # long after the clicks
    page.go_back()
    wait(page, "String(view.net.cut) === '1' && view.query.includes('cut=1')")
    assert page.url.endswith("cut=1")
    page.go_back()
    wait(page, "view.net.cut.length === 0")
    page.go_forward()
    wait(page, "String(view.net.cut) === '1'")
    page.locator('.rv-arc[data-n="2"]').click()
    page.wait_for_url(lambda url: "cut=1-2" in url)
    page.go_back()  # at once
    page.wait_for_url(lambda url: url.endswith("cut=1"))
    wait(page, "String(view.net.cut) === '1'", 6000)


# -- training ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "depth=2&epochs=2",
        "depth=4&epochs=2",
        "depth=8&epochs=2&block=plain",
        "depth=11&epochs=1&block=bottleneck&stages=3&shortcut=B&width=4",
        "depth=8&epochs=2&order=full&norm=none",
        "depth=8&epochs=2&branch_scale=0",
        "depth=8&epochs=2&cut=1-3&remove=1-3",
        "depth=8&epochs=2&dataset=spirals&width=8",
        "depth=8&epochs=3&norm=none&lr=100",  # both diverge at step 4
        "depth=20&epochs=3&norm=none&lr=0.3",  # one diverges on the way, and the other learns nothing
        "depth=8&epochs=3&norm=none&lr=100&edits=20:cut:1",  # long before its change
    ],
)
def test_train_shows_any_network(server, new_page, query):
    page = new_page(f"{server.url}/train?{query}")
    wait(page, OVER)
    assert js(page, "view.headInfo.status") == "finished"
    wait(page, "view.plots.cards[2].plot.data && view.cursor === view.records.head")
    for colour in ("activation_std", "residual_ratio", "dead_fraction", "grad_norm"):
        page.get_by_label("Colour of the blocks").select_option(colour)
    page.evaluate("() => window.resviz.plots.cards.at(-1).box.scrollIntoView()")
    wait(page, "view.plots.cards.at(-1).plot.data && view.plots.cards[5].plot.data")
    sound(page, query)
    if "edits" in query:
        expect(page.locator(".rv-finding")).to_contain_text("The change after step 20 was never reached.")
    page.get_by_role("button", name="Reset").click()
    wait(page, "view.cursor === 1 && view.plots.cards[2].plot.data[1].x.length === 1")
    assert page.evaluate(STRANGE) == []


def test_a_diverging_run_takes_clicks_while_it_learns_and_after(server, new_page):
    page = new_page(f"{server.url}/train?depth=20&epochs=12&norm=none&lr=0.3")  # the plain network leaves at step 11
    wait(page, "view.records.head > 20 && view.records.list.at(-1).plain === undefined")
    page.locator('.rv-arc[data-n="2"]').click()
    wait(page, "view.run.segments.length === 2 && view.records.head > view.run.segments[1].after")
    wait(page, OVER)
    assert js(page, "view.headInfo.status") == "finished"
    assert page.evaluate(STRANGE) == []
    page.goto(f"{server.url}/train?depth=8&epochs=3&norm=none&lr=100")
    wait(page, f"{OVER} && view.records.head === 4 && view.cursor === 4")
    page.get_by_text("Both have ended: move back to branch.").wait_for()
    page.locator('.rv-arc[data-n="1"]').click()  # nothing is left to go on
    wait(page, f"view.run.query.includes('edits=4:cut:1') && {OVER}")
    page.get_by_text("The change after step 4 was never reached.").wait_for()
    page.get_by_role("slider", name="Step shown").fill("2")
    page.locator('.rv-arc[data-n="3"]').click()  # but from before it is
    wait(page, f"view.run.query.includes('edits=2:cut:3') && {OVER} && view.records.head >= 3")
    assert page.evaluate(STRANGE) == []


def test_another_kind_of_network_from_the_widgets_is_drawn_as_it_is(server, new_page):
    """The charts of these stay the same, to the letter; the drawing must not."""
    page = new_page(f"{server.url}/train?{SMALL}&stages=3")
    finished(page)
    page.get_by_role("button", name="All settings").click()
    for label, option, setting, kinds in (
        ("shortcut", "C: always 1×1", "shortcut=C", ["projection"] * 3),
        ("block", "plain (control)", "block=plain", []),
    ):
        page.get_by_label(label, exact=True).first.click()
        page.get_by_role("option", name=option).click()
        wait(page, f"view.run.query.includes('{setting}')")
        finished(page)
        drawn = js(page, "[...document.querySelectorAll('.rv-arc')].map((a) => a.classList[1].replace('rv-', ''))")
        assert drawn == kinds


def test_training_on_past_the_end_is_on_the_charts(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=61")
    trained_on(page)
    wait(page, "view.plots.cards[2].plot.data?.[1].x.at(-1) === 66")
    for card in (2, 3):
        assert js(page, f"view.plots.cards[{card}].plot._fullLayout.xaxis.range[1]") >= 66
    page.get_by_role("button", name="undo").click()
    wait(page, "view.run.steps === 33")


# -- moments -------------------------------------------------------------------------------------------------------

SLOW = """(what) => {
  const { fetch } = window;
  window.fetch = async (url, options) => {
    if (String(url).includes(what)) await new Promise((resolve) => { window.letGo = resolve; });
    return fetch(url, options);
  };
}"""


def test_a_depth_chosen_right_after_a_cut_is_what_is_shown(server, new_page):
    page = new_page(f"{server.url}/train?{LONG}&seed=62")
    wait(page, "view.records.head >= 5")
    page.evaluate(SLOW, "/branch")
    page.locator('.rv-arc[data-n="1"]').click()
    box = page.get_by_role("spinbutton", name="depth")
    box.fill("12")
    box.press("Enter")
    wait(page, "view.run.query.includes('depth=12')")
    page.evaluate("() => window.letGo()")
    page.wait_for_timeout(2000)
    assert js(page, "view.net.network.depth") == js(page, "view.records.list.at(-1).residual.grad_norm.length")
    assert js(page, "view.run.query").startswith("depth=12")
    assert "depth=12" in page.url
    assert page.evaluate(STRANGE) == []


@pytest.mark.parametrize(
    ("path", "what", "there"), [(f"train?{LONG}&seed=63", "/branch", "Start"), ("?depth=20", "look", "Train")]
)
def test_a_click_whose_answer_comes_after_its_page_has_gone_does_nothing(server, new_page, path, what, there):
    page = new_page(f"{server.url}/{path}")
    wait(page, "view.records.any")
    opened = []
    page.evaluate(SLOW, what)
    page.locator('.rv-arc[data-n="1"]').click()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=there).click()
    page.get_by_role("heading", name="both learn" if there == "Train" else "What does one").wait_for()
    wait(page, f"view.constructor.name === '{'View' if there == 'Train' else 'Still'}'")
    url, errors = page.url, server.log.read_text().count("KeyError")
    page.on("request", lambda request: opened.append(request.url) if "/events" in request.url else None)
    page.wait_for_timeout(300)
    opened.clear()
    page.evaluate("() => window.letGo()")
    page.wait_for_timeout(1500)
    assert not opened, "a page that is gone listens to a run"
    assert page.url == url
    assert server.log.read_text().count("KeyError") == errors


def test_undo_twice_at_once_and_redo_twice(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=64")
    finished(page)
    for at, n in ((10, 1), (20, 2)):
        page.get_by_role("slider", name="Step shown").fill(str(at))
        page.locator(f'.rv-arc[data-n="{n}"]').click()
        wait(page, f"view.run.query.includes('{at}:cut') && view.headInfo.status === 'finished'")
    queries = [js(page, "view.run.query")]
    page.evaluate("() => { window.resviz.editor.undo(); window.resviz.editor.undo(); }")
    wait(page, "view.run.segments.length === 1")
    page.keyboard.press("Control+Shift+Z")
    wait(page, "view.run.segments.length > 1")
    queries.append(js(page, "view.run.query"))
    assert queries == [
        "depth=8&epochs=3&seed=64&device=cpu&edits=10:cut:1+20:cut:1-2",
        "depth=8&epochs=3&seed=64&device=cpu&edits=10:cut:1",
    ]


def test_undo_takes_back_the_click_just_made(server, new_page):
    page = new_page(f"{server.url}/train?{LONG}&seed=65")
    wait(page, "view.records.head >= 5")
    page.locator('.rv-arc[data-n="1"]').click()
    page.keyboard.press("Control+z")
    page.wait_for_timeout(1500)
    wait(page, "view.run.segments.length === 1 && view.net.cut.length === 0", 5000)


def test_a_click_while_others_go_first_waits_with_them(make_server, new_page):
    server = make_server(RESVIZ_WORKERS="1")
    first = new_page(f"{server.url}/train?depth=20&epochs=400")
    wait(first, "view.records.head >= 1")
    page = new_page(f"{server.url}/train?{SMALL}")
    wait(page, "view.headInfo.status === 'queued'")
    page.get_by_text("1 run goes first").wait_for()
    page.get_by_text("Changes the start.").wait_for()
    page.locator('.rv-arc[data-n="2"]').click()
    wait(page, "view.run.segments[0].cut.length === 1 && view.headInfo.status === 'queued' && view.records.any")
    page.wait_for_url(lambda url: "cut=2" in url and "edits" not in url)
    assert status(server)["queued"] == 1, "what nobody waits for any more still waits"
    first.get_by_role("button", name="Cancel").click()
    finished(page)
    assert js(page, "view.net.cut") == [2]
    # Back and forward: the drawing follows the address.
    page.go_back()
    wait(page, "view.run.segments[0].cut.length === 0 && view.net.cut.length === 0", 6000)
    page.go_forward()
    wait(page, "view.net.cut.length === 1 && view.headInfo.status === 'finished'")


def test_two_tabs_reload_back_and_forward(server, new_page):
    page = new_page(f"{server.url}/train?depth=8&epochs=20&seed=66")
    wait(page, "view.records.head >= 5")
    other = page.context.new_page()
    other.goto(page.url)
    wait(other, "view.records.head >= 5")
    page.locator('.rv-arc[data-n="2"]').click()
    wait(page, "view.run.segments.length === 2 && view.records.head > view.run.segments[1].after")
    page.wait_for_url(lambda url: "edits" in url)
    branch = js(page, "view.run.digest")
    page.reload()
    wait(page, f"view.run.digest === '{branch}' && view.net.cut.length === 1")
    page.get_by_text("↳ after step").wait_for()
    finished(page)
    finished(other)
    assert js(other, "[view.run.segments.length, view.net.cut.length]") == [1, 0]
    assert "edits" not in other.url
    page.go_back()
    wait(page, "view.run.segments.length === 1 && view.net.cut.length === 0")
    page.go_forward()
    wait(page, f"view.run.digest === '{branch}' && view.net.cut.length === 1")
    other.close()


def test_a_server_restarted_between_a_cut_and_its_undo(make_server, new_page):
    server = make_server()
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    page.get_by_role("slider", name="Step shown").fill("12")
    page.locator('.rv-arc[data-n="1"]').click()
    wait(page, "view.run.segments.length === 2 && view.headInfo.status === 'finished'")
    server.stop()
    page.keyboard.press("Control+z")
    page.get_by_text("The server does not answer.").wait_for()
    expect(page.get_by_role("button", name="undo")).to_be_enabled()  # what could not be undone still can be
    server.process = subprocess.Popen(
        server.process.args, stdout=server.log.open("a"), stderr=subprocess.STDOUT,
        env={**os.environ, "RESVIZ_HOME": str(server.log.parent)},
    )  # fmt: skip
    for _ in range(300):
        try:
            status(server)
            break
        except OSError:
            time.sleep(0.1)
    page.keyboard.press("Control+z")
    wait(page, "view.run.segments.length === 1 && view.headInfo.status === 'finished' && view.net.cut.length === 0")
    page.get_by_text("The server does not answer.").wait_for(state="hidden")


# -- screens, keys and readers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", f"train?{SMALL}&edits=12:cut:2", "?depth=1202&batch=2&width=2&dataset=spirals"])
def test_a_phone_in_the_dark(server, new_page, path):
    page = new_page(color_scheme="dark")
    page.set_viewport_size({"width": 420, "height": 800})
    page.goto(f"{server.url}/{path}")
    wait(page, "view.records.any && view.plots.cards[0].plot._fullLayout", 60_000)
    if "train" in path:
        finished(page)
        page.locator(".rv-branch").nth(1).wait_for()
    assert page.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")
    clipped = """() => [...document.querySelectorAll(".rv-net text")].filter((text) => {
      const words = text.getBoundingClientRect(), box = text.closest(".rv-stage").getBoundingClientRect();
      const clip = text.closest("[clip-path]") ? box.left + 64 : box.left;
      return words.left < clip - 1 || words.right > box.right + 1 || words.top < box.top - 1 || words.bottom > box.bottom + 1;
    }).map((text) => text.textContent)"""
    assert page.evaluate(clipped) == []
    overlapping = """() => {
      const boxes = [...document.querySelectorAll(".rv-residual text")].map((text) => text.getBoundingClientRect());
      const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      return boxes.some((a, i) => boxes.some((b, j) => i < j && a.width && b.width && meet(a, b)));
    }"""
    assert page.evaluate(overlapping) is False
    background = page.locator(".stApp").evaluate("(node) => getComputedStyle(node).backgroundColor")
    ink = page.locator(".rv-live").evaluate("(node) => getComputedStyle(node).color")
    assert sum(map(int, re.findall(r"\d+", background)[:3])) < 150 < 450 < sum(map(int, re.findall(r"\d+", ink)[:3]))


def test_the_tree_of_branches_fits_a_phone(server, new_page):
    page = new_page()
    page.set_viewport_size({"width": 420, "height": 800})
    page.goto(f"{server.url}/train?{SMALL}&edits=12:cut:2")
    finished(page)
    page.locator(".rv-branch").nth(1).wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate(
        "() => (({scrollWidth, clientWidth}) => scrollWidth <= clientWidth)(document.querySelector('.rv-tree'))"
    )


def test_roles_names_and_one_tab_stop(server, new_page):
    page = new_page(f"{server.url}/train?depth=20&epochs=3&stages=3&cut=2&remove=5")
    finished(page)
    items = js(
        page,
        """[...document.querySelectorAll('.rv-residual [data-n]')].map((node) =>
          [node.getAttribute('role'), node.getAttribute('aria-checked'), node.getAttribute('aria-label'), node.tabIndex])""",
    )
    expected = []
    for n in range(1, 10):
        kind = "padding" if n in (4, 7) else "identity"
        expected.append(["switch", str(n != 2).lower(), f"Shortcut {n}, {kind}"])
        expected.append(["switch", str(n != 5).lower(), f"Block {n}"])
    assert [item[:3] for item in items] == expected
    assert [item[3] for item in items].count(0) == 1
    assert js(page, "document.querySelectorAll('.rv-net [tabindex=\"0\"]').length") == 1
    label = page.locator(".rv-net").get_attribute("aria-label")
    assert label.startswith("9 blocks; shortcuts cut: 2; blocks removed: 5.")
    # Tab goes through the drawing in one stop: from the last tool to the arc, and on.
    page.get_by_role("button", name="+", exact=True).last.focus()
    page.keyboard.press("Tab")
    assert js(page, "document.activeElement.getAttribute('aria-label')") == "Shortcut 1, identity"
    page.keyboard.press("Tab")
    assert js(page, "document.activeElement.closest('.rv-net')") is None


def test_focus_stays_on_the_item_through_a_toggle_and_reruns_of_the_page(server, new_page):
    page = new_page(f"{server.url}/train?{LONG}&seed=67")
    wait(page, "view.records.head >= 5")
    page.get_by_role("switch", name="Shortcut 2,").focus()
    focused = "document.activeElement.getAttribute('aria-label')"
    for checked in ("false", "true"):
        page.keyboard.press(" ")
        wait(page, f"view.net.cut.length === {int(checked == 'false')} && !view.editor.waiting")
        assert js(page, f"[{focused}, document.activeElement.getAttribute('aria-checked')]") == [
            "Shortcut 2, identity",
            checked,
        ]
        if checked == "false":  # restored at the same step, it is as if nothing had been
            page.wait_for_url(lambda url: "edits" in url)
    page.wait_for_timeout(1000)
    page.set_viewport_size({"width": 1100, "height": 768})  # drawn anew
    wait(page, "view.net.drawing.svg.getAttribute('width') < 1000")
    assert js(page, focused) == "Shortcut 2, identity"
    assert js(page, "document.querySelectorAll('.rv-net [tabindex=\"0\"]').length") == 1
    page.locator('.rv-block[data-n="3"][data-arm="plain"]').click()
    assert js(page, "document.activeElement.closest('[aria-hidden=true]')") is None, "focus where no reader can follow"


def test_the_form_closes_on_escape_and_gives_focus_back(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    for end in ("Escape", "Cancel"):
        page.get_by_role("button", name="Branch here").click()
        page.get_by_role("dialog").wait_for()
        if end == "Escape":
            page.keyboard.press("Escape")
        else:
            page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        page.get_by_role("dialog").wait_for(state="detached")
        assert js(page, "document.activeElement.textContent") == "Branch here"


def test_undo_by_key_after_the_slider_was_moved(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&edits=12:cut:2")
    finished(page)
    page.locator('.rv-arc[data-n="1"]').click()
    wait(page, "view.run.steps === 66 && view.headInfo.status === 'finished'")
    page.get_by_role("slider", name="Step shown").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+z")
    wait(page, "view.run.steps === 33", 6000)
