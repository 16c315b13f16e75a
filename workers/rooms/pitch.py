"""What a host says about one product, and what a host says about none."""

import random
from collections.abc import Mapping, Sequence

from workers.rooms.phrases import Line, Phrases, by_host, seconds_of, siblings, words_of
from workers.rooms.products import Item

_BODY = {
    "ask": 3.0, "full": 2.0, "variant": 2.5, "brand": 1.5, "this": 5.0, "colour": 1.5, "look": 2.0,
}  # fmt: skip
"""How often each pool is drawn for the middle of a pitch."""
_ONCE = {
    "question": 0.5, "mention": 0.35, "comparison": 0.3, "correction": 0.25, "false_start": 0.25,
}  # fmt: skip
"""How likely a pitch has one of each."""
_NAMING = ("ask", "full", "variant", "brand")


def pitch_lines(
    item: Item,
    draw: random.Random,
    phrases: Phrases,
    others: Sequence[Item] = (),
    length_s: float = 30.0,
    hosts: int = 1,
) -> list[Line]:
    """Return what is said about one product, at about the length asked for.

    Args:
        item: the product for sale.
        draw: seeded.
        phrases: of the use wanted; `Phrases(draw, use)`.
        others: products that it can be confused or compared with; none leaves such lines out.
        length_s: about how long it takes.
        hosts: with 2, another host answers now and then.
    """
    speech = _Pitch(item, draw, phrases, others)
    lines = speech.opening()
    ending = speech.ending()
    once = [pool for pool, share in _ONCE.items() if draw.random() < share]
    if hosts > 1:
        once += ["reply"] * draw.randint(1, 2)
    if any(one.variant == item.variant for one in siblings(item, others)):
        # Only the size tells them apart, so it is said, and early.
        lines += speech.line("size")
    middle: list[Line] = []
    unnamed = 0
    while seconds_of([*lines, *middle, *ending]) < length_s:
        if once and draw.random() < 0.45:
            pool = once.pop(draw.randrange(len(once)))
        elif unnamed >= draw.choice((2, 2, 3, 4)):
            pool = draw.choice(_NAMING)
        else:
            pool = draw.choices(list(_BODY), list(_BODY.values()))[0]
        added = speech.line(pool)
        unnamed = 0 if any("brand" in one.told for one in added) else unnamed + 1
        middle += added
    return [*lines, *middle, *ending]


def again_lines(
    item: Item, draw: random.Random, phrases: Phrases, others: Sequence[Item] = ()
) -> list[Line]:
    """Return the few sentences about a product that is shown a second time."""
    speech = _Pitch(item, draw, phrases, others)
    return [
        *speech.line("again"), *speech.line("this"), *speech.line("variant"), *speech.line("price"),
    ]  # fmt: skip


def chatter_lines(
    draw: random.Random,
    phrases: Phrases,
    length_s: float = 10.0,
    others: Sequence[Item] = (),
    pool: str = "chatter",
) -> list[Line]:
    """Return talk in which nothing is for sale; with `others`, one of them is sometimes named."""
    lines: list[Line] = []
    mentioned = not others
    while seconds_of(lines) < length_s:
        words: Mapping[str, str | None] = {}
        about, use = None, pool
        if not mentioned and lines and draw.random() < 0.15:
            other = draw.choice(others)
            words, about, use = (
                {"other_full": other.spoken_name},
                other.product_id,
                "chatter_mention",
            )
            mentioned = True
        line = phrases.next(use, words, about)
        lines += [line] if line else []
    return lines


class _Pitch:
    """Draws the lines of one product; its points come one after the other."""

    def __init__(
        self, item: Item, draw: random.Random, phrases: Phrases, others: Sequence[Item]
    ) -> None:
        self._draw, self._phrases = draw, phrases
        near = siblings(item, others)
        self._sibling = draw.choice(near) if near else None
        far = [one for one in others if one.product_id != item.product_id]
        self._other = draw.choice(far) if far else None
        self._words = words_of(item, draw, self._sibling, self._other)
        self._points = draw.sample(item.points, len(item.points))
        self._said = 0

    def line(self, pool: str) -> list[Line]:
        """Return the pool's next line, or nothing where none fits."""
        point = self._points[self._said % len(self._points)] if self._points else None
        words = {**self._words, "point": point}
        named = self._sibling if pool in {"correction", "comparison"} else self._other
        line = self._phrases.next(pool, words, named.product_id if named else None)
        if line is None:
            return []
        self._said += point is not None and point[1:] in line.text
        return [by_host(line, 1)] if pool == "reply" else [line]

    def opening(self) -> list[Line]:
        """Return the first lines: mostly the whole name at once, sometimes only after a look."""
        if self._draw.random() < 0.8:
            return self.line("first")
        return [*self.line(self._draw.choice(("this", "colour"))), *self.line("full")]

    def ending(self) -> list[Line]:
        """Return price and order, in one order or the other, sometimes with a wrong price first."""
        price = self.line("correct_price" if self._draw.random() < 0.12 else "price")
        last = self.line("last") if self._draw.random() < 0.8 else self.line("this")
        return [*last, *price] if self._draw.random() < 0.15 else [*price, *last]
