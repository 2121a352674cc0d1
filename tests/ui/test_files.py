"""The browser's half on its way there: our modules, styles and libraries, and the index page that names them."""

import gzip
import hashlib
import posixpath
import re
from importlib.metadata import version

import pytest
import tree_sitter_javascript
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, StreamingResponse
from starlette.routing import Route
from tree_sitter import Language, Parser

from resviz.topic import pages, topics
from resviz.ui import browser, files, front
from resviz.ui.http import under
from resviz.ui.panels import PANELS
from tests.ui.addresses import received, request

APP = Starlette(routes=under("", files.routes))
GZIP = {"Accept-Encoding": "br, gzip"}
FOR_GOOD = "public, max-age=31536000, immutable"
MODULES = [name for name in browser.assets() if name.endswith(".js")]
PANELS_OF = {page: [name for topic in found for name in topic.shows] for page, found in pages().items()}


def comes(app, path, body, kind):
    """It is served with these bytes, to be kept for good: compressed, and plain to a client that accepts no gzip."""
    status, told, found = received(app, path, "GET", GZIP)
    assert (status, told["cache-control"], told["vary"]) == (200, FOR_GOOD, "Accept-Encoding")
    assert told["content-encoding"] == "gzip" and told["content-type"].partition(";")[0] == kind
    assert int(told["content-length"]) == len(found) and gzip.decompress(found) == body
    for asked in ({}, {"Accept-Encoding": "br"}):
        status, told, found = received(app, path, "GET", asked)
        assert (status, told["cache-control"]) == (200, FOR_GOOD)
        assert "content-encoding" not in told and told["content-type"].partition(";")[0] == kind
        assert found == body


# -- our own files -----------------------------------------------------------------------------------


def test_every_asset_is_served_under_the_digest():
    for name, (body, kind) in browser.assets().items():
        comes(APP, f"/{browser.address(name)}", body, kind)


@pytest.mark.parametrize(
    "path",
    [
        f"/assets/0123456789abcdef/{browser.MAIN}",
        f"/assets/{browser.digest()[:-1]}/{browser.MAIN}",
        f"/{browser.address('ui/assets/nothing.js')}",
        f"/{browser.address('ui/assets/page.css')}",
        f"/{browser.address('ui/server.py')}",
        f"/{browser.address('../pyproject.toml')}",
    ],
)
def test_another_version_or_name_is_declined_in_a_sentence(path):
    for asked in ({}, GZIP):
        status, told, words = request(APP, path, "GET", asked)
        assert (status, words) == (404, "This page belongs to another version of the app: reload it.")
        assert "cache-control" not in told


def test_assets_are_all_modules_all_sheets_the_icon_and_the_glossary():
    """As they lie in their folders, so that the digest of what is served is that of what is written."""
    folders = [browser.ASSETS, *(topic.folder for topic in topics().values())]
    written = {path.relative_to(browser.PACKAGE).as_posix(): path for folder in folders for path in folder.glob("*.js")}
    assert set(browser.assets()) == {*written, browser.STYLE, browser.ICON, browser.GLOSSARY}
    assert all(browser.assets()[name].body == path.read_bytes() for name, path in written.items())
    style = browser.assets()[browser.STYLE].body.decode()
    sheets = [path for folder in folders for path in folder.glob("*.css")]
    assert len(sheets) > 3 and all(path.read_text("utf-8") in style for path in sheets)
    assert all(f'[class*="st-key-panel_{name}"]' in style for name in PANELS), "the space of a panel is kept free"


def test_the_digest_changes_with_every_module_sheet_and_name(monkeypatch):
    whole, digest = dict(browser.assets()), browser.digest.__wrapped__
    first, second = MODULES[:2]
    others = [whole | {name: asset._replace(body=asset.body + b"\n")} for name, asset in whole.items()]
    others.append(whole | {first: whole[second], second: whole[first]})
    others += [{name: asset for name, asset in whole.items() if name != gone} for gone in (first, browser.STYLE)]
    found = {digest()}
    for changed in others:
        monkeypatch.setattr(browser, "assets", lambda changed=changed: changed)
        found.add(digest())
    assert len(found) == 1 + len(others)


# -- what a page imports -----------------------------------------------------------------------------


def imports(name):
    """The modules that one imports as it is read, and those that it asks for later."""
    tree = Parser(Language(tree_sitter_javascript.language())).parse(browser.assets()[name].body)
    at_once, later, waiting = [], [], [tree.root_node]
    while waiting:
        node = waiting.pop()
        waiting += node.children
        source, called = node.child_by_field_name("source"), node.child_by_field_name("function")
        if node.type in ("import_statement", "export_statement") and source:
            at_once.append(source.text.decode().strip("\"'"))
        if node.type == "call_expression" and called.type == "import":
            later += [
                each.text.decode().strip("\"'") for each in node.named_children[1].children if each.type == "string"
            ]
    beside = [[posixpath.normpath(f"{posixpath.dirname(name)}/{place}") for place in each] for each in (at_once, later)]
    assert all(place.startswith(".") for place in at_once + later), name
    return beside


def closure(names):
    found, waiting = set(), list(names)
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += imports(name)[0]
    return found


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_imports_is_served(name):
    assert {place for found in imports(name) for place in found} <= set(MODULES)


@pytest.mark.parametrize("page", PANELS_OF)
def test_a_page_is_told_of_all_modules_that_it_imports_and_of_no_other(page):
    panels = PANELS_OF[page]
    live = any(PANELS[name].timeline for name in panels)
    own = [path for name in panels for path in browser.modules_of(name).values()]
    found = browser.modules(panels, timeline=live)
    wanted = closure([browser.MAIN, browser.TIMELINE if live else browser.PANEL, *own])
    assert len(found) == len(set(found)) and set(found) == {browser.address(name) for name in wanted}
    assert (browser.address(browser.TIMELINE) in found) == live


def test_the_first_page_loads_nothing_of_what_shows_a_run():
    first = browser.modules(PANELS_OF[next(iter(PANELS_OF))], timeline=False)
    assert not any("timeline" in name for name in first)
    assert {name for name in first if "/topics/" in name} == {
        browser.address(f"topics/start/{name}.js") for name in ("wall", "mosaic", "reads")
    }
    assert browser.address("topics/lesion/lesion.js") in browser.modules(["lesion"], timeline=False)


def test_the_script_of_the_component_imports_the_main_module():
    first, *rest = browser.script().splitlines()
    assert first.startswith("//"), "else Streamlit takes it for the name of a file"
    assert f'"{browser.address(browser.MAIN)}", document.baseURI' in "\n".join(rest)


# -- libraries ---------------------------------------------------------------------------------------


def test_libraries_are_served_under_their_version():
    assert browser.library_address(browser.WHOLE).endswith(f"?v={version('plotly')}")
    for name in (*browser.vendored(), browser.WHOLE):
        path, _, asked = browser.library_address(name).partition("?")
        assert asked.startswith("v=")
        comes(APP, f"/{path}", browser.library(name), "text/javascript")


@pytest.mark.parametrize("name", ["jquery.js", "vendor.json", "plotly-cartesian.LICENSE", "x" * 300])
def test_an_unknown_library_is_declined_with_those_there_are(name):
    status, _, words = request(APP, f"/assets/vendor/{name}")
    assert (status, words) == (404, f"library {name[:40]!r}: allowed is plotly-cartesian.min.js, plotly.min.js")
    assert browser.library(name) is None


def test_vendored_libraries_are_unmodified_and_lie_beside_their_licences():
    licences = {name: f"{name.removesuffix('.min.js')}.LICENSE" for name in browser.vendored()}
    assert {path.name for path in browser.VENDOR.iterdir()} == {"vendor.json", *licences, *licences.values()}
    for name, told in browser.vendored().items():
        body = (browser.VENDOR / name).read_bytes()
        assert hashlib.sha256(body).hexdigest() == told["sha256"]
        assert f"v{told['version']}\n".encode() in body[:300] and f"{told['licence']} license".encode() in body[:300]
        assert (browser.VENDOR / licences[name]).read_text("utf-8").startswith(f"{told['licence']} License")


# -- in front of Streamlit ---------------------------------------------------------------------------


async def _page(asked):
    return HTMLResponse("<html>Streamlit's</html>", headers={"ETag": "theirs"})


async def _pieces(asked):
    return StreamingResponse(iter(["<html>", "Streamlit's", "</html>"]), media_type="text/html; charset=utf-8")


async def _gone(asked):
    return HTMLResponse("<html>no such page</html>", 404)


async def _data(asked):
    return JSONResponse({"html": "<html>"})


def streamlit(prefix=""):
    routes = [("/gone", _gone), ("/data", _data), ("/pieces", _pieces), ("/{page:path}", _page)]
    return Starlette(routes=[Route(prefix + path, endpoint, methods=["GET", "POST"]) for path, endpoint in routes])


THEIRS = streamlit()
OURS = front.Front(THEIRS)


def addresses(text):
    """All that a page names: what it loads, and what it may load later."""
    found = re.findall(r'<(?:link|script)\b[^>]*?\b(?:href|src)="([^"]*)"', text)
    assert found and all(place.startswith("./") for place in found), "relative, so that they hold under any path"
    return [place.removeprefix("./") for place in found]


@pytest.mark.parametrize("page", PANELS_OF)
def test_the_index_page_names_what_its_page_will_load(page):
    first = page == next(iter(PANELS_OF))
    status, told, text = request(OURS, "/" if first else f"/{page}")
    assert (status, told["cache-control"]) == (200, "no-cache") and "etag" not in told
    assert f"<title>{'resviz' if first else f'{page.capitalize()} · resviz'}</title>" in text
    found = addresses(text)
    panels = PANELS_OF[page]
    modules = browser.modules(panels, timeline=any(PANELS[name].timeline for name in panels))
    ours = [browser.address(browser.ICON), browser.address(browser.STYLE), *modules]
    ours += [browser.address(browser.GLOSSARY), browser.library_address(browser.CARTESIAN)]
    assert sorted(place for place in found if place.startswith("assets/")) == sorted(ours)
    for module in modules:
        assert re.search(rf'<link rel="modulepreload"[^>]* href="\./{re.escape(module)}"', text)
    assert re.search(
        rf'<link rel="preload" as="fetch" crossorigin[^>]* href="\./{browser.address(browser.GLOSSARY)}"', text
    )
    assert f'<link rel="stylesheet" href="./{browser.address(browser.STYLE)}"' in text
    assert all((front.STATIC / place).is_file() for place in found if place.startswith("static/"))
    assert "shortcut icon" not in text and text.count("<title>") == text.count("</head>") == 1


@pytest.mark.parametrize(("words", "query"), [({}, ""), ({"depth": "20"}, "?depth=20")])
def test_the_first_page_by_its_name_is_the_home_page(words, query):
    """Streamlit would say that there is no such page."""
    name = next(iter(PANELS_OF))
    for path, home in ((f"/{name}", "./"), (f"/{name}/", "../")):
        status, told, _ = request(OURS, path, **words)
        assert (status, told["location"]) == (307, home + query)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/train.", "./train"),
        ("/Train", "./train"),
        ("/euler”", "./euler"),
        ("/depth)/", "../depth"),
        ("/Start.", "./"),
    ],
)
def test_a_page_whose_link_was_damaged_is_found_with_its_words(path, meant):
    status, told, _ = request(OURS, path, depth="20")
    assert (status, told["location"]) == (307, f"{meant}?depth=20")
    assert request(OURS, "/trains")[0] == 200, "what is no page's name is Streamlit's to answer"


def test_the_index_page_comes_compressed_to_those_who_take_it():
    plain, packed = (received(OURS, "/train", "GET", asked) for asked in ({}, GZIP))
    assert "content-encoding" not in plain[1] and packed[1]["content-encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == plain[2]
    for _, told, body in (plain, packed):
        assert told["content-type"] == "text/html; charset=utf-8" and int(told["content-length"]) == len(body)


def test_it_takes_the_place_of_an_answer_that_comes_in_pieces():
    _, told, text = request(OURS, "/pieces")
    assert int(told["content-length"]) == len(text.encode()) and "Streamlit's" not in text
    assert text.count("</html>") == 1


def test_what_the_address_says_is_text_and_no_markup():
    assert "<b>" not in request(OURS, "/<b>")[2]


@pytest.mark.parametrize(("path", "method"), [("/gone", "GET"), ("/train", "POST"), ("/data", "GET")])
def test_other_answers_pass_as_they_are(path, method):
    assert received(OURS, path, method, GZIP) == received(THEIRS, path, method, GZIP)


def test_under_a_path_the_same_pages_are_there():
    prefix = "/teach/resviz"
    inner = streamlit(prefix)
    app = front.Front(inner, "teach/resviz")
    for path in ("/", "/train"):
        assert received(app, prefix + path) == received(OURS, path)
    name = min((front.STATIC / "static").rglob("*.js")).relative_to(front.STATIC).as_posix()
    assert received(app, f"{prefix}/{name}") == received(OURS, f"/{name}")
    assert received(app, f"{prefix}/gone") == received(inner, f"{prefix}/gone")
    assert received(app, f"/{name}")[0] == 404 == received(app, "/train")[0], "nothing is there but under it"


def test_streamlits_files_come_compressed_with_the_same_bytes():
    found = [path for path in sorted((front.STATIC / "static").rglob("*")) if path.suffix in front.COMPRESSED]
    assert len(found) > 100
    large = max(found, key=lambda path: path.stat().st_size)
    for path in {large, *({each.suffix: each for each in found}.values())}:
        name = path.relative_to(front.STATIC).as_posix()
        comes(OURS, f"/{name}", path.read_bytes(), browser.TYPES[path.suffix])
