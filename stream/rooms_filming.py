"""`liveshelf rooms make`: makes rooms one after the other, or several at once, under a bar."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from stream.count_bar import count_bar

if TYPE_CHECKING:
    from workers.rooms.room_options import RoomOptions
    from workers.rooms.shelf import Shelf


def film_rooms(rooms: "Sequence[RoomOptions]", shelf: "Shelf | None" = None, jobs: int = 1) -> None:
    """Make rooms; those that are whole are left as they are.

    Args:
        rooms: each with a folder of its own.
        shelf: whose goods they show; none: our own world, as it was rendered.
        jobs: how many are made at once, each in a process of its own.

    Raises:
        InputError: views, voices or products that are asked for are not there.
        ServiceError: a voice failed.
    """
    console = Console(stderr=True)
    left = []
    for options in rooms:
        if (options.out / "truth.json").exists():
            again = "remove its truth.json to make it again"
            console.print(f"{options.out} is whole already; {again}", soft_wrap=True)
        else:
            left.append(options)
    if min(jobs, len(left)) > 1:
        _at_once(left, shelf, jobs, console)
    else:
        _in_turn(left, shelf, console)


def _in_turn(rooms: "Sequence[RoomOptions]", shelf: "Shelf | None", console: Console) -> None:
    from workers.rooms.make import make_room

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar:
        every = bar.add_task("rooms", total=len(rooms), visible=len(rooms) > 1)
        tasks = {step: bar.add_task(step, total=1.0) for step in ("speech", "film")}
        for done, options in enumerate(rooms):
            bar.update(every, completed=done, description=f"room {options.seed}")
            for task in tasks.values():
                bar.reset(task)
            began_s = time.monotonic()
            for progress in make_room(options, shelf):
                bar.update(tasks[progress.step], completed=progress.share)
            _say(console, options, time.monotonic() - began_s)
        bar.update(every, completed=len(rooms))


def _at_once(
    rooms: "Sequence[RoomOptions]", shelf: "Shelf | None", jobs: int, console: Console
) -> None:
    # Spawned, not forked: a fork would share the bar's thread and half of its locks.
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    with count_bar(console) as bar, pool:
        task = bar.add_task("rooms", total=len(rooms))
        waiting = {pool.submit(film_one, options, shelf): options for options in rooms}
        try:
            for done in as_completed(waiting):
                _say(console, waiting[done], done.result())
                bar.advance(task)
        finally:
            # After a failure no further room is begun; those that are being made are finished.
            pool.shutdown(wait=True, cancel_futures=True)


def film_one(options: "RoomOptions", shelf: "Shelf | None") -> float:
    """Make one room in this process; return the seconds that it took."""
    from workers.rooms.make import make_room

    began_s = time.monotonic()
    for _ in make_room(options, shelf):
        pass
    return time.monotonic() - began_s


def _say(console: Console, options: "RoomOptions", took_s: float) -> None:
    console.print(f"room {options.seed}: {options.out}, {took_s:.0f} s", soft_wrap=True)
