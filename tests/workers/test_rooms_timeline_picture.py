"""The timeline picture: what it shows, and that it needs no screen and leaves nothing behind."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import InputError
from models.segment_scores import Told, measure
from models.segments import Segment
from workers.rooms.scoring import Point, Truth
from workers.rooms.timeline_picture import TimelinePicture, draw_timeline

BLUE, VERMILION, GREY, ORANGE = (0, 114, 178), (213, 94, 0), (140, 140, 140), (230, 159, 0)
TRUTH = Truth(
    segments=(Segment("a", 10_000, 30_000), Segment("b", 40_000, 55_000)),
    no_product=((0, 10_000), (30_000, 40_000), (55_000, 60_000)),
    titles={"a": "Apricot jam, 250 g", "b": "A very long title of green tea with lemon, 20 bags"},
    duration_ms=60_000,
)
RIGHT = (Told("a", 9_000, 31_000, 15_000), Told("b", 41_000, 56_000, 46_000))
WRONG = (Told("a", 9_000, 31_000, 15_000), Told("c", 41_000, 56_000, 46_000))


def drawn(out: Path, tags: tuple[Told, ...], points: tuple[Point, ...] = ()) -> "np.ndarray":
    scores = measure(tags, TRUTH.segments, TRUTH.duration_ms)
    draw_timeline(TimelinePicture("room", TRUTH, tags, scores, points=points), out)
    return np.asarray(Image.open(out).convert("RGB"))


def share(picture: "np.ndarray", colour: tuple[int, int, int]) -> float:
    return float((picture == np.array(colour, dtype=np.uint8)).all(axis=2).mean())


def test_right_tags_are_blue_and_wrong_ones_vermilion(tmp_path: Path) -> None:
    right = drawn(tmp_path / "right.png", RIGHT)
    wrong = drawn(tmp_path / "wrong.png", WRONG)
    assert share(right, BLUE) > 0.01
    assert share(right, VERMILION) == 0
    assert 0 < share(wrong, BLUE) < share(right, BLUE)
    assert share(wrong, VERMILION) > 0.001
    assert share(right, GREY) > 0.01


def test_a_tag_that_covers_too_little_of_its_product_has_a_colour_of_its_own(
    tmp_path: Path,
) -> None:
    picture = drawn(tmp_path / "part.png", (Told("a", 20_000, 29_000, 25_000),))
    assert share(picture, ORANGE) > 0.001
    assert share(picture, BLUE) == share(picture, VERMILION) == 0


def test_scores_make_a_second_panel(tmp_path: Path) -> None:
    plain = drawn(tmp_path / "plain.png", RIGHT)
    points = (
        Point(12_000, "a", 0.7, 0.4),
        Point(20_000, "c", 0.6, 0.4),
        Point(35_000, "a", 0, 0.4),
    )
    more = drawn(tmp_path / "more.png", RIGHT, points)
    assert more.shape[0] > plain.shape[0]
    assert more.shape[1] == plain.shape[1]
    assert share(more, VERMILION) > 0


def test_the_same_room_gives_the_same_picture(tmp_path: Path) -> None:
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    drawn(first, WRONG)
    drawn(second, WRONG)
    assert first.read_bytes() == second.read_bytes()


def test_a_room_without_tags_has_a_picture_too(tmp_path: Path) -> None:
    assert share(drawn(tmp_path / "none.png", ()), GREY) > 0.01


def test_nothing_interactive_is_loaded(tmp_path: Path) -> None:
    before = "matplotlib.pyplot" in sys.modules
    drawn(tmp_path / "room.png", RIGHT)
    assert ("matplotlib.pyplot" in sys.modules) == before


@pytest.mark.parametrize("name", ["none/room.png", "room.docx"])
def test_a_picture_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="the picture cannot be written to"):
        drawn(tmp_path / name, RIGHT)
