"""The process of the app: Streamlit, ending as our commands do: `python -m resviz.ui.serve FLAG...` in the folder of app.py."""

from __future__ import annotations

from resviz.terminal import interrupt

with interrupt.quiet():
    import sys

    from resviz.terminal.commands import ended


def main() -> int:
    return ended(_serve, last=True)


def _serve() -> int:
    from resviz.runs.store import Store

    Store().close()  # where nothing can be kept, that is said before anything starts
    from streamlit.web import cli

    sys.argv = ["streamlit", "run", "app.py", *sys.argv[1:]]
    code: int | None = cli.main(standalone_mode=False)
    return code or 0


if __name__ == "__main__":
    sys.exit(main())
