"""Pictures of people's own: whatever a file holds comes out as one small square, or as a sentence that says why not."""

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from resviz.data.images import FORMATS, LARGEST_BYTES, SIDE, NotAPicture, photograph, prepared
from tests.examples import examples

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of damaged EXIF


def file(picture: Image.Image, kind: str, **more) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def pixels(png: bytes) -> np.ndarray:
    """(SIDE, SIDE, 3), of what must be a PNG in RGB."""
    made = Image.open(io.BytesIO(png))
    assert (made.format, made.mode, made.size) == ("PNG", "RGB", (SIDE, SIDE))
    return np.array(made).astype(int)


def chunks(png: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found.append(png[at + 4 : at + 8])
        at += length + 12
    return found


def made_or_said(data: bytes) -> None:
    """A picture comes out, or a sentence that names the file; nothing else is raised."""
    try:
        made = prepared(data, "a")
    except NotAPicture as error:
        made, said = b"", str(error)
    if made:
        pixels(made)
    else:
        assert "'a'" in said


def halves(width: int, height: int, left, right) -> Image.Image:
    """The left half of one colour, the right one of another."""
    picture = Image.new("RGB", (width, height), left)
    picture.paste(right, (width // 2, 0, width, height))
    return picture


RED, BLUE = (200, 30, 20), (20, 40, 220)


def looks_like_halves(seen: np.ndarray, left=RED, right=BLUE, off: int = 12) -> None:
    assert np.abs(seen[:, : SIDE // 2 - 4].mean((0, 1)) - left).max() < off
    assert np.abs(seen[:, SIDE // 2 + 4 :].mean((0, 1)) - right).max() < off


# -- what can be read ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(64, 64), (65, 63), (200, 131), (31, 17), (640, 480)])
def test_every_format_of_any_size_comes_out_as_one_square(kind, size):
    made = prepared(file(halves(*size, RED, BLUE), kind), "a")
    seen = pixels(made)
    middle = slice(SIDE // 4, 3 * SIDE // 4)
    looks_like_halves(np.repeat(seen[middle].mean(0, keepdims=True), 2, 0), off=25 if size == (31, 17) else 12)


def test_of_a_long_picture_the_middle_is_used():
    picture = Image.new("RGB", (300, 60), (255, 255, 255))
    picture.paste(halves(60, 60, RED, BLUE), (120, 0))
    looks_like_halves(pixels(prepared(file(picture, "PNG"), "a")))


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 2)])
def test_the_thinnest_pictures_are_pictures_too(size):
    assert (pixels(prepared(file(Image.new("RGB", size, RED), "PNG"), "a")) == RED).all()


GREY = (90, 90, 90)
MODES = {
    "L": (Image.new("L", (50, 41), 90), "PNG", {}, GREY),
    "1": (Image.new("1", (50, 41), 1), "PNG", {}, (255, 255, 255)),
    "RGBA": (Image.new("RGBA", (50, 41), (*RED, 255)), "PNG", {}, RED),
    "LA": (Image.new("LA", (50, 41), (90, 255)), "PNG", {}, GREY),
    "P": (Image.new("RGB", (50, 41), RED).quantize(4), "GIF", {}, RED),
    "CMYK": (Image.new("CMYK", (50, 41), (0, 255, 255, 0)), "JPEG", {}, (255, 0, 0)),
    "BMP, 1 bit": (Image.new("1", (50, 41), 0), "BMP", {}, (0, 0, 0)),
    "16 bits": (Image.fromarray(np.full((41, 50), 90 * 257, np.uint16)), "PNG", {}, GREY),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_keeps_its_colour(mode):
    picture, kind, more, colour = MODES[mode]
    assert np.abs(pixels(prepared(file(picture, kind, **more), "a")) - colour).max() <= 2


def test_sixteen_bits_keep_their_shades():
    ramp = np.linspace(0, 65535, 64).round().astype(np.uint16)
    seen = pixels(prepared(file(Image.fromarray(np.tile(ramp, (64, 1))), "PNG"), "a"))
    assert np.abs(seen[:, :, 0] - ramp / 257).max() <= 2


CLEAR = {
    "RGBA": (Image.new("RGBA", (50, 41), (*RED, 0)), "PNG", {}),
    "LA": (Image.new("LA", (50, 41), (0, 0)), "PNG", {}),
    "WEBP": (Image.new("RGBA", (50, 41), (*RED, 0)), "WEBP", {}),
    "P": (Image.new("P", (50, 41), 0), "PNG", {"transparency": 0}),
    "GIF": (Image.new("P", (50, 41), 0), "GIF", {"transparency": 0}),
    "L with a colour left out": (Image.new("L", (50, 41), 7), "PNG", {"transparency": 7}),
    "RGB with a colour left out": (Image.new("RGB", (50, 41), RED), "PNG", {"transparency": RED}),
}


@pytest.mark.parametrize("mode", CLEAR)
def test_what_is_transparent_lies_on_white(mode):
    picture, kind, more = CLEAR[mode]
    if picture.mode == "P":
        picture.putpalette([10, 20, 30])
    assert (pixels(prepared(file(picture, kind, **more), "a")) == 255).all()


def test_the_first_frame_of_a_moving_picture_is_used():
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP"):
        seen = pixels(prepared(file(frames[0], kind, save_all=True, append_images=frames[1:]), "a"))
        assert np.abs(seen - RED).max() <= 12


# -- what a camera writes ------------------------------------------------------------------------

# What must be done to a picture for these orientations (EXIF 2.32, 4.6.4) to look as `halves` does.
TURNED = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_taken_sideways_stands_upright(orientation, kind):
    picture = halves(160, 160, RED, BLUE)
    picture.paste((255, 255, 255), (0, 0, 160, 40))  # which side is up, too
    for turn in TURNED[orientation]:
        picture = picture.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    seen = pixels(prepared(file(picture, kind, exif=exif), "a"))
    assert seen[:10].mean() > 245
    looks_like_halves(np.repeat(seen[24:].mean(0, keepdims=True), 2, 0))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_is_left_of_what_a_camera_wrote(kind):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera of Ada", 6
    exif.get_ifd(0x8825)[1] = "N"
    more = {"exif": exif, "icc_profile": b"profile of Ada" * 20}
    if kind == "PNG":
        more["pnginfo"] = PngInfo()
        more["pnginfo"].add_text("Author", "Ada")
    if kind == "JPEG":
        more["comment"] = b"Ada was here"
    data = file(halves(90, 70, RED, BLUE), kind, dpi=(300, 300), **more)
    assert b"Ada" in data
    made = prepared(data, "a")
    assert set(chunks(made)) == {b"IHDR", b"IDAT", b"IEND"}
    assert b"Ada" not in made


# -- what cannot be used -------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def claims(width: int, height: int) -> bytes:
    """A small PNG whose header claims so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8))
KINDS = "PNG, JPEG, WEBP, GIF and BMP"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"Dear diary,\n", f"is no picture that can be read. What can be read is {KINDS}"),
        (b"", f"is no picture that can be read. What can be read is {KINDS}"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", f"is no picture that can be read. What can be read is {KINDS}"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", f"What can be read is {KINDS}"),
        (file(NOISE, "TIFF"), f"What can be read is {KINDS}"),  # Pillow could, and its readers are many
        (file(NOISE, "PNG")[:3000], "is damaged or cut short"),
        (file(NOISE, "JPEG")[:3000], "is damaged or cut short"),
        (file(NOISE, "PNG")[:20], "What can be read is|is damaged or cut short"),
        (claims(10_000, 10_000), r"has 10,000 x 10,000 pixels, 100 million; allowed are 50 million"),
        (claims(60_000, 60_000), "is too large: allowed are 50 million pixels"),
        (claims(2**31 - 1, 2**31 - 1), "is too large: allowed are 50 million pixels"),
        (claims(1, 60_000_000), "allowed are 50 million"),
    ],
    ids=["text", "nothing", "PDF", "SVG", "TIFF", "PNG", "JPEG", "head", "100M", "bomb", "largest", "thin"],
)
def test_what_is_no_picture_is_named_with_the_reason(data, says):
    with pytest.raises(NotAPicture, match=says) as error:
        prepared(data, "holiday 'one'.png")
    assert repr("holiday 'one'.png") in str(error.value)
    assert len(str(error.value)) < 300
    assert "\n" not in str(error.value)


def test_a_picture_at_the_limit_is_not_too_large():
    """Its header is fine, so it is only cut short."""
    with pytest.raises(NotAPicture, match="cut short"):
        prepared(claims(10_000, 5_000), "a")


def test_the_size_of_a_file_is_said_before_it_is_opened():
    with pytest.raises(NotAPicture, match=r"'long\.png' has 21 MB; allowed are 20 MB"):
        prepared(file(NOISE, "PNG") + bytes(LARGEST_BYTES + 1_000_000), "long.png")


def test_a_large_claim_costs_neither_time_nor_memory():
    began = time.perf_counter()
    tracemalloc.start()
    for size in (10_000, 60_000):
        with pytest.raises(NotAPicture):
            prepared(claims(size, size), "a")
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()
    assert time.perf_counter() - began < 1


def exif_of(*entries: tuple[int, int, int, bytes]) -> bytes:
    """EXIF of (tag, type, count, value) as they stand in the file, whether that makes sense or not."""
    rows = b"".join(struct.pack("<HHI", *head) + value.ljust(4, b"\0") for *head, value in entries)
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + rows + bytes(4)


SIDEWAYS = (0x0112, 3, 1, b"\6\0")


@pytest.mark.parametrize(
    "entries",
    [
        [SIDEWAYS, (0x0100, 2, 3, b"abc")],  # a width that is a text
        [SIDEWAYS, (0x0103, 2, 3, b"ab")],
        [SIDEWAYS, (0x8825, 4, 1, b"\xff\xff\xff\x7f")],  # a place past the end
        [(0x0112, 2, 2, b"6\0")],
        [(0x0112, 3, 1, b"\xff\xff")],
        [(0x0112, 3, 60_000, b"\xff\xff\xff\xff")],
    ],
    ids=str,
)
def test_strange_exif_is_no_reason_to_fall_over(entries):
    """The pixels are fine, so a picture comes out, or at worst a sentence."""
    data = file(halves(90, 70, RED, BLUE), "JPEG", exif=exif_of(*entries))
    made_or_said(data)


@examples(200)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1", b"GIF89a", b"RIFF", b"BM"]),
)
def test_random_bytes_raise_nothing_but_a_sentence(data, magic):
    made_or_said(magic + data)


def _sources() -> list[bytes]:
    small = NOISE.resize((31, 23))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "camera", 6
    exif.get_ifd(0x8825)[1] = "N"
    text = PngInfo()
    text.add_text("a", "b" * 100, zip=True)
    return [
        file(small, "PNG", exif=exif, pnginfo=text, dpi=(72, 72)),
        file(small.quantize(5), "PNG", transparency=b"\0\5"),
        file(small, "JPEG", exif=exif, comment=b"hi"),
        file(small, "JPEG", progressive=True, icc_profile=bytes(50)),
        file(small.convert("CMYK"), "JPEG"),
        file(small.quantize(9), "GIF", transparency=0),
        file(small, "WEBP", exif=exif),
        file(small.quantize(9), "BMP"),
    ]


SOURCES = _sources()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SOURCES)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, min(len(data) - 1, draw(st.sampled_from([40, 200, len(data)])))))
        match draw(st.sampled_from(["set", "drop", "put", "cut"])):
            case "set":
                data[at] = draw(st.integers(0, 255))
            case "drop":
                del data[at : at + draw(st.integers(1, 8))]
            case "put":
                data[at:at] = draw(st.binary(min_size=1, max_size=8))
            case "cut":
                del data[max(1, at) :]
        if not data:
            break
    return bytes(data)


@examples(500)
@given(damaged())
def test_a_damaged_picture_is_a_picture_or_a_sentence(data):
    made_or_said(data)


# -- the photographs -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "other"), [("china", "flower"), ("flower", "china")])
def test_the_photographs_of_scikit_learn_come_prepared(name, other):
    from sklearn.datasets import load_sample_image

    seen = pixels(photograph(name))
    whole = load_sample_image(f"{name}.jpg")
    height, width, _ = whole.shape
    left = (width - height) // 2
    rough = whole[:, left : left + height].mean((0, 1))
    assert np.abs(seen.mean((0, 1)) - rough).max() < 3
    assert photograph(name) == photograph(name) != photograph(other)
