"""AMPere's ablation: what do titles, words as heard, and summaries each add to pictures?

In: a manifest and a callable that trains an encoder for a variant and a seed. Out: every query's
outcome under every variant and seed, a table of means, and paired intervals between neighbouring
rows (arXiv 2408.02978: visual only, then titles on pages, then raw ASR, then summaries on clips).

All variants answer the same queries: a clip that has nothing to show under a variant is a miss
there, not left out. Trains nothing itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.directions import DIRECTIONS, Direction, PageRange, Search, sides_of
from models.encoder import Encoder
from models.errors import InputError
from models.exam import Exam
from models.found import groups_of, measures
from models.manifest import Manifest, Row, Split
from models.paired import Difference, Values, paired_difference
from models.ranking import Ints, Ranked, rank
from models.row_texts import TextChoice
from models.score_blocks import BlockScorer
from models.sides import Side


@dataclass(frozen=True)
class Variant:
    """One row of the table."""

    name: str
    texts: TextChoice
    """What may be read in training and in the exam."""


VARIANTS = (
    Variant("visual only", TextChoice("none", "none")),
    Variant("+ title on page", TextChoice("title", "none")),
    Variant("+ raw ASR", TextChoice("title", "transcript")),
    Variant("+ summary", TextChoice("title", "summary")),
)
"""Each replaces the words of the one before: the last reads summaries in place of raw ASR."""
Train = Callable[[Variant, int], Encoder]
Say = Callable[[str], None]
MEASURES = ("recall_at_1", "recall_at_5", "recall_at_10", "map")
MEAN = "mean"
"""In place of a direction: the mean over directions, each weighing the same."""


@dataclass(frozen=True)
class AblationOptions:
    """What is compared."""

    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    """One training each, for every variant."""
    split: Split = "test"
    pages: PageRange = "all"
    most: int | None = None
    """Clips of a domain at most; none: all."""
    directions: tuple[Direction, ...] = DIRECTIONS
    """Those without rows are left out."""


@dataclass(frozen=True)
class Looked:
    """A direction's queries, the same under every variant."""

    rows: tuple[Row, ...]
    """(Q,)."""
    gallery: tuple[Row, ...]
    groups: Ints
    """(Q,) rooms, or products where there are none."""


@dataclass(frozen=True)
class Shown:
    """What one variant read in a direction, and what each seed made of it."""

    query_texts: tuple[str | None, ...]
    gallery_texts: tuple[str | None, ...]
    ranked: tuple[Ranked, ...]
    """One for each seed."""

    def values(self, measure: str) -> Values:
        """Return (S, Q) outcomes."""
        return np.stack([measures(one)[measure] for one in self.ranked])


@dataclass(frozen=True)
class Ablation:
    """Every outcome."""

    options: AblationOptions
    variants: tuple[Variant, ...]
    looked: dict[Direction, Looked]
    shown: dict[str, dict[Direction, Shown]]
    """By the variant's name."""

    def per_seed(self, variant: str, measure: str, direction: Direction | None = None) -> Values:
        """Return (S,) the mean over queries; none: over directions."""
        names = list(self.looked) if direction is None else [direction]
        means = [self.shown[variant][name].values(measure).mean(axis=1) for name in names]
        found: Values = np.mean(means, axis=0)
        return found

    def step(
        self, first: str, second: str, measure: str, direction: Direction | None = None
    ) -> Difference:
        """Return how far the second variant is above the first, by the paired bootstrap.

        A group is a room or a product, and is drawn for all directions at once.
        """
        names = list(self.looked) if direction is None else [direction]
        below, above = (
            np.concatenate([self.shown[one][name].values(measure) for name in names], axis=1)
            for one in (first, second)
        )
        sizes = [len(self.looked[name].rows) for name in names]
        groups = _one_numbering([self.looked[name] for name in names])
        strata = np.repeat(np.arange(len(names)), sizes)
        return paired_difference(above, below, groups, strata)


def ablate(
    manifest: Manifest,
    train: Train,
    options: AblationOptions,
    say: Say,
    variants: Sequence[Variant] = VARIANTS,
) -> Ablation:
    """Train and examine every variant with every seed.

    Args:
        manifest: rows and texts.
        train: returns the encoder of a variant and a seed.
        options: what is compared.
        say: gets a line before each training.
        variants: rows of the table, each compared with the one before.

    Raises:
        InputError: the split has no direction with queries and right answers.
    """
    looked: dict[Direction, Looked] = {}
    shown: dict[str, dict[Direction, Shown]] = {}
    trainings = [(variant, seed) for seed in options.seeds for variant in variants]
    for turn, (variant, seed) in enumerate(trainings, start=1):
        say(f"{turn} of {len(trainings)}: {variant.name}, seed {seed}")
        exam = Exam(train(variant, seed), manifest, choice=variant.texts)
        for direction in options.directions:
            answered = _answered(exam, direction, options)
            if answered is not None:
                asks, searched, ranked = answered
                groups = groups_of(asks.rows).numbers
                looked.setdefault(direction, Looked(asks.rows, searched.rows, groups))
                # The vectors are let go; with many seeds they would not fit into memory.
                own = shown.setdefault(variant.name, {})
                known = own.get(direction) or Shown(asks.texts, searched.texts, ())
                own[direction] = replace(known, ranked=(*known.ranked, ranked))
    if not looked:
        message = f"split {options.split} has no two domains with rows of one product"
        raise InputError(message)
    return Ablation(options, tuple(variants), looked, shown)


def _answered(
    exam: Exam, direction: Direction, options: AblationOptions
) -> tuple[Side, Side, Ranked] | None:
    """Return the queries that have a right answer, what they searched and what they found."""
    sides = sides_of(exam, direction, Search(options.split, options.pages, options.most))
    if sides is None:
        return None
    asks, searched = sides
    known = np.isin(asks.products, searched.products[searched.products >= 0])
    if not known.any():
        return None
    asks = asks.take(np.flatnonzero(known))
    fuse = exam.encoder.fuse
    scorer = BlockScorer(exam.encoder.layout, fuse(searched.parts)[0])
    ranked = rank(scorer, fuse(asks.parts)[0], asks.products, searched.products)
    return asks, searched, ranked


def _one_numbering(looked: Sequence[Looked]) -> Ints:
    """Return the groups of all directions' queries, a room or product with one number in all."""
    return groups_of([row for one in looked for row in one.rows]).numbers
