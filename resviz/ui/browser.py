"""The browser's half: its modules, style sheets and libraries, and the addresses at which the server has them.

Modules import each other by relative addresses. All lie under one folder whose name is a digest of their text, so that a page
never mixes the modules of two versions, and a browser may keep them for good. Libraries lie apart, under their own version.
"""

from __future__ import annotations

import functools
import hashlib
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from resviz.topic import topics
from resviz.words.glossary import told

PACKAGE = Path(__file__).parents[1]
ASSETS = Path(__file__).parent / "assets"
VENDOR = ASSETS / "vendor"
SHEETS = ("page", "live", "panel", "touch")
MAIN, TIMELINE, PANEL = "ui/assets/mount.js", "ui/assets/timeline.js", "ui/assets/panel.js"
STYLE = "style.css"
ICON = "ui/assets/icon.svg"
GLOSSARY = "ui/assets/glossary.json"
WINDOW = 600  # px: a panel at least this high fills what is seen first
CARTESIAN, WHOLE = "plotly-cartesian.min.js", "plotly.min.js"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}
_IMPORTED = re.compile(r'^(?:import|export) .*?from "(\.[^"]+)";', re.M | re.S)


class Asset(NamedTuple):
    """A file as it is served."""

    body: bytes
    media_type: str


@functools.cache
def assets() -> Mapping[str, Asset]:
    """Return all modules, by their place in the package, with the style sheets as one, the icon and the glossary."""
    paths = [*ASSETS.glob("*.js"), *(path for topic in topics().values() for path in topic.folder.glob("*.js"))]
    found = {path.relative_to(PACKAGE).as_posix(): path.read_bytes() for path in sorted(paths)}
    found |= {STYLE: styles().encode(), ICON: (PACKAGE / ICON).read_bytes(), GLOSSARY: _glossary()}
    return {name: Asset(body, TYPES[Path(name).suffix]) for name, body in found.items()}


@functools.cache
def digest() -> str:
    """Return the name of the folder under which `assets` are served: it changes with each of them."""
    told = hashlib.sha256()
    for name, asset in assets().items():
        told.update(f"{name} {len(asset.body)} ".encode() + asset.body)
    return told.hexdigest()[:16]


def address(name: str) -> str:
    """Return where an asset is served, relative to the app's root."""
    return f"assets/{digest()}/{name}"


def styles() -> str:
    """Return all style sheets as one. A topic's sheet, style.css, names only its own panels and cards."""
    paths = [ASSETS / f"{name}.css" for name in SHEETS]
    paths += [path for topic in topics().values() for path in topic.folder.glob("style.css")]
    return "\n".join([*(path.read_text(encoding="utf-8") for path in paths), _held()])


def _glossary() -> bytes:
    return json.dumps(told(), ensure_ascii=False, separators=(",", ":")).encode()


def _held() -> str:
    """Return the rules that keep a panel's space free until it has drawn itself; else what is below it would jump. The first
    panels of a page take the whole window: in a narrow one they are higher than at the width that `held` was measured at."""
    undrawn, rules = ":not(:has(:is(.rv-panel-grid, .rv-grid) > *))", []
    for name, shown in ((name, shown) for topic in topics().values() for name, shown in topic.shows.items()):
        height = f"max({shown.held}px, 100vh)" if shown.held >= WINDOW else f"{shown.held}px"
        panel = f'[class*="st-key-panel_{name}"]{undrawn}'
        rules.append(f"{panel} {{ min-height: {height}; }}")
        if shown.narrow:
            rules.append(f"@media (max-width: 767px) {{ {panel} {{ min-height: {shown.narrow}px; }} }}")
    return "\n".join(rules)


def script() -> str:
    """Return the component's own script. Streamlit imports it from a blob, in which relative addresses mean nothing: it imports
    the main module from the app's address. Its first line keeps Streamlit from taking it for the name of a file."""
    at = f'new URL("{address(MAIN)}", document.baseURI).href'
    return f"// the main module\nexport default (await import({at})).default;\n"


def modules_of(panel: str) -> dict[str, str]:
    """Return the modules that the topic of a panel adds, by name, relative to the folder of all modules."""
    folders = {f"topics/{topic.name}" for topic in topics().values() if panel in topic.shows}
    theirs = (PurePosixPath(name) for name in assets() if posixpath.dirname(name) in folders)
    return {path.stem: str(path) for path in theirs if path.suffix == ".js"}


def modules(panels: Sequence[str], *, timeline: bool) -> list[str]:
    """Return the addresses of the modules that a page with these panels imports, so that a browser can fetch them side by side.
    `timeline`: one of the panels shows a run as it happens."""
    first = [MAIN, TIMELINE if timeline else PANEL, *(path for name in panels for path in modules_of(name).values())]
    return [address(name) for name in reached(first, _imported)]


def reached(first: Iterable[str], imported: Callable[[str], Iterable[str]]) -> list[str]:
    """Return the modules that are imported when the first ones are, by name, each once; `imported` gives what one of them imports
    itself."""
    waiting, found = list(first), dict[str, None]()
    while waiting:
        if (name := waiting.pop(0)) not in found:
            found[name] = None
            waiting += imported(name)
    return list(found)


def _imported(name: str) -> list[str]:
    return [_beside(name, place) for place in _IMPORTED.findall(assets()[name].body.decode())]


def _beside(name: str, place: str) -> str:
    """Return the name of the module that another one imports from a relative address."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), place))


# -- libraries ---------------------------------------------------------------------------------------


def library_address(name: str) -> str:
    """Return where a library is served, relative to the app's root: with its version, so that a browser may keep it for good."""
    if name == WHOLE:
        from importlib.metadata import version

        return f"assets/vendor/{WHOLE}?v={version('plotly')}"
    return f"assets/vendor/{name}?v={vendored()[name]['version']}"


@functools.cache
def vendored() -> dict[str, dict[str, str]]:
    """Return the libraries that lie here unmodified: the package, version, licence and digest of each."""
    found: dict[str, dict[str, str]] = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
    return found


def library(name: str) -> bytes | None:
    """Return a library: one that lies here, or the whole of plotly.js from the plotly wheel, found without importing plotly."""
    if name in vendored():
        return (VENDOR / name).read_bytes()
    if name != WHOLE:
        return None
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "package_data" / WHOLE).read_bytes()
