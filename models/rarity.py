"""How often a sound gram occurs in titles and in what hosts say: what hearing it is worth.

Inverse document frequency, ln((N + 1) / (n + ½)) over N texts of which n have the gram. All grams
of fewer than one text in 300 are worth the same: telling them apart helped nothing, and the table
stays small. It was counted once and is shipped, so that one product can be indexed without knowing
the others; a table of the catalogue at hand found no more (`workers/rooms/rarity_texts.py`).
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from models.errors import InputError

SHIPPED = Path(__file__).with_name("rarity.json")
_RAREST = 1 / 300


@dataclass(frozen=True)
class Rarity:
    """Texts, and in how many of them a term occurs."""

    texts: int
    counts: Mapping[int, int]
    """By term; one that is not here is as rare as any."""

    def weight(self, term: int) -> float:
        """Return what hearing this term is worth, in nats, at least 0."""
        count = max(self.counts.get(term, 0), self.texts * _RAREST)
        return max(0.0, math.log((self.texts + 1) / (count + 0.5)))

    @cached_property
    def version(self) -> str:
        """Eight hexadecimal digits that differ where any weight does."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()[:8]


def fit_rarity(texts: Iterable[Collection[int]]) -> Rarity:
    """Count in how many texts each term occurs.

    Args:
        texts: the terms of each, such as `models.sounds.heard` returns.
    """
    counts: Counter[int] = Counter()
    total = 0
    for terms in texts:
        counts.update(set(terms))
        total += 1
    common = {term: counts[term] for term in sorted(counts) if counts[term] > total * _RAREST}
    return Rarity(total, common)


def to_json(table: Rarity) -> str:
    """Return JSON that `from_json` reads: equal tables as equal bytes."""
    groups: dict[int, list[int]] = {}
    for term in sorted(table.counts):
        groups.setdefault(table.counts[term], []).append(term)
    lines = [
        f"    {json.dumps(str(count))}: {json.dumps(groups[count])}" for count in sorted(groups)
    ]
    joined = ",\n".join(lines)
    return f'{{\n  "texts": {table.texts},\n  "terms_by_count": {{\n{joined}\n  }}\n}}\n'


def from_json(text: str, origin: str) -> Rarity:
    """Return what `to_json` wrote.

    Raises:
        InputError: it is malformed.
    """
    try:
        known = json.loads(text)
        groups = known["terms_by_count"].items()
        counts = {int(term): int(count) for count, terms in groups for term in terms}
        table = Rarity(int(known["texts"]), counts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"{origin} is no table of how often grams occur: {error!r}"
        raise InputError(message) from error
    if any(not 0 < count <= table.texts for count in counts.values()):
        message = f"{origin}: counts should be from 1 to the number of texts, {table.texts}"
        raise InputError(message)
    return table


@cache
def shipped_rarity() -> Rarity:
    """Return the table that comes with the package, read once."""
    return from_json(SHIPPED.read_text(encoding="utf-8"), str(SHIPPED))
