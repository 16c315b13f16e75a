"""`liveshelf bench`: how fast and how right this machine is, through every real part."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from rich.console import Console

from stream.bench_real import check_data, measure_real
from stream.demo_room import TOLERANCE_MS, Demo, demo_settings, play_demo
from stream.settings import Settings


async def bench(settings: Settings, speed: float, data: Path | None = None) -> None:
    """Play the sample room and print figures as JSON.

    Args:
        settings: As for the demo.
        speed: Media seconds per second; 0: as fast as the stages go.
        data: Folder of photos and voices of real people; none: only the made room is measured, and
            that is said.

    Raises:
        InputError: the folder holds neither.
    """
    told = Console(stderr=True)
    if data is not None:
        check_data(data)
    demo = await play_demo(demo_settings(settings), speed, None, told, as_json=False)
    figures: dict[str, Any] = {"cores": os.cpu_count(), "room": room_figures(demo, speed)}
    if data is None:
        told.print("the room is made, not filmed; --data DIR adds real photos and voices")
    else:
        figures |= await asyncio.to_thread(measure_real, settings, data)
    Console().print_json(json.dumps(figures))


def room_figures(demo: Demo, speed: float) -> dict[str, Any]:
    """Return what one playing of the sample room says; times in seconds."""
    told = demo.played.told
    media_s = demo.played.report.duration_ms / 1_000
    return {
        "speed": speed,
        "media_s": round(media_s, 1),
        "wall_s": round(demo.wall_s, 1),
        "media_s_per_wall_s": round(media_s / demo.wall_s, 2),
        "first_tag_s": round(demo.first_tag_s, 1) if demo.first_tag_s is not None else None,
        "products": len(demo.score.found),
        "products_right": sum(found.right(TOLERANCE_MS) for found in demo.score.found),
        "invented": len(demo.score.invented),
        "windows": told.windows,
        "windows_with_words": told.windows_with_words,
        "fell_back": told.fell_back,
        "clips": told.clips,
    }
