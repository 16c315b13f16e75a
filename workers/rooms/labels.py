"""Draws a product's label as one picture that wraps once around its shape.

In comes an `Item`, out goes an RGB image: the front panel in the middle, the small print at the two
ends (the back). Only Pillow and fonts from the DejaVu family are needed.
"""

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from models.errors import InputError
from workers.rooms.emblems import draw_emblem
from workers.rooms.products import Item
from workers.rooms.shapes import label_size

FONT_FILES = {
    "bold": "DejaVuSans-Bold.ttf",
    "serif": "DejaVuSerif-Bold.ttf",
    "condensed": "DejaVuSansCondensed-Bold.ttf",
    "plain": "DejaVuSansCondensed.ttf",
}
_BRAND_FONTS = {
    "diagonal": "condensed",
    "band": "bold",
    "badge": "serif",
    "plain": "serif",
    "motif": "bold",
}
_PIXELS_PER_DM = 440

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Panel:
    """The front of a label: where it lies, and what is drawn on it."""

    draw: ImageDraw.ImageDraw
    image: Image.Image
    left: float
    top: float
    width: float
    height: float

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Return pixels for shares of the panel's width and height."""
        return (
            self.left + x0 * self.width,
            self.top + y0 * self.height,
            self.left + x1 * self.width,
            self.top + y1 * self.height,
        )


def font(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    """Return one of `FONT_FILES` at a size.

    Raises:
        InputError: the DejaVu fonts are not installed.
    """
    try:
        return ImageFont.truetype(FONT_FILES[name], size_px)
    except OSError as error:
        message = f"font {FONT_FILES[name]} is missing; install the DejaVu fonts (fonts-dejavu)"
        raise InputError(message) from error


def draw_label(item: Item) -> Image.Image:
    """Return the whole label of an item."""
    around, height, front = label_size(item.shape)
    width_px, height_px = round(around * _PIXELS_PER_DM), round(height * _PIXELS_PER_DM)
    image = Image.new("RGB", (width_px, height_px), item.base)
    draw = ImageDraw.Draw(image)
    panel_px = width_px * front
    panel = Panel(draw, image, (width_px - panel_px) / 2, 0, panel_px, height_px)
    _STYLES[item.style](panel, item, width_px)
    if item.shape == "book":
        _book_edges(draw, item, panel)
    elif item.shape != "mug":
        _back(image, item)
    return image


def fit_text(panel: Panel, text: str, box: Box, fill: str, face: str) -> None:
    """Write text as large as the box allows, in one line or two, centred."""
    x0, y0, x1, y1 = box
    lines = _lines(text, x1 - x0, y1 - y0)
    size_px = int((y1 - y0) / (len(lines) * 1.12))
    while size_px > 8 and max(font(face, size_px).getlength(line) for line in lines) > x1 - x0:
        size_px -= 1
    chosen = font(face, size_px)
    step = size_px * 1.12
    middle = (y0 + y1) / 2 - step * (len(lines) - 1) / 2
    for index, line in enumerate(lines):
        panel.draw.text(((x0 + x1) / 2, middle + index * step), line, fill, chosen, anchor="mm")


def _lines(text: str, width: float, height: float) -> list[str]:
    words = text.split()
    # Two lines pay when the box is too tall for the text in one.
    if len(words) < 2 or width / max(len(text), 1) > 0.42 * height:
        return [text]
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    best = min(cuts, key=lambda pair: max(len(pair[0]), len(pair[1])))
    return list(best)


def _diagonal(panel: Panel, item: Item, width_px: int) -> None:
    height = panel.height
    slope = 0.22 * height
    count = 4
    for step in range(count + 1):
        # A zigzag around the pack, so that the two colours meet at every angle.
        x0, x1 = (step - 0.5) * width_px / count, (step + 0.5) * width_px / count
        low, high = 0.62 * height + slope / 2, 0.62 * height - slope / 2
        panel.draw.polygon([(x0, low), (x1, high), (x1, height), (x0, height)], fill=item.accent)
        panel.draw.line([(x0, low), (x1, high)], fill=item.ink, width=max(3, int(height * 0.012)))
    fit_text(
        panel, item.brand, panel.box(0.02, 0.06, 0.98, 0.24), item.ink, _BRAND_FONTS[item.style]
    )
    draw_emblem(panel.image, item.emblem, panel.box(0.28, 0.25, 0.72, 0.57), item.accent, item.base)
    on_accent = readable_on(item.accent)
    fit_text(panel, item.variant.upper(), panel.box(0.08, 0.68, 0.92, 0.84), on_accent, "condensed")
    fit_text(panel, item.name, panel.box(0.14, 0.84, 0.86, 0.91), on_accent, "plain")
    fit_text(panel, item.size, panel.box(0.3, 0.92, 0.7, 0.97), on_accent, "plain")


def _band(panel: Panel, item: Item, width_px: int) -> None:
    y0, y1 = 0.12 * panel.height, 0.34 * panel.height
    panel.draw.rectangle((0, y0, width_px, y1), fill=item.accent)
    rule = max(2, int(panel.height * 0.01))
    panel.draw.rectangle((0, y1 + rule * 2, width_px, y1 + rule * 3), fill=item.accent)
    on_accent = readable_on(item.accent)
    fit_text(
        panel, item.brand, panel.box(0.05, 0.14, 0.95, 0.32), on_accent, _BRAND_FONTS[item.style]
    )
    fit_text(panel, item.variant, panel.box(0.1, 0.4, 0.9, 0.53), item.ink, "condensed")
    fit_text(panel, item.name, panel.box(0.15, 0.53, 0.85, 0.61), item.ink, "plain")
    draw_emblem(panel.image, item.emblem, panel.box(0.26, 0.63, 0.74, 0.9), item.accent, item.base)
    fit_text(panel, item.size, panel.box(0.3, 0.915, 0.7, 0.97), item.ink, "plain")


def _badge(panel: Panel, item: Item, width_px: int) -> None:
    edge = max(3, int(panel.height * 0.02))
    for y in (0.03, 0.95):
        top = y * panel.height
        panel.draw.rectangle((0, top, width_px, top + edge), fill=item.accent)
    fit_text(
        panel, item.brand, panel.box(0.04, 0.08, 0.96, 0.26), item.ink, _BRAND_FONTS[item.style]
    )
    x0, y0, x1, y1 = panel.box(0.14, 0.29, 0.86, 0.75)
    radius = min(x1 - x0, y1 - y0) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    panel.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=item.accent)
    inner = radius * 0.93
    panel.draw.ellipse(
        (x - inner, y - inner, x + inner, y + inner),
        outline=item.base,
        width=max(2, int(radius * 0.03)),
    )
    small = radius * 0.66
    draw_emblem(
        panel.image,
        item.emblem,
        (x - small, y - small, x + small, y + small),
        item.base,
        item.accent,
    )
    fit_text(panel, item.variant, panel.box(0.05, 0.77, 0.95, 0.87), item.ink, "condensed")
    fit_text(
        panel, f"{item.name} · {item.size}", panel.box(0.1, 0.87, 0.9, 0.94), item.ink, "plain"
    )


def _plain(panel: Panel, item: Item, width_px: int) -> None:
    rule = max(3, int(panel.height * 0.012))
    draw_emblem(panel.image, item.emblem, panel.box(0.3, 0.07, 0.7, 0.34), item.accent, item.base)
    fit_text(
        panel, item.brand, panel.box(0.05, 0.36, 0.95, 0.53), item.ink, _BRAND_FONTS[item.style]
    )
    panel.draw.rectangle(panel.box(0.3, 0.555, 0.7, 0.555 + rule / panel.height), fill=item.accent)
    y0, y1 = 0.62 * panel.height, 0.8 * panel.height
    panel.draw.rectangle((0, y0, width_px, y1), fill=item.accent)
    on_accent = readable_on(item.accent)
    fit_text(
        panel, item.variant.upper(), panel.box(0.08, 0.635, 0.92, 0.785), on_accent, "condensed"
    )
    fit_text(panel, item.name, panel.box(0.12, 0.83, 0.88, 0.9), item.ink, "plain")
    fit_text(panel, item.size, panel.box(0.25, 0.91, 0.75, 0.965), item.ink, "plain")


def _motif(panel: Panel, item: Item, width_px: int) -> None:
    size = panel.height * 0.2
    columns = max(4, round(width_px / (size * 1.3)))
    for column in range(columns):
        x = (column + 0.5) * width_px / columns
        for y in (0.13 * panel.height, 0.9 * panel.height):
            box = (x - size * 0.4, y - size * 0.4, x + size * 0.4, y + size * 0.4)
            draw_emblem(panel.image, item.emblem, box, item.accent, item.base)
    fit_text(
        panel, item.brand, panel.box(0.08, 0.3, 0.92, 0.52), item.ink, _BRAND_FONTS[item.style]
    )
    fit_text(panel, item.variant, panel.box(0.12, 0.54, 0.88, 0.66), item.ink, "condensed")
    fit_text(panel, item.name, panel.box(0.2, 0.67, 0.8, 0.75), item.ink, "plain")


_STYLES = {"diagonal": _diagonal, "band": _band, "badge": _badge, "plain": _plain, "motif": _motif}


def _book_edges(draw: ImageDraw.ImageDraw, item: Item, panel: Panel) -> None:
    """The spine on the viewer's left, the pages on the right."""
    right = panel.left + panel.width
    thickness = (draw.im.size[0] - 2 * panel.width) / 2
    draw.rectangle((right, 0, right + thickness, panel.height), fill="#efe7d6")
    for line in range(0, int(thickness), 5):
        shade = "#d8cfbc" if line % 2 else "#c9bfaa"
        draw.line((right + line, 6, right + line, panel.height - 6), fill=shade)
    draw.rectangle((panel.left - thickness, 0, panel.left, panel.height), fill=item.accent)


def _back(image: Image.Image, item: Item) -> None:
    """Small print and bars, pasted half at each end so that they join at the seam."""
    width, height = image.size
    back = Image.new("RGB", (int(width * 0.2), int(height * 0.6)), "#fbfbf8")
    draw = ImageDraw.Draw(back)
    margin, line_px = back.width * 0.08, max(9, int(back.height * 0.035))
    small = font("plain", line_px)
    rows = [item.title, *(f"{key}: {value}" for key, value in item.attributes.items())]
    for index, row in enumerate([*rows, "Keep cool and dry.", "Made for fun in no country."]):
        draw.text((margin, margin + index * line_px * 1.35), row, "#333333", small)
    x, top = margin, back.height * 0.72
    for step in range(44):
        bar = 1.5 + (hash_of(item.product_id, step) % 4)
        if step % 2 == 0:
            draw.rectangle((x, top, x + bar, back.height - margin), fill="#111111")
        x += bar
    half, y = back.width // 2, int(height * 0.2)
    image.paste(back.crop((half, 0, back.width, back.height)), (0, y))
    image.paste(back.crop((0, 0, half, back.height)), (width - half, y))


def hash_of(text: str, step: int) -> int:
    """Return a small number that depends on the text and the step alone."""
    return sum((index + 3) * ord(letter) for index, letter in enumerate(text)) * (step + 7) // 3


def readable_on(colour: str) -> str:
    """Return near-white or near-black, whichever reads better on the colour."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    luminance = math.sqrt(0.299 * red**2 + 0.587 * green**2 + 0.114 * blue**2)
    return "#1d1a18" if luminance > 0.62 else "#fffaf2"
