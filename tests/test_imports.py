"""Who may import what: only the screen knows streamlit, and what the server and its pages import does without torch.

What there is to be imported is found, by folder and by what the pages say, not listed.
"""

import ast
import json
import pkgutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import resviz

ROOT = Path(__file__).parents[1]
MODULES = sorted(m.name for m in pkgutil.walk_packages(resviz.__path__, "resviz."))
SCREEN = [name for name in MODULES if name.startswith("resviz.ui.")]
SCRIPT = "resviz.ui.router"  # is no module but what Streamlit runs, for every page

# Where torch is at home. Everything else does without it until it computes.
HOME = ("resviz.train.twins", "resviz.nets", "resviz.probes")
ALSO = ("resviz.data.tensors", "resviz.runs.kept", "resviz.runs.worker", "resviz.data.nets")
LATE = ("torch", "torchvision", "torchdiffeq", "scipy", "sklearn", "captum")


def python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=100, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


IMPORTED = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""
WITHOUT_STREAMLIT = f"import sys\nsys.modules['streamlit'] = None\n{IMPORTED}"
REST = [name for name in MODULES if name not in SCREEN]


def computes(name: str) -> bool:
    """Whether a module may need torch as soon as it is imported."""
    return name in ALSO or name in HOME or name.startswith(tuple(f"{home}." for home in HOME))


@pytest.fixture(scope="module")
def light() -> list[str]:
    """All that is there once everything that should need neither streamlit nor torch is imported, where there is no streamlit."""
    wanted = [name for name in REST if not computes(name)]
    imported: list[str] = json.loads(python(WITHOUT_STREAMLIT, *wanted))
    assert set(wanted) <= set(imported)
    return imported


def imports_of(path: Path) -> set[str]:
    """The modules of ours that a file imports at once, also those that it imports something from."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & {"resviz", *MODULES}


def late(modules: list[str]) -> list[str]:
    there = {name.partition(".")[0] for name in modules}
    return [name for name in LATE if name in there]


@pytest.mark.process
def test_what_does_not_compute_imports_neither_streamlit_nor_torch(light):
    assert late(light) == []
    assert not [name for name in light if computes(name) and name not in HOME]


@pytest.mark.parametrize("name", REST)
def test_nothing_but_the_screen_names_streamlit_or_the_screen(name):
    """Not even inside a function, but for the command line, which starts the app in a process of its own."""
    spec = find_spec(name)
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        assert not [each for each in named if each.split(".")[0] == "streamlit" or each.startswith("resviz.ui")]


@pytest.mark.process
def test_the_server_and_every_page_start_without_what_is_slow_to_import():
    pages = sorted((ROOT / "pages").glob("*.py"))
    named = set().union(*map(imports_of, [*pages, ROOT / "app.py"]))
    assert len(pages) >= 10 and {"resviz.ui.routes", "resviz.ui.server"} <= named
    imported = json.loads(python(IMPORTED, *sorted({*named, *SCREEN} - {SCRIPT})))
    assert {*named, *SCREEN} - {SCRIPT} <= set(imported) and "streamlit" in imported
    assert late(imported) == []
    assert not [name for name in imported if computes(name)], "only what needs no torch"


def test_the_app_names_the_pages_by_the_same_imports_as_are_checked():
    """The script that Streamlit runs imports no more than the screen."""
    script = ROOT / "resviz" / "ui" / "router.py"
    assert imports_of(script) <= {"resviz.ui", *SCREEN}


@pytest.mark.process
def test_the_block_on_streamlit_works():
    """Else the test above would pass whatever is imported."""
    code = """
import importlib, sys
sys.modules["streamlit"] = None
try:
    importlib.import_module("streamlit")
except ImportError:
    print("blocked")
"""
    assert python(code) == "blocked\n"


def test_torch_is_found_where_it_is_imported():
    """Else the tests above would pass whatever is imported."""
    assert late(["resviz", "torch.nn", "scipy"]) == ["torch", "scipy"]
