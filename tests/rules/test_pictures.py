"""A picture is drawn anew: upright, no larger than pages need, and without what the camera noted."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from booking.rules.faults import Fault
from booking.rules.pictures import LARGEST_BYTES, made_anew

ORIENTATION, GPS, CAMERA = 274, 34853, 271


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **facts: Any) -> bytes:
    """Draw a picture, plum all over."""
    drawn = Image.new(mode, size, (106, 44, 112) if mode == "RGB" else None)
    kept = io.BytesIO()
    drawn.save(kept, kind, **facts)
    return kept.getvalue()


def bomb(side: int) -> bytes:
    """Write a PNG that is small as a file and huge once it is unfolded."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(name: bytes, held: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + held))
    return struct.pack(">I", len(held)) + name + held + checksum


def moving(kind: str) -> bytes:
    """Draw two pictures in one file."""
    second = Image.new("RGB", (40, 20), (255, 255, 255))
    return picture(kind, save_all=True, append_images=[second], duration=100)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "LA", "CMYK", "1"])
def test_every_usual_kind_becomes_a_jpeg(kind: str, mode: str) -> None:
    fits = {"JPEG": ("RGB", "L", "CMYK", "1"), "PNG": ("RGB", "L", "RGBA", "P", "LA", "1")}
    if mode in fits.get(kind, ("RGB", "RGBA")):
        made = made_anew(picture(kind, mode=mode))
        assert Image.open(io.BytesIO(made.content)).format == "JPEG"
        assert (made.width, made.height) == (40, 20)


def test_a_large_one_shrinks_and_a_small_one_stays() -> None:
    large = made_anew(picture(size=(4000, 3000)))
    assert (large.width, large.height) == (1600, 1200)
    assert Image.open(io.BytesIO(large.content)).size == (1600, 1200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "P"])
def test_it_stands_upright(kind: str, mode: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    if mode == "RGB" or kind == "PNG":
        made = made_anew(picture(kind, mode=mode, exif=exif))
        assert (made.width, made.height) == (20, 40)


def test_nothing_the_camera_noted_is_kept() -> None:
    exif = Image.Exif()
    exif[CAMERA] = "Spy Camera"
    exif.get_ifd(GPS)[1] = "N"
    sent = picture(exif=exif, comment=b"taken at her house")
    made = made_anew(sent)
    assert b"Spy Camera" in sent
    assert not any(word in made.content for word in (b"Spy Camera", b"her house", b"Exif"))
    assert not dict(Image.open(io.BytesIO(made.content)).getexif())


def test_what_is_see_through_lies_on_paper() -> None:
    made = made_anew(picture("PNG", mode="RGBA"))
    assert Image.open(io.BytesIO(made.content)).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_the_same_picture_has_the_same_digest() -> None:
    assert made_anew(picture()).digest == made_anew(picture()).digest
    assert made_anew(picture()).digest != made_anew(picture(size=(41, 20))).digest


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "Choose a picture"),
        (b"I am a text file named door.jpg", "that file is none"),
        (picture(size=(400, 300))[:-200], "damaged"),
        (picture()[:20], "that file is none"),
        (picture("GIF"), "that file is none"),
        (bomb(50_000), "too large to open"),
        (bomb(7_000), "too large to open"),
        (moving("PNG"), "does not move"),
        (moving("WEBP"), "does not move"),
        (b"\xff\xd8\xff" + b"\0" * LARGEST_BYTES, "at most 8 MB"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "that file is none"),
    ],
    ids=[
        "nothing",
        "text",
        "truncated",
        "begun",
        "gif",
        "bomb",
        "large",
        "png moves",
        "webp moves",
        "8 MB",
        "svg",
    ],
)
def test_what_is_no_picture_of_a_door_is_refused_with_a_sentence(sent: bytes, said: str) -> None:
    with pytest.raises(Fault, match=said):
        made_anew(sent)
