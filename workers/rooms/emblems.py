"""Simple emblems for labels: each is a few filled shapes inside a unit square."""

import math
from collections.abc import Callable

from PIL import Image, ImageDraw

Point = tuple[float, float]


class Pen:
    """Draws in the unit square (y down) with two colours."""

    def __init__(self, size_px: int, front: str, back: str) -> None:
        self.image = Image.new("RGBA", (size_px, size_px))
        self._draw = ImageDraw.Draw(self.image)
        self._size = size_px
        self._colours = {True: front, False: back}

    def polygon(self, points: list[Point], *, front: bool = True) -> None:
        """Fill a polygon."""
        self._draw.polygon(
            [(x * self._size, y * self._size) for x, y in points], self._colours[front]
        )

    def disc(self, x: float, y: float, radius: float, *, front: bool = True) -> None:
        """Fill a circle."""
        box = [value * self._size for value in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(box, self._colours[front])

    def line(self, points: list[Point], width: float, *, front: bool = True) -> None:
        """Draw a line with round joints."""
        scaled = [(x * self._size, y * self._size) for x, y in points]
        self._draw.line(scaled, self._colours[front], int(width * self._size), joint="curve")


def _petals(pen: Pen, count: int, reach: float, radius: float, *, front: bool = True) -> None:
    for step in range(count):
        turn = 2 * math.pi * step / count
        pen.disc(0.5 + reach * math.sin(turn), 0.5 - reach * math.cos(turn), radius, front=front)


def _spikes(count: int, outer: float, inner: float) -> list[Point]:
    points: list[Point] = []
    for step in range(2 * count):
        radius = outer if step % 2 == 0 else inner
        turn = math.pi * step / count
        points.append((0.5 + radius * math.sin(turn), 0.5 - radius * math.cos(turn)))
    return points


def _citrus(pen: Pen) -> None:
    pen.disc(0.5, 0.5, 0.48)
    pen.disc(0.5, 0.5, 0.42, front=False)
    for step in range(8):
        start, end = 2 * math.pi * (step + 0.08) / 8, 2 * math.pi * (step + 0.92) / 8
        arc = [start + (end - start) * part / 6 for part in range(7)]
        wedge = [(0.5 + 0.37 * math.sin(turn), 0.5 - 0.37 * math.cos(turn)) for turn in arc]
        middle = (start + end) / 2
        pen.polygon([(0.5 + 0.06 * math.sin(middle), 0.5 - 0.06 * math.cos(middle)), *wedge])


def _leaf(pen: Pen) -> None:
    half = [(0.5 + 0.3 * math.sin(math.pi * s / 20) ** 0.9, 0.04 + 0.8 * s / 20) for s in range(21)]
    pen.polygon(half + [(1 - x, y) for x, y in reversed(half)])
    pen.line([(0.5, 0.12), (0.5, 0.97)], 0.045, front=False)
    pen.line([(0.5, 0.82), (0.5, 0.98)], 0.05)
    for y in (0.35, 0.5, 0.65):
        pen.line([(0.32, y - 0.09), (0.5, y), (0.68, y - 0.09)], 0.025, front=False)


def _wheat(pen: Pen) -> None:
    pen.line([(0.5, 0.2), (0.5, 0.98)], 0.04)
    for row in range(4):
        y = 0.2 + 0.16 * row
        for side in (-1, 1):
            x = 0.5 + side * 0.13
            pen.polygon(
                [(0.5, y + 0.16), (x + side * 0.1, y + 0.02), (x, y - 0.08), (0.5, y + 0.02)]
            )
    pen.polygon([(0.5, 0.0), (0.57, 0.12), (0.5, 0.22), (0.43, 0.12)])


def _hexagon(pen: Pen) -> None:
    for x, y in (
        (0.5, 0.22),
        (0.26, 0.36),
        (0.74, 0.36),
        (0.5, 0.5),
        (0.26, 0.64),
        (0.74, 0.64),
        (0.5, 0.78),
    ):
        turns = [math.pi * (step / 3 + 1 / 6) for step in range(6)]
        pen.polygon(
            [
                (x + 0.145 * math.sin(t + math.pi / 6), y + 0.145 * math.cos(t + math.pi / 6))
                for t in turns
            ]
        )


def _peak(pen: Pen) -> None:
    pen.polygon([(0.0, 0.86), (0.36, 0.2), (0.72, 0.86)])
    pen.polygon([(0.42, 0.86), (0.7, 0.42), (1.0, 0.86)])
    pen.polygon(
        [(0.25, 0.4), (0.36, 0.2), (0.47, 0.4), (0.41, 0.47), (0.36, 0.41), (0.3, 0.47)],
        front=False,
    )
    pen.disc(0.78, 0.2, 0.1)


def _flower(pen: Pen) -> None:
    _petals(pen, 6, 0.27, 0.2)
    pen.disc(0.5, 0.5, 0.17, front=False)
    pen.disc(0.5, 0.5, 0.11)


def _wave(pen: Pen) -> None:
    for row in range(3):
        y = 0.25 + 0.25 * row
        pen.line([(s / 20, y + 0.09 * math.sin(2 * math.pi * s / 10)) for s in range(21)], 0.07)


def _drop(pen: Pen) -> None:
    pen.disc(0.5, 0.64, 0.31)
    pen.polygon([(0.5, 0.03), (0.765, 0.48), (0.235, 0.48)])
    pen.disc(0.4, 0.66, 0.09, front=False)


def _star(pen: Pen) -> None:
    pen.polygon(_spikes(5, 0.5, 0.21))


def _sun(pen: Pen) -> None:
    pen.polygon(_spikes(14, 0.5, 0.33))
    pen.disc(0.5, 0.5, 0.29, front=False)
    pen.disc(0.5, 0.5, 0.25)


def _moon(pen: Pen) -> None:
    pen.disc(0.47, 0.5, 0.42)
    pen.disc(0.63, 0.42, 0.35, front=False)
    pen.disc(0.72, 0.3, 0.05)


def _berries(pen: Pen) -> None:
    for x, y in ((0.32, 0.6), (0.68, 0.6), (0.5, 0.76), (0.5, 0.45)):
        pen.disc(x, y, 0.19, front=False)
        pen.disc(x, y, 0.175)
    pen.polygon([(0.5, 0.3), (0.24, 0.1), (0.52, 0.06), (0.8, 0.16)])


def _bolt(pen: Pen) -> None:
    pen.polygon([(0.6, 0.0), (0.18, 0.56), (0.46, 0.56), (0.36, 1.0), (0.82, 0.38), (0.54, 0.38)])


def _pot(pen: Pen) -> None:
    pen.polygon([(0.14, 0.45), (0.86, 0.45), (0.8, 0.88), (0.2, 0.88)])
    pen.polygon([(0.1, 0.34), (0.9, 0.34), (0.9, 0.41), (0.1, 0.41)])
    pen.disc(0.5, 0.29, 0.06)
    for x in (0.02, 0.84):
        pen.polygon([(x, 0.52), (x + 0.14, 0.52), (x + 0.14, 0.6), (x, 0.6)])
    for x in (0.36, 0.64):
        pen.line([(x + 0.03 * math.sin(s), 0.2 - s * 0.03) for s in range(7)], 0.03)


EMBLEMS: dict[str, Callable[[Pen], None]] = {
    "citrus": _citrus, "leaf": _leaf, "wheat": _wheat, "hexagon": _hexagon, "peak": _peak,
    "flower": _flower, "wave": _wave, "drop": _drop, "star": _star, "sun": _sun, "moon": _moon,
    "berries": _berries, "bolt": _bolt, "pot": _pot,
}  # fmt: skip
"""Every emblem by its name in the catalogue."""


def draw_emblem(
    image: Image.Image, name: str, box: tuple[float, float, float, float], front: str, back: str
) -> None:
    """Draw an emblem as large as it fits, centred in a box of the image."""
    x0, y0, x1, y1 = box
    size_px = max(8, int(min(x1 - x0, y1 - y0)))
    # Drawn at twice the size, because Pillow's polygons have hard edges.
    pen = Pen(size_px * 2, front, back)
    EMBLEMS[name](pen)
    small = pen.image.resize((size_px, size_px), Image.Resampling.LANCZOS)
    image.paste(small, (int((x0 + x1 - size_px) / 2), int((y0 + y1 - size_px) / 2)), small)
