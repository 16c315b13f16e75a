"""LPR4M's training files in both layouts; columns are held against the first rows."""

from pathlib import Path

import pytest

from models.errors import InputError
from models.formats.conversion import LeftOut
from models.formats.lpr4m import LprOptions, lpr4m
from models.manifest_row import Row

ROOM = "0a1b2c3d-0001-4abc-9def-0123456789ab"
CLIP = f"{ROOM}-12000-24000"
IMAGE = "ffff0000-0002-4abc-9def-0123456789ab"
FRAMES = [f"{CLIP}-{at:04d}" for at in range(12)]
FULL = (
    CLIP,
    repr(FRAMES),
    "[]",
    IMAGE,
    "红裙, 新",
    "7",
    "dress",
    "好 1 2\x01的 2 3",
    "s",
    "l",
    "f",
)


def line(**changes: str) -> str:
    names = ("video_id", "frames", "boxes", "image_id", "title", "category_id", "category", "asr")
    cells = dict(zip((*names, "scale", "duration", "number"), FULL, strict=True)) | changes
    return "\t".join(cells.values()) + "\n"


def rows(source: Path, options: LprOptions) -> tuple[list[Row], LeftOut]:
    left_out = LeftOut()
    return list(lpr4m(source, source, options, left_out).rows), left_out


def test_the_full_release_is_read_over_its_parts(tmp_path: Path) -> None:
    (tmp_path / "training_videoinfo_full_1").write_text(line())
    # Frames may also be plain numbers.
    later = line(video_id=f"{ROOM}-30000-40000", frames="[0, 1]", asr="")
    (tmp_path / "training_videoinfo_full_2").write_text(later)
    found, left_out = rows(tmp_path, LprOptions(test=False, most_frames=2, val_share=0.0))
    assert found == [
        Row(IMAGE, "page", (f"images/{IMAGE}.jpg",), "train", "红裙, 新", category="dress"),
        Row(
            product_id=IMAGE,
            domain="live",
            frames=(f"frames/{CLIP}-0000.jpg", f"frames/{CLIP}-0011.jpg"),
            split="train",
            transcript="好的",
            category="dress",
            stream_id=ROOM,
            start_ms=12_000,
            end_ms=24_000,
        ),
        Row(
            product_id=IMAGE,
            domain="live",
            frames=tuple(f"frames/{ROOM}-30000-40000-{at:04d}.jpg" for at in (0, 1)),
            split="train",
            category="dress",
            stream_id=ROOM,
            start_ms=30_000,
            end_ms=40_000,
        ),
    ]
    assert not left_out


def test_the_part_of_750k_has_products_and_paths(tmp_path: Path) -> None:
    frames = repr([f"ab/{CLIP}-0003.jpg"])
    cells = (CLIP, frames, "[]", IMAGE, f"cd/{IMAGE}.jpg", "dress", "7", "dresses", "spu9", "")
    (tmp_path / "training_videoinfo_750k").write_text("\t".join(cells) + "\n")
    found, _ = rows(tmp_path, LprOptions(columns="750k", test=False, val_share=1.0))
    assert [(row.product_id, row.domain, row.split) for row in found] == [
        ("spu9", "page", "train"),
        ("spu9", "live", "val"),
    ]
    assert found[0].frames == (f"images/cd/{IMAGE}.jpg",)
    assert found[1].frames == (f"frames/ab/{CLIP}-0003.jpg",)
    # The same file read by the other map is refused, not misread.
    with pytest.raises(InputError, match="line 1: 10 columns; wanted are 11 columns: video_id,"):
        rows(tmp_path, LprOptions(train="training_videoinfo_750k", test=False))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"video_id": "room-1-2"}, "video_id is 'room-1-2', not ROOM-START-END"),
        ({"video_id": f"{ROOM}-5-5"}, "ends before it begins"),
        ({"image_id": "a/b.jpg"}, "image_id is 'a/b.jpg', which is no id"),
        ({"frames": "__import__('os').getcwd()"}, "which is no Python list"),
        ({"frames": "["}, "which is no Python list"),
        ({"frames": "{'a': 1}"}, "which is no Python list"),
        ({"frames": "['other-0001']"}, "frames name 'other-0001', which is no frame of"),
    ],
)
def test_first_rows_must_fit_and_later_ones_are_left_out(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    path = tmp_path / "training_videoinfo_full_1"
    options = LprOptions(test=False)
    path.write_text(line(**change))
    with pytest.raises(InputError, match=rf"line 1: .*{reason}"):
        rows(tmp_path, options)
    path.write_text(line() * 20 + line(**change))
    found, left_out = rows(tmp_path, options)
    assert len(found) == 21
    assert left_out == {f"lines of {path.name} that do not fit the columns": 1}


def test_what_cannot_be_begun_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no training_videoinfo_full\*"):
        rows(tmp_path, LprOptions(test=False))
    with pytest.raises(InputError, match="columns 'video_id,asr' lack frames, image_id"):
        rows(tmp_path, LprOptions(columns="video_id,asr"))
    with pytest.raises(InputError, match=r"cannot read .*test_liveid_to_gallery_110\.json"):
        rows(tmp_path, LprOptions())
