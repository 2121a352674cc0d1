"""A real Chromium, one for all tests of a process, and pages in it."""

import functools
import os
import shutil
import tempfile

import pytest

from tests.timing import aside

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Pages of tests live for a moment: to compile their hottest functions well costs a tenth of their time, and gains none.
BRIEF = "--js-flags=--no-maglev --no-turbofan"
# The first is Chromium without windows, which takes two thirds of the processor time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
# Milliseconds: on a busy machine a page may take its time; what it shows is judged, not when.
PATIENCE = 1000 * float(os.environ.get("RESVIZ_PATIENCE", "30"))
SIZE = {"width": 1366, "height": 768}


def find_browser():
    return os.environ.get("RESVIZ_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """Three browsers, each started when it is first asked for. One keeps what it has compiled from page to page, which is two
    thirds of a page's processor time. One does the same, and its clock can be put forward. Pages of the third know no other."""

    def __init__(self, path):
        from playwright.sync_api import sync_playwright

        self.playwright = sync_playwright().start()
        self.chromium = self.playwright.chromium
        self.how = {"executable_path": path, "args": [*FLAGS, BRIEF], "headless": True}
        self.folder = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)

    def keeping(self, name):
        return self.chromium.launch_persistent_context(f"{self.folder.name}/{name}", viewport=SIZE, **self.how)

    @functools.cached_property
    def kept(self):
        return self.keeping("kept")

    @functools.cached_property
    def clocked(self):
        context = self.keeping("clocked")
        context.clock.install()
        return context

    @functools.cached_property
    def forgetful(self):
        return self.chromium.launch(**self.how)

    def close(self):
        for browser in map(self.__dict__.get, ("kept", "clocked", "forgetful")):
            if browser:
                browser.close()
        self.playwright.stop()
        self.folder.cleanup()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    path = find_browser()
    if path is None:
        message = f"no browser: none of {', '.join(NAMES)} is on the PATH, and RESVIZ_BROWSER is not set"
        if os.environ.get("RESVIZ_REQUIRE_ALL"):
            pytest.fail(message)
        pytest.skip(message)
    browsers = Chromium(path)
    yield browsers
    with aside():
        browsers.close()


@pytest.fixture
def new_page(chromium):
    """Open pages as people would, 1366 by 768; afterwards no error may have been logged, and no request left the machine.

    They ask for reduced motion, so that a run that has ended stands at its end; `motion` is for tests of what moves. With `clock`
    its time can be put forward (page.clock.fast_forward). What else is set for a whole browser, such as its
    permissions or a time that stands still, needs a page that is `alone`.
    """
    opened, troubles = [], []

    def open_page(url="", *, alone=False, clock=False, color_scheme=None, motion=False, **options):
        if own := alone or options:
            context = chromium.forgetful.new_context(viewport=SIZE, **options)
            if clock:
                context.clock.install()
        else:
            context = chromium.clocked if clock else chromium.kept
        page = context.new_page()
        opened.append(context if own else page)
        page.emulate_media(color_scheme=color_scheme, reduced_motion="no-preference" if motion else "reduce")
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
        page.on(
            "requestfailed", lambda r: print(f"{r.method} {r.url}: {r.failure}")
        )  # for the report of a test that fails
        page.on("console", lambda message: print(message.text) if message.type == "error" else None)
        page.on("request", lambda r: troubles.append(f"left the machine: {r.url}") if not local(r.url) else None)
        if url:
            page.goto(url)
        return page

    yield open_page
    for each in opened:
        each.close()
    assert not troubles, troubles


def local(url):
    return url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:"))
