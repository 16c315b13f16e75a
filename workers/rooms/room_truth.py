"""The truth of a made room, as `truth.json` has it: what is sold, shown, said, and what is hard.

In come goods, timeline and plan, out comes JSON. Keys that older rooms had keep their meaning.
"""

import random
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from workers.rooms.shots import Plan
from workers.rooms.timeline import Sold, Timeline

_NAMING = frozenset(("brand", "name", "variant"))
_LATE_SHARE = (0.25, 0.6)
"""When a late product comes into the cart, of the time that it is for sale."""


def product_rows(
    timeline: Timeline, titles: Mapping[str, str], plan: Plan
) -> list[dict[str, JsonValue]]:
    """Return a row for each sale, by start.

    `first_seen_ms` is when its picture comes first, `first_named_ms` when the first sentence begins
    that says its brand, kind or variant; null where that never happens.
    """
    return [
        {
            "product_id": one.product_id,
            "title": titles[one.product_id],
            "start_ms": one.start_ms,
            "end_ms": one.end_ms,
            "first_seen_ms": first_seen_ms(one, plan),
            "first_named_ms": first_named_ms(one, timeline),
            "hardships": _hardships(timeline, one.start_ms, one.end_ms),
        }
        for one in timeline.sold
    ]


def first_seen_ms(sold: Sold, plan: Plan) -> int | None:
    """Return when a product is first shown while it is for sale."""
    shown = [
        max(cut.start_ms, sold.start_ms)
        for cut in plan.cuts()
        if cut.role == "sold"
        and cut.product_id == sold.product_id
        and cut.start_ms < sold.end_ms
        and cut.end_ms > sold.start_ms
    ]
    return min(shown, default=None)


def first_named_ms(sold: Sold, timeline: Timeline) -> int | None:
    """Return when the first sentence begins that names a product while it is for sale."""
    named = [
        one.start_ms
        for one in timeline.sentences
        if one.product_id == sold.product_id
        and sold.start_ms <= one.start_ms < sold.end_ms
        and _NAMING & set(one.names)
    ]
    return min(named, default=None)


def carts(cart: Sequence[str], timeline: Timeline, seed: int) -> list[dict[str, JsonValue]]:
    """Return the cart from each moment on; it grows when a late product comes into it.

    Args:
        cart: all that is ever in it, in its order.
        timeline: says which products are late.
        seed: draws how late.
    """
    draw = random.Random(f"late/{seed}")  # noqa: S311 (not for secrets)
    late = {
        one.product_id: round(
            one.start_ms + draw.uniform(*_LATE_SHARE) * (one.end_ms - one.start_ms)
        )
        for one in timeline.suffered
        if one.hardship == "late-cart" and one.product_id is not None
    }
    return [
        {"from_ms": from_ms, "cart": [one for one in cart if late.get(one, 0) <= from_ms]}
        for from_ms in sorted({0, *late.values()})
    ]


def truth_of(
    timeline: Timeline, titles: Mapping[str, str], plan: Plan, **about: JsonValue
) -> dict[str, JsonValue]:
    """Return the whole truth.

    Args:
        timeline: what happens when.
        titles: by product id, of what is sold.
        plan: what is shown.
        about: more to say of the room.
    """
    return {
        **timeline.truth(titles, plan.cuts(), **about),
        "products": list(product_rows(timeline, titles, plan)),
        "no_product": [
            {"start_ms": start, "end_ms": end, "hardships": _hardships(timeline, start, end)}
            for start, end in timeline.without_product()
        ],
        "hardships": [dict(vars(one)) for one in timeline.suffered],
    }


def _hardships(timeline: Timeline, start_ms: int, end_ms: int) -> list[JsonValue]:
    """Which hardships a stretch has in all or in a part of it."""
    found: set[str] = {
        one.hardship for one in timeline.suffered if one.start_ms < end_ms and one.end_ms > start_ms
    }
    return list[JsonValue](sorted(found))
