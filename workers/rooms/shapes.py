"""The shapes that goods come in, by name; each stands on z = 0 and faces -y.

The part called `label` wears the drawn label: on rings `u` runs once around by arc length, 0.5 in
front, and `v` from the first ring to the last; on a cut sheet the label covers the front once. So a
label never repeats or mirrors.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

from models.errors import InputError
from workers.rooms import goods, packages
from workers.rooms.solids import Part, outline

_MAKERS: dict[str, Callable[[], list[Part]]] = {
    made.__name__: made
    for made in (
        packages.can, packages.carton, packages.jar, packages.pouch, packages.tube, goods.mug,
        goods.book, packages.pump, packages.box, packages.bottle, packages.tin, packages.snack,
        packages.sack, packages.spray, packages.cube, packages.game, packages.bar, packages.soap,
        packages.dropper, packages.canister, packages.stick, packages.tub, packages.cup,
        goods.bowl, goods.flask, goods.candle, goods.ball, goods.case, goods.board, goods.towel,
        goods.roll, goods.cushion, goods.tshirt, goods.tote, goods.socks, goods.mitt,
        goods.beanie, goods.cap,
    )
}  # fmt: skip
SHAPES = tuple(_MAKERS)
HELD_SHAPES = frozenset({"tshirt", "tote", "socks", "mitt", "case"})
"""What does not stand on its own: a host holds it up."""


def parts(shape: str, tall: float = 1.0) -> list[Part]:
    """Return the parts of a shape.

    Args:
        shape: one of `SHAPES`.
        tall: how much higher than usual it is; a larger size of the same goods.

    Raises:
        InputError: there is no such shape.
    """
    if shape not in _MAKERS:
        message = f"no shape is called {shape!r}; there are {', '.join(SHAPES)}"
        raise InputError(message)
    made = _MAKERS[shape]()
    return made if tall == 1.0 else [_stretched(part, tall) for part in made]


def _stretched(part: Part, tall: float) -> Part:
    x, y, z = part.at
    return replace(
        part,
        rings=tuple(replace(ring, z=ring.z * tall) for ring in part.rings),
        path=tuple((a, b, c * tall) for a, b, c in part.path),
        sheet=tuple((a, c * tall) for a, c in part.sheet),
        hole=tuple((a, c * tall) for a, c in part.hole),
        at=(x, y, z * tall),
    )


def label_size(shape: str, tall: float = 1.0) -> tuple[float, float, float]:
    """Return the label's length around, its height, and the share of it that faces the viewer."""
    label = next(part for part in parts(shape, tall) if part.material == "label")
    if label.sheet:
        xs, zs = zip(*label.sheet, strict=True)
        return max(xs) - min(xs), max(zs) - min(zs), 1.0
    widest = max(label.rings, key=lambda ring: ring.x * ring.y)
    points = outline(widest)
    around = sum(math.dist(a, b) for a, b in zip(points, (*points[1:], points[0]), strict=True))
    height = sum(math.hypot(b.z - a.z, b.y - a.y) for a, b in itertools.pairwise(label.rings))
    flat = widest.power > 3 or widest.y < 0.6 * widest.x
    return around, height, (2 * widest.x / around if flat else 0.31)
