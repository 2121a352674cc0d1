"""The Euler page: every view opens on an answer, a change reaches the address, and a link leads back to it."""

import json
import re
from urllib.request import urlopen

from playwright.sync_api import expect

from resviz.runs.recorded import opening, path_of, recorded
from resviz.topic import pages
from resviz.topics.flow.words import halving
from resviz.topics.rollout.experiment import rollout
from resviz.topics.rollout.question import RolloutSpec
from resviz.topics.rollout.words import finding as finding_of
from resviz.topics.solve.question import SolveSpec, solve
from resviz.topics.solve.words import finding as solved
from resviz.words.say import percent
from tests.axe import audit
from tests.inside import above_the_fold, answered, button, figures, filled, finding, press_view, saved, watched

SHORT = "steps=40&horizon=30&hidden=4&examples=100"  # under a second of training


def test_it_opens_moving_in_one_screen_and_every_view_on_an_answer(server, new_page):
    page, complaints, wishes = watched(new_page, f"{server.url}/euler", motion=True)
    expect(page.get_by_text("a recorded run:")).to_be_visible()
    answered(page)
    above_the_fold(page, *page.locator("figure canvas").all(), page.get_by_role("slider", name="Block that"),
                   page.get_by_role("group", name="Settings"), page.locator(".rv-summands"))  # fmt: skip
    place = page.get_by_role("slider", name="Block that the points have reached")
    page.wait_for_function("(node) => node.value > 0.5", arg=place.element_handle())  # they move by themselves
    for kind, view in ((topic.name, topic) for topic in pages()["euler"]):
        if kind != "flow":
            press_view(page, view.label)
            page.wait_for_url(re.compile(rf"[?&]view={kind}\b"))
        expect(page.get_by_role("heading", level=1)).to_have_text(view.question)
        expect(page.get_by_role("group", name=view.label)).to_be_visible()
        answered(page)
        expect(page.get_by_text("a recorded run:")).to_have_count(int(kind != "solve"))  # which is computed at once
        expect(figures(page).nth(1)).to_be_visible()
        filled(page, ".rv-panel")
    assert (complaints, [url for url in wishes if "/panel/" in url]) == ([], [])


def test_the_step_of_a_point_is_said_and_halved(server, new_page):
    page, complaints, _ = watched(new_page, f"{server.url}/euler")
    answered(page)
    record = recorded(opening("flow")).record
    place = page.get_by_role("slider", name="Block that the points have reached")
    place.fill("3")
    page.get_by_role("application", name=re.compile("^residual")).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    terms = page.locator(".rv-summands")
    expect(terms).to_contain_text("block 4")
    expect(terms).to_contain_text("x + h f(x)")
    audited = audit(page)
    press = button(page, "Halve the step")
    press.click()
    expect(terms).to_contain_text("x + (h/2) f(x)")
    page.get_by_role("application", name=re.compile("^residual")).press("Escape")
    expect(terms).to_contain_text(halving(record))
    expect(page.locator(".rv-panel-further")).to_have_text(halving(record))
    expect(page.get_by_text(f"{percent(record.arms['residual'].halved.accuracy)} correct", exact=True)).to_be_visible()
    assert (audited, audit(page), complaints) == ([], [], [])


def test_the_recorded_values_are_those_of_the_file(server):
    with urlopen(f"{server.url}/panel/flow") as answer:
        told = json.load(answer)
    record = json.loads(path_of(opening("flow")).read_text().partition("\n")[2])
    arms = told["figures"][0]["flow"]["arms"]
    for name, arm in zip(("residual", "plain"), arms, strict=True):
        for key in ("x", "y", "regions", "arrows"):
            assert arm[key] == record["arms"][name][key]


def test_a_slider_that_is_dragged_answers_at_once_reaches_the_address_and_a_link_gives_the_same(server, new_page):
    page = new_page(f"{server.url}/euler?view=solve&method=rk5&n=0&T=4")
    expect(page.get_by_text("method=rk5: allowed is one of euler, midpoint, heun, rk4, dopri5")).to_be_visible()
    expect(page.get_by_text("n=0: allowed is a whole number from 1 to 20,000; nearest that works: 1")).to_be_visible()
    expect(page.locator(".rv-finding")).to_have_text(solved(solve(SolveSpec(T=4.0))))
    slider = page.get_by_role("slider", name=re.compile("^steps"))
    stops = int(slider.get_attribute("max"))
    slider.evaluate("(input, at) => { input.value = at; input.dispatchEvent(new Event('input')); }", stops - 10)
    spec = SolveSpec(T=4.0, n=11)
    expect(page.locator(".rv-finding")).to_have_text(solved(solve(spec)))
    page.wait_for_url(re.compile(r"[?&]n=11\b"))
    assert spec.query() in page.url
    answered(page)  # also the solver that chooses its steps
    said = finding(page)
    page.reload()
    answered(page)
    assert finding(page) == said
    file = saved(page, "Data")
    assert file.suggested_filename == f"resviz-solve-{spec.digest}.csv"
    assert "forward Euler,11,11," in file.path().read_text()


def test_what_is_learnt_here_is_what_the_experiment_gives_and_again_the_same(server, new_page):
    page = new_page(f"{server.url}/euler?view=rollout&{SHORT}")
    answered(page)
    *_, last = rollout(RolloutSpec.of(dict(pair.split("=") for pair in SHORT.split("&"))))
    assert finding(page) == finding_of(last).split("\n\n")
    button(page, "Train again").click()
    expect(button(page, "Stop")).to_be_visible()
    answered(page)
    assert finding(page) == finding_of(last).split("\n\n")


def test_an_adaptive_step_that_underflows_says_so(server, new_page):
    page = new_page(f"{server.url}/euler?view=solve&system=lotka_volterra&method=dopri5&start=5,-5")
    expect(page.locator(".rv-finding")).to_contain_text("its step underflowed")
