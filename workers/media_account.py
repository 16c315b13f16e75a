"""One room's sound by double entry: received = transcribed + silent + dropped + pending, always.

Each slot's sound is entered when its chunk is taken and leaves `pending` when its transcript is
written. A slot counts once, whatever is doubled or replayed: so a room that is rebuilt from a
snapshot and the chunks after it arrives at the same sums. Pure; changed by one thread, and `sums`
may be read by any.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue, TypeAdapter

from workers.audio_grid import SLOT_MS
from workers.events import Accounting, AudioChunk, Transcript
from workers.media_sums import MediaSums
from workers.slot_ranges import SlotRanges

LATE = "late"
"""Its slot had been written, or bridged as a hole, when it came: its words only correct."""
REFUSED = "refused"
"""Its record is a dead letter."""
UNACCOUNTED = "unaccounted"
"""Its transcript does not say where it went: a fault of ours."""


@dataclass(frozen=True)
class _Waiting:
    """The sound of a slot without a transcript so far."""

    sound_ms: int
    reason: str = ""
    """Why it cannot become words; empty where it can."""


@dataclass(frozen=True)
class _Saved:
    """What a snapshot holds."""

    received_ms: int = 0
    transcribed_ms: int = 0
    silent_ms: int = 0
    dropped_by_ms: Mapping[str, int] | None = None
    slots: tuple[tuple[int, int], ...] = ()
    waiting: tuple[tuple[int, int, str], ...] = ()
    arrived: int = 0
    written: int = 0


_SAVED = TypeAdapter(_Saved)


class MediaAccount:
    """Where one room's sound went."""

    def __init__(self, snapshot: Mapping[str, JsonValue] | None = None) -> None:
        """Open an account, or one that `snapshot` returned."""
        saved = _SAVED.validate_python(snapshot or {})
        self._seen = SlotRanges(saved.slots)
        self._waiting = {slot: _Waiting(ms, reason) for slot, ms, reason in saved.waiting}
        self._arrived = saved.arrived
        self._written = saved.written
        self._sums = MediaSums(
            received_ms=saved.received_ms,
            transcribed_ms=saved.transcribed_ms,
            silent_ms=saved.silent_ms,
            dropped_by_ms=dict(saved.dropped_by_ms or {}),
            pending_ms=sum(one.sound_ms for one in self._waiting.values()),
        )
        self.version = 0
        """Rises with whatever a replay of the chunks that are still needed could not rebuild."""

    @property
    def sums(self) -> MediaSums:
        """The account at this moment."""
        return self._sums

    def snapshot(self) -> dict[str, JsonValue]:
        """The whole account; small, as slots are ranges and few are pending."""
        sums = self._sums
        return {
            "received_ms": sums.received_ms,
            "transcribed_ms": sums.transcribed_ms,
            "silent_ms": sums.silent_ms,
            "dropped_by_ms": dict(sums.dropped_by_ms),
            "slots": [[start, end] for start, end in self._seen.ranges],
            "waiting": [[slot, one.sound_ms, one.reason] for slot, one in self._waiting.items()],
            "arrived": self._arrived,
            "written": self._written,
        }

    def take(self, chunk: AudioChunk) -> None:
        """Enter a chunk that the room's machine has taken."""
        is_late = chunk.slot < max(self._arrived, self._written)
        self._enter(chunk, LATE if is_late else "")
        self._arrived = max(self._arrived, chunk.slot + 1)

    def refuse(self, chunk: AudioChunk) -> None:
        """Enter a chunk that the room's machine cannot use; a good one may yet take its place."""
        self._enter(chunk, REFUSED)

    def settle(self, transcript: Transcript) -> None:
        """Enter what a transcript says of its slot; the first one of a slot counts."""
        slot = transcript.slot
        if slot < self._written or transcript.revision:
            return
        # A refused chunk before a long hole has no transcript of its own.
        for skipped in sorted(one for one in self._waiting if one < slot):
            self._drop(skipped)
        accounting = transcript.accounting
        # Not for a hole: a chunk that comes too late for it has sound yet to be entered.
        if accounting.received_ms and self._seen.add(slot):
            self._receive(slot, _Waiting(accounting.received_ms))
        waiting = self._waiting.pop(slot, _Waiting(0))
        for part, ms in _shares(accounting, waiting):
            self._book(part, ms)
        self._written = slot + 1
        self.version += 1

    def close(self) -> None:
        """End the account: what is pending now was never written."""
        for slot in sorted(self._waiting):
            self._drop(slot)

    def _enter(self, chunk: AudioChunk, reason: str) -> None:
        slot = chunk.slot
        # Times that are nonsense are a reason to refuse a chunk: it says at most one slot.
        sound_ms = min(SLOT_MS, max(0, chunk.end_ms - chunk.start_ms - chunk.gap_ms))
        before = self._waiting.get(slot)
        is_mended = before is not None and before.reason == REFUSED and not reason
        if not is_mended and not self._seen.add(slot):
            return
        self._receive(slot, _Waiting(sound_ms, reason))
        if slot < self._written:
            self._drop(slot)
        self.version += 1 if reason else 0

    def _receive(self, slot: int, waiting: _Waiting) -> None:
        before = self._waiting.get(slot, _Waiting(0))
        self._waiting[slot] = waiting
        ms = waiting.sound_ms - before.sound_ms
        self._move(received_ms=ms, pending_ms=ms)

    def _drop(self, slot: int) -> None:
        waiting = self._waiting.pop(slot)
        self._book(waiting.reason or UNACCOUNTED, waiting.sound_ms)
        self.version += 1

    def _book(self, part: str, ms: int) -> None:
        """Move sound from `pending` to a part: a field of the sums, or a reason."""
        if not ms:
            return
        if part in {"transcribed_ms", "silent_ms"}:
            self._move(**{part: ms}, pending_ms=-ms)
            return
        dropped = dict(self._sums.dropped_by_ms)
        dropped[part] = dropped.get(part, 0) + ms
        self._sums = replace(
            self._sums, dropped_by_ms=dropped, pending_ms=self._sums.pending_ms - ms
        )

    def _move(self, **by_ms: int) -> None:
        # Replaced at once: another thread never sees half an entry.
        changed = {name: getattr(self._sums, name) + ms for name, ms in by_ms.items()}
        self._sums = replace(self._sums, **changed)


def _shares(accounting: Accounting, waiting: _Waiting) -> Iterator[tuple[str, int]]:
    """Divide a slot's sound as its transcript says, no more than was received, and the rest."""
    left_ms = waiting.sound_ms
    named_ms = sum(accounting.dropped_by_ms.values())
    unnamed = {"unnamed": accounting.dropped_ms - named_ms}
    parts = {"transcribed_ms": accounting.transcribed_ms, "silent_ms": accounting.silent_ms}
    for part, said_ms in (parts | accounting.dropped_by_ms | unnamed).items():
        ms = min(left_ms, max(0, said_ms))
        left_ms -= ms
        yield part, ms
    yield waiting.reason or UNACCOUNTED, left_ms
