"""Pages as Streamlit runs them, without a browser: opened at a link, run again, and what their address says."""

from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

# Every page opened looks through all installed packages for components, which is nine tenths of its time; they stay the same.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

PAGES = Path(__file__).parents[2] / "pages"


def ran(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    return page


def open_page(name: str, **query: str) -> AppTest:
    page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=20)
    for key, value in query.items():
        page.query_params[key] = value
    return ran(page)


def address(page: AppTest) -> dict[str, str]:
    """The query in the address bar, as words."""
    return {key: value if isinstance(value, str) else value[-1] for key, value in page.query_params.items()}
