"""The stages that read the screen and use what was read, as the settings make them."""

import pytest

from stream.rooms import Rooms
from stream.setting_groups import OcrSettings, SummarizeSettings
from stream.settings import Settings
from stream.stages.ocr import make_ocr
from stream.stages.summarize import make_summarize
from stream.topics import FRAMES, SCREEN_TEXTS, TRANSCRIPTS
from tests.workers.test_read_screen import frame
from tests.workers.windows import screen, transcript
from workers.events import Room
from workers.ladder import OverloadOptions
from workers.told_reader import ToldReader

PLAIN = SummarizeSettings(backend="extractive", window_ms=2_000, hop_ms=1_000)
OFF = Settings(summarize=PLAIN)
HURRIED = Settings(ocr=OcrSettings(enabled=True), overload=OverloadOptions(patience_s=0))
ON = Settings(summarize=PLAIN, ocr=OcrSettings(enabled=True))


def rooms_with(*tracks: str, live: bool = False) -> Rooms:
    rooms = Rooms()
    told = {"stream_id": "room", "version": 0, "tracks": tracks, "live": live}
    rooms.add(Room.model_validate(told))
    return rooms


def test_frames_go_in_and_screen_texts_come_out() -> None:
    stage = make_ocr(ON, rooms_with("video"), ToldReader(lambda _: []))
    assert (stage.inputs, stage.output, stage.describe) == ((FRAMES,), SCREEN_TEXTS, "told/1")
    assert stage.closes_idle_rooms


@pytest.mark.parametrize(("live", "read"), [(True, 0), (False, 1)])
def test_a_live_room_that_falls_behind_is_not_read_any_more(live: bool, read: int) -> None:
    # Read three times as 60 s behind, without patience: work is left out where anybody waits.
    reader = ToldReader(lambda _: [])
    stage = make_ocr(HURRIED, rooms_with("video", live=live), reader)
    assert stage.load is not None
    for _ in range(3):
        stage.load.read(60_000)
    machine = stage.machine("room", None)
    stage.worker.process(machine.push(frame(0)))
    assert len(reader.pictures) == read


def test_summaries_know_nothing_of_screens_unless_they_are_read() -> None:
    stage = make_summarize(OFF, rooms_with("audio", "video"))
    assert stage.inputs == (TRANSCRIPTS,)
    assert len(stage.machine("room", None).push(transcript(0))) == 1


def test_summaries_wait_for_the_screen_of_a_room_that_has_one() -> None:
    stage = make_summarize(ON, rooms_with("audio", "video"))
    assert stage.inputs == (TRANSCRIPTS, SCREEN_TEXTS)
    machine = stage.machine("room", None)
    assert [*machine.push(transcript(0)), *machine.push(screen(0, "4.99"))] == []
    (window,) = machine.push(screen(1))
    assert window.screen_lines == ("4.99",)


def test_summaries_of_a_room_without_video_wait_for_nothing() -> None:
    machine = make_summarize(ON, rooms_with("audio")).machine("room", None)
    assert len(machine.push(transcript(0))) == 1
