"""Pictures of a training set: files of one's own, read as the live path reads a stranger's.

In: a path. Out: an upright RGB picture, white where it was transparent; the pixels are those that
`workers.images` gives for the same file, and a test holds them equal.
"""

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from models.errors import InputError


def open_picture(path: Path) -> Image.Image:
    """Return the picture.

    Raises:
        InputError: it is absent or no picture.
    """
    try:
        with Image.open(path) as file:
            file.load()
            return on_white(ImageOps.exif_transpose(file))
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        message = f"the picture {path} cannot be read: {error}"
        raise InputError(message) from error


def on_white(picture: Image.Image) -> Image.Image:
    """Return an RGB picture; what is transparent becomes white."""
    if picture.mode == "RGB":
        return picture
    if picture.mode in {"I", "F"} or picture.mode.startswith("I;16"):
        # Sixteen-bit grey: Pillow would cut it off at 255 instead of scaling it.
        return picture.point(lambda value: value / 257).convert("L").convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    board = Image.new("RGB", picture.size, (255, 255, 255))
    layer = picture.convert("RGBA")
    board.paste(layer, mask=layer.getchannel("A"))
    return board
