"""Slots of real people's orders: eight rooms at once beside the peer, clean and in a kitchen.

Each with and without the menu as hotwords. A third of the orders is set aside, and nothing is tuned
on it: its figures stand beside those of all.
"""

from collections.abc import Sequence
from dataclasses import asdict

from workers.audio_grid import Samples
from workers.listening.bench import Bench, Figures, Skipped
from workers.listening.material import (
    kitchen,
    order_rooms,
    orders_of,
    with_hotwords,
    with_noise,
)
from workers.listening.order_slots import (
    OrderHeard,
    count_order,
    is_set_aside,
    shares,
    slots_difference,
    whole_difference,
)
from workers.listening.room_player import PlayedRoom
from workers.recorded_orders import menu_of, read_orders

NO_ORDERS = "--data is not given, or has no coffee_speech/"
_SNR_DB = 10.0


def measure_slots(bench: Bench) -> Figures | Skipped:
    """Return the shares by sound and hotwords, of all orders and of those set aside."""
    folder = bench.material.orders
    if folder is None:
        return Skipped(NO_ORDERS)
    menu = menu_of(read_orders(folder))
    found: Figures = {"menu": menu}
    for sound, rooms in _sounds(
        order_rooms(bench.material, bench.tell), kitchen(bench.material)
    ).items():
        for words, hotwords in (("hotwords", ", ".join(menu)), ("without", "")):
            what = f"orders {sound} {words}"
            found[f"{sound}, {words}"] = _compared(
                bench, what, with_hotwords(rooms, hotwords), menu
            )
    return found


def _sounds(rooms: list[PlayedRoom], recording: Samples | None) -> dict[str, Sequence[PlayedRoom]]:
    if recording is None:
        return {"clean": rooms}
    return {"clean": rooms, "kitchen 10 dB": with_noise(rooms, recording, _SNR_DB)}


def _compared(bench: Bench, what: str, rooms: Sequence[PlayedRoom], menu: Sequence[str]) -> Figures:
    orders = orders_of(bench.material)
    ours, alone = (
        [count_order(order, text, menu) for order, text in zip(orders, texts, strict=True)]
        for texts in (
            [one.text for one in bench.heard(what, rooms)],
            bench.heard_alone(what, rooms),
        )
    )
    aside = [at for at, order in enumerate(orders) if is_set_aside(order)]
    found = {"all": _figures(ours, alone)}
    if aside:
        found["set aside"] = _figures([ours[at] for at in aside], [alone[at] for at in aside])
    return found


def _figures(ours: Sequence[OrderHeard], alone: Sequence[OrderHeard]) -> Figures:
    return {
        "ours": shares(ours),
        "alone": shares(alone),
        "slots_ours_less_alone": asdict(slots_difference(ours, alone)),
        "whole_ours_less_alone": asdict(whole_difference(ours, alone)),
    }
