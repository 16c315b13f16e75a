"""Windows of pairs and of matches as arrays: who is a candidate, and what is right."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.errors import InputError
from tests.tiny_vision import ColourAndWords
from workers.sound_windows import HeardPair, of_pairs, read_pairs

BRANDS = ("Zorvaxi", "Oatrelle", "Marnaro", "Velmoro")
CART = tuple(f"{brand} {kind}" for brand in BRANDS for kind in ("Dark Roast", "Oat Drink"))
PAIRS = tuple(
    HeardPair(f"here it is the {title.casefold()} for you", title, CART[: 4 if n < 4 else 8])
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


def test_pairs_without_a_product_or_without_its_words_are_left_out(tmp_path: Path) -> None:
    rows = [
        {"transcript": "a", "title": CART[0], "titles": CART, "told_apart": True, "voice": "x"},
        {"transcript": "b", "title": CART[1], "titles": CART, "told_apart": False},
        {"transcript": "c", "title": None, "titles": CART, "told_apart": False},
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert read_pairs(path) == (HeardPair("a", CART[0], CART),)
    path.write_text("\n".join(map(json.dumps, rows[1:])), encoding="utf-8")
    with pytest.raises(InputError, match="no window in which"):
        read_pairs(path)
    path.write_text(json.dumps(rows[0]) + "\nno pair", encoding="utf-8")
    with pytest.raises(InputError, match="line 2 of .* is no pair"):
        read_pairs(path)
