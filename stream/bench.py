"""`liveshelf bench`: how fast this machine is on the sample room, through every real part."""

import json
import os

from rich.console import Console

from stream.demo_room import TOLERANCE_MS, demo_settings, play_demo
from stream.settings import Settings


async def bench(settings: Settings, speed: float) -> None:
    """Play the sample room and print figures as JSON.

    Args:
        settings: As for the demo.
        speed: Media seconds per second; 0: as fast as the stages go.
    """
    settings = demo_settings(settings)
    demo = await play_demo(settings, speed, None, Console(stderr=True), as_json=False)
    media_s = demo.played.report.duration_ms / 1_000
    told = demo.played.told
    figures = {
        "cores": os.cpu_count(),
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
    Console().print_json(json.dumps(figures))
