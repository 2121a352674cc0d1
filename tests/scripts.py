"""A process that runs scripts where this package cannot be imported: `tests.scripts:main`, by tests/forked.py."""

import sys
import traceback


def main() -> None:
    """Run the files that are named on the command line; what each prints comes after a line with its name."""
    assert not any(name.partition(".")[0] == "resviz" for name in sys.modules)
    sys.modules["resviz"] = None  # type: ignore[assignment]
    for path in sys.argv[1:]:
        print("#", path, flush=True)
        try:
            with open(path) as file:
                exec(compile(file.read(), path, "exec"), {"__name__": "__main__"})
        except Exception:
            traceback.print_exc(file=sys.stdout)
