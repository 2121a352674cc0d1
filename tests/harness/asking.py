"""What the tests of panels share: answers by question, settings by their labels, and time put forward."""

import re

from playwright.sync_api import expect

from resviz.words.say import unmarked
from tests.harness.scenes_panel import asked
from tests.harness.seeing import frames
from tests.harness.write import modules

CELLS = "lines => lines.map((line) => [...line.cells].map((cell) => cell.textContent))"


def told(site, kind, query=""):
    """What the site answers to these settings of a panel."""
    return site.answers[asked(kind, query)]


def now(site, moment, kind, query=""):
    """From here on the server says this."""
    site.answers[asked(kind, query)] = site.answers[f"{moment}: {asked(kind, query)}"]


def shows(page, answer, still=False):
    """Until finding and figures are those of an answer, and drawn; `still`: where no time passes, all but the first wait."""
    first, *further = unmarked(answer["finding"]).split("\n\n")
    expect(page.locator(".rv-finding")).to_have_text(first)
    expect(page.locator(".rv-panel-further p")).to_have_text(further)
    titles = [figure["title"] + figure["note"] for figure in answer["figures"]]
    expect(page.get_by_role("region").get_by_role("heading")).to_contain_text(titles)
    if not still:
        charts = sum("figure" in figure for figure in answer["figures"])
        page.wait_for_function(
            "(charts) => document.querySelectorAll('main .js-plotly-plot').length >= charts", arg=charts
        )
        frames(page)


# Panels with an answer: the fixture of each, its page's address, its settings.
VIEWS = {name: view for module in modules().values() for name, view in getattr(module, "VIEWS", {}).items()}


def opened(site, stage, kind, **options):
    """The panel of a kind with what it opens with."""
    fixture, place, words = VIEWS[kind]
    site.use(fixture)
    page = stage.open(place, **options)
    shows(page, told(site, kind, words))
    return page


def slider(page, label):
    return page.get_by_role("slider", name=re.compile(f"^{label}"))


def drag(page, label, stop):
    """Move a slider to one of its stops and do not let it go."""
    slider(page, label).evaluate("(input, at) => { input.value = at; input.dispatchEvent(new Event('input')); }", stop)


def slide(page, label, stop):
    """Put a slider at one of its stops, as a pointer does: input while it moves, change when it is let go."""
    drag(page, label, stop)
    slider(page, label).dispatch_event("change")


def choose(page, label, value):
    page.get_by_role("combobox", name=label, exact=True).select_option(value)


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def settled(page):
    """A second later: what was changed is a step that can be undone, and the address follows."""
    page.clock.fast_forward(1000)
    frames(page)


def later(page):
    """A second later, when whatever the page sends by then has reached the site, which hears one request after the other."""
    settled(page)
    page.evaluate("fetch('/told', { method: 'POST', body: 'later' })")


def cells(card):
    """The table of a card, line by line."""
    if not card.locator("details[open]").count():
        card.locator("summary").click()
    expect(card.locator("tbody tr").first).to_be_visible()
    return card.locator("tbody tr").evaluate_all(
        "lines => lines.map((line) => [...line.cells].map((c) => c.textContent))"
    )


def scheme(page):
    """How light the page is, its text, and the labels of a figure's axis, from 0 to 255."""
    return page.evaluate(
        """() => {
          const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).reduce((sum, v) => sum + Number(v), 0) / 3;
          const shown = (node, name) => light(getComputedStyle(node)[name]);
          const app = document.querySelector(".stApp"), label = document.querySelector(".js-plotly-plot .xtick text");
          return [shown(app, "backgroundColor"), shown(app, "color"), label ? shown(label, "fill") : null];
        }"""
    )
