"""What all tests of the screen share."""

import pytest

from resviz.ui import sources


@pytest.fixture(autouse=True)
def nobody_looks():
    """Panels share who looks at what; no test may see another's."""
    sources._asked.clear()
    sources._looking.clear()
