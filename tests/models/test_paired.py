"""The paired bootstrap against a loop that draws seeds and groups by hand."""

import numpy as np
import pytest

from models.errors import InputError
from models.paired import paired_difference

DRAW = np.random.default_rng(7)
FIRST = DRAW.random((3, 12))
SECOND = DRAW.random((3, 12))
GROUPS = np.array([4, 4, 4, 9, 9, 2, 2, 2, 2, 5, 5, 5])
STRATA = np.array([0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0])


def _slow_mean(seeds: list[int], groups: list[int]) -> float:
    """Return the mean over strata of the mean difference of what was drawn."""
    means = []
    for stratum in (0, 1):
        values = [
            FIRST[seed, at] - SECOND[seed, at]
            for seed in seeds
            for group in groups
            for at in range(12)
            if GROUPS[at] == group and STRATA[at] == stratum
        ]
        if values:
            means.append(sum(values) / len(values))
    return float(sum(means) / len(means))


def test_the_difference_and_its_interval_are_those_of_the_loop() -> None:
    found = paired_difference(FIRST, SECOND, GROUPS, STRATA, seed=11, draws=90)
    names = [2, 4, 5, 9]
    draw = np.random.default_rng(11)
    seeds = draw.integers(3, size=(90, 3))
    groups = draw.integers(4, size=(90, 4))
    means = [
        _slow_mean(list(some), [names[at] for at in drawn])
        for some, drawn in zip(seeds, groups, strict=True)
    ]
    assert found.mean == pytest.approx(_slow_mean([0, 1, 2], names))
    assert found.interval == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))
    assert found.above == pytest.approx(np.mean([one > 0 for one in means]))
    assert (found.seeds, found.groups) == (3, 4)


def test_the_other_way_round_is_the_same_with_the_other_sign() -> None:
    forth = paired_difference(FIRST, SECOND, GROUPS)
    back = paired_difference(SECOND, FIRST, GROUPS)
    assert back.mean == pytest.approx(-forth.mean)
    assert back.interval == pytest.approx((-forth.interval[1], -forth.interval[0]))
    assert back.above == pytest.approx(1 - forth.above)


def test_a_steady_gain_is_sure_though_queries_differ_widely() -> None:
    hard = np.linspace(0, 1, 12)[None]
    found = paired_difference(hard + 0.01, hard, np.arange(12))
    assert found.interval == pytest.approx((0.01, 0.01))
    assert found.holds
    even = paired_difference(hard, hard, np.arange(12))
    assert (even.mean, even.above, even.holds) == (0.0, 0.5, False)


def test_a_gain_of_one_seed_alone_is_not_sure() -> None:
    first = np.zeros((4, 12))
    first[0] = 1.0
    found = paired_difference(first, np.zeros((4, 12)), np.arange(12))
    assert found.mean == pytest.approx(0.25)
    assert found.interval[0] == 0.0
    assert not found.holds


@pytest.mark.parametrize("shape", [(3, 11), (2, 12)])
def test_systems_of_different_shapes_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="one shape"):
        paired_difference(FIRST, np.zeros(shape), GROUPS)
