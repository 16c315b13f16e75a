"""A lane that is killed anywhere and started again loses nothing and repeats its ids."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from stream.codec import Position, Record, encode
from stream.dead_letter import Original
from stream.lane import Lane, Outlet
from stream.lane_room import Snapshot
from stream.topics import TRANSCRIPTS
from tests.stream.window_stage import transcript, window_stage
from workers.events import Event, Summary
from workers.machine import Outcome

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """What survives a crash."""

    log: list[Original]
    sent: list[Summary] = field(default_factory=list)
    refused: list[Record] = field(default_factory=list)
    states: dict[str, tuple[Snapshot, int]] = field(default_factory=dict)
    committed: int = 0


def log_of(events: Sequence[Event]) -> list[Original]:
    originals = []
    for offset, event in enumerate(events):
        record = encode(event, source="test", at=WHEN)
        position = Position("t", 0, offset)
        originals.append(Original(position, record.key, record.value, record.headers))
    return originals


def lane_on(world: World) -> Lane:
    loop = asyncio.get_running_loop()

    async def acknowledged() -> None:
        return None

    async def send(event: Event, _trace: str | None) -> Awaitable[object]:
        assert isinstance(event, Summary)
        world.sent.append(event)
        return acknowledged()

    async def refuse(record: Record) -> Awaitable[object]:
        world.refused.append(record)
        return acknowledged()

    async def known(stream_id: str) -> bool:
        return stream_id != "unopened"

    stage = window_stage()

    def submit(job: Summary) -> "asyncio.Future[Outcome]":
        answer: asyncio.Future[Outcome] = loop.create_future()
        loop.call_soon(lambda: answer.set_result(stage.worker.process([job])[0]))
        return answer

    outlet = Outlet(send, refuse, known, lambda: 0.0)
    return Lane(stage, 0, {"t": TRANSCRIPTS}, submit, outlet)


def save(world: World, lane: Lane, *, commit: bool = True) -> None:
    states = lane.unsaved()
    world.states |= states
    lane.saved(states)
    if commit:
        world.committed = lane.positions().get("t", world.committed)


async def life(world: World, turns: int | None, save_every: int) -> None:
    """One life of a process: `turns` turns of the event loop, or until all is done."""
    lane = lane_on(world)
    lane.restore(world.states)
    task = asyncio.create_task(lane.run())
    for original in world.log[world.committed :]:
        lane.put(original)
    turn = 0
    while (turns is None and lane.backlog) or (turns is not None and turn < turns):
        await asyncio.sleep(0)
        turn += 1
        if turn % save_every == 0:
            save(world, lane, commit=turn % (2 * save_every) == 0)
    if turns is None:
        save(world, lane)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def uninterrupted(events: Sequence[Event]) -> World:
    world = World(log_of(events))
    asyncio.run(life(world, None, 1_000_000))
    return world


ROOMS = st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=3)


@given(
    lengths=ROOMS,
    order=st.randoms(use_true_random=False),
    lives=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 7)), max_size=5),
)
def test_killed_anywhere_gives_the_same_events_as_an_uninterrupted_run(
    lengths: list[int], order: object, lives: list[tuple[int, int]]
) -> None:
    waiting = {
        f"room{number}": [
            transcript(f"room{number}", slot, f"w{slot}", last=slot == length - 1)
            for slot in range(length)
        ]
        for number, length in enumerate(lengths)
    }
    events: list[Event] = []
    while any(waiting.values()):
        room = order.choice(sorted(r for r, left in waiting.items() if left))  # type: ignore[attr-defined]
        events.append(waiting[room].pop(0))
    expected = uninterrupted(events)
    world = World(log_of(events))

    async def all_lives() -> None:
        for turns, save_every in lives:
            await life(world, turns, save_every)
        await life(world, None, 3)

    asyncio.run(all_lives())
    assert {e.event_id: e for e in world.sent} == {e.event_id: e for e in expected.sent}
    assert all(
        e == first for e in world.sent for first in world.sent if e.event_id == first.event_id
    )
    assert world.committed == len(events)


def test_open_window_holds_the_commit_and_an_ended_room_lets_go() -> None:
    #  slot       0  1  2  3  4
    #  window 0  |------->
    #  window 1        |------->     needs slot 2 on, so the commit stays there
    going = uninterrupted([transcript("room", slot, "w") for slot in range(4)])
    assert going.committed == 2
    ended = uninterrupted([transcript("room", slot, "w", last=slot == 3) for slot in range(4)])
    assert ended.committed == 4
    assert ended.states["room"][0]["done"] is True


def test_bad_records_reach_the_dead_letter_and_the_rest_goes_on() -> None:
    events = [
        transcript("room", 0, "good"),
        transcript("room", 1, "poison"),
        transcript("unopened", 0, "good"),
        transcript("room", 2, "bad"),
        transcript("room", 3, "good", last=True),
    ]
    log = log_of(events)
    torn = Original(Position("t", 0, len(log)), b"room", b"{", log[0].headers)
    world = World([*log, torn])
    asyncio.run(life(world, None, 1_000_000))
    reasons = [dict(record.headers)["liveshelf-reason"].decode() for record in world.refused]
    heads = sorted(reason.split(":")[0] for reason in reasons)
    assert heads == ["poison", "t[0]@2", "t[0]@5", "unworkable", "unworkable"]
    assert "never opened" in reasons[1]
    assert [e.slot for e in world.sent] == [0, 1]
    assert world.sent[0].raw_text == "(unworkable)"
    assert world.committed == len(world.log)


def test_room_that_ended_ignores_the_same_media_sent_again() -> None:
    events = [transcript("room", slot, "w", last=slot == 3) for slot in range(4)]
    world = World(log_of([*events, *events]))
    asyncio.run(life(world, None, 1))
    assert [e.slot for e in world.sent] == [0, 1]
    assert world.committed == 8
