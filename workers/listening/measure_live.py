"""Commit delay, and how many rooms a machine holds at real time, the speech stage alone.

For hops of one and two seconds, with one room, two, three and so on until a number is not held;
three are always tried. Rooms play scripts where there are some, or else orders one after another,
each room from another place on.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from workers.audio_grid import RATE_HZ, Samples
from workers.listening.bench import Bench, Figures, Skipped
from workers.listening.live_rooms import LiveOptions, LiveRooms, play_live
from workers.listening.material import order_rooms, script_rooms
from workers.listening.room_player import PlayedRoom

_HOPS_MS = (1_000, 2_000)
_ALWAYS, _MOST = 3, 24


def measure_live(bench: Bench, length_s: int) -> Figures | Skipped:
    """Return what becomes of each number of rooms at each hop.

    Args:
        bench: ears and material.
        length_s: seconds that each room plays.
    """
    sounds = script_rooms(bench.material) or order_rooms(bench.material)
    if not sounds:
        return Skipped("neither --scripts nor --data with coffee_speech/ is given")
    options = LiveOptions(length_s=length_s)
    found: Figures = {"length_s": length_s}
    most = bench.material.most(_MOST)
    for hop_ms in _HOPS_MS:
        tried: list[Figures] = []
        while len(tried) < most and (len(tried) < _ALWAYS or tried[-1]["is_held"]):
            rooms = rooms_of(sounds, len(tried) + 1, length_s)
            tried.append(_tried(bench, hop_ms, rooms, options))
        # A number above one that was not held counts for nothing.
        missed = [at for at, one in enumerate(tried) if not one["is_held"]]
        found[f"hop {hop_ms} ms"] = {
            "rooms_held": missed[0] if missed else len(tried),
            "all_tried_held": not missed,
            "tried": tried,
        }
    return found


def _tried(bench: Bench, hop_ms: int, rooms: Sequence[PlayedRoom], options: LiveOptions) -> Figures:
    def measure() -> Figures:
        model = bench.ears.ours()
        cuts = replace(bench.cuts, hop_ms=hop_ms)
        # Buffers of this size are set up by the first call.
        play_live(model, cuts, rooms, replace(options, length_s=4), bench.clock)
        return figures_of(play_live(model, cuts, rooms, options, bench.clock))

    found = bench.measured(f"live/{hop_ms}/{options.length_s}/{len(rooms)}", measure)
    bench.tell(f"live, hop {hop_ms} ms", len(rooms), len(rooms))
    return found


def figures_of(live: LiveRooms) -> Figures:
    """Return what became of rooms, as JSON."""
    return asdict(live) | {"is_held": live.is_held}


def rooms_of(sounds: Sequence[PlayedRoom], count: int, length_s: int) -> list[PlayedRoom]:
    """Return rooms of a length, each of sounds that follow one another, from another place on."""
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
        rooms.append(PlayedRoom(f"live-{number}", joined))
    return rooms
