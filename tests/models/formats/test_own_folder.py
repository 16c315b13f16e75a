"""A folder of one's own: a folder for each product, its page, its clips and videos."""

from pathlib import Path

import pytest

from models.errors import InputError
from models.formats.conversion import LeftOut
from models.formats.own_folder import OwnOptions, own_folder
from models.manifest_row import Row

KEPT = OwnOptions(val_share=0.0, test_share=0.0)
FILES = (
    "oat/page.txt",
    "oat/front.jpg",
    "oat/back.PNG",
    "oat/notes.pdf",
    "oat/live/monday.jpg",
    "oat/live/tuesday/2.jpg",
    "oat/live/tuesday/1.jpg",
    "oat/live/friday.mp4",
    "oat/live/friday.txt",
    "oat/live/.hidden.jpg",
    "oat/live/odd.pdf",
    "oat/video/advert.webm",
    "bare/live/a.jpg",
    "rye/page.txt",
    "_none/live/table.jpg",
    "readme.md",
)


def write(folder: Path) -> Path:
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"\ufeffOat drink\nfrom {name}\n" if name[-4:] == ".txt" else "")
    return folder


def rows(source: Path, options: OwnOptions) -> tuple[list[Row], LeftOut]:
    left_out = LeftOut()
    return list(own_folder(source, source, options, left_out).rows), +left_out


def test_pages_clips_and_videos_are_found(tmp_path: Path) -> None:
    found, left_out = rows(write(tmp_path), KEPT)
    friday, said = "oat/live/friday", "Oat drink from oat/live/friday.txt"
    assert found == [
        Row("oat", "page", ("oat/back.PNG", "oat/front.jpg"), "train", "Oat drink"),
        Row("rye", "page", (), "train", "Oat drink"),
        Row(None, "live", ("_none/live/table.jpg",), "train"),
        Row("oat", "live", (), "train", transcript=said, media=f"{friday}.mp4"),
        Row("oat", "live", ("oat/live/monday.jpg",), "train"),
        Row("oat", "live", ("oat/live/tuesday/1.jpg", "oat/live/tuesday/2.jpg"), "train"),
        Row("oat", "video", (), "train", media="oat/video/advert.webm"),
    ]
    assert left_out == {
        "files beside the products' folders": 1,
        "products without page.txt and picture": 1,
        "clips without picture, words and media": 1,
    }


def test_splits_depend_on_names_only(tmp_path: Path) -> None:
    for product in range(40):
        folder = tmp_path / f"p{product}"
        (folder / "live").mkdir(parents=True)
        for name in ("front.jpg", "live/a.jpg", "live/b.jpg"):
            (folder / name).touch()
    options = OwnOptions(val_share=0.2, test_share=0.2, unseen_share=0.2)
    found, _ = rows(tmp_path, options)
    assert {row.split for row in found if row.domain == "live"} == {
        "train",
        "val",
        "test",
        "test-unseen",
    }
    assert {row.split for row in found if row.domain == "page"} == {"train", "test-unseen"}
    unseen = {row.product_id for row in found if row.split == "test-unseen"}
    assert all(row.split == "test-unseen" for row in found if row.product_id in unseen)
    (tmp_path / "p0" / "live" / "c.jpg").touch()
    again, _ = rows(tmp_path, options)
    assert set(found) < set(again)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="absent is no folder of products"):
        rows(tmp_path / "absent", KEPT)
    (tmp_path / "oat").mkdir()
    (tmp_path / "oat" / "page.txt").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"cannot read .*page\.txt"):
        rows(tmp_path, KEPT)
