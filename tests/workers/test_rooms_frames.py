"""Training frames: split by view and family, the same bytes again, resumed, listed."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.errors import InputError
from models.manifest import load_manifest
from workers.rooms.frame_scenes import Cutout, FrameArtist
from workers.rooms.frames import FrameOptions, make_frames, planned
from workers.rooms.products import held_out, load

ITEMS = load()
UNSEEN = held_out(ITEMS)
OPTIONS = FrameOptions(frames=2)
GOODS = (
    *[item for item in ITEMS if item.product_id not in UNSEEN][:2],
    *[item for item in ITEMS if item.product_id in UNSEEN][:1],
)


def cutout(path: Path, colour: str) -> None:
    picture = Image.new("RGBA", (96, 96))
    ImageDraw.Draw(picture).rectangle((30, 8, 66, 88), fill=colour)
    picture.save(path)


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("views")
    for item in GOODS:
        place = folder / item.product_id
        place.mkdir()
        cutout(place / "page.png", "#d02020")
        for seed, count in ((0, 4), (1, 2)):
            for index in range(count):
                held = "held" if index % 3 == 2 else "stands"
                cutout(place / f"s{seed}-{index:02d}-{held}.png", "#d02020")
    Image.new("RGB", (976, 560), "#708090").save(folder / "stage-0.png")
    return folder


def test_training_sees_no_view_of_the_test_and_nothing_of_a_held_out_family(views: Path) -> None:
    for one in planned(ITEMS, views, OPTIONS):
        if one.item is None or one.cutout is None:
            continue
        if one.item.product_id in UNSEEN:
            assert one.split == "test-unseen"
        else:
            held_out_view = one.cutout.path.stem.startswith("s1")
            assert (one.split == "test") == held_out_view


def test_manifest_is_read_by_the_encoder_and_lists_frames_that_exist(
    views: Path, tmp_path: Path
) -> None:
    *_, (done, total) = make_frames(ITEMS, views, tmp_path, OPTIONS)
    assert done == total
    manifest = load_manifest(tmp_path / "manifest.jsonl")
    assert {row.product_id for row in manifest.pages} == {item.product_id for item in GOODS}
    for row in manifest.rows:
        for path in manifest.paths(row):
            with Image.open(path) as picture:
                assert min(picture.size) >= 180
    empty = [row for row in manifest.rows if row.product_id is None]
    assert {row.domain for row in empty} <= {"live"}


def test_stopped_run_goes_on_and_gives_the_same_bytes(views: Path, tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    list(make_frames(ITEMS, views, whole, OPTIONS))
    list(make_frames(ITEMS, views, stopped, OPTIONS))
    pictures = sorted(stopped.glob("frames/*/*.jpg"))
    for path in pictures[::2]:
        path.unlink()
    (stopped / "manifest.jsonl").unlink()
    list(make_frames(ITEMS, views, stopped, OPTIONS))
    for path in pictures:
        assert path.read_bytes() == (whole / path.relative_to(stopped)).read_bytes()
    told = (stopped / "manifest.jsonl").read_text()
    assert told == (whole / "manifest.jsonl").read_text()


def test_product_is_large_enough_and_not_far_from_the_middle(views: Path) -> None:
    view = Cutout(views / GOODS[0].product_id / "s0-00-stands.png")
    artist = FrameArtist([views / "stage-0.png"], [], seed=0)
    draw = random.Random(7)  # noqa: S311 (not for secrets)
    for _ in range(40):
        frame = np.asarray(artist.product(view, draw), dtype=np.int32)
        red = frame[..., 0] - frame[..., 1:].max(axis=2) > 25
        rows, columns = np.nonzero(red)
        assert np.ptp(rows) > 0.2 * frame.shape[0]
        assert 0.15 < columns.mean() / frame.shape[1] < 0.85


def test_frame_without_product_shows_at_most_small_things_aside(views: Path) -> None:
    view = Cutout(views / GOODS[0].product_id / "s0-00-stands.png")
    artist = FrameArtist([views / "stage-0.png"], [view], seed=0)
    draw = random.Random(3)  # noqa: S311 (not for secrets)
    for _ in range(20):
        frame = np.asarray(artist.empty(draw), dtype=np.int32)
        middle = frame[:, int(0.4 * frame.shape[1]) : int(0.6 * frame.shape[1])]
        red = middle[..., 0] - middle[..., 1:].max(axis=2) > 90
        assert red.mean() < 0.1


def test_folder_of_other_options_is_not_mixed(views: Path, tmp_path: Path) -> None:
    list(make_frames(ITEMS, views, tmp_path, OPTIONS))
    with pytest.raises(InputError, match="holds frames of other options"):
        list(make_frames(ITEMS, views, tmp_path, FrameOptions(frames=3)))
    assert json.loads((tmp_path / "options.json").read_text())["frames"] == 2


def test_views_that_are_missing_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `liveshelf rooms render` first"):
        list(make_frames(ITEMS, tmp_path, tmp_path / "out", OPTIONS))
