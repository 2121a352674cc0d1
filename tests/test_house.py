"""How the house is built: which room may use which, who may import torch and streamlit, and how long anything may be.

Rooms are the folders of resviz/, from the ground up. Everything else here is found by folder and by file name, not listed.
"""

import ast
import json
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import tree_sitter_javascript
from tree_sitter import Language, Parser

from resviz.topic import pages as topic_pages

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "resviz"
# A room may use those before it, and itself. The files beside them stand where they are named.
FLOORS = (
    *("latest", "topic", "family"),
    *("words", "data", "nets", "count", "probes", "train", "terminal", "draw", "families", "runs", "ui"),
    *("topics", "cli"),
)
APART = ("topics", "families")  # what lies in these rooms knows nothing of its neighbours
# A file or folder of one of these names may import torch.
COMPUTES = {"nets", "probes", "twins", "experiment", "tensors"}
LATE = ("torch", "torchvision", "torchdiffeq", "scipy", "sklearn", "captum")
MOST_LINES, MOST_OF_PAGE, MOST_OF_TEST, MOST_OF_FUNCTION = 400, 80, 600, 60


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
SCRIPT = "resviz.ui.router"  # is no module but what Streamlit runs, for every page


def imports(path: Path, *, at_once: bool = False) -> set[str]:
    """What a file imports, modules of ours by their whole names; `at_once`: only what is imported when the file is."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in tree.body if at_once else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else node.module for name in whole}
    return found


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def place(module: str) -> str:
    """The topic or family that a module belongs to."""
    return ".".join(module.split(".")[:3])


OURS = {name: {found for found in imports(path) if found in FILES and room_of(found)} for name, path in FILES.items()}


@pytest.mark.parametrize("file", ["topic.py", "panel.py"])
def test_the_example_that_the_readme_quotes_is_the_code_of_today(file):
    readme = "\n".join(
        line.removeprefix("    ") for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    )
    assert (PACKAGE / "topics/growth" / file).read_text(encoding="utf-8") in readme


# -- rooms -------------------------------------------------------------------------------------------


def test_the_top_level_has_folders_the_command_line_and_five_other_files_at_most():
    loose = {path.name for path in PACKAGE.glob("*.py")}
    assert "cli.py" in loose and len(loose - {"cli.py"}) <= 5
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert rooms | {Path(name).stem for name in loose} - {"__init__"} == set(FLOORS)


@pytest.mark.parametrize("name", [name for name in FILES if room_of(name)])
def test_no_arrow_runs_up(name):
    above = set(FLOORS[FLOORS.index(room_of(name)) + 1 :])
    assert not {found for found in OURS[name] if room_of(found) in above}


@pytest.mark.parametrize("name", [name for name in FILES if room_of(name) in APART and name.count(".") > 2])
def test_topics_and_families_import_the_ground_and_never_each_other(name):
    near = {found for found in OURS[name] if room_of(found) == room_of(name)}
    assert all(place(found) == place(name) for found in near)


def test_no_circle():
    graph = {name: {found for found in imports(path, at_once=True) if found in FILES} for name, path in FILES.items()}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


def test_the_ground_knows_no_topic_by_name():
    for name, path in FILES.items():
        if room_of(name) not in ("topics", ""):
            assert not re.findall(r"resviz\.topics\.\w+", path.read_text(encoding="utf-8")), name


@pytest.mark.parametrize("name", FILES)
def test_only_the_screen_knows_streamlit(name):
    """Not even inside a function; the command line starts the app in a process of its own."""
    known = {found.split(".")[0] for found in imports(FILES[name])}
    assert "streamlit" not in known or room_of(name) == "ui"


# -- torch -------------------------------------------------------------------------------------------


def computes(module: str) -> bool:
    return bool(COMPUTES & set(module.split(".")))


@pytest.mark.parametrize("name", FILES)
def test_only_files_named_for_it_import_torch(name):
    known = {found.split(".")[0] for found in imports(FILES[name])}
    assert computes(name) or not known & {"torch", "torchvision", "torchdiffeq", "captum"}


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


def late(modules: list[str]) -> list[str]:
    there = {name.partition(".")[0] for name in modules}
    return [name for name in LATE if name in there]


@pytest.mark.process
def test_what_does_not_compute_imports_neither_streamlit_nor_torch():
    wanted = [name for name in FILES if not computes(name) and room_of(name) not in ("ui", "topics")]
    wanted += [
        name for name in FILES if room_of(name) == "topics" and not computes(name) and not name.endswith(".panel")
    ]
    imported = json.loads(python(f"import sys\nsys.modules['streamlit'] = None\n{IMPORTED}", *wanted))
    assert set(wanted) <= set(imported)
    assert late(imported) == []


@pytest.mark.process
def test_the_server_and_every_page_start_without_what_is_slow_to_import():
    pages = sorted((ROOT / "pages").glob("*.py"))
    named = {found for path in (*pages, ROOT / "app.py") for found in imports(path) if found in FILES}
    assert {path.stem for path in pages} == set(topic_pages()) and {"resviz.ui.routes", "resviz.ui.server"} <= named
    screen = {name for name in FILES if room_of(name) == "ui" or name.endswith(".panel")} - {SCRIPT}
    imported = json.loads(python(IMPORTED, *sorted(named | screen)))
    assert named | screen <= set(imported) and "streamlit" in imported
    assert late(imported) == []


@pytest.mark.process
def test_who_lists_topics_loads_none_of_them():
    listed = json.loads(python("from resviz.topic import topics\ntopics()\n" + IMPORTED))
    own = [name for name in listed if name.startswith("resviz.topics.")]
    assert own and all(name.endswith(".topic") or name.count(".") == 2 for name in own)
    assert not {name.split(".")[0] for name in listed} & {"pydantic", "numpy", *LATE}


def test_torch_is_found_where_it_is_imported():
    """Else the tests above would pass whatever is imported."""
    assert late(["resviz", "torch.nn", "scipy"]) == ["torch", "scipy"]


# -- lengths -----------------------------------------------------------------------------------------


def lengths(path: Path) -> dict[str, int]:
    """Lines of each function, nested ones and docstring counted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {f"{node.name}:{node.lineno}": node.end_lineno - node.lineno + 1 for node in functions}


FUNCTIONS = {
    "function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function",
    "generator_function_declaration",
}  # fmt: skip


def script_lengths(path: Path) -> dict[str, int]:
    """The same of JavaScript."""
    tree = Parser(Language(tree_sitter_javascript.language())).parse(path.read_bytes())
    assert not tree.root_node.has_error, path
    found, waiting = {}, [tree.root_node]
    while waiting:
        node = waiting.pop()
        waiting += node.children
        if node.type in FUNCTIONS:
            found[f"{node.start_point.row + 1}:{node.start_point.column}"] = (
                node.end_point.row - node.start_point.row + 1
            )
    return found


CODE = [*sorted(PACKAGE.rglob("*.py")), *sorted((ROOT / "pages").glob("*.py")), ROOT / "app.py"]
SCRIPTS = sorted(path for path in PACKAGE.rglob("*.js") if path.parent.name != "vendor")


@pytest.mark.parametrize("path", [*CODE, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_longer_than_a_person_reads_in_one_go(path):
    most = MOST_OF_PAGE if path.parent.name == "pages" else MOST_LINES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most
    found = lengths(path) if path.suffix == ".py" else script_lengths(path)
    assert {name: n for name, n in found.items() if n > MOST_OF_FUNCTION} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_of_tests_is_too_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_OF_TEST


def test_long_functions_are_found():
    """Else the test of lengths would pass whatever is written."""
    longest = max(n for path in SCRIPTS for n in script_lengths(path).values())
    assert longest > 20 and sum(len(script_lengths(path)) for path in SCRIPTS) > 200


@pytest.mark.process
def test_the_server_imports_the_panels_of_a_page_when_it_is_asked_for_and_no_others():
    page = next(iter(topic_pages()))
    code = f"from resviz.ui.front import index\nfrom resviz.ui import routes, server\nindex({page!r})\n{IMPORTED}"
    imported = json.loads(python(code))
    own = {f"resviz.topics.{topic.name}.panel" for topic in topic_pages()[page]}
    assert {name for name in imported if name.startswith("resviz.topics.") and name.endswith(".panel")} == own
