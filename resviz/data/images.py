"""Pictures used as a block's input: those that ship with scikit-learn, and uploaded ones. No torch: the server imports this."""

from __future__ import annotations

import io
import warnings
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from resviz.words.text import Mistake

SIDE = 64  # side in pixels of the square picture that goes into a block
LARGEST_PIXELS = 50_000_000
LARGEST_BYTES = 20_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


# The operation that turns a picture upright, by its EXIF orientation.
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
    """Raised for a file that cannot be used; the message names the file, the reason, and what can be used."""


def prepared(data: bytes, name: str, side: int = SIDE) -> bytes:
    """Return the centre of a picture file as a small square RGB PNG, without the camera's metadata.

    Raises NotAPicture for a file that is not a picture, too large, damaged or cut short. The size is checked before any pixels
    are decoded.
    """
    kinds = ", ".join(FORMATS[:-1]) + f" and {FORMATS[-1]}"
    if len(data) > LARGEST_BYTES:
        raise NotAPicture(f"{name!r} has {len(data) / 1e6:,.0f} MB; allowed are {LARGEST_BYTES / 1e6:,.0f} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # LARGEST_PIXELS is checked below
            picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > LARGEST_PIXELS:
            raise NotAPicture(
                f"{name!r} has {width:,} x {height:,} pixels, {width * height / 1e6:,.0f} million; allowed are "
                f"{LARGEST_PIXELS / 1e6:,.0f} million. Make it smaller first: {side} x {side} of them are used."
            )
        picture.draft("RGB", (4 * side, 4 * side))  # decodes a JPEG at a reduced size
        picture.load()
        if (turn := TURNS.get(picture.getexif().get(0x0112, 1))) is not None:
            picture = picture.transpose(turn)
        out = io.BytesIO()
        # Transparent pixels become white.
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
    except Exception as error:  # a damaged file can make a decoder raise anything
        raise NotAPicture(
            f"{name!r} begins like a picture and is damaged or cut short ({str(error)[:80] or type(error).__name__})."
        ) from error
    return out.getvalue()


def photograph(name: str, side: int = SIDE) -> bytes:
    """Return scikit-learn's photograph "china" or "flower", prepared like an uploaded picture. The file is read without
    importing scikit-learn, which would take a second and 180 MB."""
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    return prepared((Path(package.origin).parent / "datasets" / "images" / f"{name}.jpg").read_bytes(), name, side)
