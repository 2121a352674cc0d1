"""TODO"""

from __future__ import annotations

from typing import Any

from resviz.draw.palette import ARM_COLOR
from resviz.probes.methods import Map, Method
from resviz.words.say import times


def sign_of(method: Method) -> str:
    """What the colours of its maps mean."""
    return "green: for the class, purple: against it" if method.signed else "the greener, the more"


def cards_row(arm: str, title: str, found: tuple[Map, ...], blocks: bool) -> dict[str, Any]:
    """Maps in a row under a title, in the colour of an arm; `blocks`: one for each of them."""
    cells = []
    for m in found:
        largest = m.largest
        cells.append(
            {
                "label": str(m.block) if blocks else "",
                "width": m.width,
                "height": m.height,
                "values": [round(v / largest, 3) if largest else 0 for v in m.values],
                "said": f"{f'block {m.block}: ' if blocks else ''}up to {times(largest) if largest else 0}",
            }
        )
    return {"title": title, "color": ARM_COLOR[arm], "cells": cells}
