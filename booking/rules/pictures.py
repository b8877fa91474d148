"""Pictures made anew: what was sent is decoded and drawn again, so that nothing hidden in it is kept."""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from booking.rules.faults import N_, Fault

LARGEST_BYTES = 8 * 1024 * 1024
LONGEST_SIDE = 1600
# A picture may be small as a file and huge once it is unfolded.
MOST_PIXELS = 40_000_000
_KINDS = ("JPEG", "PNG", "WEBP")
_QUALITY = 82
_PAPER = (255, 255, 255)

# Pillow only warns of pictures that are somewhat too large; here a warning is a no.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG as we keep and serve it. Units: pixels."""

    content: bytes
    digest: str
    width: int
    height: int


def made_anew(sent: bytes) -> Picture:
    """Decode a JPEG, PNG or WebP and draw it again: upright, no side too long, nothing else in it.

    Refuses: nothing, too large a file or picture, one that moves, a damaged one, and what is no picture.
    """
    if not sent:
        raise Fault(N_("Choose a picture"), field="picture")
    if len(sent) > LARGEST_BYTES:
        raise Fault(N_("Choose a picture of at most 8 MB"), field="picture")
    drawn = _drawn(_opened(sent))
    kept = io.BytesIO()
    drawn.save(kept, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    content = kept.getvalue()
    return Picture(content, hashlib.sha256(content).hexdigest(), *drawn.size)


def _opened(sent: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(sent), formats=_KINDS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    # Pillow's decoders have many words for damaged bytes, and none of them is our fault.
    except Exception:
        raise Fault(N_("Choose a JPEG, PNG or WebP picture: that file is none"), field="picture") from None
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large()
    # Many phones put a second, hidden picture into a JPEG; only these two kinds really move.
    if picture.format in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
        raise Fault(N_("Choose a picture that does not move"), field="picture")
    return picture


def _drawn(picture: Image.Image) -> Image.Image:
    try:
        if picture.mode not in ("RGB", "RGBA", "L"):
            has_holes = picture.mode in ("LA", "PA", "La") or "transparency" in picture.info
            # Converting forgets what the camera noted about up and down.
            upright = picture.getexif()
            picture = picture.convert("RGBA" if has_holes else "RGB")
            picture.getexif().update(upright)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
        picture = ImageOps.exif_transpose(picture).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception:
        raise Fault(N_("That picture is damaged: choose another one"), field="picture") from None
    # A new sheet has no notes of the camera, no place and no hour.
    sheet = Image.new("RGB", picture.size, _PAPER)
    sheet.paste(picture, mask=picture.getchannel("A"))
    return sheet


def _too_large() -> Fault:
    return Fault(N_("Choose a picture with fewer pixels: that one is too large to open"), field="picture")
