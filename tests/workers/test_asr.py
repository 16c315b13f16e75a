"""Transcripts: each slot written once, no word lost, every millisecond accounted for."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError
from workers.asr import Heard, Transcriber
from workers.events import StreamEvent, Transcript, Word
from workers.utterances import HeardSlot, Utterance


def job_of(start_ms: int, end_ms: int, slots: Sequence[int], *, last: bool = False) -> Utterance:
    return Utterance(
        stream_id="room",
        start_ms=start_ms,
        end_ms=end_ms,
        samples=np.zeros((end_ms - start_ms) * 16, dtype=np.int16),
        slots=tuple(HeardSlot(slot, slot * 1_000, slot * 1_000 + 1_000) for slot in slots),
        last=last,
        language="en",
        hotwords="",
    )


def ending(slot: HeardSlot) -> Utterance:
    silence = np.zeros(0, dtype=np.int16)
    return Utterance("room", slot.start_ms, slot.end_ms, silence, (slot,), True, None, "")


def word(text: str, start_ms: int, end_ms: int) -> Word:
    return Word(text=text, start_ms=start_ms, end_ms=end_ms, probability=0.9)


class Hears:
    """Hears one thing whatever it is given."""

    name = "m"

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def describe(self) -> str:
        return "one thing"

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        return [self._heard for _ in utterances]


def transcripts(job: Utterance, heard: Heard) -> list[StreamEvent]:
    (outcome,) = Transcriber(Hears(heard)).process([job])
    assert isinstance(outcome, list)
    return outcome


def test_a_room_closed_before_any_sound_has_one_empty_slot() -> None:
    (event,) = transcripts(ending(HeardSlot(0, 0, 0)), Heard())
    assert isinstance(event, Transcript)
    assert (event.slot, event.last, event.watermark_ms) == (0, True, 0)


def texts(events: Sequence[StreamEvent]) -> list[tuple[int, str]]:
    return [(e.slot, e.text) for e in events if isinstance(e, Transcript)]


def test_a_word_stands_in_the_slot_of_its_middle() -> None:
    heard = Heard((word("a", 800, 1_100), word("b", 800, 1_300)), ((0, 3_000),))
    assert texts(transcripts(job_of(0, 2_000, [0, 1]), heard)) == [(0, "a"), (1, "b")]


def test_words_beyond_the_last_complete_slot_are_not_lost() -> None:
    # slots  |0        |1        |2   utterance ends at 2.6 s, "c" is said at 2.2 s
    heard = Heard((word("a", 100, 400), word("c", 2_200, 2_500)), ((0, 2_600),))
    events = transcripts(job_of(0, 2_600, [0, 1]), heard)
    assert texts(events) == [(0, "a"), (1, "c")]
    final = events[-1]
    assert isinstance(final, Transcript)
    assert final.words[0].start_ms == 2_200
    assert final.watermark_ms == 2_600


def test_the_first_slot_takes_words_of_a_cut_within_it() -> None:
    heard = Heard((word("a", 4_500, 4_600),), ((4_500, 4_600),))
    assert texts(transcripts(job_of(4_400, 6_000, [4, 5]), heard)) == [(4, "a"), (5, "")]


@given(
    st.lists(st.tuples(st.integers(0, 6_400), st.integers(0, 1_200)), max_size=12),
    st.integers(6_100, 6_900),
)
def test_no_word_begins_before_an_earlier_watermark_and_none_is_lost(
    pairs: list[tuple[int, int]], end_ms: int
) -> None:
    starts = sorted(start_ms for start_ms, _ in pairs)
    words = tuple(
        word(str(n), start_ms, min(end_ms, start_ms + pairs[n][1]))
        for n, start_ms in enumerate(min(s, end_ms) for s in starts)
    )
    events = transcripts(job_of(0, end_ms, range(6)), Heard(words, ((0, end_ms),)))
    found = [w for e in events if isinstance(e, Transcript) for w in e.words]
    assert sorted(w.text for w in found) == sorted(w.text for w in words)
    watermark_ms = 0
    for event in events:
        assert isinstance(event, Transcript)
        assert all(w.start_ms >= watermark_ms for w in event.words)
        assert event.watermark_ms >= watermark_ms
        assert event.watermark_ms <= event.end_ms or event is events[-1]
        watermark_ms = event.watermark_ms
    assert watermark_ms == end_ms


def test_accounts_add_up_and_say_where_sound_went() -> None:
    job = job_of(0, 4_000, range(4))
    gap = HeardSlot(3, 3_000, 4_000, gap_ms=400)
    job = Utterance(**{**vars(job), "slots": (*job.slots[:3], gap)})
    events = transcripts(job, Heard((), ((500, 1_200),)))
    parts = [
        (e.accounting.received_ms, e.accounting.transcribed_ms, e.accounting.silent_ms, e.verdicts)
        for e in events
        if isinstance(e, Transcript)
    ]
    assert parts == [
        (1_000, 500, 500, ()),
        (1_000, 200, 800, ()),
        (1_000, 0, 1_000, ("silence",)),
        (600, 0, 600, ("gap", "silence")),
    ]


def test_rejected_words_are_dropped_sound() -> None:
    heard = Heard((), ((0, 1_000),), "en", ("no_speech",), is_rejected=True)
    (event,) = transcripts(job_of(0, 1_000, [0]), heard)
    assert isinstance(event, Transcript)
    assert (event.accounting.dropped_ms, event.accounting.transcribed_ms) == (1_000, 0)
    assert event.verdicts == ("no_speech",)


def test_a_verdict_on_a_stretch_stands_in_its_slots_alone() -> None:
    # slots   |0        |1        |2        |3      utterance ends at 4.4 s
    # thrown         |loop 0.7-1.2|    no length at 2.5|     |phrase at 4.1
    thrown = ((700, 1_200, "loop"), (2_500, 2_500, "timeless"), (4_100, 4_300, "phrase"))
    verdicts = ("low_log_probability", "loop", "timeless", "phrase")
    heard = Heard((), ((0, 2_000),), "en", verdicts, thrown_away=thrown)
    found = transcripts(job_of(0, 4_400, range(4)), heard)
    assert [event.verdicts for event in found if isinstance(event, Transcript)] == [
        ("low_log_probability", "loop"),
        ("low_log_probability", "loop"),
        ("timeless", "silence"),
        ("phrase", "silence"),
    ]


class Parrot:
    """Says each utterance's start; cannot hear those that start at a bad time."""

    name = "parrot/1"

    def __init__(self, bad_ms: int = -1) -> None:
        self.bad_ms = bad_ms
        self.calls: list[int] = []

    def describe(self) -> str:
        return "parrot"

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        self.calls.append(len(utterances))
        if any(u.start_ms == self.bad_ms for u in utterances):
            message = f"{self.bad_ms} is bad"
            raise BadEventError(message)
        return [Heard((word(f"at{u.start_ms}", u.start_ms, u.start_ms),)) for u in utterances]


def test_one_bad_utterance_costs_only_itself() -> None:
    jobs = [job_of(0, 2_000, [0, 1]), job_of(2_000, 4_000, [2, 3]), job_of(4_000, 5_000, [4])]
    worker = Transcriber(Parrot(bad_ms=2_000))
    good, bad, other = worker.process(jobs)
    assert isinstance(good, list)
    assert isinstance(bad, BadEventError)
    assert isinstance(other, list)
    assert texts(good) == [(0, "at0"), (1, "")]
    assert texts(other) == [(4, "at4000")]
    replaced = worker.empty(jobs[1], bad)
    assert [(e.slot, e.verdicts) for e in replaced if isinstance(e, Transcript)] == [
        (2, ("failed",)),
        (3, ("failed",)),
    ]


def test_many_rooms_share_one_call_and_an_empty_end_needs_none() -> None:
    model = Parrot()
    jobs = [job_of(0, 1_000, [0]), job_of(0, 2_000, [0, 1]), job_of(3_000, 3_000, [3], last=True)]
    outcomes = Transcriber(model).process(jobs)
    assert model.calls == [2]
    assert all(isinstance(outcome, list) for outcome in outcomes)
    assert Transcriber(model).process([]) == []
