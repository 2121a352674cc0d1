"""The app with processes that start at once (tests/forked.py), and if asked with a paced trainer (tests/paced.py) instead of the
real one: `python -m tests.appserver PORT PATH FORKS [FOLDER]`, where FORKS is the address of what they are forked from."""

import sys
from pathlib import Path

from resviz.runs import lanes
from tests import forked, paced


def main(port: str, path: str, forks: str, *folder: str) -> int:
    from streamlit.web import cli

    for lane in lanes.LANES:
        lanes.COMMANDS[lane] = forked.command(forks, "resviz.runs.worker:main", lane)
    if folder:
        lanes.COMMANDS["runs"] = paced.command(Path(*folder))
    sys.argv = ["streamlit", "run", "app.py", f"--server.port={port}", f"--server.baseUrlPath={path}"]
    return cli.main()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
