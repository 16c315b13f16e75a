"""A machine with several stages at simulated time: who works when, and who waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from pydantic import JsonValue

from models.errors import BadEventError, InputError
from tests.workers.scripted_ears import Clock, talk
from workers.clip_sound import chunks_of
from workers.events import AudioChunk, GridEvent, StreamEvent, Summary, Transcript
from workers.listening.simulated_machine import (
    Arrival,
    LiveOptions,
    LiveStage,
    Played,
    SimulatedMachine,
)
from workers.machine import Outcome
from workers.rooms.drive import Part


@dataclass
class OneByOne:
    """A machine whose job is the event itself."""

    refuses: bool = False
    needed_from_ms: int = 0
    done: bool = False

    def push(self, event: GridEvent) -> Sequence[GridEvent]:
        if self.refuses:
            message = f"slot {event.slot} is refused"
            raise BadEventError(message)
        return [event]

    def close(self) -> Sequence[GridEvent]:
        return []

    def snapshot(self) -> dict[str, JsonValue]:
        return {}


@dataclass
class Works:
    """Says something of another kind about each event."""

    says: type[Transcript] | type[Summary]
    clock: Clock
    takes_s: float
    batches: list[list[str]] = field(default_factory=list)
    bad: bool = False

    def process(self, jobs: Sequence[GridEvent]) -> list[Outcome]:
        self.batches.append([f"{job.stream_id}{job.slot}" for job in jobs])
        self.clock.now_s += self.takes_s
        if self.bad:
            return [BadEventError("it is bad") for _ in jobs]
        return [[self._said(job)] for job in jobs]

    def empty(self, job: GridEvent, error: BadEventError) -> list[StreamEvent]:
        raise AssertionError

    def _said(self, job: GridEvent) -> StreamEvent:
        return self.says(
            stream_id=job.stream_id,
            slot=job.slot,
            start_ms=job.start_ms,
            end_ms=job.end_ms,
            watermark_ms=job.watermark_ms,
        )


def stage(
    worker: Works, takes: type[GridEvent], max_batch: int = 1, *, refuses: bool = False
) -> LiveStage:
    part = Part(worker.says.kind, lambda *_: OneByOne(refuses), worker, max_batch)
    return LiveStage(part, (takes,))


def played(stages: Sequence[LiveStage], clock: Clock, *starts_ms: int, seconds: int = 2) -> Played:
    arrivals = [
        Arrival(start_ms + chunk.end_ms, room, chunk)
        for room, start_ms in zip("ab", starts_ms, strict=False)
        for chunk in chunks_of(talk(seconds), room)
    ]
    arrivals.sort(key=lambda one: one.at_ms)
    return SimulatedMachine(stages, arrivals, LiveOptions(max_wait_ms=20), clock).run()


def test_a_later_stage_hears_of_what_an_earlier_one_said() -> None:
    """One room, two chunks; asr takes .3 s, summaries .1 s; nobody waits for company (batch 1).

    s          0         1         2
    chunks               0         1
    asr                  ===       ===
    summaries               =         =
    """
    clock = Clock()
    heard, summed = Works(Transcript, clock, 0.3), Works(Summary, clock, 0.1)
    found = played([stage(summed, Transcript), stage(heard, AudioChunk)], clock, 0)
    told = [(one.event.kind, one.at_ms, one.arrived_ms) for one in found.said]
    assert told == [
        ("transcript", 1_300, 1_000), ("summary", 1_400, 1_000),
        ("transcript", 2_300, 2_000), ("summary", 2_400, 2_000),
    ]  # fmt: skip
    assert found.busy_ms == pytest.approx({"transcript": 600, "summary": 200})
    assert found.until_ms == 2_000
    assert found.load == pytest.approx(0.4)
    assert not found.fell_behind


def test_work_is_done_one_at_a_time_and_in_the_order_of_readiness() -> None:
    """Two rooms .1 s apart; asr takes .3 s: the second room's chunk waits for the first one's."""
    clock = Clock()
    heard = Works(Transcript, clock, 0.3)
    found = played([stage(heard, AudioChunk)], clock, 0, 100, seconds=1)
    assert heard.batches == [["a0"], ["b0"]]
    assert [one.at_ms for one in found.said] == [1_300, 1_600]


def test_what_arrives_during_work_shares_the_next_batch() -> None:
    """Room b's chunk comes while a0 is worked on; a1 comes a second later.

    s       1    1.3   2     2.2
    a0      waits 20 ms, then 1.5 s of work; b0 and a1 are there when it ends.
    """
    clock = Clock()
    heard = Works(Transcript, clock, 1.5)
    played([stage(heard, AudioChunk, max_batch=4)], clock, 0, 300)
    assert heard.batches == [["a0"], ["b0", "a1", "b1"]]


def test_a_batch_that_is_not_full_waits_for_company_no_longer_than_it_may() -> None:
    clock = Clock()
    heard = Works(Transcript, clock, 0.0)
    found = played([stage(heard, AudioChunk, max_batch=4)], clock, 0, 15, seconds=1)
    assert heard.batches == [["a0", "b0"]]
    assert [one.at_ms for one in found.said] == [1_020, 1_020]


def test_work_that_grows_over_the_limit_ends_the_playing() -> None:
    clock = Clock()
    heard = Works(Transcript, clock, 30.0)
    found = played([stage(heard, AudioChunk)], clock, 0, seconds=9)
    assert found.fell_behind
    assert len(heard.batches) < 9


def test_refusals_name_room_and_stage() -> None:
    clock = Clock()
    with pytest.raises(InputError, match="a, transcript: slot 0 is refused"):
        played([stage(Works(Transcript, clock, 0), AudioChunk, refuses=True)], clock, 0)
    with pytest.raises(InputError, match="a, transcript: it is bad"):
        played([stage(Works(Transcript, clock, 0, bad=True), AudioChunk)], clock, 0)
