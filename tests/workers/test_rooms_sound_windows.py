"""Windows of pairs as arrays: who is a candidate, and what is right."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import InputError
from tests.tiny_vision import ColourAndWords
from tests.workers.test_rooms_pairs import PAIR
from workers.rooms.sound_windows import of_pairs

BRANDS = ("Zorvaxi", "Oatrelle", "Marnaro", "Velmoro")
CART = tuple(f"{brand} {kind}" for brand in BRANDS for kind in ("Dark Roast", "Oat Drink"))
PAIRS = tuple(
    replace(
        PAIR,
        transcript=f"here it is the {title.casefold()} for you",
        title=title,
        titles=CART[: 4 if n < 4 else 8],
    )
    for n, title in enumerate(CART)
)


def test_only_the_cart_is_compared_with_in_the_scope_of_a_cart() -> None:
    windows = of_pairs(PAIRS, ColourAndWords(), "cart")
    assert windows.scores.shape == windows.named.shape == (8, 8)
    assert np.isnan(windows.scores).sum() == 4 * 4
    assert not np.isnan(of_pairs(PAIRS, ColourAndWords(), "catalogue").scores).any()
    assert windows.groups == tuple(name for name in map(str.casefold, BRANDS) for _ in range(2))
    assert windows.named.argmax(axis=1).tolist() == list(windows.truth)
    assert windows.fit().recall_1 == 1.0


def test_pairs_without_a_product_or_without_its_words_are_left_out() -> None:
    unnamed = replace(PAIRS[0], transcript="lovely", told_apart=False)
    nothing = replace(PAIRS[0], transcript="hello", title=None, product_id=None, told_apart=False)
    windows = of_pairs([*PAIRS, unnamed, nothing], ColourAndWords(), "cart")
    assert len(windows.truth) == len(PAIRS)
    with pytest.raises(InputError, match="no window of 2 pairs"):
        of_pairs([unnamed, nothing], ColourAndWords(), "cart")
