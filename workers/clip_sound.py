"""The sound of a manifest's clips: a media file is decoded as live, and a stretch of it is cut out.

In: a file, and a time in it. Out: 16 kHz mono samples, or the slots of a room that is nothing but
this clip. A file is decoded once for clips that follow one another.
"""

from pathlib import Path

import numpy as np

from models.errors import BadEventError, InputError
from workers.audio_grid import PER_MS, SLOT_MS, Samples, samples_of
from workers.events import AudioChunk
from workers.media import MediaReport, open_source
from workers.media_wire import MediaOptions

_SLOT_SAMPLES = SLOT_MS * PER_MS


def decoded(path: Path) -> Samples:
    """Return the whole sound of a file, decoded by the live path's child; pictures are left alone.

    What comes before damage is returned, as a live room would keep it.

    Raises:
        InputError: the file cannot be read, or nothing of it is sound.
    """
    reason = "it has no sound"
    parts: list[Samples] = []
    with open_source(str(path), MediaOptions(sound_only=True)) as source:
        for event in source.read("clip"):
            if isinstance(event, AudioChunk):
                parts.append(_samples(event, path))
            elif isinstance(event, MediaReport) and event.status == "failed":
                reason = event.reason
    sound = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
    if not len(sound):
        message = f"{path}: {reason}"
        raise InputError(message)
    return sound


class ClipSounds:
    """Cuts clips out of files; keeps the sound of the last file, or why it cannot be read."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._sound: Samples | InputError = InputError("no file was read")
        self.files_read = 0
        """Readable or not, so far."""

    def cut(self, path: Path, start_ms: int | None, end_ms: int | None) -> Samples:
        """Return the sound from one time of a file to another.

        Args:
            path: of the file.
            start_ms: none: from its beginning.
            end_ms: exclusive; none, or after the file's end: to its end.

        Raises:
            InputError: the file cannot be read, or the clip is not in it.
        """
        if path != self._path:
            self._path = path
            self.files_read += 1
            try:
                self._sound = decoded(path)
            except InputError as error:
                self._sound = error
        if isinstance(self._sound, InputError):
            raise InputError(str(self._sound)) from self._sound
        length_ms = len(self._sound) // PER_MS
        from_ms, to_ms = start_ms or 0, length_ms if end_ms is None else end_ms
        part = self._sound[from_ms * PER_MS : to_ms * PER_MS]
        if not len(part):
            message = f"{path}: no sound from {from_ms} to {to_ms} ms, it has {length_ms} ms"
            raise InputError(message)
        return part


def chunks_of(samples: Samples, stream_id: str) -> list[AudioChunk]:
    """Return sound as the audio slots of a room, the last one shorter and of whole milliseconds."""
    count = max(1, -(-len(samples) // _SLOT_SAMPLES))
    return [
        _chunk(
            samples[slot * _SLOT_SAMPLES :][:_SLOT_SAMPLES], stream_id, slot, last=slot == count - 1
        )
        for slot in range(count)
    ]


def _chunk(part: Samples, stream_id: str, slot: int, *, last: bool) -> AudioChunk:
    length_ms = len(part) // PER_MS
    return AudioChunk(
        stream_id=stream_id,
        slot=slot,
        start_ms=slot * SLOT_MS,
        end_ms=slot * SLOT_MS + length_ms,
        watermark_ms=slot * SLOT_MS + length_ms,
        last=last,
        payload=part[: length_ms * PER_MS].astype("<i2").tobytes(),
    )


def _samples(chunk: AudioChunk, path: Path) -> Samples:
    try:
        return samples_of(chunk)
    except BadEventError as error:
        message = f"{path}: {error}"
        raise InputError(message) from error
