"""Rows that are written say the same when they are read, wherever the file lies."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import InputError
from models.manifest import Row
from workers.manifest_rows import folder_of, read_rows, write_rows

PAGE = Row("oat-milk", "page", ("a.jpg",), "train", "Oat milk", category="cartons")
CLIP = Row(
    "oat-milk", "live", ("b/1.jpg", "b/2.jpg"), "test", transcript="so this oat milk",
    summary="Oat Milk", shop="s", stream_id="r", media="r.mp4", start_ms=0, end_ms=5_000,
)  # fmt: skip
NOTHING = Row(None, "live", (), "train")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    for name in ("rows.jsonl", "rows.parquet"):
        write_rows(tmp_path / name, [PAGE, CLIP, NOTHING], tmp_path)
        assert list(read_rows(tmp_path / name)) == [PAGE, CLIP, NOTHING]
    told = json.loads((tmp_path / "rows.jsonl").read_text().splitlines()[-1])
    assert told == {"product_id": None, "domain": "live", "frames": [], "split": "train"}


def test_paths_still_lead_to_their_files_from_another_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.jsonl"
    absolute = Row("oat-milk", "live", ("/x.jpg",), "test", media="../out/y.wav")
    write_rows(path, [PAGE, CLIP, absolute], tmp_path)
    page, clip, last = read_rows(path)
    assert (page.frames, clip.media) == (("../a.jpg",), "../r.mp4")
    assert clip.frames == ("../b/1.jpg", "../b/2.jpg")
    assert (last.frames, last.media) == (("/x.jpg",), "../../out/y.wav")


def test_a_stop_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [PAGE], tmp_path)

    def breaking() -> Iterator[Row]:
        yield CLIP
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(path, breaking(), tmp_path)
    assert list(read_rows(path)) == [PAGE]
    assert [one.name for one in tmp_path.iterdir()] == ["rows.jsonl"]


def test_what_is_no_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        list(read_rows(tmp_path / "absent.jsonl"))
    assert folder_of(tmp_path) == tmp_path == folder_of(tmp_path / "rows.jsonl")
