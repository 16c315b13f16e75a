"""Frames → screen texts: the reader and its pace come from the settings."""

from pydantic import JsonValue

from stream.batcher import BatchOptions
from stream.load import StageLoad
from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.topics import FRAMES, SCREEN_TEXTS
from workers.hurried import Hurried
from workers.read_screen import ReadOptions, ScreenReader, ScreenSlot, ScreenSlots, TextReader


def make_ocr(settings: Settings, rooms: Rooms, reader: TextReader) -> Stage:
    """Return the stage."""
    chosen = settings.ocr
    load = StageLoad("ocr", settings.overload, rooms.is_live)

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> ScreenSlots:
        return ScreenSlots(stream_id, chosen.every_ms, snapshot)

    def hurried(slot: ScreenSlot) -> ScreenSlot:
        return slot.lowered(load.rung(slot.stream_id))

    options = ReadOptions(chosen.least_score, chosen.longest_line, chosen.most_lines)
    return Stage(
        name="ocr",
        inputs=(FRAMES,),
        output=SCREEN_TEXTS,
        machine=machine,
        worker=Hurried(ScreenReader(reader, options), hurried),
        batch=BatchOptions(max_batch=4),
        closes_idle_rooms=True,
        load=load,
        describe=reader.model,
    )
