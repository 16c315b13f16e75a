"""Utterances that are heard while they grow: the same in every replay, and no promise broken."""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise, repeat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workers.made_sound import chunks, feed, machine, speech
from workers.events import LoadRung
from workers.utterances import Utterance

spans = st.lists(st.tuples(st.integers(0, 30_000), st.integers(50, 9_000)), max_size=6).map(
    lambda found: [(start, start + length) for start, length in found if start + length < 32_000]
)
hops = st.sampled_from((1_000, 1_500, 2_000, 3_000))


def key(job: Utterance) -> tuple[object, ...]:
    sound = job.samples.tobytes()
    return (
        job.start_ms, job.end_ms, sound, job.slots, job.last, job.is_growing, job.hop, job.sure_ms,
    )  # fmt: skip


def whole(jobs: Sequence[Utterance]) -> list[Utterance]:
    return [job for job in jobs if not job.is_growing]


def test_an_utterance_is_heard_each_hop_and_when_it_is_cut() -> None:
    #   slots   0 1 2 3 4 5 6 7 8
    #   sound   |######8.4 s#####|-.5-|##
    #   heard     ^2  ^4  ^6  ^8   ^cut at about 8.6
    jobs = feed(machine(hop_ms=2_000), chunks(speech([(0, 8_400), (8_900, 10_000)], 10)))
    growing = [(job.end_ms, job.hop) for job in jobs if job.is_growing]
    assert growing == [(2_000, 0), (4_000, 1), (6_000, 2), (8_000, 3)]
    first, rest = whole(jobs)
    assert 8_500 <= first.end_ms <= 8_800
    assert (first.start_ms, first.hop, rest.hop) == (0, 4, 0)
    assert [slot.slot for slot in jobs[1].slots] == [0, 1, 2, 3]


def test_a_pause_around_the_end_of_what_was_heard_is_still_found() -> None:
    #   sound    |######8.7 s#####|-.6-|#####
    #   heard                ^8  ^9   ^cut between 9.0 and 9.1, seen at 10 s
    jobs = feed(machine(hop_ms=1_000), chunks(speech([(0, 8_700), (9_300, 12_000)], 12)))
    assert jobs[8].is_growing
    assert jobs[8].end_ms == 9_000
    assert 9_000 <= whole(jobs)[0].end_ms <= 9_100


def test_the_sound_before_a_cut_that_is_certain_is_not_heard_twice() -> None:
    #   limit 6 s; at 5 s the next slot forces a cut; the room ends at 8 s: heard as a whole
    jobs = feed(machine(hop_ms=1_000, max_ms=6_000), chunks(speech([(0, 8_000)], 8)))
    first = [job.end_ms for job in jobs if job.is_growing and job.start_ms == 0]
    assert first == [1_000, 2_000, 3_000, 4_000, 5_000]
    assert not any(job.is_growing and job.end_ms == 8_000 for job in jobs)
    assert jobs[-1].last


@settings(max_examples=40)
@given(spans, hops, st.integers(0, 100))
def test_no_cut_lies_before_what_a_growing_utterance_was_sure_of(
    found: list[tuple[int, int]], hop_ms: int, seed: int
) -> None:
    #   growing  |=====6 s=====|           sure of 6 s
    #   cut      |=============....^       lies there or later, and slot 5 is left to be written
    jobs = feed(machine(hop_ms=hop_ms), chunks(speech(found, 32, seed)))
    for _, group in groupby(jobs, key=lambda job: job.start_ms):
        *growing, cut = group
        assert [job.hop for job in (*growing, cut)] == list(range(len(growing) + 1))
        for job in growing:
            assert job.is_growing
            assert job.sure_ms <= cut.end_ms or cut.last
            assert job.slots == cut.slots[: len(job.slots)] or job.end_ms > cut.end_ms
            shared = min(len(job.samples), len(cut.samples))
            assert np.array_equal(job.samples[:shared], cut.samples[:shared])
        assert all(b.end_ms - a.end_ms >= hop_ms for a, b in pairwise(growing))


@settings(max_examples=40)
@given(spans, hops, st.integers(0, 31), st.integers(0, 100))
def test_a_restarted_machine_hears_the_open_utterance_again_and_goes_on(
    found: list[tuple[int, int]], hop_ms: int, stop_after: int, seed: int
) -> None:
    events = chunks(speech(found, 32, seed))
    del events[12:14]  # and a hole in the slots
    first = machine(hop_ms=hop_ms)
    before = feed(first, events[:stop_after])
    second = machine(snapshot=first.snapshot(), hop_ms=hop_ms)
    rest = feed(second, [e for e in events if e.end_ms > first.needed_from_ms])
    done = [job for job in before if job.start_ms < first.needed_from_ms]
    everything = feed(machine(hop_ms=hop_ms), events)
    assert [key(job) for job in done + rest] == [key(job) for job in everything]


@pytest.mark.parametrize("rung", ["larger_hop", "extractive", "vision_only"])
def test_load_holds_back_what_grows_and_moves_no_cut(rung: LoadRung) -> None:
    events = chunks(speech([(0, 14_000), (15_000, 31_000)], 32))
    busy = feed(machine(hop_ms=1_000, rung=lambda _: rung), events)
    calm = feed(machine(hop_ms=1_000), events)
    assert {job.rung for job in busy} == {rung}
    assert [(j.end_ms, j.slots) for j in busy] == [(j.end_ms, j.slots) for j in whole(calm)]
    assert {job.hop for job in busy} == {0}
    assert {job.rung for job in calm} == {"full"}


def test_an_utterance_whose_first_hops_were_held_back_starts_afresh() -> None:
    #   load   |larger hop   |full
    #   heard                   ^6 s  ^8 s
    rungs: Iterator[LoadRung] = chain(repeat("larger_hop", 2), repeat("full"))
    one = machine(hop_ms=2_000, rung=lambda _: next(rungs))
    jobs = feed(one, chunks(speech([(0, 9_000)], 9)))
    assert [(job.end_ms, job.hop) for job in jobs] == [(6_000, 0), (8_000, 1), (9_000, 2)]
