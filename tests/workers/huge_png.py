"""A picture that is small on disk and huge in memory."""

import struct
import zlib


def huge_png(side_px: int = 14_000) -> bytes:
    """Return a valid black PNG; of the default size it is 24 kB, and 196 MB when decoded."""
    rows = zlib.compress(bytes((side_px + 7) // 8 + 1) * side_px)
    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )
