"""Whether a retrained encoder may replace the one that serves: both answer the same frozen clips.

In: two encoders' answers, clip by clip. Out: paired differences with intervals, and a reason for
every figure that fell by more than is allowed. Nothing here loads or moves anything.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from models.errors import InputError
from models.evaluate import auroc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_DRAWS = 1_000
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Answers:
    """What one encoder answered; every list has one entry per clip, in the set's order."""

    fingerprint: str
    """Of the encoder."""
    frozen: str
    """Fingerprint of the set."""
    groups: tuple[str, ...]
    """Clips of one group rise and fall together: a room, or a product where no room is said."""
    has_product: tuple[bool, ...]
    ranks: Mapping[str, tuple[int | None, ...]]
    """By what is looked at: pages of other products before the first right one; none where the
    clip has no product or lacks what is looked at."""
    best: Mapping[str, tuple[float | None, ...]]
    """Score of the best page; none where the clip lacks what is looked at."""


@dataclass(frozen=True)
class Difference:
    """One figure of both encoders."""

    figure: str
    """What is looked at, and the metric."""
    old: float
    new: float
    interval: tuple[float, float]
    """95 % of new minus old, by a paired bootstrap over groups."""
    clips: int
    groups: int

    @property
    def drop(self) -> float:
        """By how much the new encoder is worse; negative where it is better."""
        return self.old - self.new


def compare(old: Answers, new: Answers, seed: int = 0) -> tuple[Difference, ...]:
    """Return R@1 and MRR of every way to look at a clip, and how well no product is told.

    Raises:
        InputError: the answers are not of the same clips.
    """
    if _of_what(old) != _of_what(new):
        message = (
            f"the encoders answered different sets ({old.frozen[:16]}, {len(old.groups)} clips; "
            f"{new.frozen[:16]}, {len(new.groups)} clips), so they cannot be compared"
        )
        raise InputError(message)
    found: list[Difference] = []
    groups, has_product = np.array(old.groups), np.array(old.has_product, dtype=bool)
    for mode in old.ranks:
        asked = [at for at, rank in enumerate(old.ranks[mode]) if rank is not None]
        if asked:
            ranks = [_picked(one.ranks[mode], asked) for one in (old, new)]
            found.append(
                _paired(f"{mode} R@1", [_first(one) for one in ranks], groups[asked], seed)
            )
            found.append(
                _paired(f"{mode} MRR", [1 / (1 + one) for one in ranks], groups[asked], seed)
            )
        seen = [at for at, score in enumerate(old.best[mode]) if score is not None]
        if len(set(has_product[seen].tolist())) == 2:
            best = [_picked(one.best[mode], seen) for one in (old, new)]
            found.append(_told_apart(mode, best, has_product[seen], groups[seen], seed))
    return tuple(found)


def worse(differences: Sequence[Difference], allow_drop: float) -> list[str]:
    """Return a reason for every figure that fell by more than is allowed."""
    return [
        f"{one.figure} fell by {one.drop:.4f}, from {one.old:.4f} to {one.new:.4f} (95 % interval "
        f"of the difference {one.interval[0]:+.4f} to {one.interval[1]:+.4f}, {one.clips} clips of "
        f"{one.groups} groups); {allow_drop:g} is allowed"
        for one in differences
        if one.drop > allow_drop + _ROUNDING
    ]


def to_json(answers: Answers) -> str:
    """Return JSON that `from_json` reads."""
    return json.dumps(asdict(answers)) + "\n"


def from_json(text: str, origin: str) -> Answers:
    """Return answers that were written.

    Raises:
        InputError: it is not what `to_json` writes.
    """
    try:
        item = json.loads(text)
        return Answers(
            fingerprint=str(item["fingerprint"]),
            frozen=str(item["frozen"]),
            groups=tuple(item["groups"]),
            has_product=tuple(item["has_product"]),
            ranks={mode: tuple(found) for mode, found in item["ranks"].items()},
            best={mode: tuple(found) for mode, found in item["best"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{origin} cannot be read as answers: {error!r}; remove it to examine again"
        raise InputError(message) from error


def _of_what(answers: Answers) -> tuple[object, ...]:
    """Return what any encoder's answers must agree in: the clips, and what each of them has."""
    there = {
        (what, mode): [one is not None for one in found]
        for what, by_mode in (("ranks", answers.ranks), ("best", answers.best))
        for mode, found in by_mode.items()
    }
    return answers.frozen, answers.groups, answers.has_product, there


def _picked(values: Sequence[float | None], places: Sequence[int]) -> Floats:
    return np.array([values[at] for at in places], dtype=np.float64)


def _first(ranks: Floats) -> Floats:
    return (ranks < 1).astype(np.float64)


def _paired(
    figure: str, values: Sequence[Floats], groups: npt.NDArray[np.str_], seed: int
) -> Difference:
    change = values[1] - values[0]
    interval = _interval(groups, lambda places: float(change[places].mean()), seed)
    count = len(np.unique(groups))
    old, new = (float(one.mean()) for one in values)
    return Difference(figure, old, new, interval, len(change), count)


def _told_apart(
    mode: str,
    best: Sequence[Floats],
    has_product: npt.NDArray[np.bool_],
    groups: npt.NDArray[np.str_],
    seed: int,
) -> Difference:
    def area(scores: Floats, places: Ints) -> float:
        shown, of = scores[places], has_product[places]
        return auroc(shown[of], shown[~of]) if of.any() and not of.all() else float("nan")

    everything = np.arange(len(has_product))
    interval = _interval(groups, lambda places: area(best[1], places) - area(best[0], places), seed)
    old, new = (area(one, everything) for one in best)
    count = len(np.unique(groups))
    return Difference(f"{mode} no-product AUROC", old, new, interval, len(everything), count)


def _interval(
    groups: npt.NDArray[np.str_], change: Callable[[Ints], float], seed: int
) -> tuple[float, float]:
    """Return the 95 % interval of a change; draws in which it is not defined do not count."""
    names, group_of = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(group_of == at) for at in range(len(names))]
    draw = np.random.default_rng(seed)
    drawn = [
        change(np.concatenate([members[at] for at in draw.integers(len(names), size=len(names))]))
        for _ in range(_DRAWS)
    ]
    defined = [value for value in drawn if not np.isnan(value)]
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)
