"""Pictures in: a logo for papers, photos of machines; checked by what is in them and made small."""

import io
import warnings

from PIL import Image, ImageOps

from kopprod.domain.refusal import N_, Refusal

MAX_BYTES = 5 * 2**20
MAX_PHOTO_BYTES = 15 * 2**20  # as a phone's camera makes it
_MAX_PIXELS = 40_000_000  # a drawing, far more than paper needs
_MAX_PHOTO_PIXELS = 64_000_000  # more than a phone's camera makes of itself
_LONGEST_SIDE = 480  # at 1,3 cm of height this is fine enough for any printer
_WIDEST = 4  # times its height; a longer band would push the name off the paper


class PictureTooLarge(Refusal):
    """A file or a picture that is far larger than a logo, or than a phone's photo."""

    sentence = N_("This picture is too large. Choose one of at most {limit_mb} MB.")


class NotAPicture(Refusal):
    """Something else, or a damaged file, whatever its name says."""

    sentence = N_("This file is not a picture. Bring the logo as PNG or JPEG.")


class NotAPhoto(Refusal):
    """Something else than a photo, or a damaged file."""

    sentence = N_("This file is not a picture. Bring a photo as PNG or JPEG.")


class PictureTooWide(Refusal):
    """A band, or a line."""

    sentence = N_("The logo may be at most {most} times as wide as it is high. Crop it first.")


def as_logo(data: bytes) -> bytes:
    """The picture as a small PNG on white; refuses what is no PNG or JPEG, too large or too wide.

    Whatever else the file carried (where it was taken, what hides behind it) is left behind.
    """
    picture = _read(data, NotAPicture, MAX_BYTES, _MAX_PIXELS)
    width, height = picture.size
    if width > _WIDEST * height or height > _WIDEST * width:
        raise PictureTooWide(most=_WIDEST)
    return _small(picture)


def as_photo(data: bytes) -> bytes:
    """A photo as a small PNG, like `as_logo` but of any shape; where it was taken is left out."""
    return _small(_read(data, NotAPhoto, MAX_PHOTO_BYTES, _MAX_PHOTO_PIXELS))


def _read(data: bytes, otherwise: type[Refusal], most: int, pixels: int) -> Image.Image:
    if len(data) > most:
        raise PictureTooLarge(limit_mb=most // 2**20)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is no reason to stop
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
            if picture.width * picture.height > pixels:
                raise PictureTooLarge(limit_mb=most // 2**20)
            return _opened(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        # The library says in many ways that it cannot read a file.
        raise otherwise from None


def _small(picture: Image.Image) -> bytes:
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    out = io.BytesIO()
    paper.convert("RGB").quantize(colors=128).save(out, "PNG", optimize=True)
    return out.getvalue()


def _opened(picture: Image.Image) -> Image.Image:
    # A JPEG is read at once in the size that it is made small from: a second becomes a moment.
    picture.draft(None, (2 * _LONGEST_SIDE, 2 * _LONGEST_SIDE))
    return ImageOps.exif_transpose(picture).convert("RGBA")
