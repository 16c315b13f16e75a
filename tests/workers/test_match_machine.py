"""One room of the match stage: every vector once, in order, and an end."""

from pydantic import JsonValue

from workers.events import AudioChunk, Vector
from workers.match_machine import MatchMachine


def grid(slot: int, *, last: bool = False) -> Vector:
    at_ms = 2_500 * slot
    return Vector(
        stream_id="room",
        slot=slot,
        start_ms=at_ms,
        end_ms=at_ms + 5_000,
        watermark_ms=at_ms,
        last=last,
    )


def test_every_vector_of_a_room_is_passed_on_once() -> None:
    machine = MatchMachine("room")
    slots = [job.slot for slot in (0, 1, 1, 0, 3, 2) for job in machine.push(grid(slot))]
    assert slots == [0, 1, 3]
    sound = AudioChunk(stream_id="room", slot=9, start_ms=0, end_ms=1, watermark_ms=1)
    assert machine.push(sound) == []
    assert machine.needed_from_ms == 12_500
    assert [job.slot for job in machine.push(grid(4, last=True))] == [4]
    assert machine.done
    assert machine.push(grid(5)) == machine.close() == []


def test_a_room_that_is_closed_ends_with_an_empty_vector() -> None:
    machine = MatchMachine("room")
    machine.push(grid(2))
    (end,) = machine.close()
    assert (end.slot, end.last, end.present) == (3, True, ())
    assert end.start_ms == end.end_ms == end.watermark_ms == 10_000
    assert machine.done


def test_a_room_goes_on_where_its_snapshot_was_taken() -> None:
    machine = MatchMachine("room")
    machine.push(grid(0))
    machine.push(grid(1))
    snapshot: dict[str, JsonValue] = machine.snapshot()
    again = MatchMachine("room", snapshot)
    assert again.needed_from_ms == machine.needed_from_ms
    assert again.push(grid(1)) == []
    assert [job.slot for job in again.push(grid(2, last=True))] == [2]
    assert MatchMachine("room", again.snapshot()).done


def test_newer_revision_of_a_vector_is_passed_on_once_also_after_a_restart() -> None:
    machine = MatchMachine("room")
    for slot in range(3):
        machine.push(grid(slot))
    revised = grid(1).model_copy(update={"revision": 1})
    assert machine.push(revised) == [revised]
    assert machine.push(revised) == machine.push(grid(1)) == []
    again = MatchMachine("room", machine.snapshot())
    assert again.push(revised) == []
    newer = revised.model_copy(update={"revision": 2})
    assert again.push(newer) == [newer]
    assert [job.slot for job in again.push(grid(3))] == [3]


def test_whole_clip_behind_newer_clips_of_pictures_is_passed_on_also_after_a_restart() -> None:
    # of pictures    0  1  .  3  4            2 has no picture, or its first form was left out
    # whole                          0  1  2  3 | 4
    machine = MatchMachine("room")
    early = [grid(slot) for slot in (0, 1, 3, 4)]
    whole = [grid(slot, last=slot == 4).model_copy(update={"revision": 1}) for slot in range(5)]
    told = [job for one in [*early, *whole[:4]] for job in machine.push(one)]
    again = MatchMachine("room", machine.snapshot())
    told += [job for one in [*early, *whole] for job in again.push(one)]
    assert told == [*early, *whole]
    assert again.done
