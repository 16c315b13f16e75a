"""A set that needs no renderer: a wall, a table and soft shapes on a shelf, drawn by a seed."""

import random

from PIL import Image, ImageDraw, ImageFilter

from workers.rooms.stage import HEIGHT_PX, WIDTH_PX

_WALLS = ("#c9b8a3", "#9fb0ae", "#b5a7b3", "#d8d3c8", "#6f7f8c", "#a8ad94")
_TABLES = ("#8a6748", "#b99b74", "#6f5a4d", "#c4a882", "#4d3a2e", "#dcd6cc")
_THINGS = ("#7d7468", "#a39a8b", "#55606b", "#8b6f62", "#5d7a52", "#5c6d70", "#c7a15a")
_TABLE_TOP = 0.68
"""Of the height, from above."""


def plain_set(seed: int) -> Image.Image:
    """Return the set of a seed, as a camera that looks at the table sees it."""
    draw = random.Random(f"plain-set/{seed}")  # noqa: S311 (not for secrets)
    scene = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), draw.choice(_WALLS))
    pen = ImageDraw.Draw(scene)
    for shelf in (0.34, 0.6):
        foot = round(shelf * HEIGHT_PX)
        pen.rectangle((0, foot, WIDTH_PX, foot + 14), fill="#5d4a3a")
        x = draw.randint(0, 60)
        while x < WIDTH_PX:
            wide, high = draw.randint(14, 70), draw.randint(40, 130)
            shape = pen.ellipse if draw.random() < 0.3 else pen.rectangle
            shape((x, foot - high, x + wide, foot), fill=draw.choice(_THINGS))
            x += wide + draw.randint(4, 60)
    scene = scene.filter(ImageFilter.GaussianBlur(8))
    pen = ImageDraw.Draw(scene)
    top = round(_TABLE_TOP * HEIGHT_PX)
    pen.rectangle((0, top, WIDTH_PX, HEIGHT_PX), fill=draw.choice(_TABLES))
    light = Image.linear_gradient("L").resize((WIDTH_PX, HEIGHT_PX)).rotate(180)
    shade = Image.new("RGB", scene.size, "#1c1712")
    return Image.composite(scene, shade, light.point(lambda value: 190 + value // 4)).filter(
        ImageFilter.GaussianBlur(1.2)
    )
