"""Slots of a growing utterance: early, once, in order, and what was said stays said."""

from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workers.made_sound import machine
from tests.workers.made_speech import Script, Unsteady, said, sound_of
from workers.asr import SpeechModel, Transcriber
from workers.events import AudioChunk, Partial, StreamEvent, Transcript, Word
from workers.machine import Outcome
from workers.utterances import Utterance

lengths = st.lists(st.integers(80, 900), min_size=1, max_size=50)
hops = st.sampled_from((0, 1_000, 2_000, 3_000))


def jobs_of(events: Iterable[AudioChunk], hop_ms: int) -> list[Utterance]:
    one = machine(hop_ms=hop_ms)
    return [job for event in events for job in one.push(event)]


def heard(worker: Transcriber, jobs: Sequence[Utterance], size: int = 1) -> list[StreamEvent]:
    outcomes: list[Outcome] = []
    for start in range(0, len(jobs), size):
        outcomes += worker.process(jobs[start : start + size])
    return [event for outcome in outcomes if isinstance(outcome, list) for event in outcome]


def transcripts(events: Iterable[StreamEvent]) -> list[Transcript]:
    return [event for event in events if isinstance(event, Transcript)]


def text(events: Iterable[Transcript]) -> list[str]:
    return [word.text for event in events for word in event.words]


def check_grid(found: Sequence[Transcript], chunks: Sequence[AudioChunk]) -> None:
    assert [event.slot for event in found] == [chunk.slot for chunk in chunks]
    assert [event.last for event in found] == [chunk.last for chunk in chunks]
    watermark_ms = 0
    for event in found:
        assert all(word.start_ms >= watermark_ms for word in event.words)
        assert event.watermark_ms >= watermark_ms
        watermark_ms = event.watermark_ms
        account = event.accounting
        parts_ms = account.transcribed_ms + account.silent_ms + account.dropped_ms
        assert account.received_ms == parts_ms == event.end_ms - event.start_ms
    assert watermark_ms == chunks[-1].end_ms


@settings(max_examples=60)
@given(lengths, st.integers(2, 9), hops, st.integers(1, 8))
def test_a_model_that_errs_at_the_edge_alone_is_heard_word_for_word(
    lengths_ms: list[int], pause_every: int, hop_ms: int, size: int
) -> None:
    words = said(*lengths_ms, pause_every=pause_every)
    chunks = sound_of(words)
    found = transcripts(heard(Transcriber(Script(words)), jobs_of(chunks, hop_ms), size))
    check_grid(found, chunks)
    assert text(found) == [word.text for word in words]


@settings(max_examples=60)
@given(lengths, hops, st.integers(0, 1_000), st.integers(1, 8))
def test_an_unsteady_model_breaks_no_slot_and_no_promise(
    lengths_ms: list[int], hop_ms: int, seed: int, size: int
) -> None:
    words = said(*lengths_ms)
    chunks = sound_of(words)
    jobs = jobs_of(chunks, hop_ms)
    found = transcripts(heard(Transcriber(Unsteady(words, seed=seed)), jobs, size))
    check_grid(found, chunks)


@settings(max_examples=40)
@given(lengths, st.sampled_from((1_000, 2_000)), st.integers(0, 60), st.integers(0, 9))
def test_a_restart_anywhere_repeats_ids_and_words(
    lengths_ms: list[int], hop_ms: int, stop_after: int, seed: int
) -> None:
    #   one life    |--slots-->X
    #   the next         |cut--slots-->|      slots of the open utterance come twice, the same
    chunks = sound_of(said(*lengths_ms))
    model = Unsteady(said(*lengths_ms), seed=seed)
    first = machine(hop_ms=hop_ms)
    worker = Transcriber(model)
    before = [job for chunk in chunks[:stop_after] for job in first.push(chunk)]
    events = heard(worker, before)
    second = machine(snapshot=first.snapshot(), hop_ms=hop_ms)
    needed = [chunk for chunk in chunks if chunk.end_ms > first.needed_from_ms]
    after = [job for chunk in needed for job in second.push(chunk)]
    # A partition may also come back to the process that had it, with all that it remembers.
    events += heard(Transcriber(model) if seed % 2 else worker, after)
    once = {event.event_id: event for event in heard(Transcriber(model), jobs_of(chunks, hop_ms))}
    assert {event.event_id: event for event in events} == once
    assert all(once[event.event_id] == event for event in events)


def test_slots_go_out_while_the_utterance_grows() -> None:
    #   slots    0    1    2    3    4    5
    #   heard         ^2 s      ^4 s      ^6 s     words of .4 s without a pause
    #   sure of             0         2         4
    #   written                  0 1       2 3
    words = said(*[400] * 20, pause_every=99)
    jobs = jobs_of(sound_of(words), 2_000)
    worker = Transcriber(Script(words))
    slots = [[t.slot for t in transcripts(heard(worker, [job]))] for job in jobs[:3]]
    assert slots == [[], [0], [1, 2]]


def test_partials_tell_what_stands_in_no_transcript_yet() -> None:
    words = said(*[400] * 12, pause_every=99)
    events = heard(Transcriber(Script(words)), jobs_of(sound_of(words), 2_000))
    told: list[str] = []
    for event in events:
        if isinstance(event, Partial):
            shown = [word.partition("?")[0] for word in [*told, *event.text.split()]]
            middles = [(word.start_ms + word.end_ms) // 2 for word in words]
            assert shown == [f"w{n}" for n, at_ms in enumerate(middles) if at_ms < event.at_ms]
        elif isinstance(event, Transcript):
            told += [word.text for word in event.words]
    assert sum(isinstance(event, Partial) for event in events) >= 2


def test_silence_makes_no_partials_and_waits_for_nobody() -> None:
    chunks = sound_of((), tail_ms=9_000)
    jobs = jobs_of(chunks, 1_000)
    events = heard(Transcriber(Script(())), jobs[:3])
    assert [event.slot for event in transcripts(events)] == [0, 1]
    assert len(events) == 2


def test_a_voice_without_words_waits_until_the_end() -> None:
    words = said(*[400] * 16, pause_every=99)
    deaf = Script(words)
    model: SpeechModel = _WordlessWhileGrowing(words)
    jobs = jobs_of(sound_of(words), 1_000)
    growing = [job for job in jobs if job.is_growing and job.start_ms == 0]
    assert transcripts(heard(Transcriber(model), growing)) == []
    assert text(transcripts(heard(Transcriber(model), jobs))) == text(
        transcripts(heard(Transcriber(deaf), jobs_of(sound_of(words), 0)))
    )


class _WordlessWhileGrowing(Script):
    def _misheard(self, one: Utterance, words: Sequence[Word]) -> list[Word]:
        return [] if one.is_growing else list(words)
