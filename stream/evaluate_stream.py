"""`liveshelf evaluate stream`: the serving code judged on made rooms, with tables and pictures."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from models.errors import InputError
from stream.count_bar import count_bar
from stream.rooms_trial import about_rooms, play_rooms, read_rooms, told_settings
from stream.settings import Settings, with_sets
from stream.trial_stages import SettingsStages, index_catalogue, with_own_index
from workers.events import LoadRung
from workers.rooms.quality import Judged, judged, quality_json
from workers.rooms.quality_plots import draw_quality
from workers.rooms.quality_table import HEADINGS, as_markdown, as_rows, difference_rows
from workers.rooms.scoring import titles_of, told_at
from workers.rooms.trial import Trial, Tried
from workers.rooms.variants import Gallery, Modality, Variant
from workers.rooms.variants_picture import VariantsPicture, draw_variants

REPORT, TABLES, PLOT, TIMELINE = "quality.json", "quality.md", "quality.png", "timeline.png"
_TRIED_GROUPS = ("match", "tag")
_SHOWN = ("variant", "F1", "first tag s", "never told", "false/h", "edits")
"""What of the table fits a terminal."""


@dataclass(frozen=True)
class StreamOrder:
    """What is to be judged."""

    rooms: tuple[Path, ...]
    """Folders with room.mp4, cart.json and truth.json."""
    catalogue: Path
    out: Path
    """Folder of the report, and of what is recorded, under `cache`."""
    galleries: tuple[Gallery, ...]
    modalities: tuple[Modality, ...]
    rungs: tuple[LoadRung, ...] = ("full",)
    """What is left out as under load; rungs below `full` are judged with both modalities."""
    sets: tuple[tuple[str, ...], ...] = ()
    """Other settings of match and tag to judge, several at once in each."""


def variants_of(order: StreamOrder) -> list[Variant]:
    """Return every variant that an order asks for, in the order of the report.

    Raises:
        InputError: a setting is not one of match or tag, whose change needs no new recording.
    """
    for one in (one for some in order.sets for one in some):
        if one.split(".")[0] not in _TRIED_GROUPS:
            message = (
                f"--try {one}: only settings of {' and '.join(_TRIED_GROUPS)} are tried on what is "
                "recorded; for others give --set before `evaluate` and another --out"
            )
            raise InputError(message)
    return [
        Variant(gallery, modality, rung=rung, sets=sets)
        for rung in order.rungs
        for gallery in order.galleries
        for modality in (order.modalities if rung == "full" else ("both",))
        for sets in ((), *order.sets)
    ]


def evaluate_stream(settings: Settings, order: StreamOrder) -> list[Judged]:
    """Judge the serving code; records rooms once, writes the report, and shows progress.

    Raises:
        LiveShelfError: a room, model or index cannot be used.
    """
    variants = variants_of(order)
    for one in variants:
        with_sets(settings, one.sets)  # refuses what is no setting before anything is decoded
    rooms = read_rooms(order.rooms, order.catalogue)
    order.out.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    settings = with_own_index(settings, order.out / "cache", order.catalogue)
    began_s = time.monotonic()
    tried: list[Tried] = []
    with count_bar(console) as bar:
        indexed = index_catalogue(settings, order.catalogue, bar)
        trial = Trial(SettingsStages(settings), order.out / "cache")
        for step in play_rooms(trial, rooms, variants, bar):
            if step.tried is not None:
                # Matches of hours of rooms in every variant would fill the memory.
                tried.append(replace(step.tried, matches=()))
            how = "was kept" if step.kept else f"{step.wall_s:.1f} s"
            bar.console.print(f"{step.room}: {step.what} ({how})", highlight=False)
    found = judged(tried)
    _write(found, settings, order.out, indexed)
    console.print(f"{time.monotonic() - began_s:.0f} s; tables, tags and pictures in {order.out}")
    return found


def stream_table(found: Sequence[Judged]) -> Table:
    """Return the table for a terminal: what fits; intervals and the rest are in the files."""
    table = Table(
        *_SHOWN,
        title="All rooms together; median s to the first right tag",
        title_justify="left",
        box=box.SIMPLE,
        pad_edge=False,
    )
    for column in table.columns[1:]:
        column.no_wrap = True
    table.columns[0].overflow = "fold"
    chosen = [HEADINGS.index(name) for name in _SHOWN]
    for row in as_rows(found)[1:]:
        table.add_row(*(row[at].partition(" [")[0] for at in chosen))
    return table


def difference_lines(found: Sequence[Judged]) -> Iterator[str]:
    """Yield what is above what, in words."""
    for variant, other, more in difference_rows(found)[1:]:
        yield f"{variant} over {other}: F1 {more}"


def _write(found: Sequence[Judged], settings: Settings, out: Path, indexed: int) -> None:
    text = json.dumps(quality_json(found, told_settings(settings)), indent=1, allow_nan=False)
    (out / REPORT).write_text(text + "\n", encoding="utf-8")
    tried = found[0].tried
    about = about_rooms(settings, [one.room.truth for one in tried], indexed)
    (out / TABLES).write_text(as_markdown(found, about), encoding="utf-8")
    draw_quality(found, out / PLOT)
    for at in range(len(tried)):
        _write_room([one.tried[at] for one in found], out)


def _write_room(tried: Sequence[Tried], out: Path) -> None:
    room = tried[0].room
    folder = out / room.room.stream_id
    folder.mkdir(parents=True, exist_ok=True)
    for one in tried:
        lines = [tag.model_dump_json() for tag in one.tags]
        (folder / f"{one.variant.name}.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")
    tags = {
        one.variant.name: told_at(
            [(said.event, said.at_ms) for said in one.said], room.truth.duration_ms
        )
        for one in tried
    }
    titles = titles_of([tag for one in tried for tag in one.tags])
    picture = VariantsPicture(room.room.stream_id, room.truth, tags, titles)
    draw_variants(picture, folder / TIMELINE)
