"""Pictures: those that ship with scikit-learn, and uploaded ones, as a block takes them or as a data set has its images. No
torch: the server imports this."""

from __future__ import annotations

import io
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from resviz.data.datasets import Dataset
from resviz.words.text import Mistake

Numbers = npt.NDArray[np.float64]

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
    """Return the centre of a picture file as a small square RGB PNG, without the camera's metadata. Raises NotAPicture."""
    small = ImageOps.fit(opened(data, name, side), (side, side), Image.Resampling.LANCZOS)
    small.info.clear()
    out = io.BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


def opened(data: bytes, name: str, side: int) -> Image.Image:
    """Return a picture file as an upright RGB picture, what it lets through white. `side`: of the square that is made of it.

    Raises NotAPicture for a file that is not a picture, too large, damaged or cut short. The size is checked before any pixels
    are decoded.
    """
    if len(data) > LARGEST_BYTES:
        raise NotAPicture(f"{name!r} has {beyond(len(data), LARGEST_BYTES, 'MB')}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # LARGEST_PIXELS is checked below
            picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > LARGEST_PIXELS:
            raise NotAPicture(
                f"{name!r} has {width:,} x {height:,} pixels, {beyond(width * height, LARGEST_PIXELS, 'million')}. Make it "
                f"smaller first: {side} x {side} of them are used."
            )
        picture.draft("RGB", (4 * side, 4 * side))  # decodes a JPEG at a reduced size
        picture.load()
        if (turn := TURNS.get(picture.getexif().get(0x0112, 1))) is not None:
            picture = picture.transpose(turn)
        return _on_white(picture)
    except NotAPicture:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        too_large = isinstance(error, Image.DecompressionBombError)
        why = (
            f"is too large: allowed are {LARGEST_PIXELS / 1e6:,.0f} million pixels"
            if too_large
            else "is no picture that can be read"
        )
        kinds = ", ".join(FORMATS[:-1]) + f" and {FORMATS[-1]}"
        raise NotAPicture(f"{name!r} {why}. What can be read is {kinds}.") from error
    except Exception as error:  # a damaged file can make a decoder raise anything
        raise NotAPicture(
            f"{name!r} begins like a picture and is damaged or cut short ({str(error)[:80] or type(error).__name__})."
        ) from error


def beyond(number: int, limit: int, unit: str) -> str:
    """Return a number above its limit, both in millions, with as many digits as tell them apart: "50.4 million; allowed are 50
    million"."""
    for digits in range(7):
        said, most = (f"{value / 1e6:,.{digits}f}" for value in (number, limit))
        if said != most:
            break
    return f"{said} {unit}; allowed are {limit / 1e6:,.0f} {unit}"


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB on white. Pillow keeps the one transparent grey of a 16-bit PNG only as a number beside it, and
    those of its colours with 16 bits."""
    seen = picture.info.get("transparency")
    if picture.mode.startswith("I"):
        numbers = np.asarray(picture, dtype=np.int64)
        grey = Image.fromarray((numbers.clip(0, 65535) / 257).round().astype(np.uint8), "L")
        if isinstance(seen, int):
            grey.paste(255, mask=Image.fromarray(np.where(numbers == seen, 255, 0).astype(np.uint8), "L"))
        return grey.convert("RGB")
    if isinstance(seen, tuple) and max(seen) > 255:
        picture.info["transparency"] = tuple(value >> 8 for value in seen)
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    return picture.convert("RGB")


# -- pictures as a data set has them ---------------------------------------------------------------------

FULL = 0.8  # of the range from paper to the strongest ink; where there is less of it, the contrast is stretched
FAINT = 0.06  # below it there is nothing but paper
STROKE = 0.3  # share of the strongest ink from which on it belongs to a stroke
FINE = 64  # parts of each side in which strokes are looked for, coarse enough to overlook noise
ALIKE = (0.85, 1.15)  # sizes of a digit, beside those of the data, at which a picture is taken as it is


def numbers_of(data: bytes, name: str, of: Dataset) -> bytes:
    """Return a picture file as an image of a data set: (channels, height, width), from 0 to `of.top`.

    It is the middle square; of a digit that is much smaller or larger there than those of the data, the square around it. With
    one channel the paper becomes 0 and the ink light, as in the data, whichever of the two is darker in the picture: what most
    of the edge shows is paper. Where paper and ink are nearer to each other than in the data, the contrast is stretched. A
    whole-number enlargement of an image of the data gives exactly that image. Raises NotAPicture, also for a picture that shows
    nothing but paper.
    """
    channels, height, width = of.shape
    picture = opened(data, name, max(height, width))
    if channels == 3:
        bands = [np.asarray(band, dtype=float) for band in picture.split()]
        numbers = np.stack([_reduced(_middle(band), height, width) for band in bands])
    else:
        ink = _ink(np.asarray(picture.convert("L"), dtype=float))
        small = _reduced(_framed(ink, of.fills) if of.fills else _middle(ink), height, width)
        strongest = float(small.max())
        if strongest < 255 * FAINT:
            raise NotAPicture(f"{name!r} shows no strokes: all of it is equally light.")
        numbers = (small * (255 / strongest) if strongest < 255 * FULL else small)[None]
    return (numbers * (of.top / 255)).round().clip(0, of.top).astype(np.uint8).tobytes()


def _ink(light: Numbers) -> Numbers:
    """Return how much ink there is in each pixel, 0 on paper, of a picture in grays from 0 to 255."""
    edge = np.concatenate([light[0], light[-1], light[1:-1, 0], light[1:-1, -1]])
    if edge.mean() > 127.5:  # dark ink on light paper
        edge, light = 255 - edge, 255 - light
    return (light - float(np.percentile(edge, 25))).clip(0, None)


def _middle(numbers: Numbers) -> Numbers:
    height, width = numbers.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return numbers[top : top + side, left : left + side]


def _framed(ink: Numbers, fills: float) -> Numbers:
    """Return the middle square, or the square in which the ink takes the share `fills` of the side, if it is far from that there;
    beyond the picture there is paper."""
    middle = _middle(ink)
    (top, bottom), (left, right) = _box(middle)
    if ALIKE[0] <= max(bottom - top, right - left) / len(middle) / fills <= ALIKE[1]:
        return middle
    rows, columns = _box(ink)
    if rows == columns == (0, 0):
        return middle
    part = ink[slice(*rows), slice(*columns)]  # looked at again: its edges are now found to a pixel or two
    (top, bottom), (left, right) = _box(part)
    top, bottom, left, right = rows[0] + top, rows[0] + bottom, columns[0] + left, columns[0] + right
    side = max(1, round(max(bottom - top, right - left) / fills))
    first = [round((low + high - side) / 2) for low, high in ((top, bottom), (left, right))]
    square = np.zeros((side, side))
    (row, column), (height, width) = first, ink.shape
    part = ink[max(0, row) : min(height, row + side), max(0, column) : min(width, column + side)]
    down, across = max(0, -row), max(0, -column)
    square[down : down + part.shape[0], across : across + part.shape[1]] = part
    return square


def _box(ink: Numbers) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the rows and the columns, from and up to, between which there are strokes; (0, 0) where there are none."""
    height, width = ink.shape
    rows, columns = min(FINE, height), min(FINE, width)
    coarse = _reduced(ink, rows, columns)
    there = coarse > STROKE * max(coarse.max(), 255 * FAINT)
    found = []
    for axis, parts, length in ((1, rows, height), (0, columns, width)):
        places = np.flatnonzero(there.any(axis))
        ends = (places[0] * length // parts, -(-(places[-1] + 1) * length // parts)) if len(places) else (0, 0)
        found.append((int(ends[0]), int(ends[1])))
    return found[0], found[1]


def _reduced(numbers: Numbers, height: int, width: int) -> Numbers:
    """Return the mean over each part of a grid of numbers, exact where the parts are of whole pixels."""
    small = Image.fromarray(numbers.astype(np.float32), "F").resize((width, height), Image.Resampling.BOX)
    return np.asarray(small, dtype=float)


def photograph(name: str, side: int = SIDE) -> bytes:
    """Return scikit-learn's photograph "china" or "flower", prepared like an uploaded picture. The file is read without
    importing scikit-learn, which would take a second and 180 MB."""
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    return prepared((Path(package.origin).parent / "datasets" / "images" / f"{name}.jpg").read_bytes(), name, side)
