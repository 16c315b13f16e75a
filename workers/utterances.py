"""Audio chunks of one room → utterances: stretches of speech that end in a pause.

The machine of the ASR stage. It looks at the room once for every slot that arrives, and what it
cuts depends on nothing but the audio since the last cut: so a restarted one cuts the same. While an
utterance grows, the sound so far is a job of its own each hop, so that its words need not wait.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from pydantic import JsonValue

from models.errors import BadEventError, SettingsError
from workers.audio_grid import PER_MS, SLOT_MS, Samples, samples_of
from workers.events import AudioChunk, GridEvent, LoadRung
from workers.quiet import WINDOW_MS, quiet_spot, quietest_spot

WHISPER_MS = 30_000
"""The longest window that a Whisper model takes."""
_FIRST_HOPS = 1.3
"""The first pass waits this much longer: Whisper mishears shorter sound, and so may the next pass.
At a hop of 2 s .5 % fewer words of 32 minutes are wrong than with the first pass at 2 s."""
_SETTLED_HOPS = 3.5
"""Words with so much sound behind them do not wait for passes to agree: at a hop of 1 s one word in
a hundred waits longer than 4.7 s, else 7.4; no more are wrong."""
_RUNGS: tuple[LoadRung, ...] = get_args(LoadRung)


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
        """Where the last cut was, and which slot is written next."""
        next_slot = self._slots[0].slot if self._slots else self._arriving
        return {"cut_ms": self._cut_ms, "next_slot": next_slot, "done": self._done}

    def push(self, event: GridEvent) -> Sequence[Utterance]:
        """Take the next chunk; return the utterances that it completes."""
        if not isinstance(event, AudioChunk):
            message = f"{event.kind} event {event.slot}: this stage takes audio only"
            raise BadEventError(message)
        if self._done or event.slot < self._arriving:
            return []
        if event.start_ms != event.slot * SLOT_MS or event.end_ms - event.start_ms > SLOT_MS:
            span = f"{event.start_ms} to {event.end_ms} ms"
            message = f"audio slot {event.slot} covers {span}: slots are {SLOT_MS} ms, from 0 on"
            raise BadEventError(message)
        samples = samples_of(event)
        jobs = self._bridge(event)
        heard = HeardSlot(event.slot, event.start_ms, event.end_ms, event.gap_ms)
        jobs += self._arrive(heard, samples, last=event.last)
        return [*jobs, *self.close()] if event.last else jobs

    def close(self) -> Sequence[Utterance]:
        """End the room here: the rest is the last utterance, even if it holds no sound."""
        if self._done:
            return []
        self._done = True
        if not self._slots:
            self._slots = [HeardSlot(self._arriving, self._cut_ms, self._cut_ms)]
        return [self._cut(self._end_ms, last=True)]

    @property
    def _end_ms(self) -> int:
        return self._cut_ms + len(self._samples) // PER_MS

    def _bridge(self, event: AudioChunk) -> list[Utterance]:
        """Put silence where slots are missing; a long hole ends the utterance instead."""
        missing = range(self._arriving, event.slot)
        jobs: list[Utterance] = []
        if len(missing) * SLOT_MS > self._options.longest_gap_ms:
            if self._slots:
                jobs.append(self._cut(self._end_ms, last=False))
            self._cut_ms = event.start_ms
            return jobs
        for slot in missing:
            start_ms, end_ms = slot * SLOT_MS, (slot + 1) * SLOT_MS
            silence = np.zeros(SLOT_MS * PER_MS, dtype=np.int16)
            heard = HeardSlot(slot, start_ms, end_ms, SLOT_MS)
            jobs += self._arrive(heard, silence, last=False)
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
            spot_ms = self._spot_ms(known_ms)
            if spot_ms is not None:
                jobs.append(self._cut(self._cut_ms + spot_ms, last=False))
                continue
            self._looked += 1
            if not (last and self._looked == len(self._slots)):
                jobs += self._grow(known_ms)
        return jobs

    def _spot_ms(self, known_ms: int) -> int | None:
        """Where to cut what is known, after the last cut; never in what was heard already."""
        options = self._options
        if known_ms < options.min_ms:
            return None
        known = self._samples[: known_ms * PER_MS]
        until_ms = min(known_ms, options.max_ms)
        # A pause up to there was looked for when it was heard; one that goes on behind is in reach.
        from_ms = self._heard_ms - WINDOW_MS // 2
        spot_ms = quiet_spot(known, max(options.min_ms, from_ms), until_ms)
        if spot_ms is None and known_ms >= options.max_ms:
            spot_ms = quietest_spot(known, max(options.max_ms // 2, from_ms), until_ms)
        return spot_ms

    def _grow(self, known_ms: int) -> list[Utterance]:
        """Let what is known be heard if a hop has passed since it was last heard."""
        options = self._options
        # The slot that forces a cut is next: what is heard now would be heard again at once, and
        # a good spot for the cut needs some room.
        wait_ms = options.hop_ms * (1 if self._heard_ms else _FIRST_HOPS)
        is_due = known_ms - self._heard_ms >= wait_ms > 0
        if not is_due or known_ms + SLOT_MS > options.max_ms:
            return []
        self._heard_ms = known_ms
        if _RUNGS.index(self._rung(self._stream_id)) >= _RUNGS.index("larger_hop"):
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
            settled_ms=end_ms - int(_SETTLED_HOPS * self._options.hop_ms),
            rung=self._rung(self._stream_id),
        )


def _number(state: Mapping[str, JsonValue], name: str) -> int:
    value = state.get(name, 0)
    return value if isinstance(value, int) else 0
