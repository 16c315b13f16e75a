"""Every second of sound is accounted for in a lane, whatever comes and wherever it is killed."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from stream.meter import NoMeter
from stream.room_progress import RoomProgress
from stream.stage import Stage
from tests.stream.lane_world import World, life, log_of
from tests.stream.obvious_account import obvious_account
from tests.stream.sound_stage import LOOP, POISON, VOICE, chunk, slot_stage, sound_stage, torn
from workers.events import AudioChunk, LoadRung
from workers.media_account import MediaAccount
from workers.media_sums import MediaSums

ROOM = "room"


@dataclass
class Auditor(NoMeter):
    """Holds every account to the law that it must obey at any moment."""

    rooms: list[RoomProgress] = field(default_factory=list)

    def entered(self, stream_id: str, progress: RoomProgress) -> None:
        self.rooms.append(progress)

    def look(self) -> None:
        for room in self.rooms:
            assert room.account is not None
            assert room.account.sums.is_closed
            assert room.account.sums.pending_ms >= 0


def saved_sums(world: World) -> MediaSums:
    account = world.states[ROOM][0]["account"]
    assert isinstance(account, dict)
    return MediaAccount(account).sums


def run(
    events: Sequence[AudioChunk],
    lives: Sequence[tuple[int, int, int]] = (),
    stage: Callable[[], Stage] = sound_stage,
) -> World:
    auditor = Auditor()
    world = World(log_of(events), stage, auditor)

    async def all_lives() -> None:
        for turns, save_every, pace in lives:
            await life(world, turns, save_every, auditor.look, pace)
        await life(world, None, 3, auditor.look)

    asyncio.run(all_lives())
    return world


def test_each_second_goes_where_it_belongs() -> None:
    # slot   0      1      2(torn)  3     5      4(late)  6(loop)  7(poison)  8(last)
    events = [
        chunk(ROOM, 0),
        chunk(ROOM, 1, 0),
        torn(chunk(ROOM, 2)),
        chunk(ROOM, 3, gap_ms=400),
        chunk(ROOM, 5, 0),
        chunk(ROOM, 4),
        chunk(ROOM, 5, 0),
        chunk(ROOM, 6, LOOP),
        chunk(ROOM, 7, 0),
        chunk(ROOM, 8, POISON, last=True),
    ]
    sums = saved_sums(run(events))
    assert sums.received_ms == 8_600
    assert sums.dropped_by_ms["refused"] == 1_000
    assert sums.dropped_by_ms["late"] == 1_000
    assert sums.dropped_by_ms["loop"] >= 500
    assert sums.dropped_by_ms["failed"] >= 1_000
    assert sums.is_closed
    assert sums.pending_ms == 0


FATES = st.sampled_from(
    ["once", "once", "once", "twice", "missing", "late", "torn", "torn then good", "gap"]
)
LEVELS = st.sampled_from([VOICE, VOICE, 0, LOOP, POISON])


@st.composite
def streams(draw: st.DrawFn) -> list[AudioChunk]:
    """A room's chunks with everything that can go wrong on the way, its last one good."""
    events: list[AudioChunk] = []
    held: list[tuple[int, AudioChunk]] = []
    for slot in range(draw(st.integers(1, 12))):
        fate = draw(FATES)
        one = chunk(ROOM, slot, draw(LEVELS), gap_ms=300 if fate == "gap" else 0)
        if fate == "late":
            held.append((slot + draw(st.integers(1, 5)), one))
        copies = {"twice": [one, one], "missing": [], "late": [], "torn": [torn(one)]}
        copies["torn then good"] = [torn(one), one]
        events += copies.get(fate, [one])
        events += [late for until, late in held if until == slot]
    end = max((event.slot for event in events), default=0) + 1
    return [*events, chunk(ROOM, end, draw(LEVELS), last=True), *events[-2:]]


LIVES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 7), st.integers(0, 3)), max_size=4)


@given(
    stage=st.sampled_from([sound_stage, slot_stage]),
    events=streams(),
    lives=LIVES,
)
def test_books_are_closed_at_every_step_and_exact_at_the_end_wherever_it_is_killed(
    stage: Callable[[], Stage], events: list[AudioChunk], lives: list[tuple[int, int, int]]
) -> None:
    world = run(events, lives, stage)
    sums = saved_sums(world)
    assert sums == obvious_account(events, world.sent)
    assert sums == saved_sums(run(events, (), stage))


@given(
    events=streams(),
    lives=LIVES,
    rungs=st.lists(st.sampled_from(["full", "larger_hop", "vision_only"]), min_size=1, max_size=9),
)
def test_books_stay_closed_while_load_comes_and_goes_and_nothing_but_the_overload_is_dropped_for_it(
    events: list[AudioChunk], lives: list[tuple[int, int, int]], rungs: list[LoadRung]
) -> None:
    turns = itertools.cycle(rungs)
    world = run(events, lives, lambda: sound_stage(rung=lambda _: next(turns)))
    sums, calm = saved_sums(world), obvious_account(events, [])
    assert sums.is_closed
    assert (sums.received_ms, sums.pending_ms) == (calm.received_ms, 0)
    assert calm.dropped_by_ms.items() <= sums.dropped_by_ms.items()
    allowed = {"late", "refused", "loop", "failed"}
    if "vision_only" in rungs:
        allowed.add("overload")
    assert sums.dropped_by_ms.keys() <= allowed


def test_late_chunk_is_not_committed_before_the_account_that_holds_it_is_saved() -> None:
    # slots   0   2   1(late)   4   3(late)   5(last), each written at once: nothing else is held
    events = [chunk(ROOM, slot, last=slot == 5) for slot in (0, 2, 1, 4, 3, 5)]
    whole = MediaSums(6_000, 4_000, 0, {"late": 2_000})
    for killed_at, save_every, pace in itertools.product(range(50), range(1, 6), (1, 2)):
        world = run(events, [(killed_at, save_every, pace)], slot_stage)
        assert saved_sums(world) == whole
