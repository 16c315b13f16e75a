"""The set that a room is filmed on: a table, a wall, a shelf with neutral clutter, drawn by a seed.

Gives one render job in the language of `blender_scene.py`; nothing on the set resembles goods.
"""

import math
import random
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from workers.rooms.solids import Ring, outline

Json = dict[str, Any]

WIDTH_PX, HEIGHT_PX = 976, 560
"""A little larger than the film, so that the camera can wander."""

_PALETTES = (
    {
        "wall": "#c9b8a3",
        "table": "#8a6748",
        "shelf": "#6d4d33",
        "muted": "#7d7468 #a39a8b #55606b #8b6f62",
    },
    {
        "wall": "#9fb0ae",
        "table": "#b99b74",
        "shelf": "#54453a",
        "muted": "#8d7f72 #6a7470 #b3a695 #5d5a64",
    },
    {
        "wall": "#b5a7b3",
        "table": "#6f5a4d",
        "shelf": "#8a7157",
        "muted": "#77707c #9a8f84 #5f6a62 #a58f86",
    },
    {
        "wall": "#d8d3c8",
        "table": "#c4a882",
        "shelf": "#a58a67",
        "muted": "#8f9a94 #b0a698 #6c6f78 #9c8072",
    },
    {
        "wall": "#6f7f8c",
        "table": "#4d3a2e",
        "shelf": "#3c3532",
        "muted": "#8a8378 #5c6d70 #a39584 #75606a",
    },
    {
        "wall": "#a8ad94",
        "table": "#dcd6cc",
        "shelf": "#7c6a55",
        "muted": "#80806c #6a6f7c #a3907c #b5aca0",
    },
)


def _round(x: float, y: float, z: float, rings: list[tuple[float, float]], **material: Any) -> Json:
    return _stack(x, y, z, [Ring(height, radius, radius) for height, radius in rings], **material)


def _block(x: float, y: float, z: float, size: tuple[float, float, float], **material: Any) -> Json:
    wide, deep, high = size
    return _stack(
        x, y, z, [Ring(0, wide / 2, deep / 2, 30), Ring(high, wide / 2, deep / 2, 30)], **material
    )


def _stack(x: float, y: float, z: float, rings: list[Ring], **material: Any) -> Json:
    points = [[(a, b, ring.z) for a, b in outline(ring, 40)] for ring in rings]
    shares = [index / (len(rings) - 1) for index in range(len(rings))]
    return {"rings": points, "v": shares, "capped": True, "at": (x, y, z), "material": material}


def _ball(x: float, y: float, z: float, radius: float, **material: Any) -> Json:
    turns = [math.pi * step / 10 for step in range(11)]
    rings = [(-radius * math.cos(t), max(0.001, radius * math.sin(t))) for t in turns]
    return _round(x, y, z, rings, **material)


def _plant(draw: random.Random, x: float, y: float, z: float) -> list[Json]:
    made = [_round(x, y, z, [(0, 0.22), (0.4, 0.3), (0.42, 0.31)], color="#b9a48c", rough=0.8)]
    for _ in range(26):
        turn, lean = draw.uniform(0, 6.283), draw.uniform(0.05, 0.5)
        length = draw.uniform(0.4, 0.9)
        leaf = [(0, 0.02), (length * 0.4, 0.09), (length * 0.8, 0.06), (length, 0.005)]
        green = draw.choice(("#4f6b45", "#5d7a52", "#6b8463", "#475f43"))
        part = _round(x, y, z + 0.35, leaf, color=green, rough=0.6)
        part["turn"] = (math.degrees(lean) * math.cos(turn), math.degrees(lean) * math.sin(turn), 0)
        made.append(part)
    return made


def _books(draw: random.Random, x: float, y: float, z: float, colours: list[str]) -> list[Json]:
    made = []
    for _ in range(draw.randint(5, 8)):
        thick = draw.uniform(0.08, 0.2)
        high = draw.uniform(0.7, 1.0)
        made.append(_block(x, y, z, (thick, 0.6, high), color=draw.choice(colours), rough=0.8))
        x += thick + 0.015
    return made


def _vase(draw: random.Random, x: float, y: float, z: float, colours: list[str]) -> list[Json]:
    belly = draw.uniform(0.2, 0.32)
    rings = [
        (0, belly * 0.6),
        (0.3, belly),
        (0.6, belly * 0.5),
        (0.8, belly * 0.35),
        (0.85, belly * 0.45),
    ]
    return [_round(x, y, z, rings, color=draw.choice(colours), rough=0.5)]


def _frame(x: float, y: float, z: float, colours: list[str]) -> list[Json]:
    return [
        _block(x, y, z, (0.9, 0.06, 1.1), color="#3c332c", rough=0.6),
        _block(x, y - 0.03, z + 0.08, (0.74, 0.06, 0.94), color="#e6dfd2", rough=0.7),
        _block(x, y - 0.05, z + 0.25, (0.4, 0.06, 0.6), color=colours[-1], rough=0.7),
    ]


def _lamp(x: float, y: float, z: float) -> list[Json]:
    return [
        _round(
            x, y, z, [(0, 0.2), (0.04, 0.2), (0.06, 0.03), (0.7, 0.03)], color="#5a5048", rough=0.4
        ),
        _round(x, y, z + 0.6, [(0, 0.36), (0.5, 0.24)], color="#ffe3b0", glow=2.2),
    ]


def _thing(
    what: str, draw: random.Random, place: tuple[float, float, float], colours: list[str]
) -> list[Json]:
    x, y, z = place
    if what == "books":
        return _books(draw, x - 0.3, y, z, colours)
    if what == "plant":
        return _plant(draw, x, y, z)
    if what == "frame":
        return _frame(x, y + 0.2, z, colours)
    return _lamp(x, y, z) if what == "lamp" else _vase(draw, x, y, z, colours)


def stage_parts(seed: int) -> list[Json]:
    """Return the parts of the set of a seed."""
    draw = random.Random(f"stage/{seed}")  # noqa: S311 (not for secrets)
    palette = _PALETTES[seed % len(_PALETTES)]
    colours = palette["muted"].split()
    parts = [
        _block(0, 3.2, -2, (16, 0.2, 9), color=palette["wall"], rough=0.9, bump=0.05),
        _block(
            0, 0.1, -0.25, (9, 3.4, 0.25), color=palette["table"], rough=0.42, coat=0.15, bump=0.12
        ),
    ]
    shelf_y = 2.7
    for shelf_z in (0.55, 2.15):
        parts.append(_block(0, shelf_y, shelf_z, (9, 0.8, 0.1), color=palette["shelf"], rough=0.6))
        x = -3.9 + draw.uniform(0, 0.4)
        wanted = ["books", "vase", "frame", "plant", "lamp", "books", "vase", "frame", "plant"]
        draw.shuffle(wanted)
        for what in wanted:
            parts += _thing(what, draw, (x, shelf_y, shelf_z + 0.1), colours)
            x += {"books": 1.5, "frame": 1.25}.get(what, 0.85)
    for step in range(15):
        x = -4.2 + 0.6 * step
        z = 3.75 - 0.25 * math.sin(math.pi * ((step % 5) / 4))
        parts.append(_ball(x, shelf_y, z, 0.045, color="#ffdf9e", glow=14.0))
    return parts


def stage_job(seed: int, out: Path, samples: int = 48) -> Json:
    """Return the render job of the set."""
    return {
        "out": str(out),
        "size": [WIDTH_PX, HEIGHT_PX],
        "samples": samples,
        "transparent": False,
        "parts": stage_parts(seed),
        "view": {
            "camera": (0, -6.2, 2.1), "target": (0, 0, 1.12), "lens_mm": 50, "strength": 1.5,
            "light": ("warm", "window", "lamp")[seed % 3],
        },
    }  # fmt: skip


def out_of_focus(sharp: Image.Image) -> Image.Image:
    """Return the set as a camera that looks at the table's middle sees it: the back is blurred."""
    far = sharp.convert("RGB").filter(ImageFilter.GaussianBlur(sharp.height * 0.014))
    near = sharp.convert("RGB").filter(ImageFilter.GaussianBlur(1.0))
    width, height = sharp.size
    mask = Image.new("L", (1, height))
    draw = ImageDraw.Draw(mask)
    for y in range(height):
        draw.point((0, y), round(255 * min(1.0, max(0.0, (y / height - 0.66) / 0.12))))
    return Image.composite(near, far, mask.resize((width, height)))
