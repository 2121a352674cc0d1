"""The board of a study, on a page that holds nothing else."""

import pytest
from playwright.sync_api import expect

from resviz.studies import Study
from tests.browser.looking import status
from tests.servers import Server

SMALL = {"depth": "4", "width": "2", "examples": "256", "batch": "64", "epochs": "2", "seeds": "2"}
APP = """
import streamlit as st
from resviz.ui.routes import routes
from resviz.ui.server import lifespan

app = st.App("page.py", lifespan=lifespan, routes=routes)
"""
PAGE = """
import streamlit as st
from resviz.ui.board import board

words = dict(st.query_params)
kind, auto = words.pop("study", "options"), bool(words.pop("auto", ""))
board(kind, words, key=f"board_{kind}", title="Against each other", auto=auto)
"""


class BoardServer(Server):
    def command(self):
        return ("-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.address", "127.0.0.1",
                "--browser.gatherUsageStats", "false", "--server.port", str(self.port))  # fmt: skip

    def __init__(self, home):
        (home / "app.py").write_text(APP)
        (home / "page.py").write_text(PAGE)
        super().__init__(home, cwd=home)

    def address(self, **words):
        return f"{self.url}/?" + "&".join(f"{key}={value}" for key, value in words.items())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = BoardServer(tmp_path_factory.mktemp("board"))
    yield server
    server.stop()


def state(page, name):
    return page.evaluate(f"() => Object.values(window.resvizBoards)[0].state?.{name}")


def finished(page):
    page.wait_for_function(
        "() => Object.values(window.resvizBoards ?? {})[0]?.state?.status === 'finished'", timeout=120_000
    )


def test_a_press_trains_them_and_the_next_visitor_finds_them(server, new_page):
    page = new_page(server.address(study="options", **SMALL))
    button = page.get_by_role("button", name="Train them")
    button.wait_for()
    expect(page.get_by_role("group", name="Against each other")).to_contain_text(
        "3 options, 2 seeds each: 6 runs of 8 steps"
    )
    expect(page.get_by_role("group", name="Against each other")).to_contain_text("here")  # how long it will take
    before = status(server)["trained"]
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").wait_for()
    finished(page)
    expect(page.get_by_role("img", name="Digits read correctly")).to_be_visible()
    expect(page.get_by_role("img", name="Training loss")).to_be_visible()
    assert page.locator(".rv-board .js-plotly-plot").count() == 2
    expect(page.locator(".rv-finding")).to_contain_text("A: zero-padded reads")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    assert state(page, "done") == 6

    page.locator("summary").first.click()
    study = Study.of("options", SMALL)
    rows = page.locator(".rv-table").first.locator("tbody tr")
    expect(rows).to_have_count(len(study.choices))
    assert [rows.nth(i).locator("th").inner_text() for i in range(rows.count())] == [c.label for c in study.choices]
    with page.expect_download() as download:
        page.get_by_role("link", name="Data").click()
    assert len(download.value.path().read_text().splitlines()) == 1 + 4 * 2

    trained = status(server)["trained"]
    other = new_page(server.address(study="options", **SMALL))
    finished(other)
    expect(other.locator(".rv-finding")).to_contain_text("A: zero-padded reads")
    expect(other.get_by_role("button", name="Train them")).to_be_hidden()
    assert status(server)["trained"] == trained == before + 6


def test_stop_keeps_what_is_done_and_going_on_finishes_it(server, new_page):
    words = {**SMALL, "depth": "20", "width": "8", "examples": "0", "epochs": "6"}
    page = new_page(server.address(study="options", **words))
    page.get_by_role("button", name="Train them").click()
    page.wait_for_function("() => Object.values(window.resvizBoards)[0].state?.steps_done > 5", timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    on = page.get_by_role("button", name="Train the rest")
    on.wait_for()
    page.wait_for_function("() => Object.values(window.resvizBoards)[0].state?.status === 'waiting'")
    kept = state(page, "steps_done")
    assert kept > 5
    page.wait_for_timeout(1500)
    assert status(server)["running"] == 0
    on.click()
    page.get_by_role("button", name="Stop").wait_for()
    page.wait_for_function(f"() => Object.values(window.resvizBoards)[0].state?.steps_done > {kept}", timeout=60_000)
    page.get_by_role("button", name="Stop").click()


def test_the_calm_one_trains_by_itself_where_it_is_told_to(server, new_page):
    page = new_page(server.address(study="calm", auto="1", depth="8", epochs="10"))
    finished(page)
    assert page.locator(".rv-board .js-plotly-plot").count() == 2
    lines = page.evaluate("() => Object.values(window.resvizBoards)[0].plots.cards.map((c) => c.plot.data.length)")
    assert lines == [4, 4]
    expect(page.locator(".rv-finding")).to_contain_text("Before the first update")


def test_what_makes_no_study_is_said(server, new_page):
    page = new_page(server.address(study="options", seeds="99"))
    expect(page.get_by_role("alert")).to_have_text("seeds=99: allowed is a whole number from 1 to 10")
