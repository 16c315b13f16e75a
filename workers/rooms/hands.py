"""A hand that holds or touches goods: plain rounded shapes, soft and shaded, drawn by a seed.

Gives cut-outs to lay behind and before a product; nothing here knows of rooms or time.
"""

import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

_UNIT_PX = 360
"""Twice the height of the product that a hand is drawn for."""
_AROUND = 0.7
"""How far the drawing goes beyond the unit on each side, so that arms leave the picture."""
_SKINS = ("#e8b998", "#d9a079", "#c68a63", "#9a6645", "#6d4630", "#f0c9ae")
_SLEEVES = ("#3c4654", "#7a3b3b", "#e6e1d6", "#4d6450", "#26272b", "#8a7a9a")


@dataclass(frozen=True)
class Layer:
    """A cut-out and where it lies."""

    picture: Image.Image
    dx: float
    """From the product's middle to the cut-out's middle, in heights of the product."""
    dy: float
    high: float
    """The cut-out's height, in heights of the product."""

    def mirrored(self) -> "Layer":
        """Return the layer as a mirror shows it."""
        flipped = self.picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return Layer(flipped, -self.dx, self.dy, self.high)


@dataclass(frozen=True)
class Hand:
    """A hand that reaches in from the lower right, or, mirrored, from the left."""

    front: Layer
    """The thumb, or fingers, to lay over the product."""
    behind: Layer | None = None
    """Sleeve, wrist and palm, to lay under it."""

    def mirrored(self) -> "Hand":
        """Return the other hand."""
        return Hand(self.front.mirrored(), self.behind.mirrored() if self.behind else None)


def draw_hands(draw: random.Random) -> tuple[Hand, Hand]:
    """Return one person's hand that holds a product and one that points at it."""
    skin, sleeve = draw.choice(_SKINS), draw.choice(_SLEEVES)
    return _holding(draw.uniform(-0.02, 0.06), skin, sleeve), _pointing(
        draw.uniform(-0.1, 0.12), skin, sleeve
    )


def draw_arm(draw: random.Random) -> Image.Image:
    """Return an arm that reaches in from the right; its fingers are at the left edge."""
    skin, sleeve = draw.choice(_SKINS), draw.choice(_SLEEVES)
    # Long enough to leave the picture on the right.
    arm = Image.new("RGBA", (5 * _UNIT_PX, 2 * _UNIT_PX))
    _limb(arm, [(0.62, 0.52), (4.5, 0.86)], 0.19, sleeve)
    _limb(arm, [(0.38, 0.5), (0.66, 0.53)], 0.14, skin)
    _limb(arm, [(0.2, 0.5), (0.42, 0.5)], 0.155, skin)
    for step in range(4):
        y = 0.375 + 0.083 * step
        _limb(arm, [(-0.12 + 0.03 * abs(step - 1.4), y), (0.24, y)], 0.042, skin)
    return arm.crop(arm.getbbox())


def _holding(low: float, skin: str, sleeve: str) -> Hand:
    behind = _blank()
    _limb(behind, [(0.80, 0.86 + low), (1.25, 1.55)], 0.17, sleeve)
    _limb(behind, [(0.66, 0.70 + low), (0.84, 0.92 + low)], 0.105, skin)
    _limb(behind, [(0.56, 0.62 + low), (0.68, 0.72 + low)], 0.15, skin)
    for step in range(4):
        # Fingertips come round the far side of the product.
        y = 0.53 + 0.055 * step + low
        _limb(behind, [(0.62, y + 0.05), (0.345, y)], 0.03, skin)
    front = _blank()
    _limb(front, [(0.70, 0.70 + low), (0.63, 0.61 + low), (0.555, 0.565 + low)], 0.036, skin)
    return Hand(_layer(front), _layer(behind))


def _pointing(high: float, skin: str, sleeve: str) -> Hand:
    front = _blank()
    _limb(front, [(0.93, 0.72 + high), (1.6, 1.3 + high)], 0.12, sleeve)
    _limb(front, [(0.76, 0.60 + high), (0.92, 0.71 + high)], 0.085, skin)
    for step, reach in enumerate((0.575, 0.64, 0.655, 0.67)):
        y = 0.505 + 0.048 * step + high
        _limb(front, [(0.78, 0.57 + 0.03 * step + high), (reach, y)], 0.027, skin)
    return Hand(_layer(front))


def _blank() -> Image.Image:
    side = round((1 + 2 * _AROUND) * _UNIT_PX)
    return Image.new("RGBA", (side, side))


def _layer(drawing: Image.Image) -> Layer:
    left, top, right, bottom = drawing.getbbox() or (0, 0, 1, 1)
    middle, high_px = drawing.width / 2, _UNIT_PX / 2
    dx, dy = ((left + right) / 2 - middle) / high_px, ((top + bottom) / 2 - middle) / high_px
    return Layer(drawing.crop((left, top, right, bottom)), dx, dy, (bottom - top) / high_px)


def _limb(
    picture: Image.Image, points: list[tuple[float, float]], radius: float, colour: str
) -> None:
    """Lay a rounded limb along points on the picture, lighter above and darker below."""
    mask = Image.new("L", picture.size)
    pen = ImageDraw.Draw(mask)
    width = 2 * radius * _UNIT_PX
    places = [((x + _AROUND) * _UNIT_PX, (y + _AROUND) * _UNIT_PX) for x, y in points]
    pen.line(places, fill=255, width=round(width), joint="curve")
    for x, y in places:
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(1.2))
    # A limb is round: its lit side is where the mask, moved towards the light, is left behind.
    soft = mask.filter(ImageFilter.GaussianBlur(width * 0.22))
    move = round(width * 0.16)
    lit = ImageChops.subtract(soft, ImageChops.offset(soft, move, move))
    dark = ImageChops.subtract(soft, ImageChops.offset(soft, -move, -move))
    body = Image.new("RGBA", picture.size, colour)
    body.paste("#ffffff", (0, 0), lit.point(lambda value: value * 0.35))
    body.paste("#2a1408", (0, 0), dark.point(lambda value: value * 0.55))
    body.putalpha(mask)
    picture.alpha_composite(body)
