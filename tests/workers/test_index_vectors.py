"""Made vectors: the same from a seed whole or in portions, and what is truly nearest in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.index_vectors import MadeCatalogue, nearest


def whole(catalogue: MadeCatalogue) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.concatenate([vectors for _, vectors in catalogue.portions()])


@given(count=st.integers(1, 90), portion=st.integers(1, 40), seed=st.integers(0, 3))
@settings(max_examples=25)
def test_a_portion_made_alone_is_that_of_the_whole(count: int, portion: int, seed: int) -> None:
    catalogue = MadeCatalogue(count, 8, seed, portion=portion)
    vectors = whole(catalogue)
    assert vectors.shape == (count, 8)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    last = (count - 1) // portion * portion
    assert np.array_equal(catalogue.products(last), vectors[last:])
    assert np.array_equal(
        catalogue.queries(7), MadeCatalogue(count, 8, seed, portion=portion).queries(7)
    )


def test_another_seed_makes_other_vectors() -> None:
    assert not np.allclose(whole(MadeCatalogue(20, 8, 1)), whole(MadeCatalogue(20, 8, 2)))


@pytest.mark.parametrize("in_shop", [False, True])
def test_the_nearest_are_those_of_a_slow_sort_of_all(*, in_shop: bool) -> None:
    catalogue = MadeCatalogue(103, 8, shops=4, portion=20)
    queries, vectors = catalogue.queries(6), whole(catalogue)
    shops = np.arange(6) % 4
    found = nearest(catalogue, queries, 30, shops if in_shop else None)
    for query, shop, places in zip(queries, shops, found, strict=True):
        order = np.argsort(-(vectors @ query), kind="stable")
        wanted = [at for at in order if not in_shop or at % 4 == shop][:30]
        assert places[: len(wanted)].tolist() == wanted
        assert set(places[len(wanted) :].tolist()) <= {-1}


def test_a_view_is_nearest_to_look_alikes() -> None:
    catalogue = MadeCatalogue(1_000, 64)
    queries, vectors = catalogue.queries(50), whole(catalogue)
    scores = np.sort(queries @ vectors.T, axis=1)
    # One product, then its group of about 50, then the rest.
    assert np.median(scores[:, -1]) > 0.85
    assert np.median(scores[:, -10]) > np.median(scores[:, -100]) + 0.2
