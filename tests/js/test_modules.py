"""How the browser's modules are built: who imports whom, and that the types of messages are those of Python."""

import posixpath
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import get_type_hints

import pytest

from resviz.runs.told import ArmTold
from resviz.train.records import LAYERWISE, SCALARS
from resviz.ui import browser
from tests.js import FOLDER
from tests.payloads import FILE, text

ROOT = FOLDER.parents[1]
TEXTS = {name: asset.body.decode() for name, asset in browser.assets().items() if name.endswith(".js")}
IMPORT = re.compile(r'^import (?:(\w+)|\{([^}]*)\})(?:, \{([^}]*)\})? from "([^"]+)";', re.M)
EXPORT = re.compile(r"^export (?:async )?(?:function|class|const|let) (\w+)", re.M)


def imported(name: str, code: str) -> dict[str, set[str]]:
    """What a module imports by name, by the name of the module it comes from."""
    found: dict[str, set[str]] = {}
    for _, first, second, place in IMPORT.findall(code):
        if place.startswith("node:"):
            continue  # in a test
        assert place.startswith("."), f"{name} imports {place}: addresses are relative"
        other = posixpath.normpath(posixpath.join(posixpath.dirname(name), place))
        words = (word.split(" as ")[0].strip() for word in f"{first},{second}".split(","))
        found.setdefault(other, set()).update(filter(None, words))
    return found


USED = {name: imported(name, code) for name, code in TEXTS.items()}


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_module_imports_is_there(name):
    assert re.findall(r"^import ", TEXTS[name], re.M) == ["import "] * len(IMPORT.findall(TEXTS[name]))
    for other, words in USED[name].items():
        assert other in TEXTS, f"{name} imports {other}"
        assert words <= set(EXPORT.findall(TEXTS[other])), (name, other)


def test_no_circle():
    try:
        tuple(TopologicalSorter({name: set(used) for name, used in USED.items()}).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


def test_a_topic_imports_the_ground_and_itself_and_the_ground_no_topic():
    for name, used in USED.items():
        folder = posixpath.dirname(name)
        for other in used:
            assert posixpath.dirname(other) in {"ui/assets", folder}, f"{name} imports {other}"


def test_what_is_exported_is_used_elsewhere():
    tests = [imported(f"../tests/js/{path.name}", path.read_text("utf-8")) for path in FOLDER.glob("*.test.js")]
    wanted: dict[str, set[str]] = {}
    for used in USED.values():
        for other, words in used.items():
            wanted.setdefault(other, set()).update(words)
    for used in tests:  # they lie beside the package: ../../resviz/ui/assets/x.js
        for other, words in used.items():
            wanted.setdefault(other.removeprefix("../resviz/").removeprefix("resviz/"), set()).update(words)
    later = set(re.findall(r"\(await import\([^)]*\)\)\.(\w+)", "".join(TEXTS.values())))
    unused = {name: set(EXPORT.findall(code)) - wanted.get(name, set()) - later for name, code in TEXTS.items()}
    assert {name: words for name, words in unused.items() if words} == {}


def test_the_types_of_messages_are_those_of_python():
    assert FILE.read_text("utf-8") == text(), "run `python -m tests.payloads`"
    assert set(get_type_hints(ArmTold)) == {*SCALARS, *LAYERWISE}, "what runs/run.py makes by these names"


def test_nothing_is_fetched_for_checks_but_in_exact_versions():
    wanted = Path(FOLDER / "package.json").read_text("utf-8")
    assert re.findall(r'": "([\d.]+)"', wanted) and not re.search(r'": "[~^><*]', wanted)
    assert not list(FOLDER.glob("*lock*"))
