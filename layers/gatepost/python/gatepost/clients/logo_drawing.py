"""A logo drawn anew: a small PNG with the pixels of an image and nothing else of it."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from gatepost.model.logo import LARGEST_IMAGE, LARGEST_LOGO, UnusableImage

_SIDE = 96  # pixels: shown at half of that
_MOST_PIXELS = 4_000_000
_FORMATS = ("PNG", "JPEG")


def drawn(image: bytes) -> bytes:
    """Return the logo of a PNG or JPEG as a PNG of 96 × 96 pixels, what is missing transparent.

    Raises UnusableImage.
    """
    if len(image) > LARGEST_IMAGE:
        raise UnusableImage(f"The image is larger than {LARGEST_IMAGE // 1000} kB.")
    try:
        with Image.open(io.BytesIO(image), formats=_FORMATS) as opened:
            pixels = _small(opened) if opened.width * opened.height <= _MOST_PIXELS else None
    except Exception:  # noqa: BLE001 - a decoder fails in many ways
        raise UnusableImage("This image can’t be read. Choose a PNG or JPEG.") from None
    if pixels is None:
        raise UnusableImage("The image has more than four million pixels.")
    logo = Image.new("RGBA", (_SIDE, _SIDE))
    logo.paste(pixels, ((_SIDE - pixels.width) // 2, (_SIDE - pixels.height) // 2))
    made = _written(logo)
    return made if len(made) <= LARGEST_LOGO else _written(logo.quantize(method=Image.Quantize.FASTOCTREE))


def _small(image: Image.Image) -> Image.Image:
    return ImageOps.contain(ImageOps.exif_transpose(image).convert("RGBA"), (_SIDE, _SIDE))


def _written(logo: Image.Image) -> bytes:
    file = io.BytesIO()
    logo.save(file, "PNG", optimize=True)
    return file.getvalue()
