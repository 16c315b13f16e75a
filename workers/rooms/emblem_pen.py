"""A pen for emblems: filled shapes inside a unit square, in two colours."""

import math

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


def petals(pen: Pen, count: int, reach: float, radius: float, *, front: bool = True) -> None:
    """Draw discs around the middle."""
    for step in range(count):
        turn = 2 * math.pi * step / count
        pen.disc(0.5 + reach * math.sin(turn), 0.5 - reach * math.cos(turn), radius, front=front)


def spikes(count: int, outer: float, inner: float) -> list[Point]:
    """Return a star around the middle, from its tip."""
    points: list[Point] = []
    for step in range(2 * count):
        radius = outer if step % 2 == 0 else inner
        turn = math.pi * step / count
        points.append((0.5 + radius * math.sin(turn), 0.5 - radius * math.cos(turn)))
    return points
