"""A process that reads screens and sums up on a real Kafka: `python -m tests.live.screen_worker
SERVERS PREFIX MEMBER`. The reader tells the colour of a picture; a summary is what was read."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from PIL import Image

from stream.process import run_stages
from stream.rooms import Rooms
from stream.setting_groups import OcrSettings, SummarizeSettings
from stream.settings import Settings
from stream.stage import RunnerOptions, Stage
from stream.stages.ocr import make_ocr
from stream.stages.summarize import make_summarize
from workers.read_screen import Line
from workers.summarize import Summarizer
from workers.summarizers.protocol import Broken, Draft, WindowText
from workers.told_reader import ToldReader

SETTINGS = Settings(
    summarize=SummarizeSettings(backend="extractive", window_ms=6_000, hop_ms=2_000),
    ocr=OcrSettings(enabled=True, every_ms=1_000),
)


def colour_of(picture: Image.Image) -> list[Line]:
    """One line: how red the picture is, to the nearest ten."""
    red = sum(picture.resize((1, 1)).tobytes()[:1])
    return [Line(f"red {round(red, -1)}", 0.9)]


class Repeater:
    """Says what stood on the screen."""

    rung: Literal["llm", "server", "extractive"] = "llm"
    model = "repeater/1"

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        return [Draft(None, raw_text=", ".join(one.screen_lines)) for one in windows]


def summarize(rooms: Rooms) -> Stage:
    return replace(make_summarize(SETTINGS, rooms), worker=Summarizer(Repeater()))


def ocr(rooms: Rooms) -> Stage:
    return make_ocr(SETTINGS, rooms, ToldReader(colour_of))


if __name__ == "__main__":
    servers, prefix, member = sys.argv[1:]
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("aiokafka").setLevel("WARNING")
    options = RunnerOptions(commit_interval_ms=200, idle_close_ms=60_000)
    asyncio.run(run_stages([ocr, summarize], servers, prefix, options, member))
