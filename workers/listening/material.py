"""Recorded orders and spoken scripts as rooms to be played."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from workers.audio_grid import Samples
from workers.clip_noise import Noise, NoiseOptions
from workers.clip_sound import decoded
from workers.listening.bench import Material
from workers.listening.room_player import PlayedRoom
from workers.recorded_orders import Order, read_orders
from workers.rooms.spoken_scripts import SpokenScript, read_scripts

Tell = Callable[[str, int, int], None]
"""Hears what is done, how many of it, of how many."""
KITCHEN = "noise_kitchen.flac"
"""The recording beside the orders that lies under them."""


def orders_of(material: Material) -> list[Order]:
    """Return the recorded orders, as many as are wanted; none where there is no folder.

    Raises:
        InputError: the folder is not one of orders.
    """
    if material.orders is None:
        return []
    orders = [order for order in read_orders(material.orders) if order.slots]
    return orders[: material.most(len(orders))]


def order_rooms(material: Material, tell: Tell, most: int = 0) -> list[PlayedRoom]:
    """Return a room for each order, named by its file, without hotwords.

    Args:
        material: what there is.
        tell: hears how many files are decoded, of how many.
        most: rooms; 0: all that are wanted.

    Raises:
        InputError: the folder is not one of orders, or a recording cannot be read.
    """
    if material.orders is None:
        return []
    return _rooms([material.orders / "flac" / one.file for one in orders_of(material)], tell, most)


def scripts_of(material: Material) -> list[SpokenScript]:
    """Return the spoken scripts, as many as are wanted; none where there is no folder.

    Raises:
        InputError: the folder is not one of scripts.
    """
    scripts = read_scripts(material.scripts) if material.scripts is not None else []
    return scripts[: material.most(len(scripts))]


def script_rooms(material: Material, tell: Tell, most: int = 0) -> list[PlayedRoom]:
    """Return a room for each script, named by its file, without hotwords.

    Args:
        material: what there is.
        tell: hears how many files are decoded, of how many.
        most: rooms; 0: all that are wanted.

    Raises:
        InputError: the folder is not one of scripts, or a sound cannot be read.
    """
    folder = material.scripts or Path()
    return _rooms([folder / one.file for one in scripts_of(material)], tell, most)


def _rooms(files: Sequence[Path], tell: Tell, most: int) -> list[PlayedRoom]:
    wanted = files[: most or len(files)]
    rooms: list[PlayedRoom] = []
    for file in wanted:
        rooms.append(PlayedRoom(file.name, _sound(file)))
        tell("sound files", len(rooms), len(wanted))
    return rooms


# Each file takes a process of its own, and several parts hear it.
_sound = cache(decoded)


def kitchen(material: Material) -> Samples | None:
    """Return the recording of a kitchen; none where there is none.

    Raises:
        InputError: it cannot be read.
    """
    path = None if material.orders is None else material.orders / KITCHEN
    return decoded(path) if path is not None and path.is_file() else None


def with_noise(rooms: Sequence[PlayedRoom], recording: Samples, snr_db: float) -> list[PlayedRoom]:
    """Return the rooms with noise under them, another part of the recording under each.

    Raises:
        InputError: the recording is silent.
    """
    noise = Noise(recording, NoiseOptions(snr_db))
    return [replace(room, samples=noise.under(room.samples, room.name)) for room in rooms]


def with_hotwords(rooms: Sequence[PlayedRoom], hotwords: str) -> list[PlayedRoom]:
    """Return the rooms, each with these words to expect."""
    return [replace(room, hotwords=hotwords) for room in rooms]
