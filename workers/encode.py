"""Clips to vectors: the one place where events become samples and vectors become events.

In: clips with JPEGs and words. Out: a `Vector` event for every clip, empty where nothing was there
to encode; of a clip that has pictures and words, also what each of them alone would be. None for a
clip of pictures alone that comes again with its words, where the stage is behind. A picture that
cannot be decoded costs itself, not its clip.
"""

import logging
from collections.abc import Sequence

import numpy as np
from PIL import Image

from models import sounds
from models.apart import Apart
from models.batch import Sample
from models.errors import BadEventError, InputError
from workers import images
from workers.clip import Clip
from workers.encoding import Encodes, Floats
from workers.events import ClipText, FrameRef, Modality, Sense, StreamEvent, Vector
from workers.frame_pictures import FRAME_LIMITS
from workers.images import ImageLimits
from workers.machine import Outcome

logger = logging.getLogger(__name__)


def clip_text(text: ClipText) -> tuple[str | None, Modality]:
    """Return what the text branch reads, and which modality that is.

    A summary's product name and attributes if there is a name, or else the words that were heard.
    """
    if text.product_name and text.product_name.strip():
        return " ".join([text.product_name, *text.attributes]), "summary"
    return text.transcript.strip() or None, "transcript"


class ClipEncoder:
    """Encodes clips of many rooms together. Not for several threads at once."""

    def __init__(self, encoder: Encodes, limits: ImageLimits = FRAME_LIMITS) -> None:
        self._encoder = encoder
        self._limits = limits
        self.damaged = 0
        """Pictures that could not be decoded since the start."""

    def process(self, jobs: Sequence[Clip]) -> list[Outcome]:
        """Return one `Vector` for every clip; none for an early one where work is left out."""
        wanted = [clip for clip in jobs if not clip.is_left_out]
        vectors = iter(self._encoded(wanted) if wanted else [])
        return [[] if clip.is_left_out else [next(vectors)] for clip in jobs]

    def _encoded(self, jobs: Sequence[Clip]) -> list[Vector]:
        pictures = [self._pictures(clip) for clip in jobs]
        samples = [
            Sample("live", tuple(image for _, image in shown), clip_text(clip.text)[0])
            for clip, shown in zip(jobs, pictures, strict=True)
        ]
        apart = self._encoder.encode_apart(samples)
        return [
            self._event(clip, [ref for ref, _ in shown], Apart(*rows))
            for clip, shown, *rows in zip(jobs, pictures, *apart, strict=True)
        ]

    def empty(self, job: Clip, error: BadEventError) -> list[StreamEvent]:
        """Return a vector event that says that nothing is known of this clip."""
        logger.warning("clip %s/%d gets no vector: %s", job.stream_id, job.slot, error)
        return [self._event(job, [], None)]

    def _pictures(self, clip: Clip) -> list[tuple[FrameRef, Image.Image]]:
        shown: list[tuple[FrameRef, Image.Image]] = []
        decoded: dict[bytes, Image.Image] = {}
        for ref, data in clip.frames:
            try:
                # A picture that stands for several slots is decoded once.
                if data not in decoded:
                    decoded[data] = images.decode(data, self._limits)
                shown.append((ref, decoded[data]))
            except InputError as error:
                self.damaged += 1
                logger.warning("frame %d of %s is left out: %s", ref.slot, clip.stream_id, error)
        return shown

    def _event(self, clip: Clip, refs: list[FrameRef], vectors: Apart | None) -> Vector:
        text, modality = clip_text(clip.text)
        present: tuple[Modality, ...] = ("frames",) if refs else ()
        if text is not None:
            present = (*present, modality)
        if vectors is None or not np.any(vectors.fused):
            vectors, present = None, ()
        alone = _alone(vectors) if vectors is not None and len(present) > 1 else {}
        rows = [] if vectors is None else [vectors.fused, *alone.values()]
        return Vector(
            stream_id=clip.stream_id,
            slot=clip.slot,
            start_ms=clip.start_ms,
            end_ms=clip.end_ms,
            watermark_ms=clip.watermark_ms,
            last=clip.last,
            revision=clip.revision,
            present=present,
            alone=tuple(alone),
            dim=len(rows[0]) if rows else 0,
            fingerprint=self._encoder.fingerprint,
            frames=tuple(refs),
            text=clip.text,
            load_rung=clip.load_rung,
            early=clip.early,
            # Of the words themselves: a summary, which the vector is made of, may have mended them.
            terms=sounds.heard(clip.text.transcript),
            payload=b"".join(row.astype("<f4").tobytes() for row in rows),
        )


def _alone(vectors: Apart) -> dict[Sense, Floats]:
    found: dict[Sense, Floats] = {"vision": vectors.vision, "speech": vectors.speech}
    # A weight of 0 leaves nothing of a part alone.
    return {sense: row for sense, row in found.items() if np.any(row)}
