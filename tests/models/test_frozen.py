"""Nothing that is examined is learnt from, and the set is known by its bytes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import InputError
from models.frozen import frozen_fingerprint, frozen_rows, refuse_shared, rooms_of
from models.manifest import Manifest, Row
from tests.models.tiny_training import manifest


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return manifest(tmp_path_factory.mktemp("frozen"))


def changed(data: Manifest, change: Callable[[Row], Row]) -> Manifest:
    return replace(data, rows=tuple(change(row) for row in data.rows))


def test_one_manifest_may_hold_both_as_splits(frozen: Manifest) -> None:
    refuse_shared(frozen, frozen)
    assert {row.split for row in frozen_rows(frozen)} == {"test", "test-unseen"}


def test_a_picture_of_the_set_is_refused_wherever_it_lies(frozen: Manifest, tmp_path: Path) -> None:
    row = frozen_rows(frozen)[0]
    (tmp_path / "copy.png").write_bytes(frozen.paths(row)[0].read_bytes())
    leaked = Row(None, "live", ("copy.png",), "train")
    with pytest.raises(InputError, match=r"picture .*copy\.png, and so has a train row of None"):
        refuse_shared(Manifest(tmp_path, (leaked,)), frozen)
    # On a page it is the gallery of both; in a test row nobody learns from it.
    refuse_shared(Manifest(tmp_path, (replace(leaked, domain="page", product_id="p0"),)), frozen)
    refuse_shared(Manifest(tmp_path, (replace(leaked, split="test"),)), frozen)
    with pytest.raises(InputError, match="a val row"):
        refuse_shared(Manifest(tmp_path, (replace(leaked, split="val"),)), frozen)


def test_a_room_of_the_set_is_refused(frozen: Manifest) -> None:
    roomed = changed(
        frozen, lambda row: replace(row, stream_id="monday") if row.split == "test" else row
    )
    assert rooms_of(frozen_rows(roomed)) == {"monday"}
    other = Row("p0", "live", (), "train", transcript="new", stream_id="monday")
    with pytest.raises(InputError, match="room 'monday'"):
        refuse_shared(Manifest(frozen.folder, (other,)), roomed)


def test_words_alone_are_a_row_too(frozen: Manifest) -> None:
    said = Row("p0", "live", (), "test", transcript="this jam")
    heard = replace(frozen, rows=(*frozen.rows, said))
    with pytest.raises(InputError, match="words 'this jam'"):
        refuse_shared(Manifest(frozen.folder, (replace(said, split="train"),)), heard)
    other = replace(said, split="train", product_id="p1")
    refuse_shared(Manifest(frozen.folder, (other,)), heard)


def test_the_fingerprint_follows_rows_and_bytes(tmp_path: Path) -> None:
    data = manifest(tmp_path)
    before = frozen_fingerprint(data)
    assert frozen_fingerprint(data) == before
    first, second = (data.paths(row)[0] for row in data.rows[:2])
    first.write_bytes(second.read_bytes())
    assert frozen_fingerprint(data) != before
    first.unlink()
    with pytest.raises(InputError, match="cannot be read: No such file"):
        frozen_fingerprint(data)


def test_a_set_without_a_product_to_find_is_refused(frozen: Manifest) -> None:
    empty = replace(frozen, rows=tuple(row for row in frozen.rows if "test" not in row.split))
    with pytest.raises(InputError, match="has 0 live rows of split test or test-unseen"):
        frozen_rows(empty)
