"""Seconds of sound in a second of work: the peer, ours alone, ours in batches, few guards.

All hear the same sound in turns, and the fastest turn of each counts: what else a machine does only
slows. Ours hears utterances once, when they are cut, and its time holds all of it: voice detection,
cutting, decoding, word times, guards. Sounds are decoded before.
"""

from collections.abc import Callable, Sequence
from functools import partial

from workers.listening.bench import Bench, Figures, Guards, Skipped
from workers.listening.material import order_rooms, script_rooms
from workers.listening.room_player import PlayedRoom, PlayOptions, RoomPlayer

_ORDERS, _SCRIPTS, _ROUNDS = 32, 8, 3
_WAYS = ("alone", "batch 1", "batch 8", "batch 8, voice detector alone")


def measure_speed(bench: Bench) -> Figures | Skipped:
    """Return the figures on short orders and on long scripts, as far as they are there."""
    found: Figures = {}
    orders = order_rooms(bench.material, bench.tell, _ORDERS)
    scripts = script_rooms(bench.material, bench.tell, _SCRIPTS)
    for name, some in (("orders", orders), ("scripts", scripts)):
        if some:
            found[name] = bench.measured(f"speed/{name}/{len(some)}", partial(_paces, bench, some))
    return found or Skipped("neither --data with coffee_speech/ nor --scripts is given")


def _paces(bench: Bench, rooms: Sequence[PlayedRoom]) -> Figures:
    ways = _ways(bench)
    took_s: dict[str, list[float]] = {way: [] for way in _WAYS}
    # The first call of a model is slower than any other.
    for hear in ways.values():
        hear(rooms[:1])
    for turn in range(_ROUNDS):
        for at, (way, hear) in enumerate(ways.items()):
            began_s = bench.clock()
            hear(rooms)
            took_s[way].append(bench.clock() - began_s)
            bench.tell("speed", turn * len(ways) + at + 1, _ROUNDS * len(ways))
    length_s = sum(room.length_s for room in rooms)
    return paces(length_s, took_s) | {"rooms": len(rooms), "rounds_s": took_s}


def paces(length_s: float, took_s: dict[str, list[float]]) -> Figures:
    """Return seconds of sound in a second of each way's fastest turn, and that over the peer's.

    Args:
        length_s: of the sound.
        took_s: seconds of each turn, by way; `alone` is the peer.
    """
    best = {way: length_s / min(turns) for way, turns in took_s.items()}
    return {
        "sound_s": length_s,
        "sound_s_per_s": best,
        "times_alone": {way: pace / best["alone"] for way, pace in best.items()},
    }


def _ways(bench: Bench) -> dict[str, Callable[[Sequence[PlayedRoom]], None]]:
    def alone(rooms: Sequence[PlayedRoom]) -> None:
        for room in rooms:
            bench.ears.alone().text(room.samples)

    def ours(batch: int, guards: Guards) -> Callable[[Sequence[PlayedRoom]], None]:
        options = PlayOptions(at_once=8, batch=batch)
        player = RoomPlayer(bench.ears.ours(batch, guards), bench.whole, options)

        def play(rooms: Sequence[PlayedRoom]) -> None:
            for _ in player.play(rooms):
                pass

        return play

    heard = (alone, ours(1, "all"), ours(8, "all"), ours(8, "voice"))
    return dict(zip(_WAYS, heard, strict=True))
