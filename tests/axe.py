"""axe, which looks for what keeps people with a screen reader, a keyboard or weak eyes out: https://github.com/dequelabs/axe-core."""

import os

import pytest

from tests.js import FOLDER

FILE = FOLDER / "node_modules/axe-core/axe.min.js"
# Streamlit's own navigation is not ours to mend.
AUDIT = """async () => {
  const outside = ["stSidebar", "stHeader", "stToolbar"].map((name) => [`[data-testid="${name}"]`]);
  const { violations } = await axe.run({ exclude: outside }, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) =>
    `${id}: ${html.slice(0, 120)} (${[...any, ...all, ...none].map(({ message }) => message).join("; ").slice(0, 200)})`));
}"""


def audit(page) -> list[str]:
    """What axe finds on a page."""
    if not FILE.exists():
        if os.environ.get("RESVIZ_REQUIRE_ALL"):
            pytest.fail(f"{FILE} is missing: run `make check`, which fetches it")
        pytest.skip("axe is not here: `make check` fetches it, where Node is there")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(FILE.read_text("utf-8"))
    return page.evaluate(AUDIT)
