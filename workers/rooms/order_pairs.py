"""Recorded orders as pairs: what Whisper heard of a real voice, and the title that is right.

The titles are what the orders name ("Dark Roast Iced Mocha"); every order may be any of them, so
that all of them are its cart. In no order is nothing sold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from models.errors import InputError
from workers.recorded_orders import Order, OrderHearing, read_orders, sound_of
from workers.rooms.grown_lines import append
from workers.rooms.pairs import Pair, read_pairs


def write_orders(
    hearing: OrderHearing, folder: Path, out: Path, slots: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Append a pair for each order; yield how many there are, and how many there will be.

    Args:
        hearing: hears.
        folder: of `workers.recorded_orders`.
        out: JSON Lines; orders that are in it already are not heard again.
        slots: whose words make a title, in order; an order without one of them is left out.

    Raises:
        InputError: the folder is of another kind, no order has the slots, or the file is of
            something else.
    """
    orders = [order for order in read_orders(folder) if set(slots) <= order.slots.keys()]
    if not orders:
        message = f"no order in {folder} has all of the slots {', '.join(slots)}"
        raise InputError(message)
    titles = tuple(sorted({_title(order, slots) for order in orders}))
    known = {pair.id for pair in read_pairs(out)} if out.exists() else set()
    for number, order in enumerate(orders):
        name = f"order-{Path(order.file).stem}-0"
        if name not in known:
            append(out, [asdict(_pair(name, order, _title(order, slots), titles, hearing, folder))])
        yield number + 1, len(orders)


def _title(order: Order, slots: Sequence[str]) -> str:
    return " ".join(order.slots[slot] for slot in slots).title()


def _pair(
    name: str,
    order: Order,
    title: str,
    titles: tuple[str, ...],
    hearing: OrderHearing,
    folder: Path,
) -> Pair:
    sound = sound_of(folder, order)
    return Pair(
        id=name,
        transcript=" ".join(hearing.text(sound).split()),
        spoken=", ".join(order.slots.values()),
        answer=title.lower(),
        product_id=title.lower().replace(" ", "-"),
        title=title,
        titles=titles,
        told_apart=True,
        cart_apart=True,
        voice="recorded",
        split="held-out",
        source="recorded",
        window_ms=sound[-1].end_ms if sound else 0,
    )
