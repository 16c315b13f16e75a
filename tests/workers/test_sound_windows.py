"""Windows of pairs and of matches as arrays: who is a candidate, and what is right."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.errors import InputError
from tests.tiny_vision import ColourAndWords
from workers.events import Candidate, Match
from workers.sound_windows import HeardPair, of_matches, of_pairs, read_pairs

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


def match(stream_id: str, slot: int, *candidates: tuple[str, float, float]) -> Match:
    at_ms = 5_000 * slot
    return Match(
        stream_id=stream_id,
        slot=slot,
        start_ms=at_ms,
        end_ms=at_ms + 5_000,
        watermark_ms=at_ms,
        candidates=tuple(
            Candidate(product_id=name, score=score, by={"sounds": sound})
            for name, score, sound in candidates
        ),
    )


def test_clips_in_which_nothing_is_sold_or_the_product_is_no_candidate_are_left_out() -> None:
    told = {("a", 2_500): "p", ("b", 7_500): "q", ("b", 12_500): "elsewhere"}
    windows = of_matches(
        [
            match("a", 0, ("p", 0.4, 0.5), ("q", 0.6, 0.0)),
            match("a", 1, ("p", 0.4, 0.5)),
            match("b", 1, ("q", 0.2, 0.1), ("r", 0.1, 0.0)),
            match("b", 2, ("q", 0.2, 0.1)),
        ],
        lambda stream_id, media_ms: told.get((stream_id, media_ms)),
    )
    assert windows is not None
    assert windows.groups == ("a", "b")
    assert windows.truth == (0, 1)
    np.testing.assert_array_equal(windows.scores, [[0.4, 0.6, np.nan], [np.nan, 0.2, 0.1]])
    np.testing.assert_array_equal(windows.named, [[0.5, 0.0, 0.0], [0.0, 0.1, 0.0]])
    assert of_matches([match("a", 1, ("p", 0.4, 0.5))], lambda *_: None) is None
