"""What comes between the camera and a product: a sheet of notes, or an arm across it."""

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from workers.rooms.hands import Layer, draw_arm

_HIGH_PX = 400
_PAPERS = ("#f4f1e8", "#e9eef2", "#d8c7a4", "#cfd8c9")


@dataclass(frozen=True)
class Covers:
    """One host's sheet and arm."""

    sheet: Image.Image
    arm: Image.Image

    def over(self, share: float, slim: float, *, by_arm: bool) -> Layer:
        """Return the layer that hides a share of a product.

        Args:
            share: of its width by the sheet, of its height by the arm, from 0 to 1.
            slim: the product's width, in heights of it.
            by_arm: the arm, not the sheet.
        """
        if by_arm:
            # The sleeve falls away to the right, so the drawing is higher than the hand is.
            high = share * 2.0
            wide = high * self.arm.width / self.arm.height
            # The fingers end a little beyond the far side.
            return Layer(self.arm, wide / 2 - 0.62 * slim, 0.25 * high, high)
        high = 1.25
        wide = high * self.sheet.width / self.sheet.height
        return Layer(self.sheet, slim / 2 - share * slim + wide / 2, 0.05, high)


def draw_covers(draw: random.Random) -> Covers:
    """Return what a host holds before goods."""
    return Covers(_sheet(draw), draw_arm(draw))


def _sheet(draw: random.Random) -> Image.Image:
    """A sheet with lines of writing that nobody can read, slightly turned."""
    wide = round(_HIGH_PX * draw.uniform(0.7, 0.95))
    paper = Image.new("RGBA", (wide, _HIGH_PX), draw.choice(_PAPERS))
    pen = ImageDraw.Draw(paper)
    for y in range(40, _HIGH_PX - 30, 24):
        x = 30
        while x < wide - 60:
            word = draw.randint(14, 52)
            pen.line((x, y, min(wide - 30, x + word), y), fill="#5b6270", width=5)
            x += word + 12
    turned = paper.rotate(draw.uniform(-9, 9), Image.Resampling.BICUBIC, expand=True)
    return turned.filter(ImageFilter.GaussianBlur(1.5))
