"""What a picture may go through on its way from a shop page to a live stream, drawn anew each time.

In: a generator, which says what will happen; later a picture. Out: a picture. A process that
encodes only its share of a step draws all of it and opens its own pictures. It happens before
`preprocess`, on pictures, so that there is no second way from pixels to tensors. Nothing is
mirrored: labels are read.
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


@dataclass(frozen=True)
class Cover:
    """A plain patch in front of a picture, in pixels."""

    box: tuple[int, int, int, int]
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Stray:
    """What one picture goes through, drawn before it is opened; none: it is left out."""

    area: float
    """Share of the picture that the crop keeps."""
    ratio: float
    """Of the crop's sides."""
    left: float
    """Where the crop lies, as a share of what it leaves out."""
    top: float
    turn_deg: float | None
    light: tuple[float, ...]
    """Factors of brightness, contrast and saturation."""
    gains: tuple[float, ...] | None
    """Of the colour channels."""
    cover: Cover | None
    blur_px: float | None
    coarse_px: int | None
    quality: int | None
    """Of the compression."""


def draw_stray(side_px: int, options: AugmentOptions, draw: np.random.Generator) -> Stray:
    """Return what a picture of `side_px` is to go through; it need not be known yet."""
    return Stray(
        area=draw.uniform(options.least_area, 1.0),
        ratio=1.0 + draw.uniform(-options.stretch, options.stretch),
        left=draw.random(),
        top=draw.random(),
        turn_deg=draw.uniform(-options.turn_deg, options.turn_deg) if options.turn_deg else None,
        light=tuple(1.0 + draw.uniform(-options.light, options.light) for _ in range(3)),
        gains=tuple(1.0 + draw.uniform(-options.tint, options.tint, 3)) if options.tint else None,
        cover=_cover(side_px, draw) if draw.random() < options.cover else None,
        blur_px=draw.uniform(0.4, side_px / 80) if draw.random() < options.blur else None,
        coarse_px=(
            max(SHORTEST_PX, round(side_px * draw.uniform(0.35, 0.8)))
            if draw.random() < options.coarse
            else None
        ),
        quality=int(draw.integers(25, 70)) if draw.random() < options.jpeg else None,
    )


def augment(picture: Image.Image, side_px: int, stray: Stray) -> Image.Image:
    """Return a square picture of `side_px`, strayed as it was drawn for this side."""
    made = _cropped(picture, side_px, stray)
    if stray.turn_deg is not None:
        made = made.rotate(stray.turn_deg, Image.Resampling.BILINEAR, fillcolor=_around(made))
    made = _lit(made, stray)
    if stray.cover is not None:
        made = made.copy()
        made.paste(stray.cover.colour, stray.cover.box)
    if stray.blur_px is not None:
        made = made.filter(ImageFilter.BoxBlur(stray.blur_px))
    if stray.coarse_px is not None:
        small = (stray.coarse_px, stray.coarse_px)
        made = made.resize(small, Image.Resampling.BILINEAR)
        made = made.resize((side_px, side_px), Image.Resampling.BILINEAR)
    if stray.quality is not None:
        made = _compressed(made, stray.quality)
    return made


def _cropped(picture: Image.Image, side_px: int, stray: Stray) -> Image.Image:
    # A crop of the largest square: wide frames show their product near the middle.
    edge = min(picture.width, picture.height)
    side, ratio = edge * np.sqrt(stray.area), stray.ratio
    width, height = min(side * ratio**0.5, picture.width), min(side / ratio**0.5, picture.height)
    left = (picture.width - edge) / 2 + stray.left * (edge - width)
    top = (picture.height - edge) / 2 + stray.top * (edge - height)
    left = float(np.clip(left, 0.0, picture.width - width))
    top = float(np.clip(top, 0.0, picture.height - height))
    box = (left, top, left + width, top + height)
    return picture.resize((side_px, side_px), Image.Resampling.BILINEAR, box=box)


def _lit(picture: Image.Image, stray: Stray) -> Image.Image:
    changes = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)
    for change, factor in zip(changes, stray.light, strict=True):
        picture = change(picture).enhance(factor)
    if stray.gains is None:
        return picture
    table = np.clip(np.rint(np.outer(stray.gains, np.arange(256))), 0, 255).astype(int)
    return picture.point(table.ravel().tolist())


def _cover(side_px: int, draw: np.random.Generator) -> Cover:
    """Draw a patch of at most a sixth of the picture."""
    width, height = (round(side_px * draw.uniform(0.1, 0.4)) for _ in range(2))
    left = int(draw.integers(0, side_px - width + 1))
    top = int(draw.integers(0, side_px - height + 1))
    red, green, blue = (int(value) for value in draw.integers(0, 256, 3))
    return Cover((left, top, left + width, top + height), (red, green, blue))


def _around(picture: Image.Image) -> tuple[int, int, int]:
    """Return the colour of the first corner, to fill what a rotation leaves open."""
    found = picture.getpixel((0, 0))
    return found if isinstance(found, tuple) and len(found) == 3 else (127, 127, 127)


def _compressed(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as file:
        return file.convert("RGB")
