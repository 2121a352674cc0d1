"""Pictures that a block looks at: those that ship with scikit-learn, and a person's own. No torch: the server reads files."""

from __future__ import annotations

import io
import warnings
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from resviz.words.text import Mistake

SIDE = 64  # pixels of the square that goes into a block
LARGEST_PIXELS = 50_000_000
LARGEST_BYTES = 20_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


# What puts a picture upright, by its EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class NotAPicture(Mistake):
    """A file cannot be used; the message says which, why, and what can."""


def prepared(data: bytes, name: str, side: int = SIDE) -> bytes:
    """A person's file as a small square PNG in RGB, its middle, without what a camera writes about it.

    Raises NotAPicture for a file that is none, too large, damaged or cut short. Its size is read before its pixels are.
    """
    kinds = ", ".join(FORMATS[:-1]) + f" and {FORMATS[-1]}"
    if len(data) > LARGEST_BYTES:
        raise NotAPicture(f"{name!r} has {len(data) / 1e6:,.0f} MB; allowed are {LARGEST_BYTES / 1e6:,.0f} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is ours
            picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > LARGEST_PIXELS:
            raise NotAPicture(
                f"{name!r} has {width:,} x {height:,} pixels, {width * height / 1e6:,.0f} million; allowed are "
                f"{LARGEST_PIXELS / 1e6:,.0f} million. Make it smaller first: {side} x {side} of them are used."
            )
        picture.draft("RGB", (4 * side, 4 * side))  # a JPEG is read at a fraction of its size
        picture.load()
        if (turn := TURNS.get(picture.getexif().get(0x0112, 1))) is not None:
            picture = picture.transpose(turn)
        out = io.BytesIO()
        # A transparent picture lies on white.
        if picture.mode.startswith("I;16"):
            picture = picture.convert("I").point(lambda v: v * (255 / 65535)).convert("L")
        if picture.has_transparency_data:
            layered = picture.convert("RGBA")
            picture = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
        small = ImageOps.fit(picture.convert("RGB"), (side, side), Image.Resampling.LANCZOS)
        small.info.clear()
        small.save(out, "PNG")
    except NotAPicture:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        too_large = isinstance(error, Image.DecompressionBombError)
        why = (
            f"is too large: allowed are {LARGEST_PIXELS / 1e6:,.0f} million pixels"
            if too_large
            else "is no picture that can be read"
        )
        raise NotAPicture(f"{name!r} {why}. What can be read is {kinds}.") from error
    except Exception as error:  # a damaged file makes a decoder raise whatever it likes
        raise NotAPicture(
            f"{name!r} begins like a picture and is damaged or cut short ({str(error)[:80] or type(error).__name__})."
        ) from error
    return out.getvalue()


def photograph(name: str, side: int = SIDE) -> bytes:
    """One of scikit-learn's photographs, "china" or "flower", prepared like a person's own. It is read without importing
    scikit-learn, which takes a second and 180 MB."""
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    return prepared((Path(package.origin).parent / "datasets" / "images" / f"{name}.jpg").read_bytes(), name, side)
