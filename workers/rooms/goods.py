"""Goods without packaging: crockery, books, textiles, things for the house, as lists of parts."""

import math

from workers.rooms.solids import Part, Point2, Ring, arc, rounded, rounds


def mug() -> list[Part]:
    """A mug with its handle to the right."""
    outer = rounds((0, 0.33), (0.02, 0.37), (0.06, 0.39), (0.9, 0.4), (0.94, 0.395))
    inner = rounds(
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


def bowl() -> list[Part]:
    """A glazed bowl on a foot."""
    outer = rounds((0.06, 0.28), (0.1, 0.4), (0.2, 0.52), (0.38, 0.6), (0.58, 0.64))
    inner = rounds(
        (0.58, 0.64), (0.595, 0.63), (0.58, 0.61), (0.3, 0.52), (0.14, 0.3), (0.1, 0.001)
    )
    return [
        Part("glaze", rounds((0, 0.27), (0.06, 0.28))),
        Part("label", outer, capped=False),
        Part("glaze", inner, capped=False),
    ]


def flask() -> list[Part]:
    """A vacuum flask with a screw cup."""
    side = rounds((0.06, 0.29), (0.09, 0.3), (1.2, 0.3), (1.3, 0.27))
    lid = ((1.34, 0.25), (1.35, 0.262), (1.72, 0.25), (1.78, 0.22))
    return [
        Part("metal", rounds((0, 0.27), (0.01, 0.29), (0.06, 0.29))),
        Part("label", side, capped=False),
        Part("metal", rounds((1.3, 0.27), (1.32, 0.25), (1.35, 0.25))),
        Part("cap", rounds(*lid)),
    ]


def candle() -> list[Part]:
    """A candle in a thick glass."""
    glass = rounds((0, 0.34), (0.03, 0.37), (0.9, 0.38), (0.915, 0.374), (0.92, 0.365))
    wax = rounds((0.06, 0.33), (0.08, 0.345), (0.68, 0.35), (0.69, 0.34))
    wick = ((0.0, 0.0, 0.68), (0.005, 0.0, 0.76), (0.02, 0.0, 0.8))
    return [
        Part("glass", glass, capped=False),
        Part("content", wax),
        Part("label", rounds((0.14, 0.383), (0.62, 0.384)), capped=False),
        Part("dark", path=wick, radius=0.012),
    ]


def ball() -> list[Part]:
    """A ball, as large as a fist."""
    turns = [math.pi * step / 24 for step in range(25)]
    rings = rounds(*((0.5 - 0.5 * math.cos(t), max(0.004, 0.5 * math.sin(t))) for t in turns))
    return [Part("label", rings, capped=False)]


def book() -> list[Part]:
    """A hardback, its spine on the viewer's left."""
    square = 40.0
    return [
        Part("label", (Ring(0, 0.55, 0.1, square), Ring(1.55, 0.55, 0.1, square)), capped=False),
        Part("paper", (Ring(0.02, 0.54, 0.085, square), Ring(1.535, 0.54, 0.085, square))),
    ]


def case() -> list[Part]:
    """The back of a phone case, with an opening for the camera."""
    lenses = [
        Part("dark", rounds((0, 0.06), (0.03, 0.06)), at=(x, -0.045, z), turn=(90.0, 0.0, 0.0))
        for x, z in ((-0.22, 1.3), (-0.22, 1.13), (-0.06, 1.22))
    ]
    hump = tuple((x - 0.15, z) for x, z in rounded(0.17, 1.04, 1.4, 0.07))
    return [
        Part("label", sheet=rounded(0.37, 0.0, 1.5, 0.11), thick=0.1, radius=0.035),
        Part("metal_dark", sheet=hump, thick=0.03, radius=0.01, at=(0.0, -0.052, 0.0)),
        *lenses,
    ]


def board() -> list[Part]:
    """A wooden board with a hole to hang it up by, and a paper label."""
    hole = tuple(arc((0.0, 1.5), (0.06, 0.06), 0, 345, 23))
    neck = [(0.14, 1.62), (-0.14, 1.62), (-0.16, 1.36)]
    lower = [*rounded(0.48, 0.0, 1.3, 0.1)]
    body = (*lower[:14], (0.16, 1.36), *neck, *lower[14:])
    paper = rounded(0.27, 0.28, 0.86, 0.02)
    return [
        Part("wood", sheet=body, hole=hole, thick=0.11, radius=0.025),
        Part("label", sheet=paper, thick=0.012, radius=0.002, at=(0.0, -0.058, 0.0)),
    ]


def towel() -> list[Part]:
    """Folded cloth in four layers with a paper band."""
    layers = []
    for step in range(4):
        z = 0.135 * step
        edge = 0.015 * (step % 2)
        profile = ((0.0, 0.06), (0.02, 0.015), (0.065, 0.0), (0.11, 0.015), (0.13, 0.06))
        rings = tuple(Ring(z + dz, 0.62 - d - edge, 0.42 - d, 7.0) for dz, d in profile)
        layers.append(Part("cloth", rings))
    band = (Ring(0.1, 0.625, 0.425, 7.0), Ring(0.44, 0.625, 0.425, 7.0))
    return [*layers, Part("label", band, capped=False)]


def roll() -> list[Part]:
    """Something rolled up that stands on its end, with a paper band."""
    turns = tuple(
        (0.025 * t * math.cos(t) * 0.55, 0.025 * t * math.sin(t) * 0.55, 1.3)
        for t in (0.5 * step for step in range(8, 47))
    )
    return [
        Part("cloth", rounds((0, 0.33), (0.02, 0.35), (1.28, 0.35), (1.3, 0.33))),
        Part("label", rounds((0.42, 0.357), (0.92, 0.357)), capped=False),
        Part("cloth_dark", path=turns, radius=0.012),
    ]


def cushion() -> list[Part]:
    """A square cushion with soft edges."""
    side = [(x, 0.0) for x in (-0.6, -0.3, 0.0, 0.3)]
    points: list[Point2] = []
    for quarter in range(4):
        for x, _ in side:
            # Cushions are drawn in at the middle of each side.
            z = -0.6 + 0.05 * math.cos(x / 0.6 * math.pi / 2)
            c, s = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
            points.append((c * x - s * z, 0.62 + s * x + c * z))
    return [Part("label", sheet=tuple(points), thick=0.4, radius=0.19)]


def tshirt() -> list[Part]:
    """A T-shirt laid flat."""
    right = [(0.42, 0.0), (0.41, 0.62), (0.44, 0.92), (0.62, 0.78), (0.8, 0.98), (0.56, 1.26),
             (0.36, 1.38), (0.19, 1.42)]  # fmt: skip
    neck = arc((0.0, 1.42), (0.19, 0.15), 0, -180, 12)
    shape = [(-0.42, 0.0), *right, *neck[1:-1], *((-x, z) for x, z in reversed(right[1:]))]
    rib = tuple((x, -0.035, z) for x, z in arc((0.0, 1.42), (0.19, 0.15), 0, -180, 16))
    return [
        Part("label", sheet=tuple(shape), thick=0.07, radius=0.03),
        Part("cloth_dark", path=rib, radius=0.017),
    ]


def tote() -> list[Part]:
    """A cloth bag with two handles."""
    handle = ((-0.24, 1.06), *arc((0.0, 1.3), (0.23, 0.34), 180, 0, 24), (0.24, 1.06))
    straps = [
        Part("cloth", path=tuple((x * wide, y, z - low) for x, z in handle), radius=0.028)
        for y, low, wide in ((-0.02, 0.0, 1.0), (0.03, 0.06, 0.96))
    ]
    bag = ((-0.52, 0.03), (-0.48, 0.0), (0.48, 0.0), (0.52, 0.03), (0.5, 1.15), (-0.5, 1.15))
    return [Part("label", sheet=bag, thick=0.09, radius=0.035), *straps]


def socks() -> list[Part]:
    """A pair of socks under a card."""
    half = [(0.13, 1.3), (-0.17, 1.3), (-0.17, 0.62), (-0.2, 0.4), (-0.15, 0.24), (0.0, 0.14),
            (0.28, 0.02), (0.44, 0.0), (0.52, 0.07), (0.5, 0.19), (0.36, 0.27), (0.2, 0.38),
            (0.13, 0.52)]  # fmt: skip
    sock = tuple((x - 0.1, z) for x, z in half)
    toe = tuple(
        (x - 0.1, z) for x, z in [(0.3, 0.01), (0.44, 0.0), (0.52, 0.07), (0.5, 0.19), (0.38, 0.25)]
    )
    heel = tuple((x - 0.1, z) for x, z in [(-0.2, 0.4), (-0.15, 0.24), (0.0, 0.14), (-0.06, 0.34)])
    card = rounded(0.3, 0.98, 1.44, 0.02)
    return [
        Part("cloth_dark", sheet=sock, thick=0.08, radius=0.035, at=(0.07, 0.07, 0.03)),
        Part("cloth", sheet=sock, thick=0.08, radius=0.035),
        Part("accent_cloth", sheet=toe, thick=0.085, radius=0.03, at=(0.0, -0.003, 0.0)),
        Part("accent_cloth", sheet=heel, thick=0.085, radius=0.02, at=(0.0, -0.003, 0.0)),
        Part("label", sheet=tuple((x - 0.08, z) for x, z in card), thick=0.012, radius=0.002,
             at=(0.0, -0.055, 0.0)),
    ]  # fmt: skip


def mitt() -> list[Part]:
    """An oven mitt with its thumb to the right."""
    hand = [(0.3, 0.0), (0.32, 0.5), (0.42, 0.62), (0.56, 0.72), (0.62, 0.88), (0.55, 1.0),
            (0.43, 0.98), (0.33, 0.88)]  # fmt: skip
    top = arc((0.0, 1.1), (0.33, 0.36), 0, 180, 14)
    shape = [(-0.3, 0.0), *hand, *top, (-0.32, 0.5)]
    loop = tuple((-0.3 + 0.05 * math.cos(t), 0.0, -0.02 + 0.08 * math.sin(t)) for t in
                 (0.6 * step for step in range(11)))  # fmt: skip
    return [
        Part("label", sheet=tuple(shape), thick=0.16, radius=0.07),
        Part("accent_cloth", sheet=rounded(0.33, 0.0, 0.17, 0.02), thick=0.19, radius=0.05),
        Part("accent_cloth", path=loop, radius=0.014),
    ]


def beanie() -> list[Part]:
    """A knitted hat with a cuff and a bobble."""
    dome = rounds((0.3, 0.43), (0.5, 0.43), (0.7, 0.4), (0.85, 0.33), (0.95, 0.22), (1.0, 0.06))
    cuff = rounds((0.0, 0.43), (0.03, 0.455), (0.3, 0.46), (0.34, 0.445), (0.35, 0.42))
    turns = [math.pi * step / 12 for step in range(13)]
    pom = rounds(*((1.1 - 0.15 * math.cos(t), max(0.004, 0.15 * math.sin(t))) for t in turns))
    return [
        Part("cloth", dome),
        Part("label", cuff, capped=False),
        Part("accent_cloth", pom),
    ]


def cap() -> list[Part]:
    """A cap with a peak."""
    dome = rounds((0.06, 0.45), (0.2, 0.455), (0.36, 0.43), (0.5, 0.35), (0.58, 0.22), (0.61, 0.03))
    peak = (Ring(0.0, 0.4, 0.36, 2.4), Ring(0.015, 0.41, 0.37, 2.4), Ring(0.03, 0.4, 0.36, 2.4))
    return [
        Part("label", dome),
        Part("accent_cloth", peak, at=(0.0, -0.42, 0.05), turn=(9.0, 0.0, 0.0)),
        Part("accent_cloth", rounds((0.6, 0.04), (0.63, 0.045), (0.645, 0.02))),
    ]
