"""Samples with times → 1 s slots without holes; and a slot's bytes → samples again.

Slot i covers media time [i, i + 1) s. What the source did not deliver is silence and counted; what
it delivered twice is trimmed. Pure numpy: no clock, no decoder.
"""

import io
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import BadEventError
from workers.events import AudioChunk

RATE_HZ = 16_000
PER_MS = RATE_HZ // 1_000
SLOT_MS = 1_000
_SLOT_SAMPLES = SLOT_MS * PER_MS
_TOLERANCE_MS = 40.0
"""Timestamps of containers are rounded; smaller steps are not worth a click in the sound."""

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class AudioSlot:
    """One slot's sound."""

    slot: int
    start_ms: int
    end_ms: int
    pcm: bytes
    """16-bit little-endian mono."""
    gap_ms: int
    last: bool = False


class AudioGrid:
    """Cuts one track into slots; a slot comes out once something after it is known."""

    def __init__(self) -> None:
        self._parts: deque[tuple[Samples, bool]] = deque()
        self._held = 0
        self._slot = 0
        self.trimmed_ms = 0.0
        self.gap_ms = 0.0

    @property
    def position_ms(self) -> float:
        """Media time up to which samples are known."""
        return self._slot * SLOT_MS + self._held / PER_MS

    def add(self, start_ms: float, samples: Samples) -> list[AudioSlot]:
        """Take samples of 16 kHz that begin at a media time; return the slots now complete."""
        step_ms = start_ms - self.position_ms
        if step_ms > _TOLERANCE_MS:
            self._fill(start_ms)
        elif step_ms < -_TOLERANCE_MS:
            repeated = min(round(-step_ms * PER_MS), len(samples))
            self.trimmed_ms += repeated / PER_MS
            samples = samples[repeated:]
        self._append(samples, is_gap=False)
        return self._complete()

    def fill_to(self, until_ms: float) -> list[AudioSlot]:
        """Say that the track is silent up to a media time; return the slots now complete."""
        self._fill(until_ms)
        return self._complete()

    def flush(self, end_ms: float) -> list[AudioSlot]:
        """End the track at a media time, or where its samples end; return the rest, `last` set."""
        slots = self.fill_to(end_ms)
        return [*slots, self._take(self._held, last=True)]

    def _fill(self, until_ms: float) -> None:
        missing = round((until_ms - self.position_ms) * PER_MS)
        if missing > 0:
            self.gap_ms += missing / PER_MS
            self._append(np.zeros(missing, dtype=np.int16), is_gap=True)

    def _append(self, samples: Samples, *, is_gap: bool) -> None:
        if len(samples):
            self._parts.append((samples, is_gap))
            self._held += len(samples)

    def _complete(self) -> list[AudioSlot]:
        slots = []
        # Strictly more than a slot: so the last slot of a track is never sent without `last`.
        while self._held > _SLOT_SAMPLES:
            slots.append(self._take(_SLOT_SAMPLES, last=False))
        return slots

    def _take(self, count: int, *, last: bool) -> AudioSlot:
        pieces: list[Samples] = []
        gap = 0
        wanted = count
        while wanted:
            samples, is_gap = self._parts.popleft()
            if len(samples) > wanted:
                self._parts.appendleft((samples[wanted:], is_gap))
                samples = samples[:wanted]
            pieces.append(samples)
            gap += len(samples) if is_gap else 0
            wanted -= len(samples)
        self._held -= count
        start_ms = self._slot * SLOT_MS
        pcm = np.concatenate(pieces).astype("<i2").tobytes() if pieces else b""
        slot = AudioSlot(
            slot=self._slot,
            start_ms=start_ms,
            end_ms=start_ms + -(-count // PER_MS),
            pcm=pcm,
            gap_ms=-(-gap // PER_MS),
            last=last,
        )
        self._slot += 1
        return slot


def samples_of(chunk: AudioChunk) -> Samples:
    """Return a chunk's sound as 16 kHz samples, exactly as many as its times say.

    Raises:
        BadEventError: The payload is not what `encoding` and `rate_hz` say.
    """
    if chunk.encoding == "pcm_s16le" and chunk.rate_hz == RATE_HZ:
        if len(chunk.payload) % 2:
            message = f"audio slot {chunk.slot}: {len(chunk.payload)} bytes are no 16-bit samples"
            raise BadEventError(message)
        samples: Samples = np.frombuffer(chunk.payload, dtype="<i2").astype(np.int16)
    elif chunk.encoding == "pcm_s16le":
        message = f"audio slot {chunk.slot}: {chunk.rate_hz} Hz PCM, only {RATE_HZ} Hz is read"
        raise BadEventError(message)
    else:
        samples = _decode(chunk)
    wanted = (chunk.end_ms - chunk.start_ms) * PER_MS
    return np.pad(samples[:wanted], (0, max(0, wanted - len(samples))))


def _decode(chunk: AudioChunk) -> Samples:
    import av

    try:
        with av.open(io.BytesIO(chunk.payload)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
            frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
            frames += resampler.resample(None)
    except (av.FFmpegError, IndexError, ValueError) as error:
        message = f"audio slot {chunk.slot}: the {chunk.encoding} payload does not decode: {error}"
        raise BadEventError(message) from error
    pieces = [frame.to_ndarray().reshape(-1) for frame in frames]
    return np.concatenate(pieces).astype(np.int16) if pieces else np.zeros(0, dtype=np.int16)
