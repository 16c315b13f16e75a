"""Late media through lanes that are killed: whatever comes when, the room ends with its tags.

frames, shuffled and doubled ─> lane: align ─> clips ─> match ─> lane: tag ─> tags
                                killed                           killed
"""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from stream.stage import Stage
from stream.topics import FRAMES, MATCHES, TAGS, VECTORS
from tests.stream.lane_world import World, life, log_of
from tests.workers.tag_rooms import RULE, as_they_stand
from tests.workers.test_late_room import deliveries, encoded, matched, told
from workers.align import Aligner, AlignOptions
from workers.clip import Clip
from workers.events import Event, Frame, StreamEvent, Vector
from workers.machine import Outcome
from workers.match import MatchMachine
from workers.tag import Tagger, TagOptions, TagWorker

Lives = list[tuple[int, int]]
"""Turns of the event loop until each kill, and how often the state is saved meanwhile."""
LIVES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 7)), max_size=4)


class Letters:
    """Turns clips into vectors that hold their letters."""

    def process(self, jobs: Sequence[Clip]) -> list[Outcome]:
        return [[encoded(job)] for job in jobs]

    def empty(self, job: Clip, error: Exception) -> list[StreamEvent]:
        raise AssertionError(error) from None


def clips() -> Stage:
    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> Aligner:
        return Aligner(stream_id, ("video",), AlignOptions(), snapshot)

    return Stage("embed", (FRAMES,), VECTORS, machine, Letters())


def tags() -> Stage:
    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> Tagger:
        return Tagger(stream_id, RULE, TagOptions(update_every=3), snapshot)

    return Stage("tag", (MATCHES,), TAGS, machine, TagWorker())


def lived(world: World, lives: Lives) -> World:
    """The world after some lives that were cut short and one that was not."""

    async def all_lives() -> None:
        for turns, save_every in lives:
            await life(world, turns, save_every)
        await life(world, None, 3)

    asyncio.run(all_lives())
    return world


@settings(max_examples=50)
@given(deliveries(), LIVES, LIVES)
def test_shuffled_doubled_late_and_killed_it_ends_in_the_same_tags(
    case: tuple[list[Frame], list[Frame]], embed_lives: Lives, tag_lives: Lives
) -> None:
    media, shuffled = case
    seen = lived(World(log_of(shuffled), clips), embed_lives)
    match = MatchMachine("room")
    matches: list[Event] = [
        matched(vector)
        for event in seen.sent
        if isinstance(event, Vector)
        for vector in match.push(event)
    ]
    said = lived(World(log_of(matches), tags), tag_lives)
    expected, _ = told(media)
    assert as_they_stand(said.sent) == as_they_stand(expected)
    assert seen.committed == len(shuffled)
    assert said.committed == len(matches)
