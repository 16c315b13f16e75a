"""The stage that hears, with a double for ears: the real machine, worker and account."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from pydantic import JsonValue

from models.errors import BadEventError
from stream.stage import Stage
from stream.topics import AUDIO, PARTIALS, TRANSCRIPTS
from workers.asr import Heard, Transcriber
from workers.audio_grid import PER_MS, SLOT_MS, samples_of
from workers.events import AudioChunk, GridEvent, LoadRung, Word
from workers.utterances import HeardSlot, Utterance, UtteranceOptions, Utterances

VOICE, LOOP, POISON = 3_000, 7_000, 9_000
"""Levels of made sound: heard as words, as words that are thrown away, and as what breaks the
model. Anything below is silence."""


class Ears:
    """Hears one word in every second that is loud from end to end."""

    @property
    def name(self) -> str:
        return "ears"

    def describe(self) -> str:
        return "a double for ears"

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        return [self._hear(utterance) for utterance in utterances]

    def _hear(self, utterance: Utterance) -> Heard:
        speech, words, thrown_away = [], [], []
        for start_ms in range(utterance.start_ms, utterance.end_ms, SLOT_MS):
            end_ms = min(start_ms + SLOT_MS, utterance.end_ms)
            first, last = (ms - utterance.start_ms for ms in (start_ms, end_ms))
            level = int(np.abs(utterance.samples[first * PER_MS : last * PER_MS]).max(initial=0))
            if level >= POISON:
                message = "poison"
                raise BadEventError(message)
            if level < VOICE:
                continue
            speech.append((start_ms, end_ms))
            if level >= LOOP:
                thrown_away.append((start_ms, end_ms, "loop"))
            else:
                text = f"w{start_ms}"
                words.append(Word(text=text, start_ms=start_ms, end_ms=end_ms, probability=1))
        verdicts = ("loop",) if thrown_away else ()
        return Heard(
            words=tuple(words), speech=tuple(speech), language="en", verdicts=verdicts,
            thrown_away=tuple(thrown_away),
        )  # fmt: skip


class SlotBySlot:
    """Makes each slot an utterance: a machine that needs nothing again and fills no holes."""

    def __init__(self, stream_id: str, snapshot: dict[str, JsonValue] | None) -> None:
        self._stream_id = stream_id
        self._next = int(str((snapshot or {}).get("next", 0)))
        self.done = bool((snapshot or {}).get("done", False))

    @property
    def needed_from_ms(self) -> int:
        return self._next * SLOT_MS

    def snapshot(self) -> dict[str, JsonValue]:
        return {"next": self._next, "done": self.done}

    def push(self, event: GridEvent) -> Sequence[Utterance]:
        assert isinstance(event, AudioChunk)
        if self.done or event.slot < self._next:
            return []
        samples = samples_of(event)
        self._next, self.done = event.slot + 1, event.last
        slot = HeardSlot(event.slot, event.start_ms, event.end_ms, event.gap_ms)
        return [
            Utterance(
                stream_id=self._stream_id, start_ms=event.start_ms, end_ms=event.end_ms,
                samples=samples, slots=(slot,), last=event.last, language="en", hotwords="",
            )
        ]  # fmt: skip

    def close(self) -> Sequence[Utterance]:
        return []


def slot_stage() -> Stage:
    """Sound to transcripts, slot by slot."""
    return replace(sound_stage(), machine=SlotBySlot)


def sound_stage(max_ms: int = 3_000, rung: Callable[[str], LoadRung] = lambda _: "full") -> Stage:
    """Sound to transcripts, cut after a second at a pause or at a length."""
    options = UtteranceOptions(min_ms=SLOT_MS, max_ms=max_ms)

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> Utterances:
        return Utterances(stream_id, options, lambda *_: "", lambda _: "en", snapshot, rung)

    return Stage(
        "asr", (AUDIO,), TRANSCRIPTS, machine, Transcriber(Ears()), also=(PARTIALS,),
        accounts_sound=True,
    )  # fmt: skip


def chunk(
    stream_id: str, slot: int, level: int = VOICE, *, gap_ms: int = 0, last: bool = False
) -> AudioChunk:
    """A second of sound of one level, ending in a hole."""
    samples = np.zeros(SLOT_MS * PER_MS, dtype="<i2")
    samples[: (SLOT_MS - gap_ms) * PER_MS] = level
    start_ms = slot * SLOT_MS
    return AudioChunk(
        stream_id=stream_id, slot=slot, start_ms=start_ms, end_ms=start_ms + SLOT_MS,
        watermark_ms=start_ms + SLOT_MS, last=last, gap_ms=gap_ms, payload=samples.tobytes(),
    )  # fmt: skip


def torn(good: AudioChunk) -> AudioChunk:
    """The same with half a sample at its end: no 16-bit sound."""
    return good.model_copy(update={"payload": good.payload[:-1], "last": False})
