"""The Signal page's view: what one pass measures, drawn as Python would; its settings, cuts, undo, and answers that come late."""

import math

import pytest
from playwright.sync_api import expect

from resviz.draw.bound import fill
from resviz.topics.signal.figures import CHARTS, templates
from resviz.topics.signal.words import signal_finding
from resviz.train.records import History
from tests.harness.asking import now
from tests.harness.scenes_panel import asked
from tests.harness.seeing import expect_on, nothing_strange, query, region, shortcut, until_line
from tests.harness.write import words_of
from tests.topics.signal.scenes import BASE, CUT, EXPLODED, ODD, SCALED, UNKNOWN, VANISHED, pass_of, spec_of

BACK, FORTH, WEIGHTS = (title for _, title, _ in CHARTS)
NAMES = {title: name for name, title, _ in CHARTS}
LOOK = "GET panel/signal"


def expected(words, title):
    """The lines of a figure as Python fills them; marks at the edge are left out where there are none."""
    spec = spec_of(words)
    (template,) = [t for t in templates(spec) if t["title"] == title]
    figure = fill(template, History(spec, None, [pass_of(spec)]))
    edges = ("exactly 0", "past float32")
    return [trace for trace in figure.data if trace.x or not trace.name.endswith(edges)]


def until_signal(page, words):
    """Wait until both networks' signals are those of these settings, to the four digits that travel."""
    for arm in ("plain", "residual"):
        wanted = [*pass_of(spec_of(words)).arms[arm].activation_grad_norm]
        close = "wanted.every((v, i) => Math.abs(y[i] - v) <= 1e-3 * Math.abs(v))"
        until_line(
            page,
            BACK,
            f"{arm}, every layer",
            f"((wanted) => y.length === wanted.length && {close})({wanted})",
        )


def finding(page):
    return page.locator(".rv-finding")


def until_found(page, words):
    spec = spec_of(words)
    expect(finding(page)).to_have_text(signal_finding(spec, pass_of(spec)).split("\n\n")[0])


@pytest.fixture
def signal(site, stage):
    site.use("signal")
    page = stage.open(f"signal?{BASE}")
    until_signal(page, BASE)
    return page


# -- what it shows ---------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ODD)
def test_the_browser_draws_what_python_would(site, stage, words):
    site.use("signals")
    page = stage.new_page()
    page.set_viewport_size({"width": 1366, "height": 1200})  # what is out of sight is not drawn
    page.goto(f"{site.url}/signal?{words}")
    for title in NAMES:
        wanted = expected(words, title)
        plot = region(page, title).locator(".js-plotly-plot")
        if any(trace.x for trace in wanted):
            expect(plot.locator(".scatterlayer .trace").first).to_be_attached()
        drawn = plot.evaluate("plot => (plot.data ?? []).map(({ x, y, name }) => [name, [...x], [...y]])")
        assert len(drawn) == len(wanted)
        for trace, (name, x, y) in zip(wanted, drawn, strict=True):
            assert name == trace.name and x == list(trace.x)
            ours = [v if v is not None and math.isfinite(v) else None for v in trace.y]
            assert [v is None for v in y] == [v is None for v in ours]  # gaps
            ours = [v for v in ours if v is not None]
            assert [v for v in y if v is not None] == pytest.approx(ours, rel=1e-3)
    until_found(page, words)
    nothing_strange(page)


@pytest.mark.parametrize(
    ("words", "says", "title"), [(VANISHED, "exactly 0", FORTH), (EXPLODED, "past float32", FORTH)]
)
def test_what_float32_cannot_hold_is_marked_at_the_edge(site, stage, words, says, title):
    site.use("signals")
    page = stage.open(f"signal?{words}")
    expect(region(page, title).get_by_text(says, exact=True).first).to_be_visible()
    span = region(page, title).locator(".js-plotly-plot").evaluate("plot => plot.layout.yaxis.range")
    edge = 10 ** span[says == "past float32"]
    trace = next(t for t in expected(words, title) if t.name.endswith(says))
    _, heights = until_line(page, title, trace.name, "x.length")
    assert heights == pytest.approx([edge] * len(trace.x))


def test_the_finding_the_claims_and_the_numbers_stand_there(signal, site):
    page = signal
    until_found(page, BASE)
    told = site.answers[asked("signal", BASE)]
    claims = told["figures"][-1]
    rows = region(page, claims["title"]).locator("tbody tr")
    expect(rows).to_have_count(len(claims["rows"]["rows"]))
    for n, claim in enumerate(claims["rows"]["rows"]):
        expect(rows.nth(n).locator("th, td")).to_have_text(claim)
    for name, file in (("Data", "csv"), ("Code", "py")):
        link = page.get_by_role("link", name=name)
        address, download = link.evaluate("link => [link.href, link.hasAttribute('download')]")
        assert address == f"{site.url}/panel/signal.{file}?{told['query']}" and download
    card = region(page, BACK)
    card.locator("summary").click()
    wanted = expected(BASE, BACK)
    expect(card.get_by_role("columnheader")).to_have_text(["layer", *(trace.name for trace in wanted)])
    expect(card.locator("tbody tr")).to_have_count(19)
    found = card.locator("tbody tr").evaluate_all("rows => rows.map((r) => [...r.cells].map((c) => c.textContent))")
    column = [trace.name for trace in wanted].index("plain, every layer") + 1
    plain = pass_of(spec_of(BASE)).arms["plain"].activation_grad_norm
    assert [float(row[column]) for row in found] == pytest.approx(list(plain), rel=1e-3)


def test_what_is_not_known_yet_is_asked_for_and_the_page_says_so(site, stage):
    site.use("signal")
    page = stage.open(f"signal?{UNKNOWN}")
    expect(page.get_by_text("One pass through each network …")).to_be_visible()
    assert page.locator(".scatterlayer .trace").count() == 0
    now(site, "measured", "signal", UNKNOWN)
    until_signal(page, UNKNOWN)
    until_found(page, UNKNOWN)
    expect(page.get_by_text("One pass through each network …")).to_be_hidden()
    assert words_of(query(page)) == words_of(UNKNOWN), "the address is left as it was opened"


# -- what a person changes -------------------------------------------------------------------------


def test_a_setting_is_measured_at_once_and_undone_and_the_address_follows(signal, site):
    page = signal
    settings = page.get_by_role("group", name="Settings")
    scale, norm = settings.get_by_label("branch scale"), settings.get_by_label("normalisation")
    expect(norm).to_have_value("batch")
    scale.fill("0.25")
    scale.press("Enter")
    until_signal(page, SCALED)
    until_found(page, SCALED)
    page.wait_for_function("() => location.search.includes('branch_scale=0.25')")
    norm.select_option("none")
    until_signal(page, f"{SCALED}&norm=none")
    page.wait_for_function("() => location.search.includes('norm=none')")
    assert words_of(query(page)) == words_of(spec_of(f"{SCALED}&norm=none").query())
    page.get_by_role("button", name="undo", exact=True).click()
    until_signal(page, SCALED)
    expect(norm).to_have_value("batch")
    page.get_by_role("button", name="undo", exact=True).click()
    until_signal(page, BASE)
    expect(scale).to_have_value("1.0")
    expect(page.get_by_role("button", name="undo", exact=True)).to_be_disabled()
    page.get_by_role("button", name="redo", exact=True).click()
    until_signal(page, SCALED)
    expect(scale).to_have_value("0.25")
    page.go_back()
    until_signal(page, BASE)


def test_a_value_that_cannot_be_is_quoted_and_escape_takes_it_back(signal):
    page = signal
    field = page.get_by_label("branch scale")
    field.fill("seven")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("“seven” cannot be used: allowed is a number from 0 to 4.")
    expect(field).to_have_value("seven")
    field.press("Escape")
    expect(field).to_have_value("1.0")
    until_signal(page, BASE)
    assert query(page) == BASE


def test_a_server_that_does_not_answer_is_said_and_the_change_is_measured_when_it_does(signal, site):
    page = signal
    again = site.refuse(LOOK, 0)
    page.get_by_role("button", name="cut all").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer. Try again in a moment.")
    again()
    until_signal(page, CUT)
    expect_on(shortcut(page, 1), False)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_cutting_every_shortcut_makes_both_networks_one(signal):
    page = signal
    page.get_by_role("button", name="cut all").click()
    until_signal(page, CUT)
    expect(finding(page)).to_contain_text("All shortcuts are cut: these are the same network.")
    expect(page.get_by_role("switch", name="+ x is off")).to_have_attribute("aria-checked", "false")
    page.keyboard.press("Control+z")
    until_signal(page, BASE)
    page.keyboard.press("Control+Shift+z")
    until_signal(page, CUT)


def test_a_link_of_the_page_takes_its_place_at_once_and_can_be_undone(signal):
    page = signal
    page.get_by_role("button", name="cut all").click()
    until_signal(page, CUT)
    page.evaluate(f"pageGoesTo('{spec_of(f'{SCALED}&norm=none').query()}')")
    until_signal(page, f"{SCALED}&norm=none")
    expect(page.get_by_label("normalisation")).to_have_value("none")
    page.get_by_role("button", name="undo", exact=True).click()
    until_signal(page, CUT)


def test_the_link_can_be_copied(site, stage):
    site.use("signal")
    page = stage.new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site.url}/signal?{BASE}")
    until_signal(page, BASE)
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    address, _, words = page.evaluate("navigator.clipboard.readText()").partition("?")
    assert (address, words_of(words)) == (f"{site.url}/signal", words_of(BASE))


def test_the_code_is_fetched_when_it_is_asked_for_and_follows_the_settings(signal, site):
    page = signal
    for words in (BASE, SCALED):
        site.answers[asked("signal", words, ".py")] = f"import torch  # {words}\n"
    assert not site.asked("signal.py")
    page.get_by_text("The PyTorch code of exactly this pass").click()
    code = page.locator("pre")
    expect(code).to_have_text(f"import torch  # {BASE}\n")
    assert code.locator(".rv-keyword").all_inner_texts() == ["import"]
    assert code.locator(".rv-comment").all_inner_texts() == [f"# {BASE}"]
    page.get_by_label("branch scale").fill("0.25")
    page.get_by_label("branch scale").press("Enter")
    expect(code).to_have_text(f"import torch  # {SCALED}\n")
