"""All figures of one split: directions, rooms, one-shot, silence, categories, near duplicates.

In: an examined encoder. Out: what JSON can hold, and the answers that pictures are made of. What
each figure means is said in the file that computes it; nothing is computed here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from models.directions import DIRECTIONS, Answered, Direction, PageRange, Search, answers, sides_of
from models.evaluate import auroc
from models.exam import Exam
from models.found import Groups, found, groups_of
from models.manifest import Split
from models.near_duplicates import AlikeOptions, alike_groups
from models.no_product import coverage_at, fpr_at_tpr
from models.one_shot import one_shot
from models.ranking import Ints, rank
from models.room_galleries import room_hits
from models.score_blocks import BlockScorer
from models.sides import Seen

CURVE = (1, 2, 3, 5, 10, 20, 50, 100)
_PRECISIONS = (0.95, 0.99)
_PREFIXES = (64, 32)
_MAIN: tuple[Direction, ...] = ("L2P", "V2P", "P2L", "P2V", "V2L", "L2V")
"""Which direction is looked at closely: the first that there are rows for."""
_SHOTS: tuple[Seen, ...] = ("whole", "picture")


@dataclass(frozen=True)
class EvaluationOptions:
    """What is examined, and how."""

    most: int | None = None
    """Clips of a domain and split at most; none: all."""
    pages: PageRange = "all"
    """Which pages are searched, and ask."""
    prefixes: tuple[int, ...] | None = None
    """First numbers of the vectors; none: 64 and 32 where the encoder's vectors have them."""
    draws: int = 20
    """Of the supports of one-shot classification."""
    alike: AlikeOptions = field(default_factory=AlikeOptions)
    """From when on pages are near duplicates."""


@dataclass(frozen=True)
class Evaluation:
    """Figures of a split, and the answers behind the pictures."""

    figures: dict[str, Any]
    main: Answered | None
    """Of the direction that is looked at closely, queries as they are; none where there are no two
    domains."""


def evaluate(exam: Exam, split: Split, options: EvaluationOptions | None = None) -> Evaluation:
    """Return all figures of a split.

    Raises:
        InputError: a prefix is none of this encoder's.
    """
    options = options or EvaluationOptions()
    search = Search(split, options.pages, options.most)
    directions: dict[str, dict[str, Any]] = {}
    whole: dict[Direction, Answered] = {}
    silence: dict[str, Any] = {}
    for answered in answers(exam, search):
        directions.setdefault(answered.direction, {})[answered.seen] = _found(answered)
        if answered.seen == "whole":
            whole[answered.direction] = answered
        if answered.direction in {"L2P", "V2P"}:
            silence.setdefault(answered.direction, {})[answered.seen] = silent(answered)
    main = next((whole[name] for name in _MAIN if name in whole), None)
    made = {
        "directions": directions,
        "prefixes": _prefixes(exam, search, options),
        "rooms": {how: asdict(one) for how, one in room_hits(exam, search).items()},
        "one_shot": _one_shots(exam, search, options.draws),
        "silence": silence,
        "categories": {} if main is None else categories(main),
        "near_duplicates": {} if main is None else near_duplicates(exam, main, options.alike),
    }
    return Evaluation(made, main)


def _found(answered: Answered) -> dict[str, Any]:
    own = answered.of_product
    ranked, products = answered.ranked.take(own), answered.queries.products[own]
    groups = Groups(answered.groups.numbers[own], answered.groups.by)
    summed = asdict(found(ranked, products, groups, len(answered.gallery)))
    right = ranked.take(ranked.before >= 0)
    curve = {str(k): float(right.hit(k).mean()) for k in CURVE if k <= len(answered.gallery)}
    return {**summed, "curve": curve}


def _prefixes(exam: Exam, search: Search, options: EvaluationOptions) -> dict[str, Any]:
    """Return the figures of queries as they are, by prefix and direction."""
    layout = exam.encoder.layout
    wanted = options.prefixes
    if wanted is None:
        wanted = _PREFIXES if layout.kind == "mean" else ()
        wanted = tuple(prefix for prefix in wanted if prefix < layout.dim)
    made: dict[str, Any] = {}
    for prefix in wanted:
        cut = Search(search.split, search.pages, search.most, prefix)
        some = answers(exam, cut, DIRECTIONS, ("whole",))
        made[str(prefix)] = {one.direction: _found(one) for one in some}
    return made


def _one_shots(exam: Exam, search: Search, draws: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for direction in DIRECTIONS:
        sides = sides_of(exam, direction, search)
        if sides is None:
            continue
        asks, searched = sides
        scorer = BlockScorer(exam.encoder.layout, exam.encoder.fuse(searched.parts)[0])
        for how in _SHOTS:
            parts, usable = asks.seen(how)
            own = usable & np.isin(asks.products, searched.products[searched.products >= 0])
            chosen = np.flatnonzero(own)
            if not len(chosen):
                continue
            groups = groups_of([asks.rows[at] for at in chosen])
            queries = (exam.encoder.fuse(parts)[0][chosen], asks.products[chosen], groups)
            shot = one_shot(scorer, queries, searched.products, draws)
            made.setdefault(direction, {})[how] = asdict(shot)
    return made


def silent(answered: Answered) -> dict[str, Any]:
    """Return how clips of no product are told from the others, and what answers cost.

    A clip whose product has no page is one of no product here: no answer can be right.
    """
    ranked = answered.ranked
    best, own = ranked.best_score, ranked.before >= 0
    right = ranked.before == 0
    made: dict[str, Any] = {
        "products": int(own.sum()),
        "nothings": int((~own).sum()),
        "coverage": [
            asdict(coverage_at(wanted, best, right, int(own.sum()))) for wanted in _PRECISIONS
        ],
    }
    if own.any() and not own.all():
        made["auroc"] = auroc(best[own], best[~own])
        made["fpr_at_95_tpr"] = fpr_at_tpr(best[own], best[~own])
    return made


def categories(answered: Answered) -> dict[str, Any]:
    """Return the figures by category; a query without one has that of its product's pages."""
    rows = answered.queries.rows
    pages = (*answered.gallery.rows, *rows)
    known = {row.product_id: row.category for row in pages if row.category is not None}
    names = [row.category or known.get(row.product_id) for row in rows]
    usable = answered.ranked.before >= 0
    counted = Counter(name for name, some in zip(names, usable, strict=True) if some and name)
    made = {}
    for name in sorted(counted):
        chosen = np.flatnonzero([one == name for one in names] & usable)
        made[name] = _some(answered, chosen)
    return made


def _some(answered: Answered, chosen: Ints) -> dict[str, Any]:
    groups = Groups(answered.groups.numbers[chosen], answered.groups.by)
    products = answered.queries.products[chosen]
    summed = found(answered.ranked.take(chosen), products, groups, len(answered.gallery))
    kept = ("queries", "products", "recall_at_1", "recall_at_5", "map")
    whole = asdict(summed)
    return {
        **{name: whole[name] for name in kept},
        "recall_at_1_interval": summed.intervals["recall_at_1"],
    }


def near_duplicates(exam: Exam, answered: Answered, options: AlikeOptions) -> dict[str, Any]:
    """Return how queries of products with near duplicates do, and where their errors go.

    Only where pages are searched; `within` searches the pages of the query's group alone.
    """
    pages = answered.gallery
    if not pages.rows or pages.rows[0].domain != "page":
        return {}
    vectors = exam.encoder.fuse(pages.parts)[0]
    scorer = BlockScorer(exam.encoder.layout, vectors)
    titles = [row.title for row in pages.rows]
    groups = alike_groups(titles, pages.products, scorer, vectors, options)
    members = _members(groups, pages.products)
    group_of = dict(zip(pages.products.tolist(), groups.tolist(), strict=True))
    own = np.array([group_of.get(int(one), -1) for one in answered.queries.products])
    usable = answered.ranked.before >= 0
    inside = np.flatnonzero(usable & np.isin(own, sorted(members)))
    outside = np.flatnonzero(usable & ~np.isin(own, sorted(members)))
    made: dict[str, Any] = {
        "options": asdict(options),
        "groups": len(members),
        "products": sum(len(names) for names in members.values()),
        "largest": _largest(members, pages.products, titles),
    }
    if len(outside):
        made["others"] = _some(answered, outside)
    if len(inside):
        made["queries"] = _some(answered, inside)
        made |= _inside(exam, answered, (vectors, groups), own, inside)
    return made


def _members(groups: Ints, products: Ints) -> dict[int, set[int]]:
    """Return the products of each group of more than one."""
    made: dict[int, set[int]] = {}
    for group, product in zip(groups.tolist(), products.tolist(), strict=True):
        made.setdefault(group, set()).add(product)
    return {group: names for group, names in made.items() if len(names) > 1}


def _largest(
    members: dict[int, set[int]], products: Ints, titles: Sequence[str | None], most: int = 5
) -> list[list[str]]:
    """Return titles of the largest groups, for people to judge the threshold by."""
    title = {int(one): str(of) for one, of in zip(products, titles, strict=True)}
    ordered = sorted(members.values(), key=lambda names: (-len(names), min(names)))
    return [[title[name] for name in sorted(names)] for names in ordered[:most]]


def _inside(
    exam: Exam,
    answered: Answered,
    pages: tuple[Any, Ints],
    own: Ints,
    inside: Ints,
) -> dict[str, Any]:
    vectors, groups = pages
    ranked = answered.ranked
    wrong = inside[ranked.before[inside] > 0]
    stay = groups[ranked.wrong_at[wrong]] == own[wrong]
    hits = np.zeros(len(inside))
    asked = exam.encoder.fuse(answered.queries.parts)[0]
    for group in np.unique(own[inside]):
        at = np.flatnonzero(own[inside] == group)
        these = np.flatnonzero(groups == group)
        scorer = BlockScorer(exam.encoder.layout, vectors[these])
        of_query = answered.queries.products[inside[at]]
        within = rank(scorer, asked[inside[at]], of_query, answered.gallery.products[these])
        hits[at] = within.hit(1)
    return {
        "within_recall_at_1": float(hits.mean()),
        "errors": len(wrong),
        "errors_that_stay": float(stay.mean()) if len(wrong) else None,
    }
