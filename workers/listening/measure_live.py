"""Commit delay, and how many rooms a machine holds at real time: speech alone, or all stages.

For hops of one and two seconds, with one room, two, three and so on until a number is not held;
three are always tried. Speech alone plays orders, which real people speak one after another,
without a cart and with the menu as cart, and scripts, which voices of programs read without a
pause; each room from another place on.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Protocol

import numpy as np

from workers.audio_grid import RATE_HZ, Samples
from workers.events import GridEvent
from workers.listening.bench import Bench, Figures, Skipped
from workers.listening.live_rooms import LiveRooms, play_live, play_stages
from workers.listening.material import order_rooms, script_rooms, with_hotwords
from workers.listening.room_player import PlayedRoom
from workers.listening.simulated_machine import LiveOptions, LiveStage
from workers.recorded_orders import menu_of, read_orders

_HOPS_MS = (1_000, 2_000)
_ALWAYS, _MOST = 3, 24
_WARM_S = 4
_ORDERS = 96
"""Enough that rooms play other ones."""

Play = Callable[[int, int, LiveOptions], LiveRooms]
"""Hop in ms, number of rooms, options → what became of them."""


class Pipeline(Protocol):
    """All stages, and rooms to play in them."""

    def stages(self, hop_ms: int, rooms: Sequence[str]) -> Sequence[LiveStage]:
        """Return the stages with rooms that they know."""

    def media(self, room: str) -> Sequence[GridEvent]:
        """Return a room's sound and frames."""


def measure_live(bench: Bench, length_s: int) -> Figures | Skipped:
    """Return what becomes of each number of rooms at each hop, in the speech stage alone.

    Args:
        bench: ears and material.
        length_s: seconds that each room plays.
    """
    found: Figures = {"length_s": length_s}
    orders = order_rooms(bench.material, bench.tell, _ORDERS)
    folder = bench.material.orders
    menu = menu_of(read_orders(folder)) if folder is not None else []
    material = {
        "orders": orders,
        "orders with the menu": with_hotwords(orders, ", ".join(menu)),
        "scripts": script_rooms(bench.material, bench.tell),
    }
    for name, sounds in material.items():
        if sounds:
            play = partial(_play_sounds, bench, sounds)
            found |= _tried_by_hop(bench, f"live, {name}", play, length_s, f"{name}, ")
    if len(found) == 1:
        return Skipped("neither --scripts nor --data with coffee_speech/ is given")
    return found


def _play_sounds(
    bench: Bench, sounds: Sequence[PlayedRoom], hop_ms: int, count: int, options: LiveOptions
) -> LiveRooms:
    rooms = rooms_of(sounds, count, options.length_s)
    cuts = replace(bench.cuts, hop_ms=hop_ms)
    return play_live(bench.ears.ours(), cuts, rooms, options, bench.clock)


def measure_pipeline(bench: Bench, pipeline: Pipeline, length_s: int) -> Figures:
    """Return what becomes of each number of rooms at each hop, in all stages.

    Args:
        bench: keeps the figures.
        pipeline: has stages and rooms.
        length_s: seconds that each room plays at most.
    """

    def play(hop_ms: int, count: int, options: LiveOptions) -> LiveRooms:
        names = [f"live-{number}" for number in range(count)]
        media = {name: pipeline.media(name) for name in names}
        return play_stages(pipeline.stages(hop_ms, names), media, options, bench.clock)

    return {"length_s": length_s} | _tried_by_hop(bench, "pipeline", play, length_s)


def _tried_by_hop(
    bench: Bench, what: str, play: Play, length_s: int, material: str = ""
) -> Figures:
    options = LiveOptions(length_s=length_s)
    found: Figures = {}
    most = bench.material.most(_MOST)
    for hop_ms in _HOPS_MS:
        tried: list[Figures] = []
        while len(tried) < most and (len(tried) < _ALWAYS or tried[-1]["is_held"]):
            count = len(tried) + 1

            def measure(hop_ms: int = hop_ms, count: int = count) -> Figures:
                # Buffers of this size are set up by the first call.
                play(hop_ms, count, replace(options, length_s=_WARM_S))
                return figures_of(play(hop_ms, count, options))

            tried.append(bench.measured(f"{what}/{hop_ms}/{length_s}/{count}", measure))
            bench.tell(f"{what}, hop {hop_ms} ms", count, count)
        # A number above one that was not held counts for nothing.
        missed = [at for at, one in enumerate(tried) if not one["is_held"]]
        found[f"{material}hop {hop_ms} ms"] = {
            "rooms_held": missed[0] if missed else len(tried),
            "all_tried_held": not missed,
            "tried": tried,
        }
    return found


def figures_of(live: LiveRooms) -> Figures:
    """Return what became of rooms, as JSON."""
    return asdict(live) | {"is_held": live.is_held}


def rooms_of(sounds: Sequence[PlayedRoom], count: int, length_s: int) -> list[PlayedRoom]:
    """Return rooms of a length, each of sounds that follow one another, from another place on.

    A room expects the words that its first sound expects.
    """
    rooms: list[PlayedRoom] = []
    for number in range(count):
        first = number * len(sounds) // count
        parts: list[Samples] = []
        size = 0
        while size < length_s * RATE_HZ:
            samples = sounds[(first + len(parts)) % len(sounds)].samples
            parts.append(samples)
            size += len(samples)
        joined = np.concatenate(parts)[: length_s * RATE_HZ]
        rooms.append(replace(sounds[first], name=f"live-{number}", samples=joined))
    return rooms
