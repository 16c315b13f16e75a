"""Unreadable pictures are counted and passed over; for training see `test_steps`."""

from functools import lru_cache
from pathlib import Path

import pytest
from PIL import Image

from models.dataset import plain
from models.errors import InputError
from models.manifest import Manifest
from models.manifest_row import Row
from models.pictures import open_picture
from models.readable_pictures import NAMED, ReadablePictures, readable


def write(folder: Path) -> list[Path]:
    Image.new("RGB", (8, 8), (200, 0, 0)).save(folder / "a.png")
    (folder / "broken.png").write_bytes(b"\x89PNG")
    Image.new("RGB", (8, 8), (0, 200, 0)).save(folder / "b.png")
    return [folder / name for name in ("a.png", "broken.png", "gone.png", "b.png")]


def test_the_others_stay_in_order_and_each_lost_one_counts_once(tmp_path: Path) -> None:
    paths = write(tmp_path)
    read = ReadablePictures()
    cached = lru_cache(read)
    for _ in range(3):
        found = readable(paths, cached)
        assert readable(range(4), lambda at: cached(paths[at])) == found
        assert [picture.getpixel((0, 0)) for picture in found] == [(200, 0, 0), (0, 200, 0)]
    assert read.unreadable == 2
    assert "broken.png cannot be read" in read.reasons[0]
    assert "gone.png" in read.reasons[1]


def test_a_lost_picture_is_tried_once(tmp_path: Path) -> None:
    tried: list[Path] = []

    def fails(path: Path) -> Image.Image:
        tried.append(path)
        message = f"no {path}"
        raise InputError(message)

    read = ReadablePictures(fails)
    paths = [tmp_path / f"{at}.png" for at in range(NAMED + 2)]
    assert readable(paths * 2, read) == ()
    assert tried == paths
    assert read.unreadable == NAMED + 2
    assert len(read.reasons) == NAMED


def test_a_plain_reader_fails_at_the_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"broken\.png cannot be read"):
        readable(write(tmp_path), open_picture)


def test_evaluation_sees_the_pictures_that_are_left(tmp_path: Path) -> None:
    write(tmp_path)
    row = Row("a", "live", ("a.png", "broken.png"), "test")
    manifest = Manifest(tmp_path, (row,))
    assert len(plain(manifest, row, ReadablePictures(), None).frames) == 1
    lost = Row("a", "live", ("broken.png",), "test")
    assert plain(manifest, lost, ReadablePictures(), "words").frames == ()
    with pytest.raises(InputError, match="cannot be read"):
        plain(manifest, row, open_picture, None)
