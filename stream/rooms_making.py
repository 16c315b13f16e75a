"""`liveshelf rooms render` and `frames`: the bars that people watch, and the catalogue."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from models.errors import InputError

if TYPE_CHECKING:
    from workers.rooms.frames import FrameOptions
    from workers.rooms.products import Item
    from workers.rooms.render import RenderOptions


def render_views(
    options: "RenderOptions",
    python: Path,
    views: Path,
    catalogue: Path | None,
    only: str,
    seeds: "Sequence[int]" = (),
) -> None:
    """Render what is missing, and write the catalogue if it is wanted.

    Raises:
        InputError: a product that is named does not exist.
        ServiceError: Blender could not be started or ended early.
    """
    from workers.rooms.products import load
    from workers.rooms.world import render_all, write_catalogue

    items = load()
    wanted = named(items, only)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    fresh = 0
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar:
        tasks: dict[str, TaskID] = {}
        for made in render_all(items, views, python, options, wanted, seeds):
            if made.step not in tasks:
                tasks[made.step] = bar.add_task(made.step, total=made.total)
            fresh += made.done > 0
            bar.update(tasks[made.step], completed=made.done)
    console.print(f"{fresh} pictures rendered, the others were there; all in {views}")
    if catalogue:
        count, size_bytes = write_catalogue(items, views, catalogue)
        told = f"{count} products, {size_bytes / 1e6:.1f} MB of pages"
        console.print(f"{catalogue / 'catalogue.jsonl'}: {told}")


def lay_frames(options: "FrameOptions", views: Path, out: Path) -> None:
    """Make the frames that are missing, then the manifest.

    Raises:
        InputError: there are no views, or the folder holds frames of other options.
    """
    from workers.rooms.frames import make_frames
    from workers.rooms.products import load

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("frames", total=None)
        for done, total in make_frames(load(), views, out, options):
            bar.update(task, completed=done, total=total)
    console.print(f"manifest: {out / 'manifest.jsonl'}")


def named(items: "Sequence[Item]", wanted: str) -> "tuple[Item, ...]":
    """Return the items of a list of ids or what they begin with; all for an empty list.

    Raises:
        InputError: nothing begins so.
    """
    names = [name for name in (part.strip() for part in wanted.split(",")) if name]
    for name in names:
        if not any(item.product_id.startswith(name) for item in items):
            message = f"no product id begins with {name!r}"
            raise InputError(message)
    return tuple(item for item in items if not names or item.product_id.startswith(tuple(names)))
