"""The bytes of a frame's picture, whether they travel with the frame or lie elsewhere."""

import hashlib

from models.errors import InputError
from workers import images
from workers.events import Frame
from workers.images import ImageLimits, ImageSource

FRAME_LIMITS = ImageLimits(max_pixels=8_000_000, max_bytes=4_000_000)
"""Frames have a long side of at most 1,280 px by our own ingest; this leaves room for others."""


def bytes_of(frame: Frame, source: ImageSource) -> bytes:
    """Return the frame's picture, not yet decoded.

    Args:
        frame: a frame that was kept.
        source: where a claim check may point to.

    Raises:
        InputError: there is none, it is another one than the frame means, or it is not allowed.
        TransientError: the network or server may do better later.
    """
    if frame.payload:
        return frame.payload
    if frame.ref is None:
        message = "it has neither bytes nor a place where they lie"
        raise InputError(message)
    data = images.read(frame.ref, source)
    if frame.sha256 is not None and hashlib.sha256(data).hexdigest() != frame.sha256:
        message = "what lies where its claim check points is another picture"
        raise InputError(message)
    return data
