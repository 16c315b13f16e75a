"""Audio chunks of one room → utterances: stretches of speech that end in a pause.

The machine of the ASR stage. It looks at the room once for every slot that arrives, and what it
cuts depends on nothing but the audio since the last cut: so a restarted one cuts the same. While an
utterance grows, the sound so far is a job of its own each hop, so that its words need not wait.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import JsonValue

from models.errors import BadEventError, SettingsError
from workers.audio_grid import PER_MS, SLOT_MS, Samples, samples_of
from workers.events import AudioChunk, GridEvent, LoadRung
from workers.ladder import is_down_to
from workers.late_sound import LateSound
from workers.passes import is_due, settled_until_ms
from workers.quiet import cut_spot
from workers.slot_order import SlotOrder

WHISPER_MS = 30_000
"""The longest window that a Whisper model takes."""


@dataclass(frozen=True)
class UtteranceOptions:
    """How speech is cut."""

    min_ms: int = 7_000
    """An utterance is cut at a pause once it is this long; no shorter one but at a room's end."""
    max_ms: int = 15_000
    """An utterance without a pause is cut at its quietest spot; Whisper's window must hold it."""
    hop_ms: int = 2_000
    """While an utterance grows, it is heard again each time it is this much longer; 0: only whole
    utterances are heard."""
    lateness_ms: int = 0
    """How long, in media time, a missing slot is waited for before silence takes its place; while
    none is missing nothing waits."""
    correct_ms: int = 0
    """How long, in media time, sound that comes after that is heard by itself; 0: never."""
    longest_gap_ms: int = 600_000
    """A longer hole in the slots is skipped: no transcripts of silence are written for it."""

    def __post_init__(self) -> None:
        if not SLOT_MS <= self.min_ms <= self.max_ms <= WHISPER_MS:
            lengths = f"{self.min_ms} to {self.max_ms} ms"
            limits = f"{SLOT_MS} to {WHISPER_MS} ms"
            message = f"utterances of {lengths} cannot be cut: lengths must lie within {limits}"
            raise SettingsError(message)
        if self.hop_ms and self.hop_ms < SLOT_MS:
            message = f"a hop of {self.hop_ms} ms is not to be had: 0 or at least {SLOT_MS} ms"
            raise SettingsError(message)


@dataclass(frozen=True)
class HeardSlot:
    """One audio slot that an utterance completes."""

    slot: int
    start_ms: int
    end_ms: int
    gap_ms: int = 0
    """How much of it never arrived."""


@dataclass(frozen=True)
class Utterance:
    """A stretch of one room's sound, to be transcribed as one, or the part of it that is there."""

    stream_id: str
    start_ms: int
    end_ms: int
    samples: Samples
    """16 kHz, mono, 16 bit; none where the room ends without sound."""
    slots: tuple[HeardSlot, ...]
    """Never empty; the last one may end before the utterance does."""
    last: bool
    language: str | None
    hotwords: str
    """Words to expect, most important first; empty for none."""
    is_growing: bool = False
    """Whether it is not cut yet: slots and sound are those so far."""
    hop: int = 0
    """How many jobs of this utterance came before this one; the first one starts afresh."""
    sure_ms: int = 0
    """While it grows: media time before which it will not be cut."""
    settled_ms: int = 0
    """While it grows: media time before which words stand although passes differ."""
    rung: LoadRung = "full"
    """What is left out of it because work fell behind."""
    revision: int = 0
    """Above 0: sound that came late, by itself, and how often its first slot was heard so."""


class Utterances:
    """One room's machine.

    What it cuts, and when it lets an utterance be heard while it grows, depends on nothing but the
    audio since the last cut. The load alone may hold back a job of a growing one; cuts stay.
    """

    def __init__(
        self,
        stream_id: str,
        options: UtteranceOptions,
        hotwords: Callable[[str, int], str],
        language: Callable[[str], str | None],
        snapshot: Mapping[str, JsonValue] | None = None,
        rung: Callable[[str], LoadRung] = lambda _: "full",
    ) -> None:
        """Start at the room's beginning or at a snapshot.

        Args:
            stream_id: The room.
            options: How to cut.
            hotwords: Room and media time in ms → words to expect.
            language: Room → its language code, or none.
            snapshot: What `snapshot` returned.
            rung: Room → what is left out now because work fell behind.
        """
        state = snapshot or {}
        self._stream_id = stream_id
        self._options = options
        self._hotwords = hotwords
        self._language = language
        self._rung = rung
        self._cut_ms = _number(state, "cut_ms")
        self._done = bool(state.get("done"))
        self._arriving = _number(state, "next_slot")
        self._order = SlotOrder[tuple[HeardSlot, Samples, bool]](options.lateness_ms // SLOT_MS)
        self._late = LateSound(options.correct_ms, options.max_ms, state.get("holes"))
        self._slots: list[HeardSlot] = []
        self._samples: Samples = np.zeros(0, dtype=np.int16)
        self._looked = 0
        self._heard_ms = 0
        self._hops = 0

    @property
    def needed_from_ms(self) -> int:
        """Chunks that end at or before this media time are never needed again."""
        return self._cut_ms

    @property
    def done(self) -> bool:
        """Whether the room has ended here."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """Where the last cut was, which slot is written next, and which may still be filled."""
        next_slot = self._slots[0].slot if self._slots else self._arriving
        told = {"cut_ms": self._cut_ms, "next_slot": next_slot, "done": self._done}
        return {**told, "holes": [*self._late.holes]}

    def push(self, event: GridEvent) -> Sequence[Utterance]:
        """Take a chunk; return the utterances that it completes."""
        if not isinstance(event, AudioChunk):
            message = f"{event.kind} event {event.slot}: this stage takes audio only"
            raise BadEventError(message)
        is_late = event.slot < self._arriving
        if self._done or (is_late and not self._late.takes(event.slot, self._arriving)):
            return []
        if event.start_ms != event.slot * SLOT_MS or event.end_ms - event.start_ms > SLOT_MS:
            span = f"{event.start_ms} to {event.end_ms} ms"
            message = f"audio slot {event.slot} covers {span}: slots are {SLOT_MS} ms, from 0 on"
            raise BadEventError(message)
        heard = HeardSlot(event.slot, event.start_ms, event.end_ms, event.gap_ms)
        arrived = heard, samples_of(event), event.last
        if is_late:
            return [self._again(event.slot, arrived[1])]
        ready = self._order.take(event.slot, arrived, self._arriving)
        return [job for one in ready for job in self._next(*one)]

    def close(self) -> Sequence[Utterance]:
        """End the room here: the rest is the last utterance, even if it holds no sound."""
        if self._done:
            return []
        jobs = [job for one in self._order.rest() for job in self._next(*one)]
        return jobs if self.done else [*jobs, self._end()]

    def _again(self, slot: int, samples: Samples) -> Utterance:
        """Let sound be heard that came when silence had taken its place."""
        numbers, sound = self._late.fill(slot, samples)
        slots = tuple(HeardSlot(one, one * SLOT_MS, (one + 1) * SLOT_MS) for one in numbers)
        job = replace(self._job(slots[-1].end_ms, slots), start_ms=slots[0].start_ms, hop=0)
        return replace(job, samples=sound, revision=len(slots))

    def _next(self, heard: HeardSlot, samples: Samples, last: bool) -> list[Utterance]:
        """Take the next slot that is there."""
        if self._done:
            return []
        jobs = [*self._bridge(heard), *self._arrive(heard, samples, last=last)]
        return [*jobs, self._end()] if last else jobs

    def _end(self) -> Utterance:
        self._done = True
        if not self._slots:
            self._slots = [HeardSlot(self._arriving, self._cut_ms, self._cut_ms)]
        return self._cut(self._end_ms, last=True)

    @property
    def _end_ms(self) -> int:
        return self._cut_ms + len(self._samples) // PER_MS

    def _bridge(self, heard: HeardSlot) -> list[Utterance]:
        """Put silence where slots are missing; a long hole ends the utterance instead."""
        missing = range(self._arriving, heard.slot)
        jobs: list[Utterance] = []
        if len(missing) * SLOT_MS > self._options.longest_gap_ms:
            if self._slots:
                jobs.append(self._cut(self._end_ms, last=False))
            self._cut_ms = heard.start_ms
            return jobs
        for slot in missing:
            silence = np.zeros(SLOT_MS * PER_MS, dtype=np.int16)
            hole = HeardSlot(slot, slot * SLOT_MS, (slot + 1) * SLOT_MS, SLOT_MS)
            self._late.miss(slot)
            jobs += self._arrive(hole, silence, last=False)
        return jobs

    def _arrive(self, heard: HeardSlot, samples: Samples, *, last: bool) -> list[Utterance]:
        # A machine made from a snapshot sees the slot of the last cut again: only its rest counts.
        known = max(0, self._end_ms - heard.start_ms) * PER_MS
        absent = np.zeros(max(0, heard.start_ms - self._end_ms) * PER_MS, dtype=np.int16)
        self._samples = np.concatenate((self._samples, absent, samples[known:]))
        self._slots.append(heard)
        self._arriving = heard.slot + 1
        return self._look(last=last)

    def _look(self, *, last: bool) -> list[Utterance]:
        """Cut or grow, looking at each slot's end in turn as if nothing had come after it.

        So what is left after a cut is judged as a restarted machine would judge it.
        """
        jobs: list[Utterance] = []
        while self._looked < len(self._slots):
            known_ms = min(self._slots[self._looked].end_ms, self._end_ms) - self._cut_ms
            known, lengths = self._samples[: known_ms * PER_MS], self._options
            spot_ms = cut_spot(known, lengths.min_ms, lengths.max_ms, self._heard_ms)
            if spot_ms is not None:
                jobs.append(self._cut(self._cut_ms + spot_ms, last=False))
                continue
            self._looked += 1
            if not (last and self._looked == len(self._slots)):
                jobs += self._grow(known_ms)
        return jobs

    def _grow(self, known_ms: int) -> list[Utterance]:
        """Let what is known be heard if a hop has passed since it was last heard."""
        options = self._options
        if not is_due(known_ms, self._heard_ms, options.hop_ms, options.max_ms):
            return []
        self._heard_ms = known_ms
        if is_down_to(self._rung(self._stream_id), "larger_hop"):
            return []
        slots = tuple(self._slots[: self._looked])
        sure_ms = self._cut_ms + max(min(options.min_ms, options.max_ms // 2), known_ms)
        job = self._job(self._cut_ms + known_ms, slots, is_growing=True, sure_ms=sure_ms)
        self._hops += 1
        return [job]

    def _cut(self, at_ms: int, *, last: bool) -> Utterance:
        complete = tuple(heard for heard in self._slots if last or heard.end_ms <= at_ms)
        utterance = self._job(at_ms, complete, last=last)
        self._samples = self._samples[(at_ms - self._cut_ms) * PER_MS :]
        self._slots = self._slots[len(complete) :]
        self._cut_ms = at_ms
        self._looked = self._heard_ms = self._hops = 0
        return utterance

    def _job(
        self,
        end_ms: int,
        slots: tuple[HeardSlot, ...],
        *,
        last: bool = False,
        is_growing: bool = False,
        sure_ms: int = 0,
    ) -> Utterance:
        return Utterance(
            stream_id=self._stream_id,
            start_ms=self._cut_ms,
            end_ms=end_ms,
            samples=self._samples[: (end_ms - self._cut_ms) * PER_MS],
            slots=slots,
            last=last,
            language=self._language(self._stream_id),
            hotwords=self._hotwords(self._stream_id, self._cut_ms),
            is_growing=is_growing,
            hop=self._hops,
            sure_ms=sure_ms,
            settled_ms=settled_until_ms(end_ms, self._options.hop_ms),
            rung=self._rung(self._stream_id),
        )


def _number(state: Mapping[str, JsonValue], name: str) -> int:
    value = state.get(name, 0)
    return value if isinstance(value, int) else 0
