"""Two data sets as one: all rows, all texts, every picture where it was."""

from dataclasses import replace
from pathlib import Path

from models.manifest import Heard, Row
from models.manifest_merge import load_merged, write_merged
from tests.models.tiny_training import manifest


def test_old_and_new_rows_come_together_and_find_their_pictures(tmp_path: Path) -> None:
    heard = Heard("p0", "said of it", "transcript", "train")
    base = replace(manifest(tmp_path / "base"), texts=(heard,))
    fresh = Row("p1", "live", ("frames/a.png",), "train", transcript="new words", stream_id="r")
    write_merged(tmp_path / "run" / "collected", base, [fresh])
    merged = load_merged(tmp_path / "run" / "collected")
    assert merged.texts == (heard,)
    assert len(merged.rows) == len(base.rows) + 1
    assert merged.rows[-1] == fresh
    for old, new in zip(base.rows, merged.rows, strict=False):
        assert replace(new, frames=old.frames) == old
        assert [path.resolve() for path in merged.paths(new)] == base.paths(old)


def test_the_same_data_has_the_same_fingerprint_in_another_folder(tmp_path: Path) -> None:
    base = manifest(tmp_path / "base")
    for name in ("one", "two"):
        write_merged(tmp_path / name, base, [])
    one, two = load_merged(tmp_path / "one"), load_merged(tmp_path / "two")
    assert one.fingerprint == two.fingerprint


def test_new_rows_alone_are_a_manifest(tmp_path: Path) -> None:
    page = Row("p1", "page", (), "train", title="Red jam")
    write_merged(tmp_path, None, [page])
    assert load_merged(tmp_path).rows == (page,)
