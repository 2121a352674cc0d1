"""Path lengths, as the browser shows them."""

import pytest
from playwright.sync_api import expect

from tests.harness.asking import shows, told
from tests.harness.seeing import line, region
from tests.topics.lengths.scenes import SMALL


def test_path_lengths_has_a_bar_for_each_length(site, stage):
    site.use("lengths")
    page = stage.open(f"paths?view=lengths&{SMALL}")
    shows(page, told(site, "lengths", SMALL))
    share, norm = (figure["title"] for figure in told(site, "lengths", SMALL)["figures"])
    lengths, paths = line(page, share, "paths")
    assert lengths == [0, 1, 2, 3] and paths == pytest.approx([1 / 8, 3 / 8, 3 / 8, 1 / 8], abs=1e-5)
    x, y = line(page, share, "gradient")
    assert x == lengths and sum(y) == pytest.approx(1, abs=1e-4)
    assert line(page, norm, "residual")[0] == lengths
    bars = region(page, share).locator(".barlayer .trace")
    expect(bars).to_have_count(2)
    for trace in bars.all():
        expect(trace.locator(".point")).to_have_count(4)
    expect(page.locator(".rv-finding")).to_contain_text("3 blocks make 8 paths")
