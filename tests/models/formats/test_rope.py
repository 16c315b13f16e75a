"""ROPE's release, on files of its layout: commas in titles, frames in any order, missing rows."""

from pathlib import Path

import pytest

from models.errors import InputError
from models.formats.conversion import LeftOut
from models.formats.rope import RopeFiles, RopeOptions, rope
from models.manifest_row import Row

FILES = {
    "product_pages_pair.txt": "1, 10\n2,11\n3,12\n1,13\n1, 10\n",
    "product_videos_pair.txt": "1,10\n1,21\n2,22\n3, 23\n",
    "product_lives_pair.txt": "1,30\n9,31\n",
    "page_titles.txt": "10, 红色连衣裙, 2023新款,包邮\n11,oats\n13,\n",
    "video_asrs.txt": "10,好的,来了\n22,\nno comma\n",
    "live_asrs.txt": "30, 三,二,一\n31,hello\n",
    "page_images.txt": "10,b.jpg\n10,a.jpg\n13,c.jpg\n",
    "video_frames.txt": (
        "10,10,v10.jpg\n10, 2, v2.jpg\n10,2,v2.jpg\n21,0,w.jpg\n21,first,w.jpg\n21,4,\n"
        f"21,{10**18},w.jpg\n"
    ),
    "live_clips.txt": "30,1660000003000,l3.jpg\n30,1660000001000,l1.jpg\n30,1660000002000,l1.jpg\n",
}


def write(folder: Path, prefix: str = "training_") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / f"{prefix}{name}").write_text(text, encoding="utf-8")
    return folder


def rows(source: Path, options: RopeOptions) -> tuple[list[Row], LeftOut]:
    left_out = LeftOut()
    found = list(rope(source, source, options, left_out).rows)
    return found, +left_out


def test_the_nine_files_become_rows_with_pages_first(tmp_path: Path) -> None:
    found, left_out = rows(write(tmp_path), RopeOptions(val_share=0.0))
    title = "红色连衣裙, 2023新款,包邮"
    assert found == [
        Row("1", "page", ("images/b.jpg", "images/a.jpg"), "train", title),
        Row("2", "page", (), "train", "oats"),
        Row("1", "page", ("images/c.jpg",), "train"),
        # Ids are of their domain: video 10 is not page 10. 2 comes before 10.
        Row("1", "video", ("images/v2.jpg", "images/v10.jpg"), "train", transcript="好的,来了"),
        Row("1", "video", ("images/w.jpg",), "train"),
        Row("1", "live", ("images/l1.jpg", "images/l3.jpg"), "train", transcript="三,二,一"),
    ]
    assert left_out == {
        "page rows without pictures and words": 1,
        "page lines that repeat another": 1,
        "video lines that repeat another": 1,
        "video rows without pictures and words": 2,
        "live rows of products without a page": 1,
        "lines of training_video_asrs.txt with fewer than 2 fields": 1,
        "lines of training_video_frames.txt whose number is none": 2,
        "lines of training_video_frames.txt that end in nothing": 1,
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"training_{name}" for name in FILES
    )


def test_the_test_part_has_names_of_its_own(tmp_path: Path) -> None:
    write(write(tmp_path), "check-")
    (tmp_path / "check-page_titles.txt").rename(tmp_path / "check-names.txt")
    files = RopeFiles(page_titles="names.txt")
    options = RopeOptions(test=True, test_prefix="check-", test_files=files, val_share=1.0)
    found, _ = rows(tmp_path, options)
    assert [row.split for row in found] == ["val"] * 6 + ["test"] * 6
    with pytest.raises(InputError, match=r"lacks test_product_pages_pair\.txt, test_product_vid"):
        rows(tmp_path, RopeOptions(test=True))


def test_few_frames_are_spread_over_the_clip(tmp_path: Path) -> None:
    write(tmp_path)
    lines = "".join(f"10,{at},v{at}.jpg\n" for at in range(9))
    (tmp_path / "training_video_frames.txt").write_text(lines)
    found, _ = rows(tmp_path, RopeOptions(most_frames=3, images="."))
    assert found[3].frames == ("./v0.jpg", "./v4.jpg", "./v8.jpg")


def test_a_file_with_other_separators_is_refused_at_its_first_line(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "training_video_frames.txt").write_text("10\t1\ta.jpg\n")
    with pytest.raises(InputError, match=r"frames\.txt, line 1: want 3 fields by commas, not '10"):
        rows(tmp_path, RopeOptions())
    (tmp_path / "training_video_frames.txt").write_bytes(b"10,1,\xff.jpg\n")
    with pytest.raises(InputError, match=r"cannot read .*video_frames\.txt"):
        rows(tmp_path, RopeOptions())


def test_a_folder_that_cannot_hold_the_database_is_named(tmp_path: Path) -> None:
    source = write(tmp_path / "data")
    found = rope(source, tmp_path / "absent", RopeOptions(), LeftOut()).rows
    with pytest.raises(InputError, match="cannot join the files of .*data in .*absent"):
        next(iter(found))
