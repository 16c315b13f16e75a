"""The designs of labels: each draws an item's front, and what goes on around the pack.

A design is a function of panel, item, typefaces and the whole label's width in pixels.
"""

import math
import random
from collections.abc import Callable

from workers.rooms.emblems import draw_emblem
from workers.rooms.lettering import Faces, Panel, mixed, readable_on
from workers.rooms.products import Item

Style = Callable[[Panel, Item, Faces, int], None]


def _emblem(panel: Panel, item: Item, box: tuple[float, float, float, float]) -> None:
    draw_emblem(panel.image, item.emblem, panel.box(*box), item.accent, item.base)


def diagonal(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """Two colours that meet in a zigzag around the pack."""
    height, count = panel.height, 4
    slope = 0.22 * height
    for step in range(count + 1):
        # A zigzag, so that the two colours meet at every angle.
        x0, x1 = (step - 0.5) * width_px / count, (step + 0.5) * width_px / count
        low, high = 0.62 * height + slope / 2, 0.62 * height - slope / 2
        panel.draw.polygon([(x0, low), (x1, high), (x1, height), (x0, height)], fill=item.accent)
        panel.draw.line([(x0, low), (x1, high)], fill=item.ink, width=max(3, int(height * 0.012)))
    on_accent = readable_on(item.accent)
    panel.write(item.brand, (0.02, 0.06, 0.98, 0.24), item.ink, faces.brand)
    _emblem(panel, item, (0.28, 0.25, 0.72, 0.57))
    panel.write(item.variant.upper(), (0.08, 0.68, 0.92, 0.84), on_accent, faces.heading)
    panel.write(item.name, (0.12, 0.84, 0.88, 0.915), on_accent, faces.plain)
    panel.write(item.size, (0.28, 0.92, 0.72, 0.98), on_accent, faces.plain)


def band(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """A broad band with the brand near the top."""
    y0, y1 = 0.12 * panel.height, 0.34 * panel.height
    panel.draw.rectangle((0, y0, width_px, y1), fill=item.accent)
    rule = max(2, int(panel.height * 0.01))
    panel.draw.rectangle((0, y1 + rule * 2, width_px, y1 + rule * 3), fill=item.accent)
    on_accent = readable_on(item.accent)
    panel.write(item.brand, (0.05, 0.14, 0.95, 0.32), on_accent, faces.brand)
    panel.write(item.variant, (0.08, 0.4, 0.92, 0.53), item.ink, faces.heading)
    panel.write(item.name, (0.12, 0.53, 0.88, 0.61), item.ink, faces.plain)
    _emblem(panel, item, (0.26, 0.63, 0.74, 0.89))
    panel.write(item.size, (0.26, 0.905, 0.74, 0.97), item.ink, faces.plain)


def badge(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """A round badge between two rules."""
    edge = max(3, int(panel.height * 0.02))
    for y in (0.03, 0.95):
        panel.draw.rectangle((0, y * panel.height, width_px, y * panel.height + edge), item.accent)
    panel.write(item.brand, (0.04, 0.08, 0.96, 0.26), item.ink, faces.brand)
    x0, y0, x1, y1 = panel.box(0.14, 0.28, 0.86, 0.72)
    radius = min(x1 - x0, y1 - y0) / 2
    x, y, inner, small = (x0 + x1) / 2, (y0 + y1) / 2, radius * 0.93, radius * 0.66
    panel.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=item.accent)
    panel.draw.ellipse(
        (x - inner, y - inner, x + inner, y + inner),
        outline=item.base,
        width=max(2, int(radius * 0.03)),
    )
    box = (x - small, y - small, x + small, y + small)
    draw_emblem(panel.image, item.emblem, box, item.base, item.accent)
    panel.write(item.variant, (0.05, 0.74, 0.95, 0.86), item.ink, faces.heading)
    panel.write(f"{item.name} · {item.size}", (0.06, 0.86, 0.94, 0.94), item.ink, faces.plain)


def plain(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """Quiet, with one bar for the variant."""
    rule = max(3, int(panel.height * 0.012)) / panel.height
    _emblem(panel, item, (0.3, 0.07, 0.7, 0.34))
    panel.write(item.brand, (0.05, 0.36, 0.95, 0.53), item.ink, faces.brand)
    panel.draw.rectangle(panel.box(0.3, 0.555, 0.7, 0.555 + rule), fill=item.accent)
    y0, y1 = 0.61 * panel.height, 0.79 * panel.height
    panel.draw.rectangle((0, y0, width_px, y1), fill=item.accent)
    on_accent = readable_on(item.accent)
    panel.write(item.variant.upper(), (0.06, 0.625, 0.94, 0.775), on_accent, faces.heading)
    panel.write(item.name, (0.08, 0.81, 0.92, 0.895), item.ink, faces.plain)
    panel.write(item.size, (0.2, 0.9, 0.8, 0.97), item.ink, faces.plain)


def motif(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """Rows of small emblems above and below the name."""
    size = panel.height * 0.2
    columns = max(2, round(width_px / (size * 1.3)))
    for column in range(columns):
        x = (column + 0.5) * width_px / columns
        for y in (0.13 * panel.height, 0.9 * panel.height):
            box = (x - size * 0.4, y - size * 0.4, x + size * 0.4, y + size * 0.4)
            draw_emblem(panel.image, item.emblem, box, item.accent, item.base)
    panel.write(item.brand, (0.06, 0.29, 0.94, 0.51), item.ink, faces.brand)
    panel.write(item.variant, (0.1, 0.53, 0.9, 0.66), item.ink, faces.heading)
    panel.write(item.name, (0.14, 0.67, 0.86, 0.76), item.ink, faces.plain)


def split(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """A window of the second colour low on the pack, with a large cut-off emblem behind it."""
    on_accent = readable_on(item.accent)
    big = 0.62 * panel.height
    soft = mixed(item.base, item.accent, 0.22)
    x, y = panel.left + 0.78 * panel.width, 0.34 * panel.height
    box = (x - big / 2, y - big / 2, x + big / 2, y + big / 2)
    draw_emblem(panel.image, item.emblem, box, soft, item.base)
    panel.draw.rectangle((0, 0.56 * panel.height, width_px, panel.height), fill=item.accent)
    panel.write(item.brand, (0.05, 0.1, 0.95, 0.3), item.ink, faces.brand)
    panel.write(item.name, (0.1, 0.34, 0.9, 0.46), item.ink, faces.plain)
    panel.write(item.variant, (0.06, 0.6, 0.94, 0.82), on_accent, faces.heading)
    panel.write(item.size, (0.25, 0.86, 0.75, 0.95), on_accent, faces.plain)


def stripes(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """Fine upright stripes behind a plate."""
    wide = max(6, int(panel.height * 0.03))
    soft = mixed(item.base, item.accent, 0.35)
    for x in range(0, width_px, 2 * wide):
        panel.draw.rectangle((x, 0, x + wide - 1, panel.height), fill=soft)
    x0, y0, x1, y1 = panel.box(0.05, 0.1, 0.95, 0.9)
    corner, line = panel.width * 0.06, max(3, int(panel.width * 0.014))
    panel.draw.rounded_rectangle((x0, y0, x1, y1), corner, item.base, item.accent, line)
    panel.write(item.brand, (0.1, 0.15, 0.9, 0.33), item.accent, faces.brand)
    _emblem(panel, item, (0.3, 0.35, 0.7, 0.56))
    panel.write(item.variant, (0.1, 0.58, 0.9, 0.71), item.ink, faces.heading)
    panel.write(item.name, (0.12, 0.71, 0.88, 0.79), item.ink, faces.plain)
    panel.write(item.size, (0.3, 0.8, 0.7, 0.87), item.ink, faces.plain)


def arch(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """An arch of the second colour rising from the foot, as a window in a wall."""
    x0, y0, x1, y1 = panel.box(0.1, 0.3, 0.9, 1.0)
    wide = x1 - x0
    panel.draw.ellipse((x0, y0, x1, y0 + wide), fill=item.accent)
    panel.draw.rectangle((x0, y0 + wide / 2, x1, y1), fill=item.accent)
    on_accent = readable_on(item.accent)
    panel.write(item.brand, (0.04, 0.08, 0.96, 0.26), item.ink, faces.brand)
    draw_emblem(panel.image, item.emblem, panel.box(0.3, 0.35, 0.7, 0.58), item.base, item.accent)
    panel.write(item.variant, (0.14, 0.6, 0.86, 0.76), on_accent, faces.heading)
    panel.write(item.name, (0.15, 0.77, 0.85, 0.86), on_accent, faces.plain)
    panel.write(item.size, (0.25, 0.87, 0.75, 0.95), on_accent, faces.plain)


def scatter(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """Emblems strewn all over the pack, with a plate in front."""
    draw = random.Random(f"label/{item.brand}")  # noqa: S311 (not for secrets)
    for _ in range(int(width_px * panel.height / 9_000)):
        size = draw.uniform(0.09, 0.2) * panel.height
        x, y = draw.uniform(0, width_px), draw.uniform(0, panel.height)
        colour = mixed(item.accent, item.base, draw.choice((0.0, 0.3, 0.6)))
        box = (x - size / 2, y - size / 2, x + size / 2, y + size / 2)
        draw_emblem(panel.image, item.emblem, box, colour, item.base)
    x0, y0, x1, y1 = panel.box(0.06, 0.18, 0.94, 0.84)
    corner = min(x1 - x0, y1 - y0) * 0.28
    panel.draw.rounded_rectangle((x0, y0, x1, y1), corner, fill=item.ink)
    on_ink = readable_on(item.ink)
    panel.write(item.brand, (0.12, 0.24, 0.88, 0.44), on_ink, faces.brand)
    panel.write(item.variant, (0.12, 0.47, 0.88, 0.61), item.base, faces.heading)
    panel.write(item.name, (0.14, 0.62, 0.86, 0.71), on_ink, faces.plain)
    panel.write(item.size, (0.3, 0.72, 0.7, 0.79), on_ink, faces.plain)


def circle(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """A large disc that runs off the edge, and much room for letters."""
    radius = min(0.48 * panel.width, 0.26 * panel.height)
    x, y = panel.left + 0.62 * panel.width, 0.75 * panel.height
    panel.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=item.accent)
    small = radius * 0.55
    draw_emblem(
        panel.image,
        item.emblem,
        (x - small, y - small * 0.95, x + small, y + small * 1.05),
        item.base,
        item.accent,
    )
    panel.write(item.brand, (0.04, 0.07, 0.96, 0.22), item.ink, faces.brand)
    panel.write(item.variant, (0.06, 0.24, 0.94, 0.38), item.accent, faces.heading)
    panel.write(item.name, (0.1, 0.38, 0.9, 0.46), item.ink, faces.plain)
    panel.write(item.size, (0.02, 0.9, 0.34, 0.97), item.ink, faces.plain)


def frame(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """A double border with small ornaments, like an old label."""
    for inset, line in ((0.03, 0.012), (0.06, 0.004)):
        pixels = max(2, int(panel.height * line))
        x0, y0, x1, y1 = panel.box(inset, inset, 1 - inset, 1 - inset)
        panel.draw.rectangle((x0, y0, x1, y1), outline=item.accent, width=pixels)
    _emblem(panel, item, (0.36, 0.09, 0.64, 0.27))
    panel.write(item.brand, (0.1, 0.28, 0.9, 0.48), item.ink, faces.brand)
    y = 0.515 * panel.height
    middle, reach = panel.left + panel.width / 2, panel.width * 0.3
    panel.draw.line((middle - reach, y, middle + reach, y), item.accent, max(2, int(y * 0.012)))
    dot = panel.height * 0.014
    panel.draw.ellipse((middle - dot, y - dot, middle + dot, y + dot), fill=item.accent)
    panel.write(item.variant, (0.1, 0.55, 0.9, 0.72), item.accent, faces.heading)
    panel.write(item.name, (0.12, 0.73, 0.88, 0.82), item.ink, faces.plain)
    panel.write(item.size, (0.25, 0.83, 0.75, 0.91), item.ink, faces.plain)


def waves(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """Layered waves in three tints at the foot of the pack."""
    for layer in range(3):
        level = (0.5 + 0.13 * layer) * panel.height
        colour = mixed(item.accent, item.base, 0.6 - 0.3 * layer)
        # Whole periods around the pack, so that the seam does not show.
        points = [
            (
                x,
                level
                + 0.04 * panel.height * math.sin(2 * math.pi * (6 * x / width_px + layer / 3)),
            )
            for x in range(0, width_px + 8, 8)
        ]
        panel.draw.polygon([*points, (width_px, panel.height), (0, panel.height)], fill=colour)
    on_accent = readable_on(item.accent)
    _emblem(panel, item, (0.36, 0.05, 0.64, 0.2))
    panel.write(item.brand, (0.05, 0.21, 0.95, 0.38), item.ink, faces.brand)
    panel.write(item.name, (0.12, 0.39, 0.88, 0.46), item.ink, faces.plain)
    panel.write(item.variant, (0.08, 0.74, 0.92, 0.88), on_accent, faces.heading)
    panel.write(item.size, (0.3, 0.89, 0.7, 0.96), on_accent, faces.plain)


def cloth_print(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """A print in the middle of cloth: emblem over brand."""
    _emblem(panel, item, (0.3, 0.28, 0.7, 0.58))
    panel.write(item.brand, (0.27, 0.6, 0.73, 0.7), item.ink, faces.brand)
    panel.write(item.variant, (0.33, 0.71, 0.67, 0.765), item.ink, faces.plain)


def patch(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """A small woven patch on plain cloth."""
    x0, y0, x1, y1 = panel.box(0.24, 0.28, 0.76, 0.74)
    high = min(y1 - y0, (x1 - x0) * 0.6)
    middle = (y0 + y1) / 2
    top, low = middle - high / 2, middle + high / 2
    line = max(2, int(high * 0.03))
    panel.draw.rounded_rectangle((x0, top, x1, low), high * 0.06, item.accent, item.ink, line)
    share = (top / panel.height, low / panel.height)
    step = share[1] - share[0]
    on_accent = readable_on(item.accent)
    brand = (0.28, share[0] + 0.12 * step, 0.72, share[0] + 0.56 * step)
    panel.write(item.brand, brand, on_accent, faces.brand)
    below = (0.3, share[0] + 0.62 * step, 0.7, share[0] + 0.88 * step)
    panel.write(item.variant, below, on_accent, faces.plain)


def bands(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """Woven or knitted bands all around, with a patch."""
    for y, high in ((0.06, 0.05), (0.15, 0.1), (0.75, 0.1), (0.89, 0.05)):
        panel.draw.rectangle(
            (0, y * panel.height, width_px, (y + high) * panel.height), fill=item.accent
        )
    panel.write(item.brand, (0.08, 0.3, 0.92, 0.52), item.ink, faces.brand)
    panel.write(item.variant, (0.12, 0.53, 0.88, 0.64), item.ink, faces.heading)
    panel.write(item.name, (0.14, 0.65, 0.86, 0.73), item.ink, faces.plain)


def card(panel: Panel, item: Item, faces: Faces, width_px: int) -> None:
    """A small card or paper band with letters only."""
    panel.draw.rectangle((0, 0, width_px, 0.1 * panel.height), fill=item.accent)
    panel.draw.rectangle((0, 0.9 * panel.height, width_px, panel.height), fill=item.accent)
    panel.write(item.brand, (0.05, 0.15, 0.95, 0.46), item.accent, faces.brand)
    panel.write(item.variant, (0.06, 0.48, 0.94, 0.68), item.ink, faces.heading)
    panel.write(f"{item.name} · {item.size}", (0.05, 0.7, 0.95, 0.86), item.ink, faces.plain)


STYLES: dict[str, Style] = {
    "diagonal": diagonal, "band": band, "badge": badge, "plain": plain, "motif": motif,
    "split": split, "stripes": stripes, "arch": arch, "scatter": scatter, "circle": circle,
    "frame": frame, "waves": waves, "print": cloth_print, "patch": patch, "bands": bands,
    "card": card,
}  # fmt: skip
"""Every design by its name in the catalogue."""
DEFAULT_FACES = {
    "diagonal": "condensed", "band": "sans", "badge": "serif", "plain": "serif", "motif": "sans",
}  # fmt: skip
"""Typefaces of a design where the catalogue names none; `lato` for the others."""
