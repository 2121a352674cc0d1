"""The Signal page with the server behind it: what a real pass measures, and what is trained and measured below."""

import pytest
from playwright.sync_api import expect

from resviz.families.resnet.spec import Spec
from resviz.topics.signal.figures import CHARTS
from resviz.topics.signal.words import OPENING, signal_finding
from resviz.train.twins.initial import Initial
from tests.harness.seeing import until_line
from tests.inside import above_the_fold, saved, watched

BACK, _, WEIGHTS = (title for _, title, _ in CHARTS)


def spec_of(**words):
    return Spec.of({"device": "cpu", **OPENING, **words})


@pytest.fixture(scope="module")
def measured():
    """What the first pass measures of a spec."""
    initial = Initial()
    yield lambda **words: initial(spec_of(**words))
    initial.close()


def until_shown(page, numbers, title, name):
    """A line of a figure has these numbers, to the four digits that travel."""
    close = "w.every((v, i) => Math.abs(y[i] - v) <= 1e-3 * Math.abs(v))"
    until_line(page, title, name, f"((w) => y.length === w.length && {close})({list(numbers)})")


def until_signal(page, record):
    for arm in ("plain", "residual"):
        until_shown(page, record.arms[arm].activation_grad_norm, BACK, f"{arm}, every layer")


def until_found(page, record, **words):
    expect(page.locator(".rv-finding").first).to_have_text(signal_finding(spec_of(**words), record).split("\n\n")[0])


def test_it_opens_on_a_real_pass_in_one_screen_and_a_change_is_a_link_that_shows_the_same(server, new_page, measured):
    page, complaints, _ = watched(new_page, f"{server.url}/signal")
    page.get_by_role("heading", name="What reaches the first layer?").wait_for()
    record = measured()
    until_signal(page, record)
    until_shown(page, record.arms["residual"].grad_norm, WEIGHTS, "residual")
    until_found(page, record)
    above_the_fold(page, *(page.get_by_role("region", name=title, exact=True) for _, title, _ in CHARTS))
    words = {"norm": "none", "init": "torch"}
    label = "None, small weights"
    page.get_by_role("button", name=label).click()
    until_signal(page, record := measured(**words))
    until_found(page, record, **words)
    page.wait_for_url(lambda url: "norm=none" in url and "init=torch" in url)
    expect(page.get_by_label("normalisation").first).to_have_value("none")
    page.get_by_label("branch scale").first.fill("0.25")
    page.get_by_label("branch scale").first.press("Enter")
    words["branch_scale"] = "0.25"
    until_signal(page, record := measured(**words))
    page.wait_for_url(lambda url: "branch_scale=0.25" in url)
    page.reload()
    until_signal(page, record)
    until_found(page, record, **words)
    page.get_by_role("button", name="cut all").click()
    cut = f"1-{spec_of().shortcuts}"
    until_signal(page, measured(**words, cut=cut))
    expect(page.locator(".rv-finding").first).to_contain_text("All shortcuts are cut: these are the same network.")
    page.keyboard.press("Control+z")
    until_signal(page, record)
    assert complaints == []


def test_a_guess_takes_the_page_there_and_is_held_against_what_is_measured(server, new_page, measured):
    page = new_page(f"{server.url}/signal")
    until_signal(page, measured())
    page.get_by_text("Guess first", exact=True).click()
    expect(page.get_by_text("PyTorch’s own small weights")).to_be_visible()
    page.get_by_role("button", name="it explodes").click()
    until_signal(page, measured(norm="none", init="torch"))
    expect(page.get_by_text("You guessed “it explodes”. No: it vanishes.")).to_be_visible()
    expect(page.get_by_text("0 of 1 right so far")).to_be_visible()


def test_numbers_are_files_first_steps_are_trained_and_shattered_gradients_measured_when_seen(server, new_page):
    page = new_page(f"{server.url}/signal?depth=8&width=4&examples=256&batch=128")
    lines = saved(page.get_by_role("group", name="The signal before training"), "Data").path().read_text().splitlines()
    assert len(lines) == 1 + 8
    assert lines[0].startswith("layer,residual.activation_grad_norm")
    steps = page.get_by_role("group", name="The first steps")
    shattered = page.get_by_role("group", name="Shattered gradients")
    expect(shattered).to_be_attached()
    expect(shattered.get_by_role("button")).to_have_count(0)  # it begins by itself, when somebody looks
    steps.scroll_into_view_if_needed()
    steps.get_by_role("button", name="Train them").click()
    for arm in ("plain", "residual"):
        expect(page.locator(f".rv-area-calm_{arm} .scatterlayer .trace").first).to_be_attached(timeout=60_000)
    shattered.scroll_into_view_if_needed()
    expect(page.locator(".rv-area-shattered_cosine")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("the gradients of two independent inputs have a cosine of")).to_be_visible()
