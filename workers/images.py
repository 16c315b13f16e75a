"""Pictures of strangers, checked before they are decoded.

In: bytes, a path, or a URL. Out: an RGB picture. The kind is told by the first bytes and must be
JPEG, PNG or WebP; the size is read from the header, so that a picture that would fill the memory
is refused while it is still a few kilobytes. `Image.open` is not used: it tries every format that
Pillow knows, and it speaks of large pictures through warnings, which are global to the process.
"""

import io
import struct
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from models.errors import InputError
from models.pictures import on_white
from workers.image_fetch import FetchOptions, fetch

_KINDS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WebP": WebPImageFile,
}
# What Pillow's decoders are known to raise on damaged files.
_DECODER_ERRORS = (OSError, SyntaxError, ValueError, struct.error, IndexError, EOFError)
_LONGEST_NAME = 200


@dataclass(frozen=True)
class ImageLimits:
    """What is decoded at all."""

    max_pixels: int = 40_000_000
    """Width times height."""
    max_bytes: int = 20_000_000
    """Of the file."""
    min_side_px: int = 8
    """A shorter side shows nothing."""


DEFAULT = ImageLimits()


def decode(data: bytes, limits: ImageLimits = DEFAULT) -> Image.Image:
    """Return the picture, upright and in RGB; what is transparent becomes white.

    Raises:
        InputError: it is of another kind, too large, too small, or damaged.
    """
    if len(data) > limits.max_bytes:
        message = f"the picture has {len(data):,} bytes; the limit is {limits.max_bytes:,}"
        raise InputError(message)
    kind = kind_of(data)
    try:
        if kind == "WebP":
            # Pillow's WebP reader makes room for the whole picture as soon as it is opened.
            _check_size(*_webp_size(data), limits)
        picture = _KINDS[kind](io.BytesIO(data))
        _check_size(*picture.size, limits)
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        return on_white(upright)
    except _DECODER_ERRORS as error:
        message = f"the {kind} picture is damaged: {error}"
        raise InputError(message) from error


def kind_of(data: bytes) -> str:
    """Return `JPEG`, `PNG` or `WebP`.

    Raises:
        InputError: it is none of them.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    message = f"not a JPEG, PNG or WebP picture: it starts with {data[:8].hex(' ') or 'nothing'}"
    raise InputError(message)


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    if width * height > limits.max_pixels:
        message = (
            f"the picture is {width:,} × {height:,}, which is {width * height / 1e6:.1f} "
            f"megapixels; the limit is {limits.max_pixels / 1e6:g}"
        )
        raise InputError(message)
    if min(width, height) < limits.min_side_px:
        message = f"the picture is {width} × {height}; a side must have {limits.min_side_px} px"
        raise InputError(message)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Read the size from the first chunk (RFC 9649, sections 2.5 to 2.7)."""
    chunk, body = data[12:16], data[20:30]
    if chunk == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if chunk == b"VP8L" and body[:1] == b"\x2f":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    message = f"unknown first chunk {chunk!r}"
    raise ValueError(message)


@dataclass(frozen=True)
class ImageSource:
    """Where a catalogue's pictures may come from."""

    local: bool = True
    """Whether paths of this machine are read; a catalogue that others feed should not."""
    limits: ImageLimits = DEFAULT
    """What is decoded at all."""
    fetch: FetchOptions = field(default_factory=FetchOptions)
    """How URLs are fetched."""


def is_url(name: str) -> bool:
    """Whether a catalogue's image is a URL rather than a path."""
    return "://" in name


def read(name: str, source: ImageSource) -> bytes:
    """Return the bytes of a picture named by path or URL, not yet decoded.

    Raises:
        InputError: it is absent, too large, or not allowed.
        TransientError: the network or server may do better later.
    """
    shown = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    if is_url(name):
        return fetch(name, source.limits.max_bytes, source.fetch)
    if not source.local:
        message = f"image {shown!r} is a path of this machine, which is not allowed here"
        raise InputError(message)
    path = Path(name)
    try:
        # A device or pipe named in a catalogue would be read for ever.
        if not path.is_file():
            message = f"image {shown!r} is no file"
            raise InputError(message)
        size_bytes = path.stat().st_size
        if size_bytes > source.limits.max_bytes:
            message = (
                f"image {shown!r} has {size_bytes:,} bytes; the limit is "
                f"{source.limits.max_bytes:,}"
            )
            raise InputError(message)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        message = f"image {shown!r} cannot be read: {error}"
        raise InputError(message) from error
