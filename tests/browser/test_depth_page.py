"""The Depth page: errors of both networks against depth, recorded or trained here, that fill in run by run."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from resviz.studies import DEPTHS
from tests.browser.inside import above_the_fold, filled, has_scheme, no_wider_than_a_telephone, watched
from tests.browser.looking import status

TINY = "depths=8,10&seeds=1&width=4&epochs=1&examples=128&batch=64"
FIGURES = ("depth_train", "depth_test", "depth_profile_residual", "depth_profile_plain", "depth_published")
# What every answer of the server shows, from now on: runs that are over, how many depths each line has, what is said.
LISTEN = """() => {
    const board = Object.values(window.resvizBoards)[0], take = board.take.bind(board), heard = window.heard = [];
    board.take = (state) => {
        take(state);
        const lines = board.plots.cards[0]?.template.figure.data.filter((trace) => trace.mode === "lines+markers") ?? [];
        heard.push([state.done, lines.map(({ x }) => x.length)]);
    };
}"""


def board(page, expression):
    return page.evaluate(f"() => {{ const board = Object.values(window.resvizBoards)[0]; return {expression}; }}")


def wait(page, expression, timeout=60_000):
    page.wait_for_function(
        "() => { const board = Object.values(window.resvizBoards ?? {})[0]; "
        f"return board?.state && board.plots.lib && ({expression}); }}",
        timeout=timeout,
    )


def finished(page):
    wait(page, "board.state.status === 'finished' && board.plots.cards.length", 120_000)


def line(page, card, arm):
    """Depths and errors of an arm."""
    trace = f"board.plots.cards[{card}].plot.data.find((t) => t.name === '{arm}')"
    return board(page, f"(({{ x, y }}) => [[...x], [...y]])({trace})")


def words(page):
    """What the address says, whatever the order."""
    return dict(parse_qsl(urlsplit(page.url).query))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_on_recorded_runs_in_one_screen_and_fits_a_telephone(server, new_page, scheme):
    trained = status(server)["trained"]
    page, complaints, wishes = watched(new_page, f"{server.url}/depth", color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_have_text("Does deeper mean better?")
    expect(page.get_by_text("recorded runs:")).to_be_visible()
    wait(page, "board.plots.cards.length === 5")
    expect(page.locator(".rv-area-depth_train .scatterlayer .trace").first).to_be_visible()
    above_the_fold(
        page,
        *(page.get_by_label(label, exact=True) for label in ("depths", "seeds", "epochs")),
        page.get_by_role("button", name="All settings"),
        page.get_by_role("button", name="Train them here"),
        *(page.locator(f".rv-area-{id}") for id in FIGURES[:2]),
    )
    for card in (0, 1):
        for arm in ("residual", "plain"):
            depths, errors = line(page, card, arm)
            assert depths == list(DEPTHS)
            assert all(0 <= error <= 1 for error in errors)
    page.locator(".rv-area-depth_published").scroll_into_view_if_needed()
    filled(page, ".rv-board")
    has_scheme(page, scheme)
    no_wider_than_a_telephone(page)
    assert page.locator(".rv-board [role=img]:not([aria-label])").count() == 0
    assert (complaints, [url for url in wishes if "/study/" in url]) == ([], [])
    assert (status(server)["trained"], status(server)["running"]) == (trained, 0)


def test_a_study_fills_in_as_its_runs_finish_and_is_there_after_a_reload(server, new_page):
    page = new_page(f"{server.url}/depth?{TINY}")
    button = page.get_by_role("button", name="Train them")
    expect(button).to_be_visible()
    expect(page.get_by_role("group", name="Error against depth")).to_contain_text(
        "2 depths, one seed each: 2 runs of 2 steps, both networks in each"
    )
    assert page.locator(".rv-board .rv-card").count() == 0
    before = status(server)["trained"]
    page.evaluate(LISTEN)
    button.click()
    finished(page)
    heard = page.evaluate("window.heard")
    done = [count for count, *_ in heard]
    assert done == sorted(done) and done[-1] == 2
    assert all(all(points <= count for points in lines) for count, lines in heard), "only runs that are over are drawn"
    expect(page.locator(".rv-board-said")).to_have_text("All runs are finished.")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    assert status(server)["trained"] == before + 2
    errors = {(card, arm): line(page, card, arm) for card in (0, 1) for arm in ("residual", "plain")}
    assert all(depths == [8, 10] for depths, _ in errors.values())
    profile = board(page, "board.plots.cards[2].plot.data.map(({ x }) => x.length)")
    assert profile == [8, 10], "a gradient for each layer"
    said = page.locator(".rv-board .rv-finding").inner_text()
    assert said
    filled(page, ".rv-board")
    page.locator(".rv-area-depth_train summary").click()
    expect(page.locator(".rv-area-depth_train tbody tr th")).to_have_text(["8", "10"])

    page.reload()
    finished(page)
    assert {key: line(page, *key) for key in errors} == errors
    expect(page.locator(".rv-board .rv-finding")).to_have_text(said.replace("\n\n", ""))
    expect(page.get_by_role("button", name="Train")).to_have_count(0)
    assert status(server)["trained"] == before + 2, "nothing was trained again"
    with page.expect_download() as download:
        page.get_by_role("link", name="Data").click()
    assert len(download.value.path().read_text().splitlines()) == 1 + 2 * 2


def test_another_setting_is_another_study_and_goes_into_the_address(server, new_page):
    page = new_page(f"{server.url}/depth?{TINY}&seed=4")  # nothing of it has been trained by another test
    wait(page, "true")
    depths = page.get_by_label("depths", exact=True)
    depths.fill("8, 12, 16-18")
    depths.press("Enter")
    expect(page).to_have_url(re.compile(r"depths=8(,|%2C)12(,|%2C)16-18"))
    expect(page.get_by_role("group", name="Error against depth")).to_contain_text("5 depths, one seed each")
    assert "width=4" in page.url


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("depths=abc", "depths=abc: allowed is up to 20 depths from 2 to 1,202, such as 8,20,56"),
        ("depths=8,9999", "depths=8,9999: allowed is up to 20 depths from 2 to 1,202, such as 8,20,56"),
        ("seeds=0", "seeds=0: allowed is a whole number from 1 to 10; nearest that works: 1"),
    ],
)
def test_what_makes_no_study_is_quoted_with_what_is_allowed(server, new_page, wrong, said):
    page = new_page(f"{server.url}/depth?{wrong}")
    expect(page.get_by_text(said)).to_be_visible()
    wait(page, "true")
    assert page.locator(".rv-board .rv-trouble:visible").count() == 0, "the rest is used"


def test_a_wrong_word_in_the_field_is_quoted_and_changes_nothing(server, new_page):
    page = new_page(f"{server.url}/depth?{TINY}")
    wait(page, "true")
    before = words(page)
    depths = page.get_by_label("depths", exact=True)
    depths.fill("deep")
    depths.press("Enter")
    expect(page.get_by_text("depths=deep: allowed is up to 20 depths")).to_be_visible()
    expect(depths).to_have_value("8,10")
    assert words(page) == before
