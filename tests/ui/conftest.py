"""What all tests of the screen share."""

import pytest

from resviz.ui import panels


@pytest.fixture(autouse=True)
def nobody_looks():
    """Panels share who looks at what; no test may see another's."""
    panels._asked.clear()
    panels._looking.clear()
