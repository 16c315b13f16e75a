"""Pictures that are absent or broken are counted and named; none ends the counting."""

from pathlib import Path

from PIL import Image

from models.manifest_file import write_manifest
from models.manifest_row import Row
from models.picture_stats import picture_stats
from models.pictures import open_picture


def test_absent_and_broken_pictures_are_told_apart(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "good.png")
    whole = (tmp_path / "good.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.jpg").write_text("no picture")
    path = tmp_path / "m.jsonl"
    rows = [
        Row("a", "page", ("good.png", "half.png"), "train"),
        Row("a", "live", ("text.jpg", "gone.jpg"), "train"),
        Row("a", "live", (), "train", transcript="words"),
    ]
    write_manifest(path, rows)
    stats = picture_stats(path, open_picture)
    assert stats.readable == 1
    assert (stats.absent.count, stats.absent.names) == (1, ["gone.jpg"])
    assert (stats.unreadable.count, stats.unreadable.names) == (2, ["half.png", "text.jpg"])
    assert stats.emptied == 1
