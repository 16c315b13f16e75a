"""Draws a product's label as one picture that wraps once around its shape.

In comes an `Item`, out goes an RGB image: the front panel in the middle, the small print at the two
ends (the back).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from workers.rooms.label_styles import DEFAULT_FACES, STYLES
from workers.rooms.lettering import FACES, Faces, Panel, font, luminance, readable_on
from workers.rooms.products import Item
from workers.rooms.shapes import label_size

_PIXELS_PER_DM = 330
_CLOTH = frozenset({"tshirt", "tote", "cushion", "mitt", "beanie", "cap", "roll", "towel", "socks"})
_NO_BACK = _CLOTH | {"mug", "bowl", "flask", "ball", "case", "board"}
"""Shapes whose label has no small print."""

_INSETS = {
    "snack": (0.085, 0.085), "bar": (0.06, 0.06), "sack": (0.02, 0.04), "bowl": (0.02, 0.38),
    "ball": (0.13, 0.15),
}  # fmt: skip
"""Shares of the label's height above and below what is drawn: seams, and what bends away."""
_FRONTS = {"mitt": (0.03, 0.67)}
"""Where the drawn front begins and ends across a cut sheet, as shares, if not at its edges."""


def faces_of(item: Item) -> Faces:
    """Return the typefaces of an item's label."""
    return FACES[item.font or DEFAULT_FACES.get(item.style, "lato")]


def draw_label(item: Item) -> Image.Image:
    """Return the whole label of an item."""
    around, height, front = label_size(item.shape, item.tall)
    above, below = _INSETS.get(item.shape, (0.0, 0.0))
    width_px = round(around * _PIXELS_PER_DM)
    height_px = round(height * _PIXELS_PER_DM * (1 - above - below))
    image = Image.new("RGB", (width_px, height_px), item.base)
    draw = ImageDraw.Draw(image)
    left, right = _FRONTS.get(item.shape, ((1 - front) / 2, (1 + front) / 2))
    panel = Panel(draw, image, left * width_px, 0, (right - left) * width_px, height_px)
    faces = faces_of(item)
    STYLES[item.style](panel, item, faces, width_px)
    if item.shape == "book":
        _book_edges(draw, item, panel)
    elif item.shape not in _NO_BACK:
        _fine_print(panel, item, faces)
        _back(image, item, faces)
    full_px = height_px / (1 - above - below)
    edges = (round(above * full_px), round(below * full_px))
    return _printed(np.pad(np.asarray(image), (edges, (0, 0), (0, 0)), mode="edge"), item)


def _printed(drawn: NDArray[np.uint8], item: Item) -> Image.Image:
    """Ink is never quite even: a slow drift of tone, and the paper's or cloth's grain."""
    height, width = drawn.shape[:2]
    tone = np.linspace(1.015, 0.975, height, dtype=np.float32)[:, None, None]
    seed = [hash_of(item.product_id, 1), width, height]
    grain = np.random.default_rng(seed).standard_normal((height, width, 1)).astype(np.float32)
    strength = 5.0 if item.shape in _CLOTH else 1.6
    values = drawn.astype(np.float32) * tone + grain * strength
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _fine_print(panel: Panel, item: Item, faces: Faces) -> None:
    """One line of what packs must say, along the lower edge beside the front."""
    if panel.height < 300:
        return
    claims = [value for key, value in item.attributes.items() if key not in {"colour", "size"}]
    size_px = max(9, int(panel.height * 0.019))
    left = panel.left + panel.width * 1.06
    for index, text in enumerate([f"e {item.size}", *claims[1:4]]):
        colour = readable_on(_at(panel, left + 4, panel.height * 0.3))
        y = panel.height * (0.3 + 0.035 * index)
        panel.draw.text((left, y), text, colour, font(faces.plain, size_px))


def _at(panel: Panel, x: float, y: float) -> str:
    spot = panel.image.getpixel((min(int(x), panel.image.width - 1), int(y)))
    red, green, blue = spot if isinstance(spot, tuple) else (128, 128, 128)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _book_edges(draw: ImageDraw.ImageDraw, item: Item, panel: Panel) -> None:
    """The spine on the viewer's left, the pages on the right."""
    right = panel.left + panel.width
    thickness = (panel.image.width - 2 * panel.width) / 2
    draw.rectangle((right, 0, right + thickness, panel.height), fill="#efe7d6")
    for line in range(0, int(thickness), 5):
        shade = "#d8cfbc" if line % 2 else "#c9bfaa"
        draw.line((right + line, 6, right + line, panel.height - 6), fill=shade)
    draw.rectangle((panel.left - thickness, 0, panel.left, panel.height), fill=item.accent)
    # The joint beside the spine is where a hardback folds.
    joint = panel.left + panel.width * 0.045
    shade = "#000000" if luminance(item.base) > 0.4 else "#ffffff"
    strip = Image.new("RGB", (max(2, int(panel.width * 0.012)), int(panel.height)), shade)
    mask = Image.new("L", strip.size, 40)
    panel.image.paste(strip, (int(joint), 0), mask)


def _back(image: Image.Image, item: Item, faces: Faces) -> None:
    """Small print and bars, pasted half at each end so that they join at the seam."""
    width, height = image.size
    back = Image.new("RGB", (int(width * 0.2), int(height * 0.6)), "#fbfbf8")
    draw = ImageDraw.Draw(back)
    margin, line_px = back.width * 0.08, max(9, int(back.height * 0.035))
    small = font(faces.plain, line_px)
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
