"""Three pendulums swing at the same time, each as its numbers say."""

import copy
import math
import re

import pytest
from playwright.sync_api import expect

from tests.harness.asking import shows, told
from tests.harness.moving import at, lead, opened, plays
from tests.harness.scenes_panel import asked

TIME = {"name": "Time of the roll-out"}


@pytest.fixture
def page(site, stage):
    """The recorded roll-outs, whose time stands still."""
    return opened(site, stage, "euler?view=rollout", "rollout", "rollout")


@pytest.fixture
def own(site, page):
    return told(site, "rollout")["figures"][0]["own"]


def angles_of(own):
    return {arm["name"]: arm["angles"] for arm in own["arms"]}


def hung(page, name):
    """The angle of a pendulum as it is drawn, in rad from hanging down, to the right."""
    turn = page.locator(f".rv-pendulum-{name}").get_attribute("transform")
    return -math.radians(float(re.fullmatch(r"rotate\((-?[\d.]+)\)", turn)[1]))


def test_each_hangs_as_it_was_predicted_and_says_how_far_it_is_off(page, own):
    for n in (0, 37, 120, len(own["true"]) - 1):
        lead(page, round(n * own["dt"], 6), **TIME)
        true = own["true"][n]
        assert hung(page, "true") == pytest.approx(true, abs=1e-3)
        for arm, angles in angles_of(own).items():
            assert hung(page, arm) == pytest.approx(angles[n], abs=1e-3), (arm, n)
            turn = abs(math.remainder(angles[n] - true, 2 * math.pi))
            said = page.locator(".rv-pendulum-off").nth(list(angles_of(own)).index(arm)).text_content()
            assert float(re.fullmatch(r"off by ([\d.]+) rad", said)[1]) == pytest.approx(turn, abs=0.0051)
    bob = page.locator(".rv-pendulum-true circle").bounding_box()
    pivot = page.locator(".rv-pendulum-pivot").first.bounding_box()
    assert (bob["x"] > pivot["x"]) == (math.sin(own["true"][-1]) > 0), "a positive angle is to the right"


def test_between_two_predictions_it_is_between_their_angles(page, own):
    lead(page, 1.55, **TIME)
    for arm, angles in angles_of(own).items():
        assert hung(page, arm) == pytest.approx((angles[15] + angles[16]) / 2, abs=1e-3)


def test_they_swing_by_themselves_are_stopped_and_begin_anew(page, own):
    plays(page, **TIME)
    began = at(page, **TIME)
    page.clock.run_for(1000)
    assert at(page, **TIME) - began == pytest.approx(2, abs=0.15)
    page.get_by_role("button", name="Pause").click()
    stood = hung(page, "true"), at(page, **TIME)
    page.clock.run_for(1000)
    assert (hung(page, "true"), at(page, **TIME)) == stood
    end = own["dt"] * (len(own["true"]) - 1)
    lead(page, end, **TIME)
    page.get_by_role("button", name="Play").click()
    assert at(page, **TIME) == 0


def test_who_wants_no_motion_gets_the_first_moment_and_a_button(site, stage):
    site.use("rollout")
    page = stage.open("euler?view=rollout", motion=False)
    shows(page, told(site, "rollout"))
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    own = told(site, "rollout")["figures"][0]["own"]
    assert at(page, **TIME) == 0 and hung(page, "true") == pytest.approx(own["true"][0], abs=1e-3)
    names = page.locator(".rv-pendulum-name")
    expect(names).to_have_text(["true", "residual", "plain"])


def test_one_that_left_float_range_is_gone(site, stage):
    site.use("rollout")
    answer = copy.deepcopy(told(site, "rollout"))
    plain = answer["figures"][0]["own"]["arms"][1]
    plain["angles"] = plain["angles"][:11]
    site.answers[asked("rollout")] = answer
    page = stage.open("euler?view=rollout", motion=False)
    shows(page, answer)
    lead(page, 1, **TIME)
    expect(page.locator(".rv-pendulum-plain")).to_be_visible()
    lead(page, 1.1, **TIME)
    expect(page.locator(".rv-pendulum-plain")).to_be_hidden()
    expect(page.locator(".rv-pendulum-off").nth(1)).to_have_text("left float range")
    expect(page.locator(".rv-pendulum-residual")).to_be_visible()
