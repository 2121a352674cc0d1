"""Networks that diverge, networks of other kinds, and where the focus is, on the Train page."""

import math
import re

import pytest
from playwright.sync_api import expect

from tests import paced
from tests.harness.scenes_networks import BOTH, KINDS, NEVER, ONE, SMALL
from tests.harness.seeing import (
    expect_on,
    frames,
    go_to_step,
    line,
    nothing_strange,
    query,
    shortcut,
    until_line,
    until_query,
    until_step,
)
from tests.topics.train.scenes import shown, spec_of

LOSS = "Training loss"
BRANCH = r"POST runs/\w+/branch"
SHORTCUTS = '[role=switch][aria-label^="Shortcut"]'


def address_is(page, spec):
    until_query(page, shown(spec))


def kinds(page):
    """What each shortcut is, as a screen reader says it."""
    return page.locator(SHORTCUTS).evaluate_all("(all) => all.map((arc) => arc.ariaLabel.split(', ')[1])")


# -- networks that diverge -------------------------------------------------------------------------


def test_a_network_that_has_ended_takes_clicks_while_the_other_learns_on(site, stage):
    site.use("diverging")
    run = site.run(spec_of(ONE).digest)
    run.learn(6)
    page = stage.open(f"train?{ONE}")
    until_step(page, 6, 11)
    until_line(page, LOSS, "plain", "x.at(-1) === 4")
    expect(page.get_by_text("Acts at the next step.")).to_be_visible()
    shortcut(page, 2).click()
    assert site.wait_for(BRANCH).said() == {"at": "next", "set": {"cut": "2"}}
    new = spec_of(ONE).branch(7, cut=[2])
    address_is(page, new)
    until_step(page, 11, 11)
    x, _ = until_line(page, LOSS, "residual", "x.length === 11")
    assert x == list(range(1, 12))
    assert max(line(page, LOSS, "plain")[0]) == 4
    nothing_strange(page)


def test_where_both_have_ended_a_change_is_never_reached_but_from_before_it_is(site, stage):
    site.use("diverging")
    page = stage.open(f"train?{BOTH}")
    until_step(page, 4, 11)
    expect(page.get_by_text("Both have ended: move back to branch.")).to_be_visible()
    shortcut(page, 1).click()
    assert site.wait_for(BRANCH).said() == {"at": 4, "set": {"cut": "1"}}
    address_is(page, spec_of(BOTH).branch(4, cut=[1]))
    expect(page.get_by_text("The change after step 4 was never reached.")).to_be_visible()
    go_to_step(page, 2)
    until_step(page, 2)
    shortcut(page, 3).click()
    assert site.wait_for(BRANCH, 2).said() == {"at": 2, "set": {"cut": "3"}}
    address_is(page, spec_of(BOTH).branch(2, cut=[3]))
    until_step(page, 4, 11)
    expect_on(shortcut(page, 3), False)
    nothing_strange(page)


def test_a_link_to_a_change_that_was_never_reached_says_so(site, stage):
    site.use("diverging")
    page = stage.open(f"train?{NEVER}")
    until_step(page, 4, 11)
    expect(page.locator(".rv-finding")).to_contain_text("The change after step 8 was never reached.")
    page.get_by_role("button", name="Reset").click()
    until_line(page, LOSS, "residual", "x.length === 1")
    nothing_strange(page)


# -- networks of other kinds -----------------------------------------------------------------------


def test_another_kind_of_network_is_drawn_as_it_is_though_its_figures_are_the_same(site, stage):
    site.use("kinds")
    page = stage.open(f"train?{KINDS[0]}")
    until_step(page, 11, 11)
    assert kinds(page) == ["identity", "padding", "padding"]
    for words, drawn in ((KINDS[1], ["projection"] * 3), (KINDS[2], [])):
        page.evaluate("(words) => pageGoesTo(words)", words)
        expect(page.locator(SHORTCUTS)).to_have_count(len(drawn))
        page.wait_for_function("() => !document.querySelector('.rv-padding')")
        assert kinds(page) == drawn
        until_step(page, 11, 11)
        expect(page.get_by_role("button", name="cut all")).to_have_count(int(bool(drawn)))
        assert query(page) == words
    nothing_strange(page)


# -- what the drawing says of its blocks ----------------------------------------------------------


def test_a_block_has_the_colour_of_what_its_own_layers_measure(site, stage):
    """Shades go from the least to the largest of both networks, on a log scale, in steps of 1/24."""
    site.use("train")
    page = stage.open(f"train?{SMALL}")
    until_step(page, 33, 33)
    spec = spec_of(SMALL)
    per, stem = spec.convs_per_block, spec.stem_convs
    last = [stem + n * per for n in range(1, spec.blocks + 1)]  # the layer that ends each block
    arms = paced.record(spec, 33).arms
    measured = {
        "gradient norm": {
            arm: [math.hypot(*arms[arm].grad_norm[layer - per : layer]) for layer in last]
            for arm in ("residual", "plain")
        },
        "activation scale": {
            arm: [arms[arm].activation_std[layer - 1] for layer in last] for arm in ("residual", "plain")
        },
    }
    for name, values in measured.items():
        page.get_by_label("Colour of the blocks").select_option(name)
        low, high = (pick(v for arm in values.values() for v in arm) for pick in (min, max))
        for arm, numbers in values.items():
            shades = [0.08 + 0.84 * round(24 * math.log(v / low) / math.log(high / low)) / 24 for v in numbers]
            page.wait_for_function(
                """([arm, shades]) => {
                  const seen = [...document.querySelectorAll(`.rv-${arm} .rv-box`)].map((box) => Number(box.style.fillOpacity));
                  return seen.length === shades.length && seen.every((shade, i) => Math.abs(shade - shades[i]) < 0.04);
                }""",
                arg=[arm, shades],
            )


def test_a_group_says_how_many_of_its_blocks_are_cut_and_removed(site, stage):
    site.use("odd")
    page = stage.open("?depth=56&cut=1-27&remove=1-27", telephone=True)
    groups = page.get_by_role("button", name=re.compile(r"^Blocks \d+ to \d+"))
    expect(groups.first).to_be_visible()
    for group in groups.all():
        first, last, cut, removed = re.fullmatch(
            r"Blocks (\d+) to (\d+), ×\d+(?:, plain)?(?:, (\d+) cut)?, (\d+) removed: open",
            group.get_attribute("aria-label"),
        ).groups()
        count = str(int(last) - int(first) + 1)
        assert removed == count
        assert cut in (count, None)
    title = page.locator(".rv-residual .rv-group title").first
    expect(title).to_have_text("10 equal blocks, 1 to 10: 10 cut, 10 removed. Click to open.")


# -- focus, words and places -----------------------------------------------------------------------


@pytest.fixture
def learning(site, stage):
    """A page that shows the run of SMALL after 6 steps, while it learns."""
    site.use("train", "restored")
    site.run(spec_of(SMALL).digest).learn(6)
    site.run(spec_of(SMALL).branch(7, cut=[2]).digest).learn(7)
    page = stage.open(f"train?{SMALL}")
    until_step(page, 6, 33)
    return page


def test_focus_stays_on_the_item_through_a_cut_its_restoring_and_another_width(site, learning):
    page = learning
    arc = page.get_by_role("switch", name="Shortcut 2, identity")
    arc.focus()
    for number, on in ((1, False), (2, True)):
        page.keyboard.press(" ")
        site.wait_for(BRANCH, number)
        address_is(page, spec_of(SMALL) if on else spec_of(SMALL).branch(7, cut=[2]))
        expect_on(arc, on)
        expect(arc).to_be_focused()
    assert query(page) == SMALL, "restored at the same step, it is as if nothing had been"
    page.set_viewport_size({"width": 1100, "height": 768})  # drawn anew
    page.wait_for_function("() => document.querySelector('.rv-net').getAttribute('width') < 900")
    expect(arc).to_be_focused()
    assert page.locator(".rv-net [tabindex='0']").count() == 1


def test_a_click_on_the_plain_row_leaves_the_focus_where_readers_follow(site, learning):
    page = learning
    site.refuse(BRANCH, 400, "Not now.")
    shortcut(page, 2).focus()
    page.locator('[data-n="3"][data-arm="plain"]').click()
    expect(page.get_by_role("status")).to_have_text("Not now.")
    assert page.evaluate("document.activeElement.closest('[aria-hidden=true]') === null")


def test_in_a_field_keys_are_letters(site, learning):
    page = learning
    page.get_by_role("button", name="Branch here").click()
    form = page.get_by_role("dialog")
    field = form.get_by_label("learning rate")
    field.fill("0.")
    field.press("0")
    field.press("5")
    field.press("Control+z")
    frames(page)
    assert not site.asked(BRANCH) and site.once("panel/train")
    expect(form).to_be_visible()


def test_on_a_telephone_no_word_of_the_drawing_is_clipped(site, stage):
    site.use("train")
    page = stage.open(f"train?{shown(spec_of(SMALL).branch(12, cut=[2]))}", telephone=True)
    until_step(page, 33, 33)
    clipped = """() => [...document.querySelectorAll(".rv-net text")].filter((text) => {
      const words = text.getBoundingClientRect(), box = text.closest(".rv-stage").getBoundingClientRect();
      const clip = text.closest("[clip-path]") ? box.left + 64 : box.left;
      return words.width && (words.left < clip - 1 || words.right > box.right + 1 || words.top < box.top - 1
        || words.bottom > box.bottom + 1);
    }).map((text) => text.textContent)"""
    assert page.evaluate(clipped) == []
