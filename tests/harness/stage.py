"""The browser's half by itself: its components on a static page, and a site whose answers are the test's."""

import pytest

from tests.harness.site import OF_TEST, Site


@pytest.fixture(scope="session")
def the_site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def site(the_site):
    """A site that has forgotten the test before. Afterwards nothing may have been asked that the fixtures do not answer."""
    the_site.begin()
    yield the_site
    unknown = the_site.unknown
    the_site.begin()
    assert not unknown, unknown


class Stage:
    """Opens the static page of a component, as a person would open the app's page."""

    def __init__(self, site, new_page):
        self.site, self._new_page = site, new_page

    def new_page(self, **options):
        """An empty page whose requests belong to this test."""
        page = self._new_page(**options)
        page.set_extra_http_headers({OF_TEST: str(self.site.turn)})
        return page

    def open(self, address, *, dark=False, telephone=False, motion=None, clock=False, alone=False, **options):
        """A page at an address such as "train?depth=8"; 1366 by 768, or a telephone's 390 by 844. With `clock` its time, and
        what is drawn in each frame, goes on as the test says (page.clock). What moves by itself does, but a run that has ended
        stands at its end: unless `motion` says otherwise."""
        options |= {"color_scheme": "dark"} if dark else {}
        motion = not address.startswith("train") if motion is None else motion
        page = self.new_page(alone=alone, clock=clock, motion=motion, **options)
        if telephone:
            page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{self.site.url}/{address}", wait_until="commit")
        return page


@pytest.fixture
def stage(site, new_page):
    return Stage(site, new_page)
