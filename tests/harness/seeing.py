"""Ways of looking at what a person sees: figures by their names, what plotly was given, the drawing's switches."""

import re

from playwright.sync_api import expect

UNTIL_QUERY = "(words) => decodeURIComponent(location.search.slice(1)) === words"
# What no text and no drawing may hold: what a program says of missing numbers.
STRANGE = re.compile(r"\b(NaN|nan|undefined|null|Infinity)\b|\[object|\d\.\d{6,}")

DATA = """([title, name]) => {
  const region = [...document.querySelectorAll("section[aria-label]")].find((box) => box.getAttribute("aria-label") === title);
  const plot = region?.querySelector(".js-plotly-plot");
  const trace = plot?.data?.findLast((found) => found.name === name);
  return trace ? [Array.from(trace.x), Array.from(trace.y)] : null;
}"""

# Figures far from the screen are not drawn, and what comes above one may push it away at any time.
LOOK = """([title]) => [...document.querySelectorAll("section[aria-label]")]
  .find((box) => box.getAttribute("aria-label") === title)?.scrollIntoView({ block: "nearest" })"""


def region(page, title):
    """A figure with its heading, by the name that a screen reader says."""
    return page.get_by_role("region", name=title, exact=True)


def line(page, title, name):
    """x and y of a line of a figure, as plotly has them; None where it is not drawn."""
    return page.evaluate(DATA, [title, name])


def until_line(page, title, name, condition):
    """Look at a figure until a line of it is so; `condition` is JavaScript about x and y. Returns both."""
    page.wait_for_function(
        f"""(asked) => {{
          const found = ({DATA})(asked), [x, y] = found ?? [];
          if (found && {condition}) return true;
          ({LOOK})(asked);
        }}""",
        arg=[title, name],
    )
    return line(page, title, name)


def until_step(page, step, of=None):
    """Wait until the slider says this step."""
    expect(page.locator(".rv-step")).to_have_text(re.compile(rf"^step {step} of {of or '[0-9]+'}$"))


def go_to_step(page, step):
    page.get_by_role("slider", name="Step shown").fill(str(step))


def shortcut(page, n):
    return page.get_by_role("switch", name=re.compile(rf"^Shortcut {n},"))


def block(page, n):
    """A block of the residual network."""
    return page.get_by_role("switch", name=f"Block {n}", exact=True).first


def expect_on(switch, on=True):
    expect(switch).to_have_attribute("aria-checked", str(on).lower())


def frames(page, count=4):
    """Let the browser draw so many frames, after which what was asked for at once is drawn."""
    page.evaluate(
        """(count) => new Promise((resolve) => {
          const next = () => (count-- > 0 ? requestAnimationFrame(next) : resolve());
          next();
        })""",
        count,
    )


def query(page):
    """What the address says."""
    return page.evaluate("decodeURIComponent(location.search.slice(1))")


def until_query(page, words):
    """Wait until the address says this."""
    page.wait_for_function(UNTIL_QUERY, arg=words)


def nothing_strange(page, root="main"):
    """No text is what a program says of a missing number, and no drawing has one in its attributes or its data."""
    text = page.locator(root).inner_text()
    assert not STRANGE.search(text), STRANGE.search(text)
    found = page.evaluate(
        """(root) => {
          const odd = /^(?!data:).*(NaN|Infinity|undefined|null)/s, strange = [];
          for (const node of document.querySelectorAll(`${root} svg *`)) {
            for (const { name, value } of node.attributes) if (odd.test(value)) strange.push(`${node.tagName} ${name}=${value}`);
          }
          for (const plot of document.querySelectorAll(`${root} .js-plotly-plot`)) {
            for (const trace of plot.data ?? []) {
              for (const value of [trace.x, trace.y, ...(trace.z ?? [])].flatMap((row) => Array.from(row ?? []))) {
                if (typeof value === "number" && !Number.isFinite(value)) strange.push(`${trace.name}: ${value}`);
              }
            }
          }
          return strange.slice(0, 5);
        }""",
        root,
    )
    assert found == []
