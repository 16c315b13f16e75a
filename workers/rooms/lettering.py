"""Letters on labels: faces, panels, and text that is as large as its box allows.

Only Pillow is needed, and fonts of Debian under free licences; see `FACES`.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from models.errors import InputError

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Faces:
    """The font files of a label's three kinds of text, and the package that has them."""

    brand: str
    heading: str
    plain: str
    package: str


_LATO = ("Lato-Bold.ttf", "Lato-Regular.ttf")
FACES = {
    "sans": Faces("DejaVuSans-Bold.ttf", "DejaVuSansCondensed-Bold.ttf",
                  "DejaVuSansCondensed.ttf", "fonts-dejavu"),
    "serif": Faces("DejaVuSerif-Bold.ttf", "DejaVuSansCondensed-Bold.ttf",
                   "DejaVuSansCondensed.ttf", "fonts-dejavu"),
    "condensed": Faces("DejaVuSansCondensed-Bold.ttf", "DejaVuSansCondensed-Bold.ttf",
                       "DejaVuSansCondensed.ttf", "fonts-dejavu"),
    "lato": Faces("Lato-Black.ttf", *_LATO, "fonts-lato"),
    "italic": Faces("Lato-BlackItalic.ttf", "Lato-BoldItalic.ttf", "Lato-Regular.ttf",
                    "fonts-lato"),
    "script": Faces("lobster.otf", *_LATO, "fonts-lobster fonts-lato"),
    "hand": Faces("DancingScript-Bold.otf", *_LATO, "fonts-dancingscript fonts-lato"),
    "poster": Faces("BebasNeue-Bold.otf", "BebasNeue-Bold.otf", "Lato-Regular.ttf",
                    "fonts-bebas-neue fonts-lato"),
    "round": Faces("Comfortaa-Bold.ttf", "Quicksand-Bold.ttf", "Quicksand-Medium.ttf",
                   "fonts-comfortaa fonts-quicksand"),
    "garamond": Faces("EBGaramond12-Bold.otf", "EBGaramond12-Bold.otf", "EBGaramond12-Regular.otf",
                      "fonts-ebgaramond"),
    "slab": Faces("RobotoSlab-Bold.otf", "RobotoSlab-Bold.otf", "RobotoSlab-Regular.otf",
                  "fonts-roboto-slab"),
    "spartan": Faces("LeagueSpartan-ExtraBold.otf", "LeagueSpartan-SemiBold.otf",
                     "LeagueSpartan-Regular.otf", "fonts-league-spartan"),
    "kaffee": Faces("YanoneKaffeesatz-Bold.otf", "YanoneKaffeesatz-Bold.otf",
                    "YanoneKaffeesatz-Regular.otf", "fonts-yanone-kaffeesatz"),
}  # fmt: skip
"""Typefaces by their name in the catalogue (DejaVu: free licence of its own; the rest: OFL-1.1,
Roboto Slab: Apache-2.0)."""


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

    def write(self, text: str, box: Box, fill: str, file: str) -> None:
        """Write text as large as a box (shares of the panel) allows."""
        fit_text(self.draw, text, self.box(*box), fill, file)


@lru_cache(maxsize=512)
def font(file: str, size_px: int) -> ImageFont.FreeTypeFont:
    """Return a font file of `FACES` at a size.

    Raises:
        InputError: the font is not installed.
    """
    try:
        return ImageFont.truetype(file, size_px)
    except OSError as error:
        needed = next(
            (f.package for f in FACES.values() if file in {f.brand, f.heading, f.plain}), file
        )
        message = f"font {file} is missing; install it (Debian packages {needed}) and run again"
        raise InputError(message) from error


def fit_text(draw: ImageDraw.ImageDraw, text: str, box: Box, fill: str, file: str) -> None:
    """Write text as large as the box allows, in one line or two, centred."""
    x0, y0, x1, y1 = box
    lines = broken(text, x1 - x0, y1 - y0)
    size_px = max(8, int((y1 - y0) / (len(lines) * 1.12)))
    while size_px > 8 and max(font(file, size_px).getlength(line) for line in lines) > x1 - x0:
        size_px -= 1
    chosen = font(file, size_px)
    step = size_px * 1.12
    middle = (y0 + y1) / 2 - step * (len(lines) - 1) / 2
    for index, line in enumerate(lines):
        draw.text(((x0 + x1) / 2, middle + index * step), line, fill, chosen, anchor="mm")


def broken(text: str, width: float, height: float) -> list[str]:
    """Return text in one line, or in two where the box is too tall for it in one."""
    words = text.split()
    if len(words) < 2 or width / max(len(text), 1) > 0.42 * height:
        return [text]
    cuts = [[" ".join(words[:at]), " ".join(words[at:])] for at in range(1, len(words))]
    return min(cuts, key=lambda pair: max(len(pair[0]), len(pair[1])))


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the three values of a colour such as `#ff8800`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share of another mixed into it."""
    pairs = zip(rgb(colour), rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Return how light a colour looks, from 0 to 1."""
    red, green, blue = (value / 255 for value in rgb(colour))
    return math.sqrt(0.299 * red**2 + 0.587 * green**2 + 0.114 * blue**2)


def readable_on(colour: str) -> str:
    """Return near-white or near-black, whichever reads better on the colour."""
    return "#1d1a18" if luminance(colour) > 0.62 else "#fffaf2"
