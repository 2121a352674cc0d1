"""The setting that names an uploaded picture. It is the only part of the picture that a link contains."""

from __future__ import annotations

from typing import Any

from resviz.words.fields import setting_field

DIGITS = 16
NO_PICTURE = f"{DIGITS} hexadecimal digits name a file that was chosen on this page"


def own_picture(help: str) -> Any:
    """Declare the setting as a field of a spec."""
    return setting_field("", "own picture", help, form=f"{DIGITS} hexadecimal digits", max_length=DIGITS)


def names_picture(text: str) -> bool:
    """Whether the text is a valid name of a picture, or empty for none."""
    return not text or (len(text) == DIGITS and not set(text) - set("0123456789abcdef"))
