"""What shapes are made of: stacked rings, swept tubes and cut sheets, in decimetres.

Pure geometry, z up, front towards -y. `packages.py` and `goods.py` put parts together, `shapes.py`
names the results, `blender_scene.py` makes meshes of them; nothing here knows Blender.
"""

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache

Point2 = tuple[float, float]
Point3 = tuple[float, float, float]


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
    """One piece of a shape, of one material; made of rings, of a path, or of a cut sheet."""

    material: str
    """A name that `materials.py` knows; `label` wears the drawn label."""
    rings: tuple[Ring, ...] = ()
    path: tuple[Point3, ...] = ()
    """A tube swept along these points, instead of rings."""
    radius: float = 0.0
    """Of the tube; of a sheet, how far its edges are rounded."""
    capped: bool = True
    sheet: tuple[Point2, ...] = ()
    """Outline (x, z) of a thick sheet that faces the viewer, instead of rings."""
    hole: tuple[Point2, ...] = ()
    """Outline of a hole in the sheet."""
    thick: float = 0.0
    """Thickness of the sheet."""
    at: Point3 = (0.0, 0.0, 0.0)
    turn: Point3 = (0.0, 0.0, 0.0)
    """Degrees about x, y and z before the part is moved to `at`."""


def rounds(*points: Point2) -> tuple[Ring, ...]:
    """Return round rings from pairs of height and radius."""
    return tuple(Ring(z, radius, radius) for z, radius in points)


def arc(centre: Point2, radius: Point2, start: float, end: float, steps: int) -> list[Point2]:
    """Return points along an ellipse from one angle (degrees, 0 to the right) to another."""
    turns = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [
        (centre[0] + radius[0] * math.cos(t), centre[1] + radius[1] * math.sin(t)) for t in turns
    ]


def rounded(wide: float, low: float, high: float, corner: float) -> tuple[Point2, ...]:
    """Return a rectangle with rounded corners, `wide` to each side of the middle."""
    points: list[Point2] = []
    corners = ((wide, low, -90), (wide, high, 0), (-wide, high, 90), (-wide, low, 180))
    for x, z, start in corners:
        centre = (x - math.copysign(corner, x), z + (corner if z == low else -corner))
        points += arc(centre, (corner, corner), start, start + 90, 6)
    return tuple(points)


@lru_cache(maxsize=4096)
def outline(ring: Ring, segments: int = 96) -> tuple[Point2, ...]:
    """Return the ring's points, anticlockwise from the back; the front (-y) is at half way round.

    The points lie evenly along the ring, so that `u` by index is `u` by arc length.
    """
    fine = [_superellipse(ring, 2 * math.pi * step / 2048) for step in range(2049)]
    lengths = [0.0]
    for (x0, y0), (x1, y1) in itertools.pairwise(fine):
        lengths.append(lengths[-1] + math.hypot(x1 - x0, y1 - y0))
    points: list[Point2] = []
    at = 0
    for step in range(segments):
        wanted = lengths[-1] * step / segments
        while lengths[at + 1] < wanted:
            at += 1
        points.append(fine[at])
    return tuple(points)


def _superellipse(ring: Ring, turn: float) -> Point2:
    """A point of the outline, `turn` radians anticlockwise from the back (+y) before scaling."""
    sine, cosine = -math.sin(turn), math.cos(turn)
    # Polar form: the parametric one leaves the flat sides of a large power without points.
    reach = (abs(sine) ** ring.power + abs(cosine) ** ring.power) ** (-1 / ring.power)
    return reach * sine * ring.x, reach * cosine * ring.y
