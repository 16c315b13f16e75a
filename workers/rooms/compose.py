"""Puts cut-out goods onto pictures: the shadow that makes them stand, moves, light and noise."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from models.errors import InputError

Noise = NDArray[np.float32]
MARGIN_PX = 28
"""Transparent edge around a cut-out: keeps moved edges soft and leaves room for its shadow."""


def contact_shadow(goods: Image.Image, strength: float) -> Image.Image:
    """Return the soft shadow of a standing cut-out, a picture of the same size.

    Args:
        goods: RGBA, with the product on transparent ground.
        strength: how dark it is at most, from 0 to 1.
    """
    width, height = goods.size
    shade = Image.new("L", goods.size)
    box = goods.getchannel("A").point(lambda value: 255 * (value > 128)).getbbox()
    if box is not None:
        left, top, right, bottom = box
        # The foot of the product is what touches the ground; its lowest tenth says how wide it is.
        foot = goods.getchannel("A").crop(
            (left, bottom - max(2, (bottom - top) // 10), right, bottom)
        )
        inner = foot.point(lambda value: 255 * (value > 128)).getbbox() or (0, 0, right - left, 1)
        x0, x1 = left + inner[0], left + inner[2]
        depth = (x1 - x0) * 0.13
        draw = ImageDraw.Draw(shade)
        for spread, share in ((1.16, 0.45), (1.0, 1.0)):
            half = (x1 - x0) / 2 * spread
            middle, low = (x0 + x1) / 2, bottom - depth * 0.75
            ellipse = (middle - half, low - depth * spread, middle + half, low + depth * spread)
            draw.ellipse(ellipse, fill=round(255 * strength * share))
        shade = shade.filter(ImageFilter.GaussianBlur(height * 0.016))
    black = Image.new("L", (width, height))
    return Image.merge("RGBA", (black, black, black, shade))


@dataclass(frozen=True)
class Pose:
    """Where a cut-out lies on a picture."""

    x: float
    """Of the cut-out's middle, in pixels."""
    y: float
    """Of its foot, in pixels."""
    scale: float
    turn: float = 0.0
    """Degrees, anticlockwise."""


def place(goods: Image.Image, pose: Pose, size: tuple[int, int]) -> Image.Image:
    """Return a picture of the given size with the cut-out on transparent ground.

    Args:
        goods: RGBA, from `cropped`, so that its foot is `MARGIN_PX` above the last row.
        pose: where it goes.
        size: width and height in pixels.
    """
    turn = math.radians(pose.turn)
    sine, cosine = math.sin(turn) / pose.scale, math.cos(turn) / pose.scale
    middle, foot = goods.width / 2, goods.height - MARGIN_PX
    # Pillow asks where each pixel of the result comes from: the inverse of turn, scale and shift.
    matrix = (
        cosine, -sine, middle - cosine * pose.x + sine * pose.y,
        sine, cosine, foot - sine * pose.x - cosine * pose.y,
    )  # fmt: skip
    return goods.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


def reach(goods: Image.Image, pose: Pose) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what a cut-out can touch of a picture, in pixels."""
    half, below = goods.width / 2, float(MARGIN_PX)
    turn = math.radians(pose.turn)
    sine, cosine = pose.scale * math.sin(turn), pose.scale * math.cos(turn)
    corners = [
        (pose.x + cosine * x + sine * y, pose.y - sine * x + cosine * y)
        for x in (-half, half)
        for y in (below - goods.height, below)
    ]
    left, top = (math.floor(min(values)) - 1 for values in zip(*corners, strict=True))
    right, bottom = (math.ceil(max(values)) + 1 for values in zip(*corners, strict=True))
    return left, top, right, bottom


def cropped(goods: Image.Image) -> Image.Image:
    """Return the cut-out in a transparent edge of `MARGIN_PX`.

    Raises:
        InputError: the picture is empty.
    """
    box = goods.getchannel("A").point(lambda value: 255 * (value > 8)).getbbox()
    if box is None:
        message = "the cut-out is empty: nothing in it is opaque"
        raise InputError(message)
    left, top, right, bottom = box
    edge = MARGIN_PX
    return goods.crop((left - edge, top - edge, right + edge, bottom + edge))


def graded(picture: Image.Image, gain: float, noise: Noise) -> NDArray[np.uint8]:
    """Return RGB values, lighter or darker by `gain`, with a camera's noise on them."""
    values = np.asarray(picture.convert("RGB"), dtype=np.float32) * gain + noise[..., None]
    clipped: NDArray[np.uint8] = np.clip(values, 0, 255).astype(np.uint8)
    return clipped
