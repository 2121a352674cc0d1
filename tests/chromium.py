"""A real Chromium, one for all tests of a process, and pages in it as separate people would open them."""

import os
import shutil

import pytest

from tests.timing import aside

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# The first is Chromium without windows, which takes two thirds of the processor time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def find_browser():
    return os.environ.get("RESVIZ_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # on a busy machine a page may take its time; what it shows is judged, not when
    path = find_browser()
    if path is None:
        message = f"no browser: none of {', '.join(NAMES)} is on the PATH, and RESVIZ_BROWSER is not set"
        if os.environ.get("RESVIZ_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)
    yield browser
    with aside():
        browser.close()
        playwright.stop()


@pytest.fixture
def new_page(chromium):
    """Open pages as separate people would; afterwards no error may have been logged, and no request left the machine."""
    contexts, troubles = [], []

    def open_page(url="", **options):
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
        page.on("request", lambda r: troubles.append(f"left the machine: {r.url}") if not local(r.url) else None)
        if url:
            page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles, troubles


def local(url):
    return url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:"))
