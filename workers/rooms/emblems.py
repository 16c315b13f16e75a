"""Simple emblems for labels: each is a few filled shapes inside a unit square."""

import math
from collections.abc import Callable

from PIL import Image

from workers.rooms.emblem_pen import Pen, petals, spikes


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
    petals(pen, 6, 0.27, 0.2)
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
    pen.polygon(spikes(5, 0.5, 0.21))


def _sun(pen: Pen) -> None:
    pen.polygon(spikes(14, 0.5, 0.33))
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


def _paw(pen: Pen) -> None:
    pen.disc(0.5, 0.66, 0.22)
    for x, y in ((0.2, 0.48), (0.38, 0.26), (0.62, 0.26), (0.8, 0.48)):
        pen.disc(x, y, 0.105)


def _bone(pen: Pen) -> None:
    pen.line([(0.25, 0.5), (0.75, 0.5)], 0.16)
    for x in (0.2, 0.8):
        for y in (0.39, 0.61):
            pen.disc(x, y, 0.12)


def _bean(pen: Pen) -> None:
    for x, y, radius in ((0.34, 0.36, 0.27), (0.66, 0.66, 0.27)):
        pen.disc(x, y, radius)
        curve = [
            (x + 0.07 * math.sin(s), y - radius + 2 * radius * s / (2 * math.pi))
            for s in (0.4 * step for step in range(16))
        ]
        pen.line(curve, 0.04, front=False)


def _heart(pen: Pen) -> None:
    turns = [2 * math.pi * step / 60 for step in range(60)]
    pen.polygon(
        [
            (
                0.5 + 0.028 * 16 * math.sin(t) ** 3,
                0.46
                - 0.028
                * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)),
            )
            for t in turns
        ]
    )


def _tree(pen: Pen) -> None:
    pen.polygon([(0.45, 0.8), (0.55, 0.8), (0.55, 1.0), (0.45, 1.0)])
    for top, low, half in ((0.0, 0.4, 0.22), (0.2, 0.62, 0.3), (0.4, 0.84, 0.38)):
        pen.polygon([(0.5, top), (0.5 + half, low), (0.5 - half, low)])


def _cloud(pen: Pen) -> None:
    for x, y, radius in ((0.28, 0.58, 0.2), (0.5, 0.44, 0.26), (0.72, 0.58, 0.2)):
        pen.disc(x, y, radius)
    pen.line([(0.26, 0.68), (0.74, 0.68)], 0.2)


def _snow(pen: Pen) -> None:
    for step in range(6):
        turn = math.pi * step / 3
        x, y = math.sin(turn), -math.cos(turn)
        pen.line([(0.5, 0.5), (0.5 + 0.46 * x, 0.5 + 0.46 * y)], 0.06)
        for side in (-1, 1):
            a = turn + side * 0.8
            start = (0.5 + 0.26 * x, 0.5 + 0.26 * y)
            pen.line([start, (start[0] + 0.15 * math.sin(a), start[1] - 0.15 * math.cos(a))], 0.05)


def _fish(pen: Pen) -> None:
    upper = [(0.08 + 0.64 * s / 20, 0.5 - 0.24 * math.sin(math.pi * s / 20)) for s in range(21)]
    pen.polygon([*upper, *((x, 1.0 - y) for x, y in reversed(upper))])
    pen.polygon([(0.66, 0.5), (0.96, 0.28), (0.9, 0.5), (0.96, 0.72)])
    pen.disc(0.24, 0.45, 0.035, front=False)


def _apple(pen: Pen) -> None:
    pen.disc(0.37, 0.58, 0.27)
    pen.disc(0.63, 0.58, 0.27)
    pen.disc(0.5, 0.68, 0.27)
    pen.line([(0.5, 0.36), (0.54, 0.12)], 0.05)
    pen.polygon([(0.54, 0.26), (0.68, 0.08), (0.88, 0.1), (0.74, 0.27)])


def _feather(pen: Pen) -> None:
    side = [(0.3 + 0.5 * s / 20, 0.84 - 0.76 * s / 20) for s in range(21)]
    bow = [0.17 * math.sin(math.pi * s / 20) for s in range(21)]
    left = [(x - b, y - b * 0.7) for (x, y), b in zip(side, bow, strict=True)]
    right = [(x + b, y + b * 0.7) for (x, y), b in zip(side, bow, strict=True)]
    pen.polygon([*left, *reversed(right)])
    pen.line([(0.18, 1.0), (0.76, 0.14)], 0.03, front=False)
    pen.line([(0.16, 1.0), (0.3, 0.84)], 0.04)


def _rings(pen: Pen) -> None:
    for radius, front in ((0.48, True), (0.38, False), (0.28, True), (0.18, False), (0.09, True)):
        pen.disc(0.5, 0.5, radius, front=front)


def _checks(pen: Pen) -> None:
    for row in range(4):
        for column in range(4):
            if (row + column) % 2 == 0:
                x, y = 0.04 + 0.23 * column, 0.04 + 0.23 * row
                pen.polygon([(x, y), (x + 0.23, y), (x + 0.23, y + 0.23), (x, y + 0.23)])


def _mushroom(pen: Pen) -> None:
    dome = [
        (0.5 - 0.46 * math.cos(math.pi * s / 24), 0.56 - 0.46 * math.sin(math.pi * s / 24))
        for s in range(25)
    ]
    pen.polygon(dome)
    pen.polygon([(0.4, 0.56), (0.6, 0.56), (0.66, 0.96), (0.34, 0.96)])
    for x, y, radius in ((0.34, 0.4, 0.07), (0.56, 0.28, 0.08), (0.74, 0.45, 0.05)):
        pen.disc(x, y, radius, front=False)


def _steam(pen: Pen) -> None:
    pen.polygon([(0.12, 0.46), (0.76, 0.46), (0.68, 0.9), (0.2, 0.9)])
    pen.line([(0.74, 0.54), (0.9, 0.56), (0.88, 0.72), (0.7, 0.74)], 0.06)
    for x in (0.3, 0.46, 0.62):
        pen.line([(x + 0.03 * math.sin(s), 0.38 - s * 0.045) for s in range(7)], 0.045)


EMBLEMS: dict[str, Callable[[Pen], None]] = {
    "citrus": _citrus, "leaf": _leaf, "wheat": _wheat, "hexagon": _hexagon, "peak": _peak,
    "flower": _flower, "wave": _wave, "drop": _drop, "star": _star, "sun": _sun, "moon": _moon,
    "berries": _berries, "bolt": _bolt, "pot": _pot, "paw": _paw, "bone": _bone, "bean": _bean,
    "heart": _heart, "tree": _tree, "cloud": _cloud, "snow": _snow, "fish": _fish, "apple": _apple,
    "feather": _feather, "rings": _rings, "checks": _checks, "mushroom": _mushroom,
    "steam": _steam,
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
