"""Panels: what their pages hand down, and what the server answers about recorded and made-up records."""

from __future__ import annotations

from typing import Any

from resviz.runs.recorded import opening, recorded
from resviz.ui import panel_routes
from resviz.ui.panels import PANELS
from resviz.ui.sources import Look
from tests.harness.write import address, handed, words_of


def page(kind: str, query: str = "", *, name: str = "") -> Any:
    """What the page of a panel hands down."""
    from resviz.ui import panel

    spec = PANELS[kind].spec.of(words_of(query))
    return handed("panel", lambda: panel.panel(kind, spec, name=name or kind))


def answer(kind: str, query: str = "", record: Any = None, **look: Any) -> str:
    """What the server says of a panel: by default the whole of `record`, or of the answer that comes with the package."""
    import json

    spec = PANELS[kind].spec.of(words_of(query))
    if record is None and not look:
        known = recorded(opening(kind))
        assert known is not None and known.record.spec == spec
        record, look = known.record, {"made": known.made}
    return json.loads(panel_routes.answer(kind, PANELS[kind], spec, Look(record, **{"share": 1.0, **look}), ""))


def _lengths() -> dict[str, Any]:
    return {
        "pages": {address("paths", "view=lengths"): page("lengths", name="Path lengths")},
        "answers": {"GET panel/lengths": answer("lengths")},
    }


SCENES = {"lengths": _lengths}
