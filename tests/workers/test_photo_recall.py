"""Photos against pages: ranks from scores, and folders that are something else."""

from pathlib import Path

import pytest

from models.errors import InputError
from tests.tiny_vision import COLOURS, ColourAndWords, image_bytes, picture
from workers.photo_recall import measure_photos, recall_of

HEADER = "Class Name (str),Class ID (int),Iconic Image Path (str)"


def laid_out(folder: Path, photos: dict[str, int]) -> Path:
    """A page of each colour, and photos of a colour each with the class they are said to be of."""
    rows = [HEADER]
    for number, colour in enumerate(COLOURS):
        (folder / f"{colour}.jpg").write_bytes(image_bytes(picture(colour)))
        rows.append(f"{colour},{number},/{colour}.jpg")
    lines = []
    for colour, product in photos.items():
        (folder / f"photo-{colour}.jpg").write_bytes(image_bytes(picture(colour, (64, 40))))
        lines.append(f"photo-{colour}.jpg, {product}, 0")
    (folder / "classes.csv").write_text("\n".join(rows))
    (folder / "val.txt").write_text("\n".join(lines))
    return folder


def test_photos_find_the_page_of_their_own_colour(tmp_path: Path) -> None:
    found = measure_photos(laid_out(tmp_path, {"red": 0, "green": 1, "blue": 2}), ColourAndWords())
    assert (found.photos, found.pages) == (3, 3)
    assert found.recall_at == {1: 1.0, 5: 1.0}


def test_photo_of_another_class_is_not_found_first(tmp_path: Path) -> None:
    found = measure_photos(laid_out(tmp_path, {"red": 0, "green": 2}), ColourAndWords())
    assert found.recall_at[1] == 0.5


def test_recall_counts_ranks_below_k() -> None:
    found = recall_of([0, 0, 3, 7], pages=10)
    assert found.recall_at == {1: 0.5, 5: 0.75}
    assert found.standard_error == pytest.approx(0.25)


def test_folder_of_something_else_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not laid out like Grocery Store.*classes\.csv"):
        measure_photos(tmp_path, ColourAndWords())


def test_photo_of_an_unknown_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names class 9, classes.csv has 3"):
        measure_photos(laid_out(tmp_path, {"red": 9}), ColourAndWords())
