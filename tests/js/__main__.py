"""What checks the browser code: its linter, its types and its tests that need no browser. `python -m tests.js`, or `make check`.

All of it needs Node. Where that is missing, this says so and passes; where everything is required (CI), it fails.
"""

import os
import subprocess
import sys

from tests.js import FOLDER, LEAST_NODE, install, node_version
from tests.payloads import FILE, text

ROOT = FOLDER.parents[1]
CODE = ("resviz/ui/assets", "resviz/topics", "resviz/families")


def main() -> int:
    if FILE.read_text(encoding="utf-8") != text():
        print(f"{FILE.name} is not what the types in Python say: run `python -m tests.payloads`")
        return 1
    if (version := node_version()) is None or version < LEAST_NODE:
        least = ".".join(map(str, LEAST_NODE))
        print(f"The browser code is not checked: that needs Node {least} or newer, and npm.")
        return 1 if os.environ.get("RESVIZ_REQUIRE_ALL") else 0
    install()
    tools, tests = FOLDER / "node_modules/.bin", sorted(FOLDER.glob("*.test.js"))
    commands = (
        (ROOT, [tools / "biome", "ci", "--config-path=tests/js", "--colors=off", *CODE]),
        (FOLDER, [tools / "biome", "ci", "--colors=off", *tests]),
        (ROOT, [tools / "tsc", "-p", "tests/js"]),
        (ROOT, ["node", "--test", *tests]),
    )
    for folder, command in commands:
        done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
        if done.returncode:
            print(done.stdout + done.stderr)
            return 1
    modules = [path for path in (ROOT / "resviz").rglob("*.js") if path.parent.name != "vendor"]
    print(f"Browser code: {len(modules)} files, linted, typed and tested")
    return 0


if __name__ == "__main__":
    sys.exit(main())
