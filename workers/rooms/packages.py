"""Packaging: cans, cartons, jars, bags, tubes, boxes, bottles and their like, as lists of parts."""

from workers.rooms.solids import Part, Ring, rounded, rounds

_SQUARE = 14.0


def can() -> list[Part]:
    """A drink can with a ring pull."""
    rim = ((1.08, 0.29), (1.12, 0.27), (1.15, 0.272), (1.15, 0.25), (1.12, 0.24))
    side = ((0.09, 0.328), (0.12, 0.33), (1.0, 0.33), (1.08, 0.29))
    return [
        Part("metal", rounds((0, 0.24), (0.03, 0.27), (0.09, 0.328))),
        Part("label", rounds(*side), capped=False),
        Part("metal", rounds(*rim)),
        Part("metal", path=((0.0, -0.16, 1.13), (0.0, 0.02, 1.135)), radius=0.03),
    ]


def carton() -> list[Part]:
    """A gable-top carton with a screw cap."""
    body = (Ring(0, 0.36, 0.36, _SQUARE), Ring(1.45, 0.36, 0.36, _SQUARE))
    roof = (
        Ring(1.45, 0.36, 0.36, _SQUARE),
        Ring(1.78, 0.355, 0.03, _SQUARE),
        Ring(1.93, 0.355, 0.025, _SQUARE),
    )
    spout = Part("cap", path=((0.0, -0.19, 1.6), (0.0, -0.29, 1.7)), radius=0.13)
    return [Part("label", body), Part("paper", roof), spout]


def jar() -> list[Part]:
    """A jar whose content shows through its glass, with a metal lid."""
    glass = (
        (0, 0.3), (0.02, 0.37), (0.08, 0.4), (0.82, 0.4), (0.92, 0.36), (0.95, 0.33), (1.0, 0.33),
    )  # fmt: skip
    inside = ((0.03, 0.3), (0.06, 0.36), (0.1, 0.38), (0.82, 0.38), (0.9, 0.345), (0.93, 0.32))
    lid = ((0.97, 0.355), (0.98, 0.362), (1.13, 0.362), (1.15, 0.35), (1.152, 0.3))
    return [
        Part("glass", rounds(*glass), capped=False),
        Part("content", rounds(*inside)),
        Part("label", rounds((0.16, 0.403), (0.76, 0.403)), capped=False),
        Part("lid", rounds(*lid)),
    ]


def pouch() -> list[Part]:
    """A bag that stands on its own bottom, flat at the top."""
    profile = (
        (0.0, 0.50, 0.27), (0.05, 0.515, 0.29), (0.3, 0.525, 0.285), (0.7, 0.52, 0.25),
        (1.05, 0.52, 0.17), (1.25, 0.52, 0.07), (1.33, 0.52, 0.016), (1.5, 0.52, 0.012),
    )  # fmt: skip
    return [Part("label", tuple(Ring(z, x, y, 3.2 if y > 0.1 else 6.0) for z, x, y in profile))]


def snack() -> list[Part]:
    """A pillow bag, blown up with air between two crimped seams."""
    profile = (
        (0.0, 0.5, 0.012), (0.08, 0.5, 0.014), (0.13, 0.49, 0.05), (0.25, 0.475, 0.13),
        (0.45, 0.465, 0.185), (0.75, 0.46, 0.205), (1.05, 0.465, 0.185), (1.25, 0.475, 0.13),
        (1.37, 0.49, 0.05), (1.42, 0.5, 0.014), (1.5, 0.5, 0.012),
    )  # fmt: skip
    rings = tuple(Ring(z, x, y, 2.3 if y > 0.06 else 6.0) for z, x, y in profile)
    ribs = [
        Part("label_plain", path=((-0.47, -0.013, z), (0.47, -0.013, z)), radius=0.006)
        for z in (0.02, 0.045, 0.07, 1.43, 1.455, 1.48)
    ]
    return [Part("label", rings), *ribs]


def sack() -> list[Part]:
    """A heavy paper sack with a folded top."""
    profile = (
        (0.0, 0.47, 0.25, 7.0), (0.06, 0.5, 0.28, 6.0), (0.4, 0.51, 0.29, 5.0),
        (0.9, 0.5, 0.27, 5.0), (1.3, 0.49, 0.19, 6.0), (1.46, 0.49, 0.1, 8.0),
        (1.52, 0.49, 0.07, 8.0),
    )  # fmt: skip
    fold = (Ring(1.3, 0.5, 0.03, 10.0), Ring(1.56, 0.5, 0.03, 10.0))
    return [
        Part("label", tuple(Ring(*ring) for ring in profile)),
        Part("label_plain", fold, at=(0.0, -0.13, 0.02), turn=(-14.0, 0.0, 0.0)),
    ]


def tube() -> list[Part]:
    """A tube that stands on its cap, sealed flat at the top."""
    profile = (
        (0.22, 0.25, 0.25), (0.27, 0.28, 0.27), (0.5, 0.285, 0.26), (0.9, 0.29, 0.2),
        (1.3, 0.3, 0.1), (1.5, 0.31, 0.018), (1.62, 0.31, 0.012),
    )  # fmt: skip
    return [
        Part("cap", rounds((0, 0.19), (0.01, 0.2), (0.21, 0.23), (0.22, 0.22))),
        Part("label", tuple(Ring(z, x, y, 2.0 if y > 0.05 else 5.0) for z, x, y in profile)),
    ]


def pump() -> list[Part]:
    """A plastic bottle with a pump."""
    body = (
        (0, 0.3), (0.02, 0.34), (0.06, 0.355), (1.1, 0.355), (1.22, 0.3), (1.3, 0.17), (1.36, 0.14),
    )  # fmt: skip
    nozzle = ((0.0, 0.0, 1.62), (0.0, -0.02, 1.66), (0.06, -0.08, 1.68), (0.2, -0.25, 1.66))
    return [
        Part("body", rounds(*body)),
        Part("label", rounds((0.14, 0.358), (1.04, 0.358)), capped=False),
        Part("cap", rounds((1.34, 0.17), (1.35, 0.175), (1.46, 0.175), (1.47, 0.1), (1.62, 0.05))),
        Part("cap", rounds((1.6, 0.1), (1.61, 0.12), (1.69, 0.12), (1.7, 0.1))),
        Part("cap", path=nozzle, radius=0.045),
    ]


def spray() -> list[Part]:
    """A flat-sided bottle with a trigger."""
    body = (
        Ring(0, 0.34, 0.2, 4), Ring(0.03, 0.37, 0.225, 4), Ring(0.95, 0.37, 0.225, 4),
        Ring(1.15, 0.27, 0.17, 3), Ring(1.3, 0.13, 0.13), Ring(1.36, 0.12, 0.12),
    )  # fmt: skip
    label = (Ring(0.1, 0.374, 0.229, 4), Ring(0.92, 0.374, 0.229, 4))
    head = rounded(0.13, 1.5, 1.72, 0.05)
    return [
        Part("body", body),
        Part("label", label, capped=False),
        Part("cap", rounds((1.33, 0.15), (1.34, 0.155), (1.46, 0.155), (1.5, 0.09), (1.54, 0.08))),
        Part("cap", sheet=tuple((x * 1.9 + 0.06, z) for x, z in head), thick=0.17, radius=0.04),
        Part("accent", path=((0.3, 0, 1.62), (0.38, 0, 1.62)), radius=0.055),
        Part("accent", path=((0.2, 0, 1.5), (0.22, 0, 1.36), (0.17, 0, 1.2)), radius=0.035),
    ]


def box() -> list[Part]:
    """A tall folding box."""
    return [Part("label", (Ring(0, 0.5, 0.19, 30.0), Ring(1.45, 0.5, 0.19, 30.0)))]


def cube() -> list[Part]:
    """A box about as deep as it is wide."""
    return [Part("label", (Ring(0, 0.5, 0.42, 30.0), Ring(0.92, 0.5, 0.42, 30.0)))]


def game() -> list[Part]:
    """A wide and shallow box with a lid."""
    lid = (Ring(0.0, 0.72, 0.15, 40.0), Ring(1.02, 0.72, 0.15, 40.0))
    tray = (Ring(0.01, 0.71, 0.09, 40.0), Ring(1.01, 0.71, 0.09, 40.0))
    return [Part("label", lid), Part("paper", tray, at=(0.0, 0.14, 0.0))]


def bar() -> list[Part]:
    """A chocolate bar in its wrapper."""
    profile = (
        (0.0, 0.37, 0.01), (0.06, 0.37, 0.012), (0.09, 0.365, 0.05), (0.13, 0.365, 0.06),
        (1.45, 0.365, 0.06), (1.49, 0.365, 0.05), (1.52, 0.37, 0.012), (1.58, 0.37, 0.01),
    )  # fmt: skip
    return [Part("label", tuple(Ring(z, x, y, 12.0) for z, x, y in profile))]


def soap() -> list[Part]:
    """A bar of soap in paper."""
    profile = (
        (0.0, 0.5, 0.24), (0.03, 0.55, 0.28), (0.08, 0.57, 0.3), (0.5, 0.57, 0.3),
        (0.55, 0.55, 0.28), (0.58, 0.5, 0.24),
    )  # fmt: skip
    return [Part("label", tuple(Ring(z, x, y, 8.0) for z, x, y in profile))]


def bottle() -> list[Part]:
    """A slim bottle with a screw cap."""
    body = (
        (0, 0.26), (0.02, 0.3), (0.06, 0.315), (1.1, 0.315), (1.25, 0.27), (1.4, 0.14),
        (1.5, 0.11), (1.75, 0.11),
    )  # fmt: skip
    return [
        Part("body", rounds(*body)),
        Part("label", rounds((0.22, 0.318), (0.98, 0.318)), capped=False),
        Part("cap", rounds((1.6, 0.12), (1.61, 0.125), (1.83, 0.125), (1.84, 0.115))),
    ]


def dropper() -> list[Part]:
    """A small bottle of coloured glass with a dropper."""
    body = ((0, 0.3), (0.02, 0.33), (0.05, 0.34), (0.74, 0.34), (0.84, 0.28), (0.88, 0.16))
    bulb = ((1.14, 0.1), (1.2, 0.12), (1.36, 0.12), (1.44, 0.08), (1.46, 0.02))
    return [
        Part("body", rounds(*body)),
        Part("label", rounds((0.1, 0.343), (0.7, 0.343)), capped=False),
        Part("accent", rounds((0.87, 0.17), (0.88, 0.18), (1.12, 0.18), (1.14, 0.16))),
        Part("cap", rounds(*bulb)),
    ]


def canister() -> list[Part]:
    """A broad plastic bottle with a handle."""
    body = (
        Ring(0, 0.4, 0.2, 5), Ring(0.03, 0.44, 0.24, 5), Ring(1.0, 0.44, 0.24, 5),
        Ring(1.2, 0.36, 0.2, 4), Ring(1.34, 0.2, 0.16, 3), Ring(1.4, 0.15, 0.15),
    )  # fmt: skip
    label = (Ring(0.12, 0.445, 0.245, 5), Ring(0.94, 0.445, 0.245, 5))
    bow = ((0.13, 0.0, 1.34), (0.34, 0.0, 1.44), (0.49, 0.0, 1.3), (0.47, 0.0, 1.05), (0.4, 0, 0.9))
    return [
        Part("body", body),
        Part("label", label, capped=False),
        Part("cap", rounds((1.38, 0.17), (1.39, 0.185), (1.6, 0.185), (1.62, 0.17))),
        Part("body", path=bow, radius=0.065),
    ]


def stick() -> list[Part]:
    """A slim turned case for balm or deodorant."""
    return [
        Part("body", (Ring(0, 0.2, 0.14, 2.6), Ring(0.1, 0.2, 0.14, 2.6))),
        Part("label", (Ring(0.1, 0.21, 0.15, 2.6), Ring(0.92, 0.21, 0.15, 2.6)), capped=False),
        Part("cap", (Ring(0.9, 0.205, 0.145, 2.6), Ring(0.93, 0.212, 0.152, 2.6),
                     Ring(1.34, 0.21, 0.15, 2.6), Ring(1.4, 0.17, 0.11, 2.6))),
    ]  # fmt: skip


def tub() -> list[Part]:
    """A round cardboard tub with a plastic lid."""
    side = rounds((0, 0.35), (0.02, 0.355), (0.7, 0.42))
    lid = ((0.68, 0.435), (0.69, 0.445), (0.8, 0.448), (0.83, 0.43), (0.81, 0.4))
    return [Part("label", side), Part("cap", rounds(*lid))]


def cup() -> list[Part]:
    """A tall paper cup with a peel-off lid."""
    side = rounds((0, 0.3), (0.02, 0.305), (0.98, 0.42))
    rim = ((0.97, 0.42), (0.985, 0.44), (1.01, 0.44), (1.015, 0.42))
    return [Part("label", side), Part("lid", rounds(*rim)),
            Part("lid", path=((0.0, -0.4, 1.012), (0.0, -0.5, 1.0)), radius=0.05)]  # fmt: skip


def tin() -> list[Part]:
    """A flat tin with a lid."""
    lid = ((0.5, 0.445), (0.51, 0.45), (0.6, 0.45), (0.61, 0.44), (0.6, 0.42))
    return [
        Part("lid", rounds((0, 0.4), (0.01, 0.43), (0.04, 0.43))),
        Part("label", rounds((0.03, 0.428), (0.5, 0.428)), capped=False),
        Part("lid", rounds(*lid)),
    ]
