"""The picture of the quality report: a row for each variant, and a file that can be read."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import InputError
from tests.workers.test_rooms_quality import EXACT, QUIET, everything, tried
from tests.workers.test_rooms_timeline_picture import BLUE, VERMILION, share
from workers.rooms.quality import judged
from workers.rooms.quality_plots import draw_quality
from workers.rooms.trial import Tried


def drawn(out: Path, found: list[Tried]) -> "np.ndarray":
    draw_quality(judged(found), out)
    return np.asarray(Image.open(out).convert("RGB"))


def test_every_variant_has_a_row_and_a_colour(tmp_path: Path) -> None:
    one = drawn(tmp_path / "one.png", [tried(EXACT)])
    five = drawn(tmp_path / "five.png", everything())
    assert five.shape[0] > one.shape[0]
    assert share(one, BLUE) > 0.0002
    assert share(one, VERMILION) == 0
    assert share(five, VERMILION) > 0


def test_products_that_are_never_tagged_leave_an_empty_line(tmp_path: Path) -> None:
    assert drawn(tmp_path / "never.png", [tried()]).shape[0] > 100


def test_rooms_that_sell_nothing_have_a_picture_too(tmp_path: Path) -> None:
    quiet = tried(("B", 100, 9_000, 5_000, 5_000), truth=QUIET)
    assert drawn(tmp_path / "quiet.png", [quiet]).shape[0] > 100


def test_the_same_figures_give_the_same_picture(tmp_path: Path) -> None:
    for name in ("first.png", "second.png"):
        drawn(tmp_path / name, everything())
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


def test_a_picture_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written to"):
        draw_quality(judged([tried(EXACT)]), tmp_path / "none" / "quality.png")
