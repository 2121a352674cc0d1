"""Who may import what: only resviz.ui knows streamlit, and the server does without torch."""

import json
import pkgutil
import subprocess
import sys

import resviz

MODULES = sorted(m.name for m in pkgutil.walk_packages(resviz.__path__, "resviz."))
SCREEN = [name for name in MODULES if name.startswith("resviz.ui.")]
SERVER = [
    *[name for name in MODULES if name.startswith("resviz.euler.")],
    "resviz.architectures", "resviz.blockterms", "resviz.cli", "resviz.cost", "resviz.counting", "resviz.countspec",
    "resviz.counttext", "resviz.export", "resviz.figures.count", "resviz.figures.crossing", "resviz.figures.depthtime",
    "resviz.figures.filled", "resviz.figures.flow", "resviz.figures.neuralode", "resviz.figures.refine",
    "resviz.figures.rollout", "resviz.figures.solve", "resviz.figures.train", "resviz.findings", "resviz.literature",
    "resviz.measured", "resviz.records", "resviz.runs.downloads", "resviz.runs.limits", "resviz.runs.prober",
    "resviz.runs.questions", "resviz.runs.recorded", "resviz.runs.scheduler", "resviz.runs.states", "resviz.settings",
    "resviz.spec", "resviz.words",
]  # fmt: skip
LATE = ["torch", "torchvision", "torchdiffeq", "scipy", "sklearn", "captum"]


def python(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_but_the_screen_does_without_streamlit():
    rest = [name for name in MODULES if name not in SCREEN]
    assert {
        "resviz.experiments.train",
        "resviz.experiments.initial",
        "resviz.runs.worker",
        "resviz.figures.live",
        *SERVER,
    } <= set(rest)
    assert {"resviz.euler.solve", "resviz.euler.flow"} <= set(SERVER)
    code = """
import importlib, json, sys
sys.modules["streamlit"] = None
print(json.dumps([importlib.import_module(name).__name__ for name in sys.argv[1:]]))
"""
    assert json.loads(python(code, *rest)) == rest


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


def test_the_server_starts_without_what_is_slow_to_import():
    code = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    imported = json.loads(python(code, *SERVER))
    assert "resviz" in imported
    assert [name for name in LATE if name in imported] == []
