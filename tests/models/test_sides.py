"""What a query shows in each way of looking."""

from pathlib import Path

import numpy as np
import pytest

from models.errors import InputError
from models.manifest import Row
from models.sides import SEEN, Side, encode_rows
from tests.models.made_exam import made_encoder, made_shop


def _side(folder: Path) -> Side:
    """Return a row with picture and words, one of each alone, and one of neither."""
    shop = made_shop(folder)
    frames = ("red.png",)
    rows = tuple(Row("p-red", "live", shown, "test") for shown in (frames, frames, (), ()))
    texts = ("red", None, "red", None)
    told: list[tuple[int, int]] = []
    parts = encode_rows(made_encoder(), shop, rows, texts, lambda *at: told.append(at))
    assert told == [(4, 4)]
    return Side(rows, texts, parts, np.zeros(4, dtype=np.int64))


def test_each_way_takes_rows_that_have_what_is_looked_at(tmp_path: Path) -> None:
    side = _side(tmp_path)
    assert {how: side.seen(how)[1].tolist() for how in SEEN} == {
        "whole": [True, True, True, False],
        "picture": [True, True, False, False],
        "text": [True, False, True, False],
        "both": [True, False, False, False],
        "textless": [False, True, False, False],
    }


def test_what_is_not_looked_at_is_missing_and_not_empty(tmp_path: Path) -> None:
    side = _side(tmp_path)
    seen, _ = side.seen("picture")
    assert not seen.has_text.any()
    assert not seen.text.any()
    assert (seen.image == side.parts.image).all()
    heard, _ = side.seen("text")
    assert not heard.has_image.any()
    assert (heard.text == side.parts.text).all()


def test_some_rows_keep_their_own_words_and_vectors(tmp_path: Path) -> None:
    side = _side(tmp_path)
    some = side.take(np.array([2, 0]))
    assert some.texts == ("red", "red")
    assert some.parts.has_image.tolist() == [False, True]
    assert (some.parts.text == side.parts.text[[2, 0]]).all()


def test_no_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such rows"):
        encode_rows(made_encoder(), made_shop(tmp_path), (), (), lambda _done, _total: None)
