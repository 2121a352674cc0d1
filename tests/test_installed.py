"""The wheel, installed into an environment of its own and started from an empty folder with a space in its path."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from resviz.cli import _commands
from resviz.topic import pages
from tests.servers import Server

ROOT = Path(__file__).parents[1]
LARGEST = 2_600_000  # bytes, of which plotly takes half a million and the networks of the default run a million
# By command: the words of a question that is answered in a moment; a command that is not here needs none.
RUN = ["depth=6", "width=2", "examples=64", "batch=64", "epochs=1", "device=cpu"]
SMALL = {"count": ["net=resnet18"], "euler": ["n=10"], "depth": ["depths=4,6", "seeds=1", *RUN[1:]]}

pytestmark = [pytest.mark.process, pytest.mark.heavy]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=100)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of an environment that has this wheel, and what the project needs from the present environment."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    bin_, site = folder / ("Scripts" if os.name == "nt" else "bin"), _site(folder)
    present = sysconfig.get_paths()["purelib"]
    command = [sys.executable, "-m", "pip", "--python", str(bin_ / "python"), "install", "--quiet", "--no-deps"]
    subprocess.run([*command, "--no-index", str(wheel)], check=True, timeout=100)
    (site / "present.pth").write_text(f"{present}\n", encoding="utf-8")
    return bin_


def _site(folder: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}, scheme="venv"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    folder = tmp_path_factory.mktemp("else") / "an empty folder"
    folder.mkdir()
    return folder


def test_it_is_small_and_has_the_app_inside_the_package_and_nothing_beside_it(wheel):
    assert wheel.stat().st_size < LARGEST
    names = zipfile.ZipFile(wheel).namelist()
    assert {"resviz/app/app.py", "resviz/app/.streamlit/config.toml", "resviz/ui/router.py"} <= set(names)
    assert {f"resviz/app/pages/{name}.py" for name in pages()} <= set(names)
    assert {name.split("/")[0] for name in names} <= {"resviz", _info(names)}
    assert not [name for name in names if re.match(r"resviz/ui/pages|.*\.pyc$|tests/", name)]
    for path in (ROOT / "resviz").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            assert path.relative_to(ROOT).as_posix() in names, "all that the package reads is in it"


def _info(names: list[str]) -> str:
    (found,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
    return found


# One process, so that torch is imported once.
COMMANDS = """
import json, sys
import resviz
from resviz import cli
for name, words in json.loads(sys.argv[1]).items():
    print(f"-- {name}", flush=True)
    assert cli.main([name, *words]) == 0, name
print("--", resviz.__file__, cli.ROOT)
"""


def test_every_command_runs_from_anywhere(installed, elsewhere, tmp_path):
    environment = {**os.environ, "RESVIZ_HOME": str(tmp_path)}
    environment.pop("PYTHONPATH", None)

    def run(program, *arguments):
        command = [str(installed / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=elsewhere, env=environment, timeout=100)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "25,557,032" in run("resviz", "count", "net=resnet50")
    words = {name: SMALL.get(name, RUN) for name in _commands()}
    *said, where = run("python", "-c", COMMANDS, json.dumps(words)).split("\n-- ")
    assert len(said) == len(words) and all(len(each.split("\n", 1)[1]) > 20 for each in said)
    assert where.count(str(installed.parent)) == 2, "what ran is what was installed"
    assert not list(elsewhere.iterdir()), "nothing is left where it was started"


def test_the_app_opens_its_pages(installed, elsewhere, tmp_path, new_page):
    server = Server(tmp_path, cwd=elsewhere, program=str(installed / "python"))
    try:
        page = new_page()
        for name, (first, *_) in list(pages().items())[:2]:
            page.goto(f"{server.url}/{name}")
            expect(page.get_by_role("heading", level=1)).to_have_text(first.question)
            expect(page.locator(".rv-card").first).to_be_visible()
    finally:
        server.stop()
