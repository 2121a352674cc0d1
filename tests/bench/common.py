"""What all benchmarks share: a line of the report, a server, a browser."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from resviz.runs.memory import ENVIRONMENT
from tests.chromium import FLAGS, find_browser
from tests.servers import Server

ROOT = Path(__file__).parents[2]


def row(what, value, target, ok):
    print(f"  {what:<62} {value:>16}   {target:<10} {'ok' if ok else 'MISSED'}", flush=True)


def apart(function, *args):
    """What a function of a module returns in a process of its own with the memory settings of the app's processes, so that these
    are no part of what is compared. Arguments and result are plain values."""
    module, name = function.__module__, function.__name__
    program = f"import json\nfrom resviz.runs.memory import settle\nfrom {module} import {name}\nsettle()\n"
    program += f"print(json.dumps({name}(*{args!r})))"
    return json.loads(
        subprocess.run(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
            env={**ENVIRONMENT, **os.environ},
        ).stdout
    )


def browser():
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if path is None:
        raise SystemExit("this part needs Chromium on the PATH, or RESVIZ_BROWSER")
    playwright = sync_playwright().start()
    return playwright, playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)


def server(home=None):
    return Server(Path(home or tempfile.mkdtemp(prefix="resviz-bench-")))
