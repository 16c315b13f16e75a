"""Draws what a shot of a photo shows: the photo over its own blurred enlargement, or two of them.

A photo has its own surroundings, so it stands on no table; the camera moves over it.
"""

from dataclasses import dataclass

from PIL import Image, ImageFilter, ImageOps

from workers.rooms.compose import MARGIN_PX
from workers.rooms.shots import Shot, View

_WIDEST, _WIDEST_OF_TWO = 0.72, 0.42
"""Of the picture's width."""
_APART = 0.25
"""How far the second photo is from the first, of the picture's width."""


@dataclass(frozen=True)
class PhotoPicture:
    """A picture of one shot, and where the photo for sale is in it."""

    picture: Image.Image
    middle_px: tuple[float, float]
    high_px: float


def photo_picture(shot: Shot, view: View, size: tuple[int, int]) -> PhotoPicture:
    """Return the picture of a shot.

    Args:
        shot: its share, place and light are kept to; its drift is not.
        view: the photo.
        size: of the picture, in pixels.
    """
    width, height = size
    picture = enlarged(view.picture, size)
    two = shot.beside is not None
    x = shot.x * width
    if shot.beside is not None:
        side = 1 if shot.x < 0.5 else -1
        other = _scaled(shot.beside, 0.8 * shot.beside_share * height, _WIDEST_OF_TWO * width)
        _paste(picture, other, x + side * _APART * width, height / 2)
    # Photos are shown larger than cut-outs: what is for sale is a part of them.
    shown = _scaled(
        view, (0.72 + 0.3 * shot.share) * height, (_WIDEST_OF_TWO if two else _WIDEST) * width
    )
    _paste(picture, shown, x, height / 2)
    lit = picture.point([min(255, round(value * shot.gain)) for value in range(256)] * 3)
    return PhotoPicture(lit, (x, height / 2), float(shown.height))


def enlarged(photo: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a photo with its margin cut off, so large that it fills a size, and out of focus."""
    # Drawn small and blown up: a blur of the whole size would cost a hundred times as much.
    small = ImageOps.fit(_inner(photo), (size[0] // 8, size[1] // 8))
    return small.filter(ImageFilter.GaussianBlur(4)).resize(size, Image.Resampling.BICUBIC)


def _inner(photo: Image.Image) -> Image.Image:
    edge = MARGIN_PX
    return photo.convert("RGB").crop((edge, edge, photo.width - edge, photo.height - edge))


def _scaled(view: View, high: float, widest: float) -> Image.Image:
    inner = _inner(view.picture)
    scale = min(high / inner.height, widest / inner.width)
    size = (max(1, round(inner.width * scale)), max(1, round(inner.height * scale)))
    return inner.resize(size, Image.Resampling.BICUBIC)


def _paste(picture: Image.Image, shown: Image.Image, x: float, y: float) -> None:
    picture.paste(shown, (round(x - shown.width / 2), round(y - shown.height / 2)))
