"""Attribution maps as cards for the browser, and the meaning of their colours."""

from __future__ import annotations

from resviz.data.datasets import Dataset
from resviz.draw.figure import MapCell, MapsKey, MapsRow, Picture
from resviz.draw.palette import ARM_COLOR
from resviz.probes.methods import Map, Method
from resviz.words.say import times


def picture(pixels: str, data: Dataset) -> Picture:
    """Bytes (C, H, W) in base 64, of one image of a data set or of several one after the other, as the browser draws them."""
    channels, height, width = data.shape
    return {"pixels": pixels, "channels": channels, "height": height, "width": width, "top": data.top}


def key_of(method: Method, target: str) -> MapsKey:
    """The meaning of the colours in the maps of a method, made for a class."""
    return (
        {"low": f"striped: against {target}", "high": f"for {target}"} if method.signed else {"low": "", "high": "most"}
    )


def cards_row(arm: str, title: str, found: tuple[Map, ...], blocks: bool) -> MapsRow:
    """A row of maps under a title in the colour of an arm. `blocks`: each map is labelled with the number of its block."""
    cells: list[MapCell] = []
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
