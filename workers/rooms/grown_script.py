"""Makes a written room hard: wrong words, comparisons, talk of other things, a second voice.

In comes the script of `script.py`, out comes a script whose segments and lines say which hardship
they carry. What is only seen or heard (light, noise, hands, goods beside) is marked here and done
by `grown_shots.py`, `bad_light.py` and `bad_sound.py`. `idle_script.py` writes rooms without goods.
"""

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workers.rooms.hard_shows import HARD_BOOK, apart
from workers.rooms.hardships import Hardship, dealt
from workers.rooms.inventions import invent_family
from workers.rooms.phrases import Line, Phrases, load_book, seconds_of, siblings, words_of
from workers.rooms.products import Item
from workers.rooms.script import Segment
from workers.rooms.voices import Use

GROWN_BOOK = Path(__file__).with_name("grown_phrases.toml")
_BLANKS = (
    "viewer", "city", "month", "weekday", "weather", "relative", "hobby", "food", "event",
    "animal", "place", "count",
)  # fmt: skip
_OFF_TOPIC_S = (9.0, 16.0)
_LONG_TALK_S = (15.0, 30.0)
_BREAK_S = 20.0
"""Talk that is longer than this is the break of a room."""
_STRANGERS = 8
_SEEN: frozenset[Hardship] = frozenset(
    (
        "distractors",
        "occlusion",
        "bad-light",
        "bad-sound",
        "late-cart",
        "near-duplicates",
        "co-host",
    )
)
"""Of a whole segment; the rest is of lines."""


@dataclass(frozen=True)
class Cast:
    """Which products may be named in a room."""

    sold: tuple[Item, ...]
    others: tuple[Item, ...]
    """The rest of the cart."""

    def near(self, item: Item) -> list[Item]:
        """The near-duplicates of a product in the cart."""
        return siblings(item, [*self.sold, *self.others])


class Talker:
    """Says what hard rooms say; one for a room, so that its phrases do not repeat soon."""

    def __init__(self, draw: random.Random, use: Use) -> None:
        self._draw = draw
        self._book = load_book(use, GROWN_BOOK)
        self._grown = Phrases(draw, use, fillers=0.0, book=GROWN_BOOK)
        self._hard = Phrases(draw, use, fillers=0.0, book=HARD_BOOK)
        self.strangers = tuple(invent_family(draw, use, 1)[0] for _ in range(_STRANGERS))
        """Products of brands that nobody here sells."""

    def talk(self, length_s: float) -> list[Line]:
        """Return talk of nothing for sale."""
        lines: list[Line] = []
        while seconds_of(lines) < length_s:
            words = {blank: self._draw.choice(self._book[blank]) for blank in _BLANKS}
            line = self._grown.next("talk", words)
            lines += [replace(line, hardship="off-topic")] if line else []
        return lines

    def rivals(self, count: int, item: Item | None = None) -> list[Line]:
        """Return lines that name brands that nobody sells, or speak to the machine."""
        pools = ("rival", "rival", "order") if item else ("talk_rival", "talk_rival", "order")
        fits = [one for one in self.strangers if item is None or apart(one, item)]
        found: list[Line] = []
        for _ in range(count if fits else 0):
            other = self._draw.choice(fits)
            words = {"other_full": other.spoken_name, "other_brand": other.brand}
            line = self._hard.next(self._draw.choice(pools), words, other.product_id)
            found += [replace(line, hardship="rivals")] if line else []
        return found

    def wrong(self, item: Item, cast: Cast) -> list[Line]:
        """Return a line that names another product and takes it back."""
        near = [one for one in cast.near(item) if one.variant != item.variant and item.brand]
        if near and self._draw.random() < 0.5:
            other = self._draw.choice(near)
            words: Mapping[str, str | None] = words_of(item, self._draw, other)
            line = self._hard.next("slip_sibling", words, other.product_id)
        else:
            other = self._far(item, cast)
            words = words_of(item, self._draw, other=other)
            line = self._hard.next("slip", words, other.product_id)
        return [replace(line, hardship="wrong-word")] if line else []

    def against(self, item: Item, cast: Cast, other: Item | None = None) -> list[Line]:
        """Return some lines that hold two products against each other."""
        other = other or self._far(item, cast)
        words = words_of(item, self._draw, other=other)
        made = (self._grown.next("compare", words, other.product_id) for _ in range(3))
        return [replace(line, hardship="comparison") for line in made if line]

    def beside(self, item: Item, other: Item) -> list[Line]:
        """Return a line about the near-duplicate that stands next to a product."""
        line = self._grown.next("beside", words_of(item, self._draw, other=other), other.product_id)
        return [line] if line else []

    def by_two(self, lines: Sequence[Line]) -> list[Line]:
        """Share lines between two voices, one at least to each; the second at times cuts in."""
        shared: list[Line] = []
        host = 0
        for line in lines:
            host = 1 - host if self._draw.random() < 0.4 else host
            shared.append(replace(line, host=host))
            if self._draw.random() < 0.35:
                cut = self._grown.next("cut_in", {})
                if cut:
                    over_ms = self._draw.randint(200, 900)
                    shared.append(
                        replace(cut, host=1 - host, over_ms=over_ms, hardship=line.hardship)
                    )
        if len(shared) > 1 and not any(line.host for line in shared):
            shared[-1] = replace(shared[-1], host=1)
        return shared

    def _far(self, item: Item, cast: Cast) -> Item:
        """A product of the cart that has no word in common with one, or of nobody's."""
        fits = [one for one in (*cast.sold, *cast.others) if apart(one, item)]
        return self._draw.choice(fits or list(self.strangers))


def harden(
    script: Sequence[Segment], cast: Cast, kinds: Sequence[Hardship], seed: int, use: Use
) -> list[Segment]:
    """Return a room's script with hardships: those of goods dealt out, those of talk by chance.

    Args:
        script: of `write_script`.
        cast: what it sells, and what else its cart has.
        kinds: which hardships there are to be.
        seed: draws who gets which.
        use: which half of the phrases is drawn from.
    """
    draw = random.Random(f"grown/{seed}")  # noqa: S311 (not for secrets)
    talker = Talker(draw, use)
    known = {item.product_id: item for item in cast.sold}
    items = [known[part.product_id] for part in script if part.product_id is not None]
    hands = iter(_moved(dealt(kinds, len(items), draw), items, cast, draw))
    left = iter(items)
    hard: list[Segment] = []
    for part in script:
        if part.product_id is None:
            hard.append(_hard_talk(part, talker, kinds, draw))
        else:
            hard.append(_hard_pitch(part, next(left), cast, talker, (next(hands), draw)))
    return hard


def _moved(
    hands: list[frozenset[Hardship]], items: Sequence[Item], cast: Cast, draw: random.Random
) -> list[frozenset[Hardship]]:
    """Give near-duplicates to products that have some; a late cart to a product's first sale."""
    made = [set(hand) for hand in hands]
    having = [at for at, item in enumerate(items) if cast.near(item)]
    first = [at for at, item in enumerate(items) if item not in items[:at]]
    wanted: tuple[tuple[Hardship, list[int]], ...] = (
        ("near-duplicates", having), ("late-cart", first),
    )  # fmt: skip
    for kind, fits in wanted:
        for at, hand in enumerate(made):
            if kind in hand and at not in fits:
                hand.discard(kind)
                if fits:
                    made[min(fits, key=lambda one: len(made[one]))].add(kind)
    return [frozenset(hand) for hand in made]


def _hard_pitch(
    part: Segment,
    item: Item,
    cast: Cast,
    talker: Talker,
    dealt_by: tuple[frozenset[Hardship], random.Random],
) -> Segment:
    hand, draw = dealt_by
    lines = list(part.lines)
    near = cast.near(item)
    if "wrong-word" in hand:
        # It takes the place of the sentence that would name the product first.
        lines[:1] = talker.wrong(item, cast) or lines[:1]
    middle: list[list[Line]] = []
    if "comparison" in hand:
        middle.append(talker.against(item, cast, near[0] if near else None))
    if "rivals" in hand:
        middle += [[line] for line in talker.rivals(2, item)]
    if "off-topic" in hand:
        middle.append(talker.talk(draw.uniform(*_OFF_TOPIC_S)))
    if "near-duplicates" in hand:
        middle.append(talker.beside(item, draw.choice(near)))
    lines = _between(lines, middle, draw)
    if "co-host" in hand:
        lines = talker.by_two(lines)
    return replace(part, lines=tuple(lines), hardships=hand & _SEEN)


def _between(
    lines: Sequence[Line], runs: Sequence[Sequence[Line]], draw: random.Random
) -> list[Line]:
    """Return lines with runs of others among them, none of which comes first or is torn apart."""
    before: dict[int, list[Line]] = {}
    for run in runs:
        before.setdefault(draw.randint(1, max(1, len(lines) - 1)), []).extend(run)
    made = [one for at, line in enumerate(lines) for one in (*before.pop(at, ()), line)]
    # A pitch of one line has no middle, so they come after it.
    return [*made, *itertools.chain(*before.values())]


def _hard_talk(
    part: Segment, talker: Talker, kinds: Sequence[Hardship], draw: random.Random
) -> Segment:
    """Make the break longer, and some of the talk between products hard to see or hear."""
    if len(part.lines) < 2:
        return part
    lines = list(part.lines)
    if "off-topic" in kinds and seconds_of(lines) > _BREAK_S:
        lines[1:1] = talker.talk(draw.uniform(*_LONG_TALK_S))
    if "rivals" in kinds and draw.random() < 0.5:
        lines += talker.rivals(1)
    seen: tuple[Hardship, ...] = ("distractors", "bad-light", "bad-sound")
    hand = {kind for kind in seen if kind in kinds and draw.random() < 0.3}
    if "co-host" in kinds and draw.random() < 0.3:
        lines = talker.by_two(lines)
        hand.add("co-host")
    return replace(part, lines=tuple(lines), hardships=frozenset(hand))
