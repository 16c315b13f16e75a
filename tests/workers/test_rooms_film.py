"""Pictures of a room: shots that fill the time, a film that plays from its first byte."""

import itertools
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.errors import InputError
from workers.rooms.film import Camera, FilmOptions, View, all_shots, film, load_views, plan_shots
from workers.rooms.timeline import Shown, Timeline

OPTIONS = FilmOptions(width_px=160, height_px=96, fps=6, noise=0.0)
RED = View(Image.new("RGBA", (60, 80), (220, 20, 20, 255)), held=False)
STAGE = Image.new("RGB", (192, 120), (40, 60, 120))


def redness(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    return float((picture[..., 0] > 150).mean())


@settings(max_examples=60)
@given(start_ms=st.integers(0, 5_000), length_ms=st.integers(300, 40_000), seed=st.integers(0, 99))
def test_shots_fill_the_time_without_gap_or_flash(start_ms: int, length_ms: int, seed: int) -> None:
    shown = Shown("a", start_ms, start_ms + length_ms)
    views = [RED, View(RED.picture, held=True), View(RED.picture, held=False)]
    shots = plan_shots(shown, views, seed)
    assert shots[0].start_s == start_ms / 1000
    assert abs(shots[-1].end_s - shown.end_ms / 1000) < 0.02
    for before, after in itertools.pairwise(shots):
        assert before.end_s == after.start_s
    if length_ms > 1_500:
        assert all(shot.end_s - shot.start_s >= 1.4 for shot in shots)
    assert shots[0].view is views[0], "a product is first shown plainly"


def test_product_is_in_the_picture_while_it_is_sold_and_only_then() -> None:
    timeline = Timeline(4_000, (), (Shown("a", 1_000, 3_000),))
    camera = Camera(STAGE, all_shots(timeline, {"a": [RED]}, seed=1), OPTIONS)
    assert redness(camera.picture(0.5)) == 0.0
    assert redness(camera.picture(2.0)) > 0.1
    assert redness(camera.picture(3.5)) == 0.0


def test_film_has_sound_and_picture_of_the_timeline_and_its_index_first(tmp_path: Path) -> None:
    timeline = Timeline(4_000, (), (Shown("a", 1_000, 3_000),))
    camera = Camera(STAGE, all_shots(timeline, {"a": [RED]}, seed=1), OPTIONS)
    sound = (0.3 * np.sin(np.arange(4 * 16_000) * 0.1)).astype(np.float32)
    out = tmp_path / "room.mp4"
    shares = list(film(camera, timeline, sound, 16_000, out, OPTIONS))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "a player can begin before the end is there"
    with av.open(str(out)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == 24
    assert [redness(pictures[at]) > 0.05 for at in (3, 12, 21)] == [False, True, False]
    with av.open(str(out)) as container:
        heard = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(heard / 16_000 - 4.0) < 0.2


def test_product_without_views_is_refused_and_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no natural views; run `render --views`"):
        load_views(tmp_path)


def test_views_are_read_in_order_and_know_whether_they_are_held(tmp_path: Path) -> None:
    for name in ("01-held.png", "00-stands.png", "page.png"):
        RED.picture.save(tmp_path / name)
    assert [view.held for view in load_views(tmp_path)] == [False, True]
