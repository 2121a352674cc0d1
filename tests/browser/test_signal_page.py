"""The Signal page: what one pass measures, drawn as it was measured; controls, guesses, and what is trained below."""

import pytest
from playwright.sync_api import expect

from resviz.experiments.initial import Initial
from resviz.figures.live import fill
from resviz.figures.signal import templates
from resviz.records import History
from resviz.signal import OPENING, signal_finding
from resviz.spec import Spec
from tests.browser.looking import wait


def spec_of(**words):
    return Spec.of({"device": "cpu", **OPENING, **words})


PLAIN, RESIDUAL = 2, 3  # the traces of every layer, under the lines that join the ends of the blocks


@pytest.fixture(scope="module")
def measured():
    """What the first pass measures of a spec."""
    initial = Initial()
    yield lambda **words: initial(spec_of(**words))
    initial.close()


def until_shown(page, numbers, trace, card=0):
    """Wait until a trace of a figure has these numbers, to the four digits that travel."""
    page.wait_for_function(
        """([card, trace, numbers]) => {
          const y = window.resviz?.plots?.cards?.[card]?.plot.data?.[trace]?.y ?? [];
          return y.length === numbers.length && numbers.every((v, i) => Math.abs(y[i] - v) <= 1e-3 * Math.abs(v));
        }""",
        arg=[card, trace, numbers],
    )


def until_signal(page, record):
    for arm, trace in (("plain", PLAIN), ("residual", RESIDUAL)):
        until_shown(page, list(record.arms[arm].activation_grad_norm), trace)


def test_it_opens_on_a_real_pass_in_one_screen(server, new_page, measured):
    page = new_page(f"{server.url}/signal")
    page.get_by_role("heading", name="What reaches the first layer?").wait_for()
    record = measured()
    until_signal(page, record)
    until_shown(page, list(record.arms["residual"].grad_norm), 1, card=2)
    expect(page.locator(".rv-bar .rv-finding")).to_have_text(signal_finding(spec_of(), record).split("\n\n")[0])
    box = page.locator(".rv-area-signal_grad_norm .rv-plot").bounding_box()
    assert box["y"] + box["height"] <= 768


def test_every_situation_is_one_press_away(server, new_page, measured):
    page = new_page(f"{server.url}/signal")
    until_signal(page, measured())
    for label, words in {
        "None, small weights": {"norm": "none", "init": "torch"},
        "None, He’s weights": {"norm": "none"},
        "… branch × 1/√L": {"norm": "none", "branch_scale": "0.192"},
        "Zero gamma": {"init": "zero_gamma"},
        "Batch normalisation": {},
    }.items():
        page.get_by_role("radio", name=label).or_(page.get_by_role("button", name=label)).first.click()
        record, spec = measured(**words), spec_of(**words)
        until_shown(page, list(record.arms["residual"].activation_grad_norm), RESIDUAL)
        expect(page.locator(".rv-bar .rv-finding")).to_have_text(signal_finding(spec, record).split("\n\n")[0])
        page.wait_for_url(lambda url, words=words: all(f"{k}={v}" in url for k, v in words.items()))


def test_a_control_measures_anew_and_its_link_gives_the_same(server, new_page, measured):
    page = new_page(f"{server.url}/signal?depth=20")
    until_signal(page, measured(depth=20))
    page.get_by_label("branch scale").fill("0.25")
    page.get_by_label("branch scale").press("Enter")
    record = measured(depth=20, branch_scale=0.25)
    until_signal(page, record)
    page.wait_for_url(lambda url: "branch_scale=0.25" in url)
    until_signal(new_page(page.url), record)
    page.get_by_label("normalisation").select_option("none")
    until_signal(page, measured(depth=20, branch_scale=0.25, norm="none"))
    page.get_by_role("button", name="undo").click()
    until_signal(page, record)
    expect(page.get_by_label("normalisation")).to_have_value("batch")


def test_a_value_that_cannot_be_is_refused_in_words_and_put_back(server, new_page, measured):
    page = new_page(f"{server.url}/signal?depth=20")
    until_signal(page, measured(depth=20))
    page.get_by_label("branch scale").fill("seven")
    page.get_by_label("branch scale").press("Enter")
    expect(page.locator(".rv-status").first).to_contain_text("branch_scale=seven: allowed is a number from 0 to 4")
    expect(page.get_by_label("branch scale")).to_have_value("1.0")
    until_signal(page, measured(depth=20))


def test_cutting_every_shortcut_makes_both_networks_one(server, new_page, measured):
    page = new_page(f"{server.url}/signal?depth=20")
    until_signal(page, measured(depth=20))
    page.get_by_role("button", name="cut all").click()
    until_shown(page, list(measured(depth=20).arms["plain"].activation_grad_norm), RESIDUAL)
    expect(page.locator(".rv-bar .rv-finding")).to_contain_text("the same numbers, to the last digit")
    page.keyboard.press("Control+z")
    until_signal(page, measured(depth=20))


@pytest.mark.parametrize(
    "words",
    [
        {"depth": "8"},
        {"depth": "8", "norm": "none", "init": "torch"},
        {"depth": "11", "norm": "none", "order": "full", "branch_scale": "0.5"},
        {"depth": "160", "norm": "none", "init": "torch", "width": "4"},
        {"depth": "300", "norm": "none", "width": "4", "batch": "8"},
        {"kind": "mlp", "depth": "8", "width": "32", "norm": "none"},
        {"depth": "2"},
    ],
)
def test_the_browser_draws_what_python_would(server, new_page, measured, words):
    page = new_page(f"{server.url}/signal?{'&'.join(f'{k}={v}' for k, v in words.items())}")
    spec, record = spec_of(**words), measured(**words)
    page.set_viewport_size({"width": 1366, "height": 1200})  # what is out of sight is not drawn
    wait(page, "view.records.any && view.plots.cards.every(({ plot }) => plot.data?.length)")
    for card, template in enumerate(templates(spec)):
        figure = fill(template, History(spec, None, [record]))
        drawn = page.evaluate(
            "n => window.resviz.plots.cards[n].plot.data.map(({x, y}) => ({x: [...x], y: [...y]}))", card
        )
        expected = [
            t for t in figure.data if t.x or not (t.name.endswith("exactly 0") or t.name.endswith("past float32"))
        ]
        assert len(drawn) == len(expected)
        for trace, theirs in zip(expected, drawn, strict=True):
            assert list(trace.x) == theirs["x"]
            assert [v is None for v in trace.y] == [v is None for v in theirs["y"]]
            ours = [v for v in trace.y if v is not None]
            assert [v for v in theirs["y"] if v is not None] == pytest.approx(ours, rel=1e-3)


def test_what_float32_cannot_hold_is_marked(server, new_page):
    page = new_page(f"{server.url}/signal?depth=300&norm=none&init=torch&width=4&batch=16")
    expect(page.locator(".rv-bar .rv-finding")).to_contain_text("where float32 ends")
    expect(page.locator(".rv-area-signal_activation_std .textpoint").first).to_have_text("exactly 0")


def test_a_guess_is_held_against_what_is_measured(server, new_page, measured):
    page = new_page(f"{server.url}/signal")
    until_signal(page, measured())
    page.get_by_role("button", name="Guess first").click()
    expect(page.get_by_text("PyTorch’s own small weights")).to_be_visible()
    page.get_by_role("button", name="it explodes").click()
    until_signal(page, measured(norm="none", init="torch"))
    expect(page.get_by_text("You guessed it explodes: not so.")).to_be_visible()
    expect(page.get_by_text("0 of 1 right so far")).to_be_visible()
    page.get_by_role("button", name="it explodes").click()  # the next one: the residual network, He's weights
    until_signal(page, measured(norm="none"))
    expect(page.get_by_text("You guessed it explodes: right.")).to_be_visible()
    expect(page.get_by_text("1 of 2 right so far")).to_be_visible()


def test_claims_stand_beside_what_was_measured_and_numbers_can_be_taken_away(server, new_page):
    page = new_page(f"{server.url}/signal?depth=8")
    rows = page.locator(".rv-claims tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("arXiv 1902.08129")
    with page.expect_download() as download:
        page.get_by_role("link", name="numbers (CSV)").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 1 + 8
    assert lines[0].startswith("layer,residual.activation_grad_norm")
    page.locator(".rv-area-signal_activation_grad_norm summary").click()
    expect(page.locator(".rv-area-signal_activation_grad_norm tbody tr")).to_have_count(7)


def test_what_cannot_be_is_said_with_what_can(server, new_page, measured):
    page = new_page(f"{server.url}/signal?depth=5000&init=zero_gamma&norm=none")
    expect(page.get_by_text("depth=5000: allowed is a whole number from 2 to 1,202")).to_be_visible()
    expect(page.get_by_text("needs a normalisation, whose gamma it zeroes")).to_be_visible()
    until_signal(page, measured(norm="none"))


def test_the_first_steps_are_trained_at_a_press(server, new_page):
    page = new_page(f"{server.url}/signal?depth=8&width=4&examples=256&batch=128")
    page.get_by_role("group", name="The first steps").get_by_role("button", name="Train them").click()
    expect(page.locator(".rv-area-calm_plain")).to_be_visible(timeout=60_000)
    expect(page.locator(".rv-area-calm_residual")).to_be_visible()


def test_shattered_gradients_are_measured_when_they_come_into_view(server, new_page):
    page = new_page(f"{server.url}/signal?depth=8")
    board = page.get_by_role("group", name="Shattered gradients")
    expect(board).to_be_attached()
    expect(board.get_by_role("button")).to_have_count(0)  # it begins by itself, when somebody looks
    page.get_by_role("heading", name="Shattered gradients").scroll_into_view_if_needed()
    page.mouse.wheel(0, 3000)
    expect(page.locator(".rv-area-shattered_cosine")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("the gradients of two independent inputs have a cosine of")).to_be_visible()
