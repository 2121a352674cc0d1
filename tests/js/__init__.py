"""Node's tools and tests for the browser code. Nobody needs them to run the app."""

import re
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent
LEAST_NODE = (20, 19)  # the first that takes a file of modules for one by itself


def node_version() -> tuple[int, ...] | None:
    """The version of Node, or None where it or npm is missing."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    told = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    return tuple(map(int, re.findall(r"\d+", told)))


def install() -> None:
    """Fetch the tools that package.json names, in exactly these versions, unless they are here already."""
    here, wanted = FOLDER / "node_modules/.for", (FOLDER / "package.json").read_text(encoding="utf-8")
    if here.exists() and here.read_text(encoding="utf-8") == wanted:
        return
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=FOLDER, check=True)
    here.write_text(wanted, encoding="utf-8")
