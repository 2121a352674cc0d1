"""The terms of the glossary in the texts of a page: marked where they first stand, and explained to whoever points at them, taps
them, or comes by with the keyboard. What the page says stays the same, to the letter."""

import pytest
from playwright.sync_api import expect

from resviz.words.glossary import TERMS
from tests.axe import audit
from tests.glossed import check_marks
from tests.harness.asking import VIEWS, opened, shows, told
from tests.harness.scenes_panel import asked
from tests.telephone import fits_a_telephone

SEVERAL = ("count", "flow", "landscape", "lesion", "ode", "several", "solve", "signal")
FINDING = (
    "With **batch normalisation** it has no supernorm but a norm, after normalisation, of 3.\n\n"
    "Batch normalisation and a seed: a seed, a batch of them. A [shortcut] is no link."
)


def says(page):
    """What is explained at the moment."""
    return page.get_by_role("tooltip")


def mark(page, spelt):
    return page.locator(".rv-term").get_by_text(spelt, exact=True)


def opened_with(site, stage, finding, kind="solve", **options):
    """A panel that finds this, and no other term comes before that."""
    fixture, place, words = VIEWS[kind]
    site.use(fixture)
    site.answers[asked(kind, words)] = {**told(site, kind, words), "finding": finding, "about": ""}
    page = stage.open(place, **options)
    expect(page.locator(".rv-finding")).to_contain_text(finding.replace("**", "").split("\n\n")[0])
    page.wait_for_function("() => document.querySelector('.rv-term')")
    return page


# -- which are marked --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in SEVERAL if kind in VIEWS])
def test_each_term_is_marked_where_it_first_stands_on_the_page_and_nowhere_else(site, stage, kind):
    assert check_marks(opened(site, stage, kind))


def test_the_longest_form_is_marked_and_what_comes_later_is_not(site, stage):
    page = opened_with(site, stage, FINDING)
    shown = "node => node.innerHTML.replaceAll(/<dfn.*?>/g, '[').replaceAll('</dfn>', ']')"
    assert page.locator(".rv-finding").evaluate(shown) == (
        "<p>With <b>[batch normalisation]</b> it has no supernorm but a [norm], after [normalisation], of 3.</p>"
    )
    expect(page.locator(".rv-panel-further .rv-term")).to_have_text(["seed", "batch", "shortcut"])


def test_what_is_said_stays_the_same_to_the_letter_and_nothing_moves(site, stage):
    page = opened_with(site, stage, FINDING)
    first, second = FINDING.replace("**", "").split("\n\n")
    assert page.locator(".rv-finding").evaluate("node => node.textContent") == first
    assert page.locator(".rv-panel-further").evaluate("node => node.textContent") == second
    for figure in told(site, "solve", VIEWS["solve"][2])["figures"]:
        expect(page.get_by_role("heading", name=f"{figure['title']} {figure['note']}")).to_be_attached()
        expect(page.get_by_role("region", name=figure["title"], exact=True)).to_be_attached()
    # What a closed button hides has no place: whether the browser has laid it out before is chance.
    boxes = """() => [...document.querySelectorAll(".rv-live :not(.rv-term, b)")].map((node) => {
      if (node.closest("details:not([open]) > :not(summary)")) return "";
      const { x, y, width, height } = node.getBoundingClientRect();
      return [x, y, width, height].map((v) => v.toFixed(1)).join();
    })"""
    bare = "() => { for (const mark of document.querySelectorAll('.rv-term')) mark.replaceWith(...mark.childNodes); }"
    before = page.evaluate(boxes)
    page.evaluate(bare)
    assert page.evaluate(boxes) == before


MARKUP = (
    '<p>A <a href="#">seed</a>, a <button>median</button>, <svg><text>BN</text></svg>, <math><mi>γ</mi></math>'
    '<span aria-hidden="true">cosine</span>, and a median.</p>'
)


def test_controls_links_and_formulas_are_left_alone(site, stage):
    site.use("calculator")
    answer = told(site, "count")
    first, *_ = answer["figures"]
    changed = {**first, "title": "First", "note": "", "markup": MARKUP}
    site.answers[asked("count")] = {**answer, "figures": [changed], "finding": "Nothing."}
    page = stage.open("calculator")
    expect(page.locator(".rv-term")).to_have_text(["median"])
    expect(page.get_by_role("region", name="First").locator("p > .rv-term")).to_have_text("median")


def test_when_a_finding_gives_way_to_another_its_terms_do_too(site, stage):
    page = opened_with(site, stage, "A seed and a norm.\n\nThe seed again, and MACs.")
    expect(page.locator("p .rv-term")).to_have_text(["seed", "norm", "MACs"])
    question = asked("solve", VIEWS["solve"][2])
    site.answers[question] = {**site.answers[question], "finding": "MACs now.\n\nThe seed is here.", "version": "other"}
    page.evaluate("() => window.resviz.ask()")
    expect(page.locator(".rv-finding")).to_have_text("MACs now.")
    expect(page.locator("p .rv-term")).to_have_text(["MACs", "seed"])
    check_marks(page)


def test_a_finding_is_read_out_once_with_its_terms_marked(site, stage):
    """A screen reader hears of a change when the page is drawn: the marks are there by then, and when others come, it is told
    nothing."""
    page = opened_with(site, stage, "A seed and a norm.\n\nThe median.", clock=True)
    page.evaluate(
        """() => {
          const finding = document.querySelector(".rv-finding");
          window.heard = [];
          const listen = () => {
            const said = [finding.getAttribute("aria-live"), finding.innerHTML.replace(/<dfn.*?>/g, "<dfn>")].join(" ");
            if (window.heard.at(-1) !== said) window.heard.push(said);
            requestAnimationFrame(listen);
          };
          listen();
        }"""
    )
    question = asked("solve", VIEWS["solve"][2])
    site.answers[question] = {**site.answers[question], "finding": "A median.", "version": "other"}
    page.evaluate("() => window.resviz.ask()")
    expect(page.locator(".rv-finding")).to_have_text("A median.")
    page.clock.run_for(100)
    # The line above comes to name the same term, which is then marked there.
    page.evaluate("() => { document.querySelector('.rv-about').textContent = 'The median'; }")
    site.answers[question] = {**site.answers[question], "about": "The median"}
    page.evaluate("() => window.resviz.ask()")
    expect(page.locator(".rv-about .rv-term")).to_have_text("median")
    page.clock.run_for(100)
    page.clock.run_for(2000)
    assert page.evaluate("window.heard") == [
        "polite <p>A <dfn>seed</dfn> and a <dfn>norm</dfn>.</p>",
        "polite <p>A <dfn>median</dfn>.</p>",
        "off <p>A median.</p>",
        "polite <p>A median.</p>",
    ]


def test_without_a_glossary_the_page_is_as_it_is(site, stage):
    site.use("solve")
    page = stage.new_page(alone=True)
    page.route("**/glossary.json", lambda route: route.abort())
    page.goto(f"{site.url}/{VIEWS['solve'][1]}")
    shows(page, told(site, "solve"))
    assert page.locator(".rv-term").count() == 0


# -- how they are explained --------------------------------------------------------------------------


def test_a_pointer_that_rests_on_a_term_sees_its_sentence_until_it_leaves(site, stage):
    page = opened_with(site, stage, FINDING, clock=True)
    mark(page, "norm").hover()
    page.clock.run_for(100)
    expect(says(page)).to_have_count(0)
    page.clock.run_for(100)
    expect(says(page)).to_contain_text(TERMS["norm"].says)
    says(page).hover()
    page.clock.run_for(1000)
    expect(says(page)).to_be_visible()
    mark(page, "seed").hover()
    page.clock.run_for(1000)
    expect(says(page)).to_have_count(1)
    expect(says(page)).to_contain_text(TERMS["seed"].says)
    page.mouse.move(5, 5)
    page.clock.run_for(1000)
    expect(says(page)).to_have_count(0)


def test_the_keyboard_reaches_each_term_and_escape_closes_its_sentence(site, stage):
    page = opened_with(site, stage, FINDING)
    mark(page, "batch normalisation").focus()
    term = TERMS["batch normalisation"]
    expect(says(page)).to_have_text(f"{term.says}{term.source}")
    page.keyboard.press("Tab")
    expect(mark(page, "norm")).to_be_focused()
    expect(says(page)).to_have_count(1)
    expect(says(page)).to_contain_text(TERMS["norm"].says)
    page.keyboard.press("Escape")
    expect(says(page)).to_have_count(0)
    expect(mark(page, "norm")).to_be_focused()
    page.keyboard.press("Enter")
    expect(says(page)).to_contain_text(TERMS["norm"].says)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(says(page)).to_have_count(0)


def test_a_screen_reader_is_told_the_sentence(site, stage):
    page = opened_with(site, stage, FINDING)
    for spelt in ("norm", "seed"):
        expect(mark(page, spelt)).to_have_accessible_description(TERMS[spelt].says)
    mark(page, "norm").focus()
    expect(mark(page, "norm")).to_have_accessible_description(TERMS["norm"].says)
    expect(says(page)).to_have_text(TERMS["norm"].says)
    assert audit(page) == []


def test_a_tap_explains_a_term_and_a_second_one_or_one_elsewhere_ends_it(site, stage):
    page = opened_with(site, stage, FINDING, alone=True, has_touch=True, telephone=True)
    mark(page, "shortcut").scroll_into_view_if_needed()
    for _ in range(2):
        mark(page, "shortcut").tap()
        expect(says(page)).to_contain_text(TERMS["shortcut"].says)
        mark(page, "shortcut").tap()
        expect(says(page)).to_have_count(0)
    mark(page, "shortcut").tap()
    mark(page, "norm").tap()
    expect(says(page)).to_contain_text(TERMS["norm"].says)
    page.touchscreen.tap(380, 20)
    expect(says(page)).to_have_count(0)


def test_a_sentence_is_within_the_screen_of_a_telephone_whatever_the_place_of_its_term(site, stage):
    page = opened(site, stage, "count", telephone=True, dark=True)
    fits_a_telephone(page)
    marks = page.locator(".rv-term").all()
    assert len(marks) > 10
    for each in marks:
        each.focus()
        box, own = says(page).bounding_box(), each.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert box["y"] >= 0 and box["y"] + box["height"] <= 844
        assert own["height"] >= 24
        at = [box["x"] + 20, box["y"] + box["height"] / 2]
        assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).closest('.rv-explained') !== null", at), (
            "covered"
        )
    assert audit(page) == []


def test_a_sentence_stays_with_its_term_and_its_focus_while_findings_come_and_go(site, stage):
    page = opened_with(site, stage, "A seed and a norm.")
    mark(page, "norm").focus()
    question = asked("solve", VIEWS["solve"][2])
    site.answers[question] = {**site.answers[question], "finding": "The norm is longer.", "version": "other"}
    page.evaluate("() => window.resviz.ask()")
    expect(page.locator(".rv-finding")).to_have_text("The norm is longer.")
    expect(mark(page, "norm")).to_be_focused()
    expect(says(page)).to_contain_text(TERMS["norm"].says)
    site.answers[question] = {**site.answers[question], "finding": "Nothing to explain.", "version": "third"}
    page.evaluate("() => window.resviz.ask()")
    expect(page.locator(".rv-finding")).to_have_text("Nothing to explain.")
    expect(says(page)).to_have_count(0)
