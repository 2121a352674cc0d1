"""Where the terms of the glossary stand in texts: found in another way than the browser does, to compare with what it marks."""

import re

from resviz.words.glossary import TERMS


def spellings():
    """The name of each term by every way in which it may be spelt."""
    found = {}
    for name, term in TERMS.items():
        for form in (name, *term.forms):
            for first in {form[0], form[0].upper()}:
                for spelt in {f"{first}{form[1:]}", f"{first}{form[1:]}".replace("’", "'")}:
                    assert spelt not in found, f"{spelt} is {found[spelt]}, and {name}"
                    found[spelt] = name
    return found


SPELT = spellings()
ANY = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(SPELT, key=len, reverse=True)))})(?![\w-])")


def terms_in(text):
    """The names of the terms in a text and how they are spelt there, as they follow one another."""
    return [(SPELT[found[0]], found[0]) for found in ANY.finditer(text)]


# The texts of a page as they are read, piece by piece, without what may not be marked; and what is marked.
TEXTS = """() => {
  const rests = (node) => {
    const copy = node.cloneNode(true);
    const apart = copy.querySelectorAll("a, button, summary, label, svg, math, [aria-hidden=true]");
    for (const part of apart) part.replaceWith("\\n");
    for (const end of copy.querySelectorAll("p, td, th, div")) end.append("\\n");
    return copy.textContent;
  };
  const said = `.rv-lead, .rv-live :is(.rv-about, .rv-finding > p, .rv-panel-further, .rv-facts > p:first-child,
    .rv-card h2 > span, .rv-card h3 > span, .rv-card h2 > small, .rv-card h3 > small,
    .rv-laid:not(.rv-markup) > p, .rv-laid:not(.rv-markup) > table, .rv-markup)`;
  const seen = [...document.querySelectorAll(said)].filter((node) => !node.closest("[hidden]"));
  return [seen.map(rests), [...document.querySelectorAll(".rv-term")].map((mark) => mark.textContent)];
}"""


def check_marks(page):
    """Each term is marked where it first stands on the page, in its longest form, and nowhere else. Returns the marks."""
    page.wait_for_function("() => document.querySelector('.rv-term')")
    texts, marks = page.evaluate(TEXTS)
    first = {}
    for name, spelt in (found for text in texts for found in terms_in(text)):
        first.setdefault(name, spelt)
    assert marks == list(first.values())
    return marks
