"""Names that fit the manifest's folder, shares that never move, frames spread over a clip."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from models.formats.conversion import Converted, rebased, share_of, spread
from models.manifest_row import Row


def test_names_lead_from_the_manifest_to_the_same_files(tmp_path: Path) -> None:
    row = Row("a", "live", ("x/a.jpg", "/abs/b.jpg"), "train", media="m.mp4")
    (found,) = rebased(Converted(tmp_path / "data" / "set", [row]), tmp_path / "out")
    assert found.frames == ("../data/set/x/a.jpg", "/abs/b.jpg")
    assert found.media == "../data/set/m.mp4"
    (same,) = rebased(Converted(tmp_path, [row]), tmp_path)
    assert same == row


@given(st.integers(0, 60), st.integers(0, 12))
def test_spread_frames_keep_order_first_and_last(count: int, most: int) -> None:
    frames = [f"{number:03d}" for number in range(count)]
    found = spread(frames, most)
    assert len(found) == (min(count, most) if most else count)
    assert list(found) == sorted(set(found))
    if len(found) > 1:
        assert (found[0], found[-1]) == (frames[0], frames[-1])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_share_is_below_one_and_of_the_name_only(name: str) -> None:
    assert 0.0 <= share_of(name) == share_of(name) < 1.0
