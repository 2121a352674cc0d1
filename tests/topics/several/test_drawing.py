"""Several blocks at once, as the browser shows it."""

import re

from playwright.sync_api import expect

from tests.harness.asking import cells, shows, told
from tests.harness.scenes_panel import asked
from tests.harness.seeing import line, region
from tests.topics.several.scenes import SMALL


def test_several_at_once_has_a_point_for_each_number_of_blocks(site, stage):
    site.use("several")
    page = stage.open(f"paths?view=several&{SMALL}")
    shows(page, told(site, "several", SMALL))
    out, order = (figure["title"] for figure in told(site, "several", SMALL)["figures"])
    for arm in ("residual", "plain"):
        x, y = line(page, out, arm)
        assert x == [0, 1, 2, 3] and all(0 <= error <= 1 for error in y)
        taus, errors = line(page, order, arm)
        assert len(taus) == len(errors) == 3
        assert max(taus) == 1 and errors[taus.index(1)] == y[0], "in the old order it is the whole network"
    assert [row[0] for row in cells(region(page, out))] == ["0", "1", "2", "3"]
    expect(region(page, out)).to_contain_text("mean of 8 draws")
    page.get_by_role("slider", name=re.compile("^draws")).fill("0")
    shows(page, told(site, "several", f"{SMALL}&draws=1"))
    expect(region(page, out)).to_contain_text("mean of 1 draw")
    assert site.wait_for(re.escape(asked("several", f"{SMALL}&draws=1")))
