"""How often speech finds the right title, by way of each summarizer.

Every window is read by each reader; what it names is looked for among all titles of the windows, by
the dense vector alone and together with the sound-alike channel on the raw transcript, as the match
stage does. Nothing here is fitted on the windows that are counted.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.resample import Share, share_of
from models.sound_scores import Array, combined, sound_scores
from workers.rooms.grown_lines import append, read_grown
from workers.rooms.pair_examples import window_of
from workers.rooms.pairs import Pair, is_none
from workers.summarizers.protocol import Broken, Draft, SummaryWriter

Vectors = NDArray[np.float32]
"""(N, D), rows of unit length."""
Dense = Callable[[Sequence[str]], Vectors]
_WEIGHTS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)


@dataclass(frozen=True)
class Reader:
    """One way to make a query of a window."""

    name: str
    writer: SummaryWriter | None = None
    """None: the raw transcript is the query."""
    cart: bool = False
    """Whether it is told the room's cart."""


@dataclass(frozen=True)
class Reading:
    """What a reader made of one window."""

    query: str | None
    """None: no product."""
    seconds: float


@dataclass(frozen=True)
class Score:
    """How one reader did."""

    reader: str
    dense: Share | None
    """Right title first, by the dense vector alone, where the telling words were spoken; where the
    reader says that there is no product, the raw transcript is the query, as live."""
    joined: Share | None
    """The same with the sound-alike channel."""
    in_cart: Share | None
    """As `joined`, first among the titles of the room's cart only."""
    strict: Share | None
    """As `joined`, and the reader did not say that there is no product."""
    none: Share | None
    """No product said, where there was none; none for a reader that cannot say it."""
    unnamed: Share | None
    """No product said, where one was for sale and nothing of its name was spoken."""
    missed: Share | None
    """No product said, wrongly, where the telling words were spoken."""
    p50_s: float
    p90_s: float
    """Seconds a window."""
    sound_weight: float
    """Of the sound-alike channel against the dense vector; fitted on validation windows."""


def kept_in(folder: Path, reader: Reader, pairs: Sequence[Pair]) -> Path:
    """Return where the readings of these windows by this reader are kept."""
    model = "" if reader.writer is None else reader.writer.model
    parts = (reader.name, model, [(pair.id, pair.transcript, pair.titles) for pair in pairs])
    name = reader.name.replace(", ", "-").replace(" ", "-")
    return folder / f"{name}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}.jsonl"


def read_windows(
    reader: Reader, pairs: Sequence[Pair], kept: Path | None = None
) -> Iterator[Reading]:
    """Yield what a reader makes of each window, one at a time, as live.

    Args:
        reader: reads.
        pairs: windows.
        kept: of `kept_in`: readings that are there are not made again, new ones are added.
    """
    rows = read_grown(kept) if kept is not None and kept.exists() else []
    for row in rows:
        yield Reading(**row)
    for reading in _read(reader, pairs[len(rows) :]):
        if kept is not None:
            append(kept, [asdict(reading)])
        yield reading


def _read(reader: Reader, pairs: Sequence[Pair]) -> Iterator[Reading]:
    for pair in pairs:
        if reader.writer is None:
            yield Reading(pair.transcript, 0.0)
            continue
        began = time.perf_counter()
        (draft,) = reader.writer.write([window_of(pair, cart=reader.cart)])
        yield Reading(_query(draft), time.perf_counter() - began)


def _query(draft: Draft | Broken) -> str | None:
    if isinstance(draft, Broken) or draft.product_name is None:
        return None
    return " ".join((draft.product_name, *draft.attributes))


class Search:
    """A gallery of titles, as both channels see it.

    Args:
        titles: each once.
        dense: texts → vectors.
    """

    def __init__(self, titles: Sequence[str], dense: Dense) -> None:
        self.titles = tuple(titles)
        self._dense = dense
        self._vectors = dense(self.titles)
        self._named: dict[tuple[str, ...], Array] = {}

    def scores(self, pairs: Sequence[Pair], readings: Sequence[Reading]) -> tuple[Array, Array]:
        """Return (windows, titles) scores of the dense vector and of the sounds."""
        queries = [
            pair.transcript if reading.query is None else reading.query
            for pair, reading in zip(pairs, readings, strict=True)
        ]
        dense = (self._dense(queries) @ self._vectors.T).astype(np.float64)
        heard = tuple(pair.transcript for pair in pairs)
        if heard not in self._named:
            # The same for every reader, and slow: a loop over windows and titles.
            self._named[heard] = sound_scores(heard, self.titles)
        return dense, self._named[heard]


def gallery_of(pairs: Sequence[Pair]) -> list[str]:
    """Return every title that a cart of these windows has."""
    return sorted({title for pair in pairs for title in pair.titles})


def fit_weight(search: Search, pairs: Sequence[Pair], readings: Sequence[Reading]) -> float:
    """Return the weight of the sounds that finds most right titles first."""
    dense, sounds = search.scores(pairs, readings)
    hits = [sum(_first(search, pairs, combined(dense, sounds, weight))) for weight in _WEIGHTS]
    return _WEIGHTS[int(np.argmax(hits))]


def _first(search: Search, pairs: Sequence[Pair], scores: Array) -> list[bool]:
    best = scores.argmax(axis=1)
    return [
        search.titles[index] == pair.title
        for pair, index in zip(pairs, best, strict=True)
        if pair.told_apart
    ]


def _carts(search: Search, pairs: Sequence[Pair]) -> NDArray[np.bool_]:
    """Return (windows, titles): which titles each window's cart has."""
    carts = [set(pair.titles) for pair in pairs]
    return np.array([[title in cart for title in search.titles] for cart in carts])


def score(
    reader: Reader,
    search: Search,
    pairs: Sequence[Pair],
    readings: Sequence[Reading],
    sound_weight: float,
) -> Score:
    """Return how a reader did on windows that nothing was fitted on."""
    can_say_none = reader.writer is not None
    return score_of(reader.name, search, pairs, readings, sound_weight, can_say_none=can_say_none)


def score_of(
    name: str,
    search: Search,
    pairs: Sequence[Pair],
    readings: Sequence[Reading],
    sound_weight: float,
    *,
    can_say_none: bool,
) -> Score:
    """Return how readings that were made elsewhere did, by the name of who made them."""
    dense, sounds = search.scores(pairs, readings)
    joined = combined(dense, sounds, sound_weight)
    shows = [pair.id.rpartition("-")[0] for pair in pairs]
    told = [at for at, pair in enumerate(pairs) if pair.told_apart]
    said = [readings[at].query is not None for at in told]
    groups = [shows[at] for at in told]

    def silent(wanted: Callable[[Pair], bool]) -> Share | None:
        if not can_say_none:
            return None
        chosen = [at for at, pair in enumerate(pairs) if wanted(pair)]
        return share_of([readings[at].query is None for at in chosen], [shows[at] for at in chosen])

    def right(scores: Array) -> Share | None:
        return share_of(_first(search, pairs, scores), groups)

    seconds = [reading.seconds for reading in readings] or [0.0]
    return Score(
        reader=name,
        dense=right(dense),
        joined=right(joined),
        in_cart=right(np.where(_carts(search, pairs), joined, -np.inf)),
        strict=share_of(
            [hit and spoke for hit, spoke in zip(_first(search, pairs, joined), said, strict=True)],
            groups,
        ),
        none=silent(lambda pair: pair.product_id is None),
        unnamed=silent(lambda pair: pair.product_id is not None and is_none(pair)),
        missed=silent(lambda pair: pair.told_apart),
        p50_s=float(np.quantile(seconds, 0.5)),
        p90_s=float(np.quantile(seconds, 0.9)),
        sound_weight=sound_weight,
    )
