"""Pictures of a person's own as images of a data set: what comes out of each odd kind of file, made here."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from resviz.data.datasets import DATASETS
from resviz.data.images import LARGEST_PIXELS, NotAPicture, beyond, numbers_of, prepared

DIGITS, MNIST, CIFAR = (DATASETS[name] for name in ("digits", "mnist", "cifar10"))
SAMPLE = load_digits().images[::37].astype(int)  # 49 of them, (8, 8), from 0 to 16


def file(picture: Image.Image, kind: str = "PNG", **more) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def gray(numbers: np.ndarray, times: int = 1) -> Image.Image:
    """A picture of these grays, 0 to 255, each pixel `times` x `times`."""
    return Image.fromarray(np.kron(numbers.round().astype(np.uint8), np.ones((times, times), np.uint8)))


def read(data: bytes, dataset=DIGITS) -> np.ndarray:
    """What the file becomes."""
    made = numbers_of(data, "mine.png", dataset)
    return np.frombuffer(made, np.uint8).reshape(dataset.shape).astype(int)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG that Pillow would not write."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    parts = (head, *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    found = b"\x89PNG\r\n\x1a\n"
    for name, data in parts:
        found += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return found


# -- as the data are ----------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 13, 50])
def test_an_enlargement_of_a_digit_gives_exactly_that_digit(times):
    for digit in SAMPLE if times < 50 else SAMPLE[:5]:
        light = gray(digit * 255 / 16, times)
        dark = gray(255 - digit * 255 / 16, times)
        for picture in (light, dark, *(light.convert(mode) for mode in ("RGB", "RGBA", "LA"))):
            assert (read(file(picture))[0] == digit).all()


def test_an_enlargement_of_other_data_gives_exactly_that_image():
    random = np.random.default_rng(0)
    image = np.zeros((28, 28))
    image[4:24, 4:24] = random.integers(100, 256, (20, 20))
    assert (read(file(gray(image, 7)), MNIST)[0] == image).all()
    colours = random.integers(0, 256, (32, 32, 3)).astype(np.uint8)
    large = Image.fromarray(np.kron(colours, np.ones((9, 9, 1), np.uint8)))
    assert (read(file(large), CIFAR) == colours.transpose(2, 0, 1)).all()


@pytest.mark.parametrize(("paper", "ink"), [(230, 90), (200, 60), (255, 130), (40, 180), (0, 120)])
@pytest.mark.parametrize("noise", [0, 3])
def test_a_photographed_digit_becomes_as_strong_as_the_data(paper, ink, noise):
    random = np.random.default_rng(1)
    for digit in SAMPLE:
        light = np.kron(paper + (ink - paper) * digit / digit.max(), np.ones((20, 20)))
        picture = gray((light + noise * random.standard_normal(light.shape)).clip(0, 255))
        found = read(file(picture))[0]
        assert np.abs(found - 16 * digit / digit.max()).max() <= 0.5 + 0.5 * bool(noise)


@pytest.mark.parametrize(("share", "place"), [(1.0, (0, 0)), (0.5, (0, 0)), (0.3, (60, 120)), (0.2, (300, 10))])
def test_a_digit_of_any_size_anywhere_on_a_page_fills_the_image_as_those_of_the_data_do(share, place):
    for digit in SAMPLE[:8]:
        times = round(50 * share)
        page = np.full((400, 400 if share == 1 else 560), 225.0)
        ink = np.kron(digit * 130 / 16, np.ones((times, times)))
        page[place[0] : place[0] + len(ink), place[1] : place[1] + len(ink)] -= ink
        found = read(file(gray(page)))[0].astype(float)
        assert found.max() == 16 and found[[0, -1]].max(1).min() > 4, "from the first row to the last"
        if share == 1:
            assert np.abs(found - 16 * digit / digit.max()).max() <= 1
        shifted = [np.roll(digit, by, 1) + np.roll(digit, by + half, 1) for by in (-1, 0, 1) for half in (0, 1)]
        assert max(np.corrcoef(found.ravel(), each.ravel())[0, 1] for each in shifted) > 0.94


def test_a_thin_pen_is_as_strong_as_a_thick_one():
    light = np.full((400, 400), 250.0)
    light[60:340, 190:205] = 30
    found = read(file(gray(light)))[0]
    assert found.max() == 16
    assert (found[:, [0, 1, 6, 7]] == 0).all()


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("size", [(1, 1), (8, 8), (300, 200), (1, 5000)])
def test_a_picture_without_strokes_is_said(level, size):
    with pytest.raises(NotAPicture, match=r"^'mine\.png' shows no strokes: all of it is equally light\.$"):
        read(file(Image.new("L", size, level)))


# -- odd kinds of files -------------------------------------------------------------------------------

BAR = np.zeros((8, 8), int)
BAR[:, 3:5] = 16


def on_clear(times: int = 10) -> Image.Image:
    """Black ink on nothing."""
    ink = Image.new("RGBA", (8 * times, 8 * times), (0, 0, 0, 0))
    ink.paste((0, 0, 0, 255), (3 * times, 0, 5 * times, 8 * times))
    return ink


def sixteen(transparent: bool) -> bytes:
    """A 16-bit gray PNG: the bar in black; what is around it has a gray of its own that is transparent, or is white."""
    around = 30_000 if transparent else 65_535
    numbers = np.where(BAR > 0, 0, around).astype(">u2").repeat(5, 0).repeat(5, 1)
    rows = b"".join(b"\0" + row.tobytes() for row in numbers)
    clear = [(b"tRNS", struct.pack(">H", around))] if transparent else []
    return png(40, 40, 16, 0, rows, *clear)


def sixteen_colours() -> bytes:
    """The same in RGB with 16 bits each, one colour transparent."""
    numbers = (
        np.where(BAR[..., None] > 0, [300, 300, 300], [40_000, 20_000, 10_000]).astype(">u2").repeat(5, 0).repeat(5, 1)
    )
    rows = b"".join(b"\0" + row.tobytes() for row in numbers)
    return png(40, 40, 16, 2, rows, (b"tRNS", struct.pack(">HHH", 40_000, 20_000, 10_000)))


def palette() -> bytes:
    """Of two colours, one transparent and black underneath."""
    picture = Image.fromarray((BAR > 0).astype(np.uint8).repeat(5, 0).repeat(5, 1), "P")
    picture.putpalette([0, 0, 0, 0, 0, 0])
    return file(picture, transparency=0)


def turned() -> bytes:
    """Lying on its side, with the camera's word on how to put it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = on_clear().transpose(Image.Transpose.ROTATE_90)
    white = Image.new("RGBA", lying.size, "white")
    return file(Image.alpha_composite(white, lying).convert("RGB"), exif=exif)


def moving() -> bytes:
    other = Image.new("L", (80, 80), 0)
    return file(gray(255 - BAR * 255 / 16, 10), "GIF", save_all=True, append_images=[other])


def wide() -> Image.Image:
    paper = Image.new("L", (232, 72), 255)
    paper.paste(gray(255 - BAR * 255 / 16, 9), (80, 0))
    return paper


KINDS = {
    "16 bit": lambda: sixteen(False),
    "16 bit, a transparent gray": lambda: sixteen(True),
    "16 bit, a transparent colour": sixteen_colours,
    "a palette, transparent": palette,
    "transparent": lambda: file(on_clear()),
    "gray and opacity": lambda: file(on_clear().convert("LA")),
    "CMYK": lambda: file(gray(255 - BAR * 255 / 16, 10).convert("CMYK"), "JPEG", quality=98),
    "one bit": lambda: file(gray(255 - BAR * 255 / 16, 10).convert("1")),
    "turned by the camera": turned,
    "moving": moving,
    "WebP": lambda: file(on_clear(), "WEBP", lossless=True),
    "wide": lambda: file(wide()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_odd_kind_shows_the_same_bar(kind):
    found = read(KINDS[kind]())[0]
    assert np.abs(found - BAR).max() <= (1 if kind == "CMYK" else 0), found


def test_what_a_16_bit_picture_lets_through_is_white_for_a_block_too():
    with Image.open(io.BytesIO(prepared(sixteen(True), "a", 8))) as picture:
        seen = np.asarray(picture)
    assert seen[0, 0].min() > 250 and seen[3, 3].max() < 60


# -- limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "limit", "says"),
    [
        (50_400_000, 50_000_000, "50.4 million; allowed are 50 million"),
        (50_000_001, 50_000_000, "50.000001 million; allowed are 50 million"),
        (20_480_000, 20_000_000, "20.5 million; allowed are 20 million"),
        (100_000_000, 50_000_000, "100 million; allowed are 50 million"),
        (51_000_000, 50_000_000, "51 million; allowed are 50 million"),
    ],
)
def test_what_is_beyond_a_limit_is_told_from_it(number, limit, says):
    assert beyond(number, limit, "million") == says


def test_a_picture_just_beyond_the_limit_is_said_so():
    side = int(LARGEST_PIXELS**0.5) + 1
    rows = b"\0" * 10
    with pytest.raises(
        NotAPicture, match=r"has 7,072 x 7,072 pixels, 50\.01 million; allowed are 50 million\. Make it"
    ):
        read(png(side, side, 8, 0, rows))
