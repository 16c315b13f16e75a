"""Rates of word errors against their definition, and differences whose interval holds them."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from workers.listening.word_errors import (
    WordErrors,
    error_rate,
    rate_difference,
    word_errors,
)

WORDS = st.lists(st.sampled_from("abc"), max_size=6)
FILES = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=6)


@given(said=WORDS, heard=WORDS)
def test_errors_are_the_fewest_words_put_in_left_out_and_exchanged(
    said: list[str], heard: list[str]
) -> None:
    @cache
    def slow(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        exchange = slow(i - 1, j - 1) + (said[i - 1] != heard[j - 1])
        return min(slow(i - 1, j) + 1, slow(i, j - 1) + 1, exchange)

    assert word_errors(said, heard) == WordErrors(slow(len(said), len(heard)), len(said))


@given(files=FILES)
def test_the_rate_is_of_all_words_not_a_mean_over_files(files: list[tuple[int, int]]) -> None:
    errors = words = 0
    for wrong, said in files:
        errors += wrong
        words += said
    assert error_rate([WordErrors(*one) for one in files]) == pytest.approx(errors / words)


@given(files=FILES, other=st.integers(0, 5))
def test_the_difference_is_that_of_the_rates_and_within_its_interval(
    files: list[tuple[int, int]], other: int
) -> None:
    first = [WordErrors(*one) for one in files]
    second = [WordErrors(other, one.words) for one in first]
    found = rate_difference(first, second)
    assert found.mean == pytest.approx(error_rate(first) - error_rate(second))
    assert found.interval[0] - 1e-9 <= found.mean <= found.interval[1] + 1e-9
    assert found.groups == len(files)


def test_the_interval_is_that_of_a_bootstrap_over_files() -> None:
    draw = np.random.default_rng(3)
    words = draw.integers(5, 200, 40)
    one, other = (draw.binomial(words, share) for share in (0.10, 0.08))
    first = [WordErrors(int(e), int(n)) for e, n in zip(one, words, strict=True)]
    second = [WordErrors(int(e), int(n)) for e, n in zip(other, words, strict=True)]
    slow = []
    for _ in range(4_000):
        at = draw.integers(0, 40, 40)
        slow.append((one[at].sum() - other[at].sum()) / words[at].sum())
    found = rate_difference(first, second)
    assert found.interval == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=0.003)


def test_a_file_without_words_counts_for_nothing() -> None:
    first, second = ([WordErrors(3, 0), WordErrors(errors, 4)] for errors in (2, 1))
    assert rate_difference(first, second).mean == pytest.approx(0.25)


@pytest.mark.parametrize("files", [[], [WordErrors(2, 0)]])
def test_no_words_have_no_rate(files: list[WordErrors]) -> None:
    with pytest.raises(InputError, match="no word is said"):
        error_rate(files)
    with pytest.raises(InputError, match="do not say the same words, or none"):
        rate_difference(files, files)


def test_listeners_of_different_files_are_not_compared() -> None:
    with pytest.raises(InputError, match="1 and 2 files do not say the same words"):
        rate_difference([WordErrors(1, 4)], [WordErrors(1, 4), WordErrors(0, 1)])
