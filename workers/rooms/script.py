"""Writes what the host says: segments of sentences, some about a product, some about none.

A seed draws the phrases; the goods bring their own points. Nothing is timed here: `timeline.py`
lays the spoken sentences out.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workers.rooms.products import Item

CONTAINERS = {
    "can": "can", "carton": "carton", "jar": "jar", "pouch": "bag", "tube": "tube",
    "pump": "pump bottle", "box": "box", "bottle": "bottle", "tin": "tin",
}  # fmt: skip
_UNITS = {"ml": "millilitres", "g": "grams", "litre": "litre", "bags": "tea bags"}
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = (
    "zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip

_OPENINGS = (
    (
        "Hello everybody, and welcome back to the show.",
        "It is so good to see so many of you here tonight.",
        "Give me a second to turn up the light.",
        "I hope you all had a lovely weekend, wherever you are.",
        "All right, I think we are ready.",
    ),
    (
        "Good evening, good evening, come on in.",
        "I can see the numbers going up, so I will wait one more moment.",
        "Can you all hear me well? Somebody say yes.",
        "Wonderful, thank you, then we can begin.",
    ),
)
_MIDDLES = (
    (
        "Let me stop for a moment and say hello to a few of you.",
        "Hello Maria, hello Thomas, and greetings to everybody in Vancouver.",
        "Somebody asks how long delivery takes. Usually about three days.",
        "Somebody else wants to know whether my dog is here. Yes, she is asleep under the table.",
        "We are live every Thursday at eight, so tell your friends.",
        "And if you are new, press the little bell, so that you never miss a show.",
        "Right, I have caught my breath, so let us go on.",
    ),
    (
        "Let us take a little break and read what you have been writing.",
        "Anna says the picture is a bit dark. Is it better like this?",
        "Greetings to Robert, who is watching from the train again.",
        "Somebody asks about returns. You have thirty days, no questions asked.",
        "It has been raining here all day, so I am happy to be inside with you.",
        "No, I have not been on holiday yet, but thank you for asking.",
        "There are almost four hundred of you now, that is amazing.",
        "Good, enough of the talking, back to the table.",
    ),
)
_BRIDGES = (
    "Okay, next one. Give me a second to find it.",
    "All right, let me put that away.",
    "Good. Let me clear the table a little.",
    "Lovely. Moving on, now where did I put it?",
    "Okay. Let me see what else I have for you.",
    "So, what comes next? One moment, please.",
)
_CLOSINGS = (
    (
        "And that is all for tonight, my friends.",
        "Thank you so much for watching, and for all your kind messages.",
        "We are back on Thursday at eight. Goodbye.",
    ),
    (
        "That was everything for today.",
        "Thank you for spending your evening with me.",
        "Sleep well, and see you next time.",
    ),
)
_FIRST = (
    "Here we have the {full}.",
    "Look at this, everybody, the {full}.",
    "Now let me show you the {full}.",
    "This is a favourite of mine, the {full}.",
    "I have been looking forward to this one, the {full}.",
    "Up next on my list, the {full}.",
)
_LOOK = (
    "You can see the {colour} {container} here, with {amount} in it.",
    "It comes in this {colour} {container}, {amount}.",
    "Come a bit closer, it is this {colour} {container}, {amount}.",
    "I am holding the {colour} {container} up for you, {amount} of it.",
)
_ASK = (
    "So why do I like the {brand} {name}? {point}",
    "What is so special about the {brand} {name}? {point}",
    "I have had the {brand} {name} at home for weeks. {point}",
    "So many of you asked me about the {brand} {name}. {point}",
    "Let me tell you about the {brand} {name}. {point}",
)
_PRICE = (
    "You get the {brand} {variant} for {price} tonight.",
    "Tonight you can have the {brand} {variant} for {price}.",
    "And the price for the {brand} {variant} is {price}.",
    "If you want the {brand} {variant}, it is {price}, delivery not included.",
)
_LAST = (
    "Just tap the link below the picture.",
    "Put it in your cart while there are some left.",
    "There are not many left, so be quick.",
    "I have about forty of them in the back.",
)


@dataclass(frozen=True)
class Segment:
    """Some sentences about one product, or about none."""

    lines: tuple[str, ...]
    product_id: str | None = None
    quiet_s: float = 0.6
    """Silence after the segment."""
    music: bool = False
    """Whether music plays quietly under it."""


class Phrases:
    """Draws phrases from pools; none comes again before its pool is used up."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._left: dict[tuple[str, ...], list[str]] = {}

    def next(self, pool: tuple[str, ...], words: Mapping[str, str | None]) -> str:
        """Return the pool's next phrase with its blanks filled."""
        left = self._left.setdefault(pool, [])
        if not left:
            left += self._draw.sample(pool, len(pool))
        return left.pop().format_map(words)


def number_words(number: int) -> str:
    """Return a number from 0 to 999 in words."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {number_words(rest)}" if rest else "")


def price_words(price: str) -> str:
    """Return a price such as `2.95` as a host says it."""
    dollars, cents = (int(part) for part in price.split("."))
    spoken = f"{number_words(dollars)} dollar{'' if dollars == 1 else 's'}"
    return f"{spoken} {number_words(cents)}" if cents else spoken


def amount_words(size: str) -> str | None:
    """Return a size such as `330 ml` as a host says it; none where it is not an amount."""
    found = re.fullmatch(r"(\d+) (\w+)", size)
    if found is None or found[2] not in _UNITS:
        return None
    return f"{number_words(int(found[1]))} {_UNITS[found[2]]}"


def product_lines(item: Item, draw: random.Random, phrases: Phrases) -> tuple[str, ...]:
    """Return what is said about one product; its name comes three times."""
    first, second, third = (
        f"{point[0].upper()}{point[1:]}." for point in draw.sample(item.points, 3)
    )
    words = {
        "full": item.spoken_name,
        "brand": item.brand,
        "name": item.name,
        "variant": item.variant,
        "colour": item.attributes["colour"],
        "container": CONTAINERS.get(item.shape, ""),
        "amount": amount_words(item.size),
        "price": price_words(item.price),
        "point": second,
    }
    opening = phrases.next(_FIRST, words)
    ask = phrases.next(_ASK, words)
    price = phrases.next(_PRICE, words)
    amount = words["amount"] and words["container"]
    second_line = phrases.next(_LOOK, words) if amount else first
    last = third if draw.random() < 0.3 else phrases.next(_LAST, words)
    return opening, second_line, ask, price, last


def write_script(sold: Sequence[Item], seed: int) -> list[Segment]:
    """Return a whole room: greeting, half of the goods, a long break, the other half, goodbye.

    One change of product, drawn by the seed, has no words between: the host goes straight on.
    """
    draw = random.Random(f"script/{seed}")  # noqa: S311 (not for secrets)
    phrases = Phrases(draw)
    variant = seed % len(_OPENINGS)
    bridges = draw.sample(_BRIDGES, len(_BRIDGES))
    middle = len(sold) // 2
    straight = draw.choice([at for at in range(1, len(sold)) if at != middle] or [0])
    script = [Segment(_OPENINGS[variant], quiet_s=1.0, music=True)]
    for at, item in enumerate(sold):
        if at == middle and at > 0:
            script.append(Segment(_MIDDLES[variant], quiet_s=1.0, music=True))
        elif at not in {0, straight}:
            script.append(Segment((bridges[at % len(bridges)],), quiet_s=0.7))
        script.append(Segment(product_lines(item, draw, phrases), item.product_id, quiet_s=0.5))
    script.append(Segment(_CLOSINGS[variant], quiet_s=1.5, music=True))
    return script


def write_short_script(sold: Sequence[Item], seed: int) -> list[Segment]:
    """Return a few seconds about each product with a few seconds of nothing between, for tests."""
    draw = random.Random(f"short/{seed}")  # noqa: S311 (not for secrets)
    phrases = Phrases(draw)
    script: list[Segment] = []
    for at, item in enumerate(sold):
        if at > 0:
            script.append(Segment((draw.choice(_BRIDGES),), quiet_s=1.2))
        opening, *_ = product_lines(item, draw, phrases)
        price = f"The {item.brand} {item.name} is {price_words(item.price)}."
        script.append(Segment((opening, price), item.product_id, quiet_s=0.8))
    return script
