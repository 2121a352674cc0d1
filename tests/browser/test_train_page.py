"""The Train page, as a person meets it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from resviz.figures.live import fill
from resviz.figures.train import templates
from resviz.records import History
from resviz.runs.store import Store
from resviz.spec import Spec
from tests.browser.looking import SMALL, drawn, finished, js, status, wait


def test_default_starts_by_itself_and_both_curves_grow(make_server, new_page):
    server = make_server()  # where nobody has trained it yet
    page = new_page(f"{server.url}/train")
    page.get_by_role("heading", name="What happens when both learn?").wait_for()
    wait(page, "view.records.head >= 3 && view.plots.cards[2].plot.data?.[1].x.length >= 3")
    plain, residual = drawn(page, 2, 0), drawn(page, 2, 1)
    assert len(plain[0]) == len(residual[0]) >= 3
    before = len(residual[0])
    page.wait_for_function("n => window.resviz.plots.cards[2].plot.data[1].x.length > n", arg=before)
    assert all(value > 0 for value in drawn(page, 2, 1)[1])
    hero = drawn(page, 0, 3)
    assert hero[0] == list(range(1, 57))
    finished(page)
    expect(page.locator(".rv-finding")).to_contain_text("%")
    text = page.locator(".rv-finding").inner_text()
    residual, plain = map(float, re.findall(r"([\d.]+)%", text)[:2])
    assert residual >= 95
    assert plain <= 50
    expect(page.locator(".rv-facts")).to_contain_text("same start ✓")


def test_a_finished_run_is_there_at_once_on_a_second_visit(server, new_page):
    first = new_page(f"{server.url}/train?{SMALL}")
    finished(first)
    again = new_page(f"{server.url}/train?{SMALL}")
    finished(again)
    assert js(again, "view.fromStore") is True
    assert js(again, "view.cursor") == js(again, "view.headInfo.steps") == 33
    assert js(again, "view.records.list") == js(first, "view.records.list")


def test_pause_step_reset_and_slider(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=11&epochs=40")
    wait(page, "view.records.head >= 5")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(700)  # what was under way arrives
    head = js(page, "view.records.head")
    page.wait_for_timeout(1500)
    assert js(page, "view.records.head") == head, "training went on behind a pause"
    cursor = js(page, "view.cursor")
    page.get_by_role("slider", name="Step shown").fill("3")
    wait(page, "view.cursor === 3 && view.plots.cards[2].plot.data[1].x.length === 3")
    page.get_by_role("button", name="Step", exact=True).click()
    wait(page, "view.cursor === 4 && view.plots.cards[2].plot.data[1].x.length === 4")
    page.get_by_role("button", name="Reset").click()
    wait(page, "view.cursor === 1 && view.plots.cards[2].plot.data[1].x.length === 1")
    page.get_by_role("slider", name="Step shown").fill(str(head))
    page.get_by_role("button", name="Step", exact=True).click()  # one that has not been computed yet
    wait(page, f"view.records.head === {head + 1} && view.cursor === {head + 1}")
    assert cursor <= head
    page.get_by_role("button", name="Play").click()
    wait(page, f"view.records.head > {head + 3}")


def test_keyboard(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=12&epochs=40")
    wait(page, "view.records.head >= 3 && view.playing")
    page.keyboard.press(" ")
    wait(page, "!view.playing")
    at = js(page, "view.cursor")
    page.keyboard.press(".")
    wait(page, f"view.cursor === {at + 1} && view.records.head >= {at + 1}")
    page.keyboard.press(",")
    wait(page, f"view.cursor === {at}")
    page.keyboard.press("0")
    wait(page, "view.cursor === 1")
    page.keyboard.press(" ")
    wait(page, "view.playing")


def test_the_browser_draws_what_python_would(server, new_page):
    """live.js and figures/live.py fill the same template with the same numbers, at the end and at a step between."""
    page = new_page(f"{server.url}/train?{SMALL}&norm=none&lr=0.1")
    finished(page)
    digest = js(page, "view.run.digest")
    with urllib.request.urlopen(f"{server.url}/runs/{digest}/records?viewer=test") as answer:
        assert json.load(answer)["status"] == "finished"
    store = Store(server.log.parent)
    kept, message = store.load(digest)
    store.close()
    assert not message
    history: History = kept.history
    for step in (33, 7):
        page.get_by_role("slider", name="Step shown").fill(str(step))
        for index, template in enumerate(templates(history.spec)):
            page.evaluate(f"() => window.resviz.plots.cards[{index}].box.scrollIntoView()")
            wait(page, f"view.plots.cards[{index}].shown === {step}")
            figure = fill(template, history, step)
            for t, trace in enumerate(figure.data):
                data = f"view.plots.cards[{index}].plot.data[{t}]"
                assert js(page, f"Array.from({data}.x)") == list(trace.x)
                if trace.type == "heatmap":
                    seen = [v for line in js(page, f"{data}.z.map((line) => Array.from(line))") for v in line]
                    made = [v for line in trace.z for v in line]
                else:
                    seen, made = js(page, f"Array.from({data}.y)"), list(trace.y)
                assert len(seen) == len(made)
                for a, b in zip(seen, made, strict=True):
                    assert (a is None) == (b is None)
                    assert a is None or a == pytest.approx(b, rel=1e-3, abs=1e-3)  # four digits travel
            if figure.layout.yaxis.type == "log":
                assert js(page, f"view.plots.cards[{index}].plot.layout.yaxis.range") == list(figure.layout.yaxis.range)


def test_a_changed_setting_is_a_link_to_the_same_experiment(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    before = js(page, "view.run.digest")
    box = page.get_by_role("spinbutton", name="depth")
    box.fill("12")
    box.press("Enter")
    page.wait_for_url(re.compile("depth=12"))
    page.wait_for_function("d => window.resviz.run.digest !== d", arg=before)
    finished(page)
    digest, numbers = js(page, "view.run.digest"), js(page, "view.records.list")
    assert parse_qs(urlsplit(page.url).query) == {"depth": ["12"], "epochs": ["3"]}
    page.reload()
    finished(page)
    assert js(page, "view.run.digest") == digest
    other = new_page(page.url)
    finished(other)
    assert js(other, "view.records.list") == numbers
    # and undo is the browser's own
    page.goto(page.url.replace("depth=12", "depth=8"))
    finished(page)
    assert js(page, "view.run.digest") == before


def test_every_setting_has_a_widget(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}")
    page.get_by_role("button", name="All settings").click()
    for label in ("width", "block", "cut shortcuts", "branch scale", "optimiser", "momentum", "seed", "device"):
        page.get_by_label(label, exact=True).first.wait_for()
    page.get_by_label("cut shortcuts", exact=True).fill("2")
    page.get_by_label("cut shortcuts", exact=True).press("Enter")
    page.wait_for_url(re.compile("cut=2"))
    finished(page)
    page.get_by_label("cut shortcuts", exact=True).fill("900")
    page.get_by_label("cut shortcuts", exact=True).press("Enter")
    page.get_by_text("cut=900: depth 8 has shortcuts 1 to 3").wait_for()
    assert "cut=2" in page.url


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("depth=abc", "depth=abc: allowed is a whole number from 2 to 1,202"),
        ("depth=99999", "depth=99999: allowed is a whole number"),
        ("colour=red", "colour=red: no such setting"),
        ("cut=900", "cut=900: depth 8 has shortcuts 1 to 3"),
        ("lr=-1", "lr=-1: allowed is a number from 1e-06 to 100"),
        ("lr=1e30", "lr=1e30: allowed is a number"),
        ("norm=", "norm=: allowed is one of batch, layer, group, none"),
        ("run=0123456789abcdef", "run=0123456789abcdef: no such run on this server"),
        ("seed=" + "9" * 1_000_000, "(1,000,000 characters)"),
    ],
    ids=lambda value: value[:20],
)
def test_bad_links_say_what_is_allowed_and_go_on(server, new_page, query, says):
    good = "epochs=3" if query.startswith(("depth", "run")) else SMALL
    page = new_page()
    page.goto(f"{server.url}/train?{good}&{query}", wait_until="commit")
    page.get_by_text(says).first.wait_for()
    wait(page, "view.records.head >= 1")


def test_too_large_a_run_is_declined_with_an_estimate(server, new_page):
    page = new_page(f"{server.url}/train?depth=1202&width=256&epochs=500")
    page.get_by_text("the limit is").wait_for()
    assert re.search(r"would take about [\d,]+ (days|h|min) and \d+ GB", page.get_by_text("the limit is").inner_text())


def test_missing_data_set_is_a_sentence_and_an_offer(server, new_page):
    page = new_page(f"{server.url}/train?dataset=mnist&epochs=1&examples=512&depth=8")
    page.get_by_text("MNIST is not in").wait_for()
    page.get_by_role("button", name="Download").wait_for()


def test_two_people_watch_one_training(server, new_page):
    url = f"{server.url}/train?{SMALL}&seed=21"
    before = status(server)["trained"]
    pages = [new_page(url), new_page(url)]
    for page in pages:
        finished(page)
    assert js(pages[0], "view.records.list") == js(pages[1], "view.records.list")
    assert status(server)["trained"] == before + 1
    assert "Traceback" not in server.log.read_text()


def test_downloads(server, new_page, tmp_path):
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Data").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 34
    assert lines[0].startswith("step,epoch,lr,residual.loss")
    with page.expect_download() as download:
        page.get_by_role("link", name="Code").click()
    out = subprocess.run(
        [sys.executable, download.value.path()], capture_output=True, text=True, cwd=tmp_path, check=True
    ).stdout
    params = int(re.search(r"residual: ([\d,]+) parameters", out)[1].replace(",", ""))
    assert params == js(page, "view.headInfo.arms.residual.params")
    last_loss = float(re.search(r"residual: step 33, loss ([\d.e-]+)", out)[1])
    assert last_loss == pytest.approx(js(page, "view.records.list.at(-1).residual.loss"), rel=1e-3)


def test_polls_where_the_stream_cannot_be_opened(server, new_page):
    page = new_page()
    page.route("**/events?*", lambda route: route.abort())
    page.goto(f"{server.url}/train?{SMALL}&seed=31")
    finished(page)
    assert js(page, "view.stream.polling") is True
    assert js(page, "view.records.head") == 33


def test_zoom_is_kept_while_it_learns(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=41&epochs=40")
    wait(page, "view.records.head >= 5 && view.plots.lib && view.plots.cards[2].plot.data")
    area = page.locator(".rv-area-loss .nsewdrag").first.bounding_box()
    page.mouse.move(area["x"] + 5, area["y"] + 10)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] - 10, steps=5)
    page.mouse.up()
    zoomed = js(page, "view.plots.cards[2].plot.layout.xaxis.range")
    assert zoomed[1] < 0.7 * 440
    node = page.evaluate_handle("() => window.resviz.plots.cards[2].plot.querySelector('svg')")
    before = js(page, "view.cursor")
    wait(page, f"view.cursor > {before + 5}")
    assert js(page, "view.plots.cards[2].plot.layout.xaxis.range") == zoomed
    assert page.evaluate("node => node.isConnected", node), "the picture was mounted anew"


def test_data_as_a_table_and_names_for_screen_readers(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    page.get_by_role("img", name="Training loss").wait_for()
    page.get_by_role("region", name="Training loss").get_by_text("table", exact=True).click()
    rows = page.get_by_role("region", name="Training loss").get_by_role("row")
    expect(rows).to_have_count(34)
    assert rows.nth(0).inner_text().split() == ["step", "plain", "residual"]


def test_killed_worker_fails_the_run_and_is_replaced(make_server, new_page):
    server = make_server()
    page = new_page(f"{server.url}/train?{SMALL}&epochs=300")
    wait(page, "view.records.head >= 5")
    workers = subprocess.run(
        ["pgrep", "-P", str(server.process.pid), "-f", "resviz.runs.worker"], capture_output=True, text=True
    )
    for pid in workers.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    page.get_by_text("was ended (signal 9)").wait_for()
    page.goto(f"{server.url}/train?{SMALL}")
    finished(page)


def test_a_cancelled_run_can_be_run_again_to_its_end(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=51&epochs=9")
    wait(page, "view.records.head >= 3")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled after step").wait_for()
    page.get_by_role("button", name="Run again").click()
    finished(page)
    assert js(page, "view.records.head") == 99


def test_a_restarted_server_keeps_finished_runs(make_server, new_page):
    server = make_server()
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    numbers = js(page, "view.records.list")
    server.stop()
    after = make_server()
    page = new_page(f"{after.url}/train?{SMALL}")  # a deep link on a fresh server
    finished(page)
    assert js(page, "view.fromStore") is True
    assert js(page, "view.records.list") == numbers


def test_the_hero_and_its_controls_fit_a_classroom_laptop(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    for name in ("Training loss", "Digits read correctly (unseen)", "Finding"):
        box = page.get_by_role("region", name=name, exact=True).bounding_box()
        assert box["y"] + box["height"] <= 768, name
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_unknown_run_in_a_route_is_a_sentence(server):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{server.url}/runs/nothing/records?viewer=x")
    assert error.value.code == 404
    assert "There is no run 'nothing'" in error.value.read().decode()


def test_post_routes_answer_only_the_page(server, new_page):
    spec = Spec.of({"depth": "8", "epochs": "3", "device": "cpu"})
    request = urllib.request.Request(f"{server.url}/runs/{spec.digest}/cancel?viewer=x", method="POST")
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request)
    assert error.value.code == 400
