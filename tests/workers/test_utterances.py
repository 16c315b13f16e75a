"""Utterances: cut in pauses, the same in every replay, whatever happens to the slots."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import BadEventError, SettingsError
from tests.workers.made_sound import chunks, feed, machine, speech
from workers.events import AudioChunk, Frame
from workers.quiet import quiet_spot, quietest_spot
from workers.utterances import Utterance, UtteranceOptions


def key(job: Utterance) -> tuple[object, ...]:
    sound = job.samples.tobytes()
    return job.start_ms, job.end_ms, sound, job.slots, job.last, job.hotwords, job.language


def test_a_cut_lies_in_the_middle_of_a_pause() -> None:
    #   |#######4.3 s|--.5 s--|####...
    jobs = feed(machine(), chunks(speech([(0, 4_300), (4_800, 6_000)], 6)))
    assert 4_400 <= jobs[0].end_ms <= 4_700
    assert [(job.start_ms, job.end_ms) for job in jobs[1:]] == [(jobs[0].end_ms, 6_000)]


def test_speech_without_a_pause_is_cut_at_its_quietest_spot_before_the_limit() -> None:
    samples = speech([(0, 24_000)], 24)
    samples[7_000 * 16 : 7_300 * 16] //= 4
    jobs = feed(machine(), chunks(samples))
    assert 7_000 < jobs[0].end_ms < 7_300
    assert all(job.end_ms - job.start_ms <= 10_000 for job in jobs)


def test_quiet_spots_are_relative_to_the_speech_around_them() -> None:
    samples = speech([(0, 2_000), (2_400, 4_000)], 4)
    spot_ms = quiet_spot(samples, 1_000, 4_000)
    assert spot_ms is not None
    assert 2_100 <= spot_ms <= 2_300
    assert quiet_spot(speech([(0, 4_000)], 4), 0, 4_000) is None
    assert quietest_spot(samples, 0, 100) == 100


spans = st.lists(st.tuples(st.integers(0, 30_000), st.integers(50, 9_000)), max_size=6).map(
    lambda found: [(start, start + length) for start, length in found if start + length < 32_000]
)


@settings(max_examples=40)
@given(spans, st.integers(1, 32_000), st.integers(0, 100))
def test_utterances_cover_the_room_without_hole_or_overlap(
    found: list[tuple[int, int]], length_ms: int, seed: int
) -> None:
    samples = speech(found, 32, seed)[: length_ms * 16]
    jobs = feed(machine(), chunks(samples))
    assert np.array_equal(np.concatenate([job.samples for job in jobs]), samples)
    assert [job.start_ms for job in jobs] == [0, *(job.end_ms for job in jobs[:-1])]
    assert [s.slot for job in jobs for s in job.slots] == list(range(-(-length_ms // 1_000)))
    assert [job.last for job in jobs] == [False] * (len(jobs) - 1) + [True]


@settings(max_examples=40)
@given(spans, st.integers(0, 31), st.integers(0, 100))
def test_a_restarted_machine_cuts_the_same(
    found: list[tuple[int, int]], stop_after: int, seed: int
) -> None:
    events = chunks(speech(found, 32, seed))
    del events[12:14]  # and a hole in the slots
    first = machine()
    before = feed(first, events[:stop_after])
    second = machine(snapshot=first.snapshot())
    assert second.needed_from_ms == first.needed_from_ms
    rest = feed(second, [e for e in events if e.end_ms > first.needed_from_ms])
    assert [key(job) for job in before + rest] == [key(job) for job in feed(machine(), events)]
    assert second.done


# --- what may go wrong with the slots ---


def test_a_repeated_chunk_makes_no_job() -> None:
    events = chunks(speech([(0, 4_300)], 9))
    twice = [event for event in events for _ in range(2)]
    assert [key(j) for j in feed(machine(), twice)] == [key(j) for j in feed(machine(), events)]


def test_missing_slots_are_silence_and_noted() -> None:
    events = chunks(speech([(0, 2_000), (5_000, 7_000)], 7))
    jobs = feed(machine(), [events[0], events[1], *events[5:]])
    slots = [slot for job in jobs for slot in job.slots]
    assert [slot.slot for slot in slots] == list(range(7))
    assert [slot.gap_ms for slot in slots] == [0, 0, 1_000, 1_000, 1_000, 0, 0]


def test_a_very_long_hole_is_skipped() -> None:
    events = chunks(speech([], 9))
    jobs = feed(machine(longest_gap_ms=2_000), [events[0], *events[6:]])
    assert [(job.start_ms, job.end_ms) for job in jobs] == [(0, 1_000), (6_000, 9_000)]


def test_an_end_without_sound_still_ends_the_room() -> None:
    one = machine()
    feed(one, chunks(speech([(0, 1_500)], 2), last=False))
    marker = AudioChunk(
        stream_id="room", slot=2, start_ms=2_000, end_ms=2_000, watermark_ms=2_000, last=True
    )
    (job,) = one.push(marker)
    assert job.last
    assert [slot.slot for slot in job.slots] == [0, 1, 2]


def test_closing_flushes_once() -> None:
    one = machine()
    feed(one, chunks(speech([(0, 1_500)], 3), last=False))
    (job,) = one.close()
    assert (job.last, job.end_ms) == (True, 3_000)
    assert list(one.close()) == []
    assert one.done


@pytest.mark.parametrize(
    ("start_ms", "end_ms"), [(1_500, 2_500), (1_000_000_000, 1_000_001_000), (1_000, 3_000)]
)
def test_a_slot_off_the_grid_is_refused(start_ms: int, end_ms: int) -> None:
    event = AudioChunk(
        stream_id="room", slot=1, start_ms=start_ms, end_ms=end_ms, watermark_ms=end_ms
    )
    with pytest.raises(BadEventError, match=r"slot 1 covers .* slots are 1000 ms"):
        machine().push(event)


def test_a_picture_is_no_sound() -> None:
    frame = Frame(stream_id="room", slot=0, start_ms=0, end_ms=500, watermark_ms=500)
    with pytest.raises(BadEventError, match="takes audio only"):
        machine().push(frame)


def test_closing_a_room_before_any_sound_names_one_empty_slot() -> None:
    (job,) = machine().close()
    assert [(slot.slot, slot.start_ms, slot.end_ms) for slot in job.slots] == [(0, 0, 0)]
    assert job.last


@pytest.mark.parametrize(("min_ms", "max_ms"), [(500, 9_000), (9_000, 8_000), (4_000, 31_000)])
def test_lengths_that_cannot_be_cut_are_refused(min_ms: int, max_ms: int) -> None:
    with pytest.raises(SettingsError, match=rf"{min_ms} to {max_ms} ms .* 1000 to 30000 ms"):
        UtteranceOptions(min_ms=min_ms, max_ms=max_ms)


def test_a_hop_shorter_than_a_slot_is_refused() -> None:
    with pytest.raises(SettingsError, match="hop of 500 ms .* 0 or at least 1000 ms"):
        UtteranceOptions(hop_ms=500)
