"""The gate: paired figures against slow loops, and a reason for every drop."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.gate import Answers, Difference, compare, from_json, to_json, worse

OLD = Answers(
    fingerprint="a" * 16,
    frozen="f",
    groups=("room 1", "room 1", "room 2", "room 2", "room 3", "room 3"),
    has_product=(True, True, True, True, False, False),
    ranks={"both": (0, 0, 1, 3, None, None)},
    best={"both": (0.9, 0.8, 0.7, 0.6, 0.65, 0.1)},
)
NEW = replace(
    OLD,
    fingerprint="b" * 16,
    ranks={"both": (0, 2, 0, 1, None, None)},
    best={"both": (0.9, 0.8, 0.7, 0.66, 0.65, None)},
)


def by_figure(found: tuple[Difference, ...]) -> dict[str, Difference]:
    return {one.figure: one for one in found}


def test_figures_are_those_of_the_ranks() -> None:
    found = by_figure(compare(OLD, replace(NEW, best=OLD.best)))
    first, mrr = found["both R@1"], found["both MRR"]
    assert (first.old, first.new, first.clips, first.groups) == (0.5, 0.5, 4, 2)
    assert mrr.old == pytest.approx((1 + 1 + 1 / 2 + 1 / 4) / 4)
    assert mrr.new == pytest.approx((1 + 1 / 3 + 1 + 1 / 2) / 4)
    area = found["both no-product AUROC"]
    # Of the eight pairs of a clip with a product and one without, one is the wrong way round.
    assert (area.old, area.clips) == (7 / 8, 6)


def test_the_interval_is_paired_and_of_whole_groups() -> None:
    # Room 1 loses 2/3 in one of its two clips, room 2 gains 3/4 over its two.
    (_, mrr, *_) = compare(OLD, replace(NEW, best=OLD.best))
    change = {"room 1": [0.0, 1 / 3 - 1], "room 2": [1 / 2, 1 / 4]}
    means = [np.mean(change[one] + change[two]) for one in change for two in change]
    assert mrr.interval == pytest.approx((min(means), max(means)))
    same = compare(OLD, OLD)
    assert [one.interval for one in same] == [(0.0, 0.0)] * 3


def test_a_worse_figure_is_refused_with_its_numbers_unless_it_is_allowed() -> None:
    found = (
        Difference("both R@1", 0.9, 0.87, (-0.08, 0.02), 100, 5),
        Difference("text MRR", 0.5, 0.6, (0.05, 0.15), 100, 5),
    )
    (reason,) = worse(found, 0.0)
    assert reason == (
        "both R@1 fell by 0.0300, from 0.9000 to 0.8700 (95 % interval of the difference -0.0800 "
        "to +0.0200, 100 clips of 5 groups); 0 is allowed"
    )
    assert len(worse(found, 0.029)) == 1
    assert worse(found, 0.03) == []


RANKS = st.lists(st.integers(0, 9), min_size=1, max_size=12)


@settings(max_examples=15)
@given(RANKS, st.data())
def test_an_equal_or_better_encoder_always_passes(ranks: list[int], data: st.DataObject) -> None:
    better = [data.draw(st.integers(0, rank)) for rank in ranks]
    groups = tuple(f"room {at % 3}" for at in range(len(ranks)))
    some = Answers("a", "f", groups, (True,) * len(ranks), {"both": tuple(ranks)}, {"both": ()})
    assert worse(compare(some, replace(some, ranks={"both": tuple(better)})), 0.0) == []
    found = compare(some, some)
    slow = sum(1 / (1 + rank) for rank in ranks) / len(ranks)
    assert by_figure(found)["both MRR"].old == pytest.approx(slow)


def test_answers_of_other_clips_are_not_compared() -> None:
    with pytest.raises(InputError, match="answered different sets"):
        compare(OLD, replace(NEW, frozen="g"))
    with pytest.raises(InputError, match="answered different sets"):
        compare(OLD, NEW)


def test_answers_survive_their_file() -> None:
    assert from_json(to_json(NEW), "x") == NEW
    for text in ("{}", "[]", "no"):
        with pytest.raises(InputError, match="x cannot be read as answers"):
            from_json(text, "x")
