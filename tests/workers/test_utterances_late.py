"""Chunks that come out of order: waited for as long as is allowed, and not longer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workers.made_sound import chunks, feed, machine, speech
from workers.events import AudioChunk
from workers.utterances import Utterance

SOUND = speech([(300, 4_300), (4_900, 9_000), (12_000, 21_000)], 24)


def key(job: Utterance) -> tuple[object, ...]:
    return job.start_ms, job.end_ms, job.samples.tobytes(), job.slots, job.last, job.is_growing


def in_order(hop_ms: int = 0) -> list[tuple[object, ...]]:
    return [key(job) for job in feed(machine(hop_ms=hop_ms), chunks(SOUND))]


def test_chunk_that_comes_within_the_allowed_lateness_is_heard_in_its_place() -> None:
    events = chunks(SOUND)
    late = [*events[:2], *events[3:5], events[2], *events[5:]]
    jobs = feed(machine(lateness_ms=3_000), late)
    assert [key(job) for job in jobs] == in_order()


def test_slot_that_is_missing_for_longer_is_silence_and_comes_too_late() -> None:
    # slots      0  1  3  4  5  2  6 ...      2 is given up when 5 comes
    events = chunks(SOUND)
    one = machine(lateness_ms=3_000)
    jobs = feed(one, [*events[:2], *events[3:6], events[2], *events[6:]])
    slots = {slot.slot: slot.gap_ms for job in jobs for slot in job.slots}
    assert slots[2] == 1_000
    assert sorted(slots) == list(range(24))


def test_room_whose_end_comes_early_waits_for_what_is_missing_until_it_is_closed() -> None:
    events = chunks(SOUND)
    one = machine(lateness_ms=3_000)
    before = feed(one, [*events[:22], events[23]])
    assert not one.done
    assert [key(job) for job in [*before, *one.push(events[22])]] == in_order()
    other = machine(lateness_ms=3_000)
    feed(other, [*events[:22], events[23]])
    assert [job.last for job in other.close()][-1]
    assert other.done


@st.composite
def deliveries(draw: st.DrawFn) -> list[AudioChunk]:
    """Chunks that come up to 2 s behind those that follow them, some twice."""
    events = chunks(SOUND)
    places = [number + draw(st.integers(0, 2)) for number in range(len(events))]
    shuffled: list[AudioChunk] = []
    for number in sorted(range(len(events)), key=lambda number: places[number]):
        shuffled.append(events[number])
        if draw(st.integers(0, 5)) == 0:
            shuffled.append(draw(st.sampled_from(shuffled)))
    return shuffled


@settings(max_examples=40)
@given(deliveries(), st.sampled_from([0, 2_000]))
def test_shuffled_and_doubled_chunks_are_cut_as_those_in_order(
    events: list[AudioChunk], hop_ms: int
) -> None:
    jobs = feed(machine(hop_ms=hop_ms, lateness_ms=3_000), events)
    assert [key(job) for job in jobs] == in_order(hop_ms)


@settings(max_examples=40)
@given(deliveries(), st.integers(0, 30))
def test_restarted_amid_shuffled_chunks_it_cuts_the_same(
    events: list[AudioChunk], stop_after: int
) -> None:
    first = machine(lateness_ms=3_000)
    jobs = feed(first, events[:stop_after])
    second = machine(first.snapshot(), lateness_ms=3_000)
    jobs += feed(second, [one for one in events if one.end_ms > first.needed_from_ms])
    assert [key(job) for job in jobs] == in_order()
