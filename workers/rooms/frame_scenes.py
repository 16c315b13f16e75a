"""Single frames as a room's camera sees them, put together from cut-outs in two dimensions.

In come views of goods and pictures of sets, out comes one small picture; everything is drawn by the
random numbers that are handed in. What is on disk, and what is train and test, is `frames.py`'s.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from workers.rooms.compose import MARGIN_PX, contact_shadow, cropped
from workers.rooms.hands import Hand, Layer, draw_hands
from workers.rooms.stage import out_of_focus

_SIZES = ((320, 180), (320, 180), (320, 180), (288, 216), (240, 240))
"""Most rooms are filmed wide."""
_ROOM_SHARE = 0.6
"""Of the frames: framed as the room tool's film is, the others more freely."""


@dataclass(frozen=True)
class Cutout:
    """A view of a product on transparent ground."""

    path: Path

    @property
    def held(self) -> bool:
        """Whether it is held up rather than standing."""
        return self.path.stem.endswith("-held")

    def picture(self) -> Image.Image:
        """Return the cut-out in a transparent edge of `MARGIN_PX`."""
        return _goods(self.path)


@lru_cache(maxsize=256)
def _goods(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return cropped(picture.convert("RGBA"))


@lru_cache(maxsize=1024)
def _small(path: Path) -> Image.Image:
    """A neighbour: it is small and out of focus, so few pixels do."""
    goods = _goods(path)
    return goods.resize((goods.width // 2, goods.height // 2), Image.Resampling.BILINEAR)


@lru_cache(maxsize=4)
def _hands(seed: int) -> tuple[tuple[Hand, Hand], ...]:
    """A few people's hands: drawing one costs as much as fifty frames."""
    draw = random.Random(f"hands/{seed}")  # noqa: S311 (not for secrets)
    return tuple(draw_hands(draw) for _ in range(4))


class FrameArtist:
    """Draws frames; keeps the sets and a few hands."""

    def __init__(self, stages: Sequence[Path], neighbours: Sequence[Cutout], seed: int) -> None:
        """Read the sets; draw the hands by the seed."""
        self._sharp: list[Image.Image] = []
        for path in stages:
            with Image.open(path) as picture:
                self._sharp.append(picture.convert("RGB"))
        self._stages = [out_of_focus(sharp) for sharp in self._sharp]
        self._neighbours = list(neighbours)
        hands = _hands(seed)
        self._holding = [hand for pair in hands for hand in (pair[0], pair[0].mirrored())]
        self._pointing = [hand for pair in hands for hand in (pair[1], pair[1].mirrored())]

    def product(self, cutout: Cutout, draw: random.Random) -> Image.Image:
        """Return a frame with the product in or near the middle."""
        canvas = self._background(draw)
        for _ in range(draw.choice((0, 0, 1, 1, 2, 3))):
            self._neighbour(canvas, draw)
        goods = cutout.picture()
        spot = _framed(goods, cutout, canvas.size, draw)
        hand = draw.choice(self._holding) if cutout.held and draw.random() < 0.55 else None
        if hand and hand.behind:
            _lay_hand(canvas, hand.behind, spot)
        _lay(canvas, goods, spot, shadow=not cutout.held)
        self._cover(canvas, spot, hand, draw)
        return _seen(canvas, draw)

    def empty(self, draw: random.Random) -> Image.Image:
        """Return a frame that shows no product, or only small blurred ones aside."""
        canvas = self._background(draw)
        for _ in range(draw.choice((0, 0, 1, 2, 3))):
            self._neighbour(canvas, draw)
        if draw.random() < 0.25:
            middle = (draw.uniform(0.3, 0.7) * canvas.width, 0.6 * canvas.height)
            spot = Spot(*middle, draw.uniform(0.4, 0.7) * canvas.height, 0.0)
            _lay_hand(canvas, draw.choice(self._pointing).front, spot)
        return _seen(canvas, draw)

    def _background(self, draw: random.Random) -> Image.Image:
        size = draw.choice(_SIZES)
        kind = draw.random()
        if kind < 0.6 and self._stages:
            made = _cut(draw.choice(self._stages), size, draw)
        elif kind < 0.72 and self._sharp:
            made = _cut(draw.choice(self._sharp), size, draw)
        else:
            made = _clutter(size, draw)
        if draw.random() < 0.35:
            made = made.filter(ImageFilter.GaussianBlur(draw.uniform(0.5, 5)))
        return made.convert("RGBA")

    def _neighbour(self, canvas: Image.Image, draw: random.Random) -> None:
        """Other goods aside: smaller, off the middle, mostly out of focus."""
        if not self._neighbours:
            return
        goods = _small(draw.choice(self._neighbours).path)
        side = draw.choice((draw.uniform(0.02, 0.24), draw.uniform(0.76, 0.98)))
        high = draw.uniform(0.16, 0.4) * canvas.height
        foot = draw.uniform(0.62, 0.95) * canvas.height
        spot = Spot(side * canvas.width, foot - high / 2, high, 0.0)
        placed = _scaled(goods, spot, MARGIN_PX // 2)
        if draw.random() < 0.8:
            placed = placed.filter(ImageFilter.GaussianBlur(draw.uniform(0.6, 3.0)))
        _paste(canvas, placed, spot)

    def _cover(
        self, canvas: Image.Image, spot: "Spot", hand: Hand | None, draw: random.Random
    ) -> None:
        """Lay what hides a part of the product: thumb, pointing fingers, or other goods."""
        chance = draw.random()
        if hand:
            _lay_hand(canvas, hand.front, spot)
        elif chance < 0.14:
            _lay_hand(canvas, draw.choice(self._pointing).front, spot)
        elif chance < 0.24 and self._neighbours:
            goods = _small(draw.choice(self._neighbours).path)
            high = spot.high * draw.uniform(0.4, 0.7)
            x = spot.x + draw.choice((-1, 1)) * spot.high * draw.uniform(0.4, 0.6)
            before = Spot(x, spot.y + (spot.high - high) / 2 + 0.06 * spot.high, high, 0.0)
            _paste(canvas, _scaled(goods, before, MARGIN_PX // 2), before)


@dataclass(frozen=True)
class Spot:
    """Where a cut-out's middle lies, how high it is (pixels), how it is turned (degrees)."""

    x: float
    y: float
    high: float
    turn: float


def _framed(goods: Image.Image, cutout: Cutout, size: tuple[int, int], draw: random.Random) -> Spot:
    width, height = size
    wide, tall = (side - 2 * MARGIN_PX for side in goods.size)
    like_room = draw.random() < _ROOM_SHARE
    share = draw.uniform(0.42, 0.66) if like_room else draw.uniform(0.3, 0.85)
    high = min(share * height, (0.5 if like_room else 0.8) * width * tall / wide)
    x = width * (0.5 + (draw.uniform(-0.08, 0.08) if like_room else draw.uniform(-0.22, 0.22)))
    turn = draw.uniform(-6, 6) if cutout.held else draw.uniform(-1.5, 1.5)
    if cutout.held:
        return Spot(x, height * draw.uniform(0.42, 0.58), high, turn)
    foot = draw.uniform(0.84, 0.95) if like_room else draw.uniform(0.7, 1.02)
    return Spot(x, foot * height - high / 2, high, turn)


def _scaled(goods: Image.Image, spot: Spot, margin_px: int) -> Image.Image:
    scale = spot.high / (goods.height - 2 * margin_px)
    size = (max(2, round(goods.width * scale)), max(2, round(goods.height * scale)))
    made = goods.resize(size, Image.Resampling.BILINEAR)
    return made.rotate(spot.turn, Image.Resampling.BICUBIC) if spot.turn else made


def _paste(canvas: Image.Image, placed: Image.Image, spot: Spot) -> None:
    left, top = round(spot.x - placed.width / 2), round(spot.y - placed.height / 2)
    # Where it begins outside of the frame, that part is cut away first.
    source = (max(0, -left), max(0, -top))
    if source[0] < placed.width and source[1] < placed.height:
        canvas.alpha_composite(placed, (max(0, left), max(0, top)), source)


def _lay(canvas: Image.Image, goods: Image.Image, spot: Spot, *, shadow: bool) -> None:
    placed = _scaled(goods, spot, MARGIN_PX)
    if shadow:
        _paste(canvas, contact_shadow(placed, 0.6), spot)
    _paste(canvas, placed, spot)


def _lay_hand(canvas: Image.Image, layer: Layer, spot: Spot) -> None:
    high = layer.high * spot.high
    size = (max(2, round(high * layer.picture.width / layer.picture.height)), max(2, round(high)))
    placed = layer.picture.resize(size, Image.Resampling.BILINEAR)
    at = Spot(spot.x + layer.dx * spot.high, spot.y + layer.dy * spot.high, high, 0.0)
    _paste(canvas, placed, at)


def _cut(stage: Image.Image, size: tuple[int, int], draw: random.Random) -> Image.Image:
    fit = min(stage.width / size[0], stage.height / size[1]) / draw.uniform(1.0, 1.6)
    wide, high = size[0] * fit, size[1] * fit
    left = draw.uniform(0, stage.width - wide)
    # The table is what goods stand on, so the lower edge stays in most cuts.
    top = (stage.height - high) * (1.0 if draw.random() < 0.7 else draw.random())
    box = (left, top, left + wide, top + high)
    made = stage.resize(size, Image.Resampling.BILINEAR, box=box)
    return made.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if draw.random() < 0.5 else made


def _clutter(size: tuple[int, int], draw: random.Random) -> Image.Image:
    """Soft coloured shapes, drawn small and blown up, as a room far out of focus."""

    def colour() -> tuple[int, int, int]:
        light, tint = draw.uniform(30, 230), draw.uniform(5, 60)
        values = [round(min(255.0, max(0.0, light + draw.uniform(-tint, tint)))) for _ in range(3)]
        return values[0], values[1], values[2]

    small = Image.new("RGB", (64, 48), colour())
    pen = ImageDraw.Draw(small)
    for _ in range(draw.randint(0, 14)):
        x, y = draw.uniform(-10, 60), draw.uniform(-10, 44)
        box = (x, y, x + draw.uniform(3, 26), y + draw.uniform(3, 26))
        (pen.ellipse if draw.random() < 0.4 else pen.rectangle)(box, fill=colour())
    if draw.random() < 0.6:
        pen.rectangle((0, draw.uniform(28, 42), 64, 48), fill=colour())
    soft = small.filter(ImageFilter.GaussianBlur(draw.uniform(0.6, 3.5)))
    return soft.resize(size, Image.Resampling.BICUBIC)


def _seen(canvas: Image.Image, draw: random.Random) -> Image.Image:
    """The frame as the camera's optics and sensor give it."""
    picture = canvas.convert("RGB")
    blurs: list[tuple[float, Callable[[], ImageFilter.Filter]]] = [
        (0.3, lambda: ImageFilter.GaussianBlur(draw.uniform(0.4, 1.6))),
        (0.12, lambda: _motion(draw)),
    ]
    for chance, blur in blurs:
        if draw.random() < chance:
            picture = picture.filter(blur())
    warm = draw.uniform(-0.12, 0.12)
    gain = draw.uniform(0.72, 1.25)
    values = np.asarray(picture, dtype=np.float32)
    values = values * np.array([gain * (1 + warm), gain, gain * (1 - warm)], dtype=np.float32)
    contrast, pivot = draw.uniform(0.85, 1.12), 110.0
    grain = np.random.default_rng(draw.getrandbits(32))
    noise = grain.standard_normal(values.shape[:2], dtype=np.float32) * draw.uniform(0.0, 7.0)
    values = (values - pivot) * contrast + pivot + noise[..., None]
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _motion(draw: random.Random) -> ImageFilter.Filter:
    """A short straight smear."""
    kernel = np.zeros((5, 5))
    kernel[2] = 1
    turned = kernel.T if draw.random() < 0.5 else kernel
    return ImageFilter.Kernel((5, 5), [float(value) for value in turned.flatten()])
