"""Frames → screen texts: the reader and its pace come from the settings."""

from pydantic import JsonValue

from stream.batcher import BatchOptions
from stream.settings import Settings
from stream.stage import Stage
from stream.topics import FRAMES, SCREEN_TEXTS
from workers.read_screen import ReadOptions, ScreenReader, ScreenSlots, TextReader


def make_ocr(settings: Settings, reader: TextReader) -> Stage:
    """Return the stage."""
    chosen = settings.ocr

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> ScreenSlots:
        return ScreenSlots(stream_id, chosen.every_ms, snapshot)

    options = ReadOptions(chosen.least_score, chosen.longest_line, chosen.most_lines)
    return Stage(
        name="ocr",
        inputs=(FRAMES,),
        output=SCREEN_TEXTS,
        machine=machine,
        worker=ScreenReader(reader, options),
        batch=BatchOptions(max_batch=4),
        closes_idle_rooms=True,
        describe=reader.model,
    )
