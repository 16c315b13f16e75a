"""What a picture may go through on its way from a shop page to a live stream, drawn anew each time.

In: a picture and a generator. Out: a picture. It happens before `preprocess`, on pictures, so that
there is no second way from pixels to tensors. Nothing is mirrored: labels are read.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

SHORTEST_PX = 8


@dataclass(frozen=True)
class AugmentOptions:
    """How far a picture may stray; 0 leaves a kind out."""

    least_area: float = 0.35
    """Share of the picture that a crop keeps at least, from above 0 to 1."""
    stretch: float = 0.2
    """A crop's sides differ by at most this share."""
    turn_deg: float = 12.0
    """Largest rotation."""
    light: float = 0.35
    """Largest change of brightness, contrast and saturation, as a share."""
    tint: float = 0.08
    """Largest change of one colour channel, as a share: lamps are yellow or blue."""
    blur: float = 0.25
    """Share of the pictures that are out of focus or moving."""
    coarse: float = 0.25
    """Share that lost detail by scaling down."""
    jpeg: float = 0.25
    """Share that were compressed hard."""
    cover: float = 0.3
    """Share with something in front: a hand, a price tag."""

    def gentle(self) -> "AugmentOptions":
        """Return options for page pictures: less of everything, nothing in front."""
        return AugmentOptions(
            least_area=max(self.least_area, 0.7),
            stretch=self.stretch / 2,
            turn_deg=self.turn_deg / 3,
            light=self.light / 2,
            tint=self.tint / 2,
            blur=self.blur / 2,
            coarse=self.coarse / 2,
            jpeg=self.jpeg / 2,
            cover=0.0,
        )


def augment(
    picture: Image.Image, side_px: int, options: AugmentOptions, draw: np.random.Generator
) -> Image.Image:
    """Return a square picture of `side_px`, strayed as far as the options allow."""
    made = _crop(picture, side_px, options, draw)
    if options.turn_deg:
        angle = draw.uniform(-options.turn_deg, options.turn_deg)
        made = made.rotate(angle, Image.Resampling.BILINEAR, fillcolor=_around(made))
    made = _light(made, options, draw)
    if draw.random() < options.cover:
        made = _covered(made, draw)
    if draw.random() < options.blur:
        made = made.filter(ImageFilter.BoxBlur(draw.uniform(0.4, side_px / 80)))
    if draw.random() < options.coarse:
        small = max(SHORTEST_PX, round(side_px * draw.uniform(0.35, 0.8)))
        made = made.resize((small, small), Image.Resampling.BILINEAR)
        made = made.resize((side_px, side_px), Image.Resampling.BILINEAR)
    if draw.random() < options.jpeg:
        made = _compressed(made, int(draw.integers(25, 70)))
    return made


def _crop(
    picture: Image.Image, side_px: int, options: AugmentOptions, draw: np.random.Generator
) -> Image.Image:
    # A crop of the largest square: wide frames show their product near the middle.
    edge = min(picture.width, picture.height)
    side = edge * np.sqrt(draw.uniform(options.least_area, 1.0))
    ratio = 1.0 + draw.uniform(-options.stretch, options.stretch)
    width, height = min(side * ratio**0.5, picture.width), min(side / ratio**0.5, picture.height)
    left = (picture.width - edge) / 2 + draw.random() * (edge - width)
    top = (picture.height - edge) / 2 + draw.random() * (edge - height)
    left = float(np.clip(left, 0.0, picture.width - width))
    top = float(np.clip(top, 0.0, picture.height - height))
    box = (left, top, left + width, top + height)
    return picture.resize((side_px, side_px), Image.Resampling.BILINEAR, box=box)


def _light(picture: Image.Image, options: AugmentOptions, draw: np.random.Generator) -> Image.Image:
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = change(picture).enhance(1.0 + draw.uniform(-options.light, options.light))
    if not options.tint:
        return picture
    gains = 1.0 + draw.uniform(-options.tint, options.tint, 3)
    table = np.clip(np.rint(np.outer(gains, np.arange(256))), 0, 255).astype(int)
    return picture.point(table.ravel().tolist())


def _covered(picture: Image.Image, draw: np.random.Generator) -> Image.Image:
    """Put a plain patch of at most a sixth of the picture in front."""
    width, height = (round(picture.width * draw.uniform(0.1, 0.4)) for _ in range(2))
    left = int(draw.integers(0, picture.width - width + 1))
    top = int(draw.integers(0, picture.height - height + 1))
    red, green, blue = (int(value) for value in draw.integers(0, 256, 3))
    made = picture.copy()
    made.paste((red, green, blue), (left, top, left + width, top + height))
    return made


def _around(picture: Image.Image) -> tuple[int, int, int]:
    """Return the colour of the first corner, to fill what a rotation leaves open."""
    found = picture.getpixel((0, 0))
    return found if isinstance(found, tuple) and len(found) == 3 else (127, 127, 127)


def _compressed(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as file:
        return file.convert("RGB")
