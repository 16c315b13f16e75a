"""The shapes of packaging as pure geometry: stacked rings and swept tubes, in decimetres.

A shape stands on z = 0 and faces -y. Parts made of rings are wrapped by the label (`u` runs once
around by arc length, 0.5 in front; `v` runs from the first labelled ring to the last), so that a
label never repeats or mirrors. Nothing here knows Blender; `blender_scene.py` makes the meshes.
"""

import itertools
import math
from dataclasses import dataclass

from models.errors import InputError

SHAPES = ("can", "carton", "jar", "pouch", "tube", "mug", "book", "pump", "box", "bottle", "tin")


@dataclass(frozen=True)
class Ring:
    """One horizontal outline: a superellipse of half widths `x` and `y`."""

    z: float
    x: float
    y: float
    power: float = 2.0
    """2 is an ellipse; the larger, the more of a rectangle with rounded corners."""


@dataclass(frozen=True)
class Part:
    """One piece of a shape, of one material."""

    material: str
    """`label`, `body`, `cap`, `metal`, `paper` or `glaze`."""
    rings: tuple[Ring, ...] = ()
    path: tuple[tuple[float, float, float], ...] = ()
    """A tube swept along these points, instead of rings."""
    radius: float = 0.0
    capped: bool = True


def _rounds(*points: tuple[float, float]) -> tuple[Ring, ...]:
    return tuple(Ring(z, radius, radius) for z, radius in points)


def _can() -> list[Part]:
    return [
        Part("metal", _rounds((0, 0.24), (0.03, 0.27), (0.09, 0.328))),
        Part(
            "label", _rounds((0.09, 0.328), (0.12, 0.33), (1.0, 0.33), (1.08, 0.29)), capped=False
        ),
        Part(
            "metal", _rounds((1.08, 0.29), (1.12, 0.27), (1.15, 0.272), (1.15, 0.25), (1.12, 0.24))
        ),
        Part("metal", path=((0.0, -0.16, 1.13), (0.0, 0.02, 1.135)), radius=0.03),
    ]


def _carton() -> list[Part]:
    square = 14.0
    body = (Ring(0, 0.36, 0.36, square), Ring(1.45, 0.36, 0.36, square))
    roof = (
        Ring(1.45, 0.36, 0.36, square),
        Ring(1.78, 0.355, 0.03, square),
        Ring(1.93, 0.355, 0.025, square),
    )
    spout = Part("cap", path=((0.0, -0.19, 1.6), (0.0, -0.29, 1.7)), radius=0.13)
    return [Part("label", body), Part("paper", roof), spout]


def _jar() -> list[Part]:
    body = (
        (0, 0.3),
        (0.02, 0.37),
        (0.08, 0.4),
        (0.82, 0.4),
        (0.92, 0.36),
        (0.95, 0.33),
        (1.0, 0.33),
    )
    lid = ((0.97, 0.355), (0.98, 0.362), (1.13, 0.362), (1.15, 0.35), (1.152, 0.3))
    return [
        Part("body", _rounds(*body)),
        Part("label", _rounds((0.16, 0.403), (0.76, 0.403)), capped=False),
        Part("cap", _rounds(*lid)),
    ]


def _pouch() -> list[Part]:
    profile = (
        (0.0, 0.50, 0.27), (0.05, 0.515, 0.29), (0.3, 0.525, 0.285), (0.7, 0.52, 0.25),
        (1.05, 0.52, 0.17), (1.25, 0.52, 0.07), (1.33, 0.52, 0.016), (1.5, 0.52, 0.012),
    )  # fmt: skip
    return [Part("label", tuple(Ring(z, x, y, 3.2 if y > 0.1 else 6.0) for z, x, y in profile))]


def _tube() -> list[Part]:
    profile = (
        (0.22, 0.25, 0.25), (0.27, 0.28, 0.27), (0.5, 0.285, 0.26), (0.9, 0.29, 0.2),
        (1.3, 0.3, 0.1), (1.5, 0.31, 0.018), (1.62, 0.31, 0.012),
    )  # fmt: skip
    return [
        Part("cap", _rounds((0, 0.19), (0.01, 0.2), (0.21, 0.23), (0.22, 0.22))),
        Part("label", tuple(Ring(z, x, y, 2.0 if y > 0.05 else 5.0) for z, x, y in profile)),
    ]


def _mug() -> list[Part]:
    outer = _rounds((0, 0.33), (0.02, 0.37), (0.06, 0.39), (0.9, 0.4), (0.94, 0.395))
    inner = _rounds(
        (0.94, 0.395), (0.95, 0.385), (0.94, 0.37), (0.2, 0.35), (0.1, 0.28), (0.1, 0.001)
    )
    bow = tuple(
        (0.38 + 0.24 * math.sin(turn), 0.0, 0.47 - 0.28 * math.cos(turn))
        for turn in (math.pi * step / 24 for step in range(25))
    )
    return [
        Part("label", outer, capped=False),
        Part("glaze", inner, capped=False),
        Part("glaze", path=bow, radius=0.055),
    ]


def _book() -> list[Part]:
    square = 40.0
    return [
        Part("label", (Ring(0, 0.55, 0.1, square), Ring(1.55, 0.55, 0.1, square)), capped=False),
        Part("paper", (Ring(0.02, 0.54, 0.085, square), Ring(1.535, 0.54, 0.085, square))),
    ]


def _pump() -> list[Part]:
    body = (
        (0, 0.3),
        (0.02, 0.34),
        (0.06, 0.355),
        (1.1, 0.355),
        (1.22, 0.3),
        (1.3, 0.17),
        (1.36, 0.14),
    )
    nozzle = ((0.0, 0.0, 1.62), (0.0, -0.02, 1.66), (0.06, -0.08, 1.68), (0.2, -0.25, 1.66))
    return [
        Part("body", _rounds(*body)),
        Part("label", _rounds((0.14, 0.358), (1.04, 0.358)), capped=False),
        Part("cap", _rounds((1.34, 0.17), (1.35, 0.175), (1.46, 0.175), (1.47, 0.1), (1.62, 0.05))),
        Part("cap", _rounds((1.6, 0.1), (1.61, 0.12), (1.69, 0.12), (1.7, 0.1))),
        Part("cap", path=nozzle, radius=0.045),
    ]


def _box() -> list[Part]:
    return [Part("label", (Ring(0, 0.5, 0.19, 30.0), Ring(1.45, 0.5, 0.19, 30.0)))]


def _bottle() -> list[Part]:
    body = (
        (0, 0.26),
        (0.02, 0.3),
        (0.06, 0.315),
        (1.1, 0.315),
        (1.25, 0.27),
        (1.4, 0.14),
        (1.5, 0.11),
        (1.75, 0.11),
    )
    return [
        Part("body", _rounds(*body)),
        Part("label", _rounds((0.22, 0.318), (0.98, 0.318)), capped=False),
        Part("cap", _rounds((1.6, 0.12), (1.61, 0.125), (1.83, 0.125), (1.84, 0.115))),
    ]


def _tin() -> list[Part]:
    lid = ((0.5, 0.445), (0.51, 0.45), (0.6, 0.45), (0.61, 0.44), (0.6, 0.42))
    return [
        Part("cap", _rounds((0, 0.4), (0.01, 0.43), (0.04, 0.43))),
        Part("label", _rounds((0.03, 0.428), (0.5, 0.428)), capped=False),
        Part("cap", _rounds(*lid)),
    ]


_MAKERS = {
    "can": _can, "carton": _carton, "jar": _jar, "pouch": _pouch, "tube": _tube, "mug": _mug,
    "book": _book, "pump": _pump, "box": _box, "bottle": _bottle, "tin": _tin,
}  # fmt: skip


def parts(shape: str) -> list[Part]:
    """Return the parts of a shape.

    Raises:
        InputError: there is no such shape.
    """
    if shape not in _MAKERS:
        message = f"no shape is called {shape!r}; there are {', '.join(SHAPES)}"
        raise InputError(message)
    return _MAKERS[shape]()


def outline(ring: Ring, segments: int = 96) -> list[tuple[float, float]]:
    """Return the ring's points, anticlockwise from the back; the front (-y) is at half way round.

    The points lie evenly along the ring, so that `u` by index is `u` by arc length.
    """
    fine = [_superellipse(ring, 2 * math.pi * step / 2048) for step in range(2049)]
    lengths = [0.0]
    for (x0, y0), (x1, y1) in itertools.pairwise(fine):
        lengths.append(lengths[-1] + math.hypot(x1 - x0, y1 - y0))
    points: list[tuple[float, float]] = []
    at = 0
    for step in range(segments):
        wanted = lengths[-1] * step / segments
        while lengths[at + 1] < wanted:
            at += 1
        points.append(fine[at])
    return points


def _superellipse(ring: Ring, turn: float) -> tuple[float, float]:
    """A point of the outline, `turn` radians anticlockwise from the back (+y) before scaling."""
    sine, cosine = -math.sin(turn), math.cos(turn)
    # Polar form: the parametric one leaves the flat sides of a large power without points.
    reach = (abs(sine) ** ring.power + abs(cosine) ** ring.power) ** (-1 / ring.power)
    return reach * sine * ring.x, reach * cosine * ring.y


def label_size(shape: str) -> tuple[float, float, float]:
    """Return the label's length around, its height, and the share of it that faces the viewer."""
    label = next(part for part in parts(shape) if part.material == "label")
    widest = max(label.rings, key=lambda ring: ring.x * ring.y)
    points = outline(widest)
    around = sum(math.dist(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True))
    height = sum(math.hypot(b.z - a.z, b.y - a.y) for a, b in itertools.pairwise(label.rings))
    flat = widest.power > 3
    return around, height, (2 * widest.x / around if flat else 0.31)
