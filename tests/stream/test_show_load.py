"""What a person is told of the overload ladder."""

import io
from collections.abc import Sequence

from rich.console import Console

from stream.show import Screen
from stream.show_load import WORDS, LoadTold
from workers.events import LoadRung, Match
from workers.ladder import RUNGS


def clips(rungs: Sequence[LoadRung]) -> list[Match]:
    """Clips of 5 s, one every 2.5 s; the last one ends the room."""
    return [
        Match(
            stream_id="room", slot=slot, start_ms=2_500 * slot, end_ms=2_500 * slot + 5_000,
            watermark_ms=2_500 * slot + 5_000, load_rung=rung, last=slot == len(rungs) - 1,
        )
        for slot, rung in enumerate(rungs)
    ]  # fmt: skip


def test_every_rung_is_explained() -> None:
    assert set(WORDS) == set(RUNGS)


def test_rungs_hold_for_all_of_the_media_together() -> None:
    # clips   0    2.5  5    7.5  10        15 s
    # rung    full few  few  full full ----->
    told = LoadTold()
    changes = [
        told.take(clip) for clip in clips(["full", "fewer_frames", "fewer_frames", "full", "full"])
    ]
    assert changes == [False, True, False, True, False]
    assert told.held_ms == {"full": 10_000, "fewer_frames": 5_000}
    assert told.line() == "load: work fell behind; of the media, full 10 s, fewer_frames 5 s"


def test_room_from_whose_work_nothing_was_left_out_is_told_so() -> None:
    told = LoadTold()
    for clip in clips(["full", "full"]):
        told.take(clip)
    assert told.line() == "load: nothing was left out"


def test_change_of_the_rung_is_one_line_with_its_time() -> None:
    out = io.StringIO()
    screen = Screen(Console(file=out, width=200))
    for clip in clips(["full", "vision_only", "vision_only", "full"]):
        screen.show(clip)
        screen.show(clip)
    assert out.getvalue().splitlines() == [
        "00:02  load  vision_only (only pictures are looked at)",
        "00:07  load  full (nothing is left out)",
    ]
    assert screen.told.clips == 4


def test_clip_of_pictures_alone_is_neither_counted_nor_tells_a_rung() -> None:
    # clips     0 of pictures  1 of pictures  0 whole      1 whole      2, the last, whole only
    # rung      full           full           vision_only  vision_only  vision_only
    out = io.StringIO()
    screen = Screen(Console(file=out, width=200))
    whole = [
        one.model_copy(update={"revision": 1})
        for one in clips(["vision_only", "vision_only", "vision_only"])
    ]
    of_pictures = [
        one.model_copy(update={"revision": 0, "early": True, "load_rung": "full"})
        for one in whole[:2]
    ]
    for clip in (*of_pictures, whole[0], *of_pictures, *whole):
        screen.show(clip)
    assert out.getvalue().splitlines() == ["00:00  load  vision_only (only pictures are looked at)"]
    assert screen.told.clips == 3
