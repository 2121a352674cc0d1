"""The app behind a proxy, under a path of a larger site: with the path passed on, and with it stripped."""

import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.nginx import Nginx
from tests.harness.seeing import until_line, until_step
from tests.servers import PacedServer

pytestmark = pytest.mark.process
PATH = "teach/resviz"
LOSS = "Training loss"
SMALL = "depth=8&width=4&epochs=2&seed=61"  # 22 steps


@pytest.fixture(scope="module", params=["passed on", "stripped"])
def site(request, tmp_path_factory):
    """The proxy's address."""
    strips = request.param == "stripped"
    server = PacedServer(tmp_path_factory.mktemp("home"), path="" if strips else PATH)
    proxy = Nginx(tmp_path_factory.mktemp("nginx"), server.host, PATH, strips=strips)
    yield proxy.url
    proxy.stop()
    server.stop()


def test_pages_figures_streams_and_files_come_through(site, new_page):
    page = new_page()
    streams = []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda frame: streams.append((ws.url, frame))))
    page.goto(f"{site}/")
    page.locator(".rv-of-start").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelectorAll('.rv-plot .scatterlayer .trace').length > 1")
    expect(page).to_have_url(re.compile(rf"^{re.escape(site)}/"))
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Train").click()
    expect(page).to_have_url(re.compile(rf"^{re.escape(site)}/train"))
    page.goto(f"{site}/train?{SMALL}")
    until_step(page, 22, 22)
    until_line(page, LOSS, "residual", "x.length === 22")
    ours = [frame for url, frame in streams if url == f"{site}/watch".replace("http", "ws")]
    assert ours and '"news"' in ours[0]
    with page.expect_download() as download:
        page.get_by_role("link", name="Data", exact=True).click()
    assert download.value.url.startswith(f"{site}/runs/")
    assert download.value.path().read_text().startswith("step,epoch,lr,residual.loss")


def test_a_view_that_is_opened_by_its_link_answers_a_control(site, new_page):
    page = new_page(f"{site}/euler?view=solve&system=decay")
    panel = page.locator(".rv-panel")
    expect(panel.locator(".rv-finding")).to_contain_text(re.compile("."))
    panel.get_by_role("combobox", name="method").select_option("heun")
    expect(page).to_have_url(re.compile("method=heun"))
    expect(page).to_have_url(re.compile(rf"^{re.escape(site)}/euler"))


def test_our_addresses_are_under_the_path_and_nowhere_else(site):
    assert urllib.request.urlopen(f"{site}/status").headers["content-type"].startswith("application/json")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(site.removesuffix(PATH) + "status")
