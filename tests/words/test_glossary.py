"""The glossary: short plain sentences about terms that stand on the pages."""

import ast
import gzip
import json
import re
from pathlib import Path

import pytest

from resviz.ui import browser
from resviz.words.glossary import TERMS, told
from tests.glossed import SPELT, terms_in

MOST = 140  # characters that are taken in at a glance
PACKAGE = Path(__file__).parents[2] / "resviz"
# Rendered by Streamlit, below everything: what stands only there is not marked.
ELSEWHERE = {"WHY", "CLAIMS"}

each = pytest.mark.parametrize("name", TERMS)


@each
def test_a_term_has_one_sentence_that_is_short_and_whole(name):
    says = TERMS[name].says
    assert re.fullmatch(r"[A-Z0-9](?:[^.!?]|[.](?=\d))*[.]", says), "one sentence"
    assert len(says) <= MOST
    assert not re.search(rf"\b{re.escape(name)}\b", says), "it is explained by itself"


@each
def test_a_sentence_uses_no_term_that_itself_needs_another(name):
    """Who does not know a term need not look up more than one other."""
    used = {other for other, _ in terms_in(TERMS[name].says)} - {name}
    assert [other for other in used if {found for found, _ in terms_in(TERMS[other].says)} - {other}] == []


@each
def test_a_source_is_a_paper_and_its_year(name):
    assert re.fullmatch(r"([A-Z]\w+ \d{4}b?(, arXiv \d{4}\.\d{4,5})?)?", TERMS[name].source)


def test_no_two_terms_are_spelt_alike():
    forms = [form.lower().replace("’", "'") for name, term in TERMS.items() for form in (name, *term.forms)]
    assert len(set(forms)) == len(forms) < len(SPELT)


def strings(tree):
    """What a file says: its texts, with … for what is filled in; not its docstrings, nor what Streamlit renders."""
    for node in ast.iter_child_nodes(tree):
        named = {target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)}
        if named & ELSEWHERE or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        yield from strings(node)


def said():
    """All sentences of the pages, titles and notes; not the names of settings, which are explained where they are chosen."""
    files = [path for path in PACKAGE.glob("topics/*/*.py") if path.stem not in ("panel", "question")]
    files += [*PACKAGE.glob("families/*/*.py"), *PACKAGE.glob("probes/*.py")]
    facts = PACKAGE / "ui/assets/runwords.js"  # what the browser says of a run
    told = [text for path in files for text in strings(ast.parse(path.read_text(encoding="utf-8")))]
    return [*told, facts.read_text(encoding="utf-8")]


def test_every_term_stands_on_a_page():
    assert set(TERMS) - {name for text in said() for name, _ in terms_in(text)} == set()


def test_the_browser_gets_all_of_it_once_and_in_few_bytes():
    sent = browser.assets()[browser.GLOSSARY]
    assert sent.media_type == "application/json"
    assert json.loads(sent.body) == told()
    assert [term["name"] for term in told()] == list(TERMS)
    assert all(term["forms"][0] == term["name"] for term in told())
    assert len(gzip.compress(sent.body)) < 6000
