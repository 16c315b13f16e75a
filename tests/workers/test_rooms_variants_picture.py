"""One picture of many variants: truth above, tags below, cut into panels where a room is long."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import InputError
from models.segment_scores import Told
from models.segments import Segment
from tests.workers.test_rooms_timeline_picture import (
    BLUE,
    GREY,
    ORANGE,
    RIGHT,
    TRUTH,
    VERMILION,
    WRONG,
    share,
)
from workers.rooms.scoring import Truth
from workers.rooms.variants_picture import VariantsPicture, draw_variants


def drawn(out: Path, picture: VariantsPicture, panel_ms: int = 600_000) -> "np.ndarray":
    draw_variants(picture, out, panel_ms)
    return np.asarray(Image.open(out).convert("RGB"))


def test_every_variant_has_a_row_of_its_own(tmp_path: Path) -> None:
    one = drawn(tmp_path / "one.png", VariantsPicture("room", TRUTH, {"cart-both": RIGHT}))
    tags = {"cart-both": RIGHT, "cart-speech": WRONG}
    two = drawn(tmp_path / "two.png", VariantsPicture("room", TRUTH, tags))
    assert two.shape[0] > one.shape[0]
    assert share(one, BLUE) > 0.01
    assert share(one, GREY) > 0.01
    assert share(two, VERMILION) > share(one, VERMILION)  # the legend has a little of it


def test_a_tag_that_covers_too_little_is_orange(tmp_path: Path) -> None:
    legend = drawn(tmp_path / "none.png", VariantsPicture("room", TRUTH, {"cart-both": ()}))
    part = {"cart-both": (Told("a", 20_000, 29_000, 25_000),)}
    assert share(drawn(tmp_path / "part.png", VariantsPicture("room", TRUTH, part)), ORANGE) > (
        share(legend, ORANGE) + 0.001
    )


def test_products_that_are_sold_at_once_lie_in_rows_of_their_own(tmp_path: Path) -> None:
    after = Truth((Segment("a", 0, 9_000), Segment("b", 9_000, 20_000)), (), {}, 20_000)
    at_once = Truth((Segment("a", 0, 9_000), Segment("b", 5_000, 20_000)), (), {}, 20_000)
    rows = [
        drawn(tmp_path / "room.png", VariantsPicture("room", truth)).shape[0]
        for truth in (after, at_once)
    ]
    assert rows[1] > rows[0]


def test_what_is_sold_bears_numbers_and_what_is_not_letters() -> None:
    others = [Told(f"z{at}", at, at + 1, at) for at in range(28)]
    marks = VariantsPicture("room", TRUTH, {"one": RIGHT, "two": others}).marks
    assert [marks[one] for one in ("a", "b", "z0", "z25", "z26", "z27")] == [
        "1", "2", "a", "z", "aa", "ab",
    ]  # fmt: skip


def test_a_long_room_is_cut_into_panels(tmp_path: Path) -> None:
    picture = VariantsPicture("room", TRUTH, {"cart-both": RIGHT})
    whole, cut = (drawn(tmp_path / "room.png", picture, ms) for ms in (60_000, 20_000))
    assert cut.shape[0] > 2 * whole.shape[0] - 200
    assert cut.shape[1] == whole.shape[1]


def test_a_room_in_which_nothing_is_sold_has_a_picture(tmp_path: Path) -> None:
    quiet = Truth((), ((0, 60_000),), {}, 60_000)
    wrong = {"cart-both": (Told("z", 9_000, 31_000, 15_000),)}
    picture = drawn(tmp_path / "quiet.png", VariantsPicture("room", quiet, wrong))
    assert share(picture, VERMILION) > 0.005


@pytest.mark.parametrize("name", ["none/room.png", "room.docx"])
def test_a_picture_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be written to"):
        draw_variants(VariantsPicture("room", TRUTH), tmp_path / name)
