"""What all benchmarks share: a line of the report, a server, a browser."""

import tempfile
from pathlib import Path

from tests.chromium import FLAGS, find_browser
from tests.servers import Server

ROOT = Path(__file__).parents[2]


def row(what, value, target, ok):
    print(f"  {what:<62} {value:>16}   {target:<10} {'ok' if ok else 'MISSED'}", flush=True)


def browser():
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if path is None:
        raise SystemExit("this part needs Chromium on the PATH, or RESVIZ_BROWSER")
    playwright = sync_playwright().start()
    return playwright, playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)


def server(home=None):
    return Server(Path(home or tempfile.mkdtemp(prefix="resviz-bench-")))
