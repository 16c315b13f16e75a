"""A lane that is killed anywhere and started again loses nothing and repeats its ids."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stream.codec import Position
from stream.dead_letter import Original
from stream.meter import NoMeter
from stream.room_progress import RoomProgress
from stream.topics import TAGS
from tests.stream.lane_world import World, life, log_of
from tests.stream.window_stage import transcript, window_stage
from workers.events import Event


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


class Told(NoMeter):
    """Keeps the progress of rooms."""

    def __init__(self) -> None:
        self.rooms: dict[str, RoomProgress] = {}

    def entered(self, stream_id: str, progress: RoomProgress) -> None:
        self.rooms[stream_id] = progress


def test_stage_without_slots_of_its_own_has_no_backlog_once_all_is_answered() -> None:
    told = Told()
    world = World(
        log_of([transcript("room", slot, "w") for slot in range(6)]),
        lambda: replace(window_stage(), output=TAGS),
        told,
    )
    asyncio.run(life(world, None, 1_000_000))
    assert told.rooms["room"].taken_ms == 6_000
    assert told.rooms["room"].backlog_ms == 0
