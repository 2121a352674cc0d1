"""The app with a paced trainer (tests/paced.py) instead of the real one: `python -m tests.pacedserver FOLDER PORT [PATH]`."""

import sys
from pathlib import Path

from resviz.runs import lanes
from tests.paced import command


def main(folder: Path, port: str, path: str = "") -> int:
    from streamlit.web import cli

    lanes.COMMANDS["runs"] = command(folder)
    sys.argv = ["streamlit", "run", "app.py", f"--server.port={port}", f"--server.baseUrlPath={path}"]
    return cli.main()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
