"""Pictures of a room: shots that fill the time, a scene of any moment, a film."""

import itertools
import random
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.errors import InputError
from workers.rooms.compose import MARGIN_PX, Pose, cropped, place, reach
from workers.rooms.film import FilmOptions, film
from workers.rooms.hands import draw_hands
from workers.rooms.light import Light
from workers.rooms.scene import Scene, SceneOptions
from workers.rooms.shots import Bystander, Plan, Shot, View, load_views, plan_room, plan_shots
from workers.rooms.timeline import Sentence, Sold, Timeline

OPTIONS = SceneOptions(width_px=160, height_px=90, fps=6, noise=0.0)
STAGE = Image.new("RGB", (192, 108), (40, 60, 120))


def view(colour: tuple[int, int, int], product_id: str, name: str, *, held: bool = False) -> View:
    goods = Image.new("RGBA", (116, 136))
    goods.paste((*colour, 255), (28, 28, 88, 108))
    return View(goods, held, product_id, name)


RED = [
    view((220, 20, 20), "red", "s1-00-stands.png"),
    view((220, 20, 20), "red", "s1-01-held.png", held=True),
    view((220, 20, 20), "red", "s1-02-stands.png"),
]
GREEN = [view((20, 220, 20), "green", "s1-00-stands.png")]
VIEWS = {"red": RED, "green": GREEN}


def share(picture: Image.Image, channel: int) -> float:
    """How much of the picture is clearly of one colour."""
    values = np.asarray(picture).astype(int)
    rest = [values[..., other] for other in range(3) if other != channel]
    return float((values[..., channel] > 60 + np.maximum(*rest)).mean())


def rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (not for secrets)


@settings(max_examples=60)
@given(start_ms=st.integers(0, 5_000), length_ms=st.integers(300, 40_000), seed=st.integers(0, 99))
def test_shots_fill_the_time_without_gap_or_flash(start_ms: int, length_ms: int, seed: int) -> None:
    sold = Sold("red", start_ms, start_ms + length_ms)
    shots = plan_shots(sold, RED, rng(seed))
    assert shots[0].start_s == start_ms / 1000
    assert abs(shots[-1].end_s - sold.end_ms / 1000) < 0.02
    for before, after in itertools.pairwise(shots):
        assert before.end_s == after.start_s
        assert before.view is not None or after.view is not None, "never absent for two cuts"
    if length_ms > 1_500:
        assert all(shot.end_s - shot.start_s >= 1.4 for shot in shots)
    assert shots[0].view is RED[0], "a product first stands in front of the camera"


TIMELINE = Timeline(
    60_000,
    (
        Sentence("this", 5_000, 8_000, "red", "pitch"),
        Sentence("not the green one", 8_000, 12_000, "red", "comparison", "green"),
    ),
    (Sold("red", 4_000, 30_000), Sold("green", 40_000, 55_000)),
)


@settings(max_examples=40)
@given(st.integers(0, 500))
def test_plan_shows_every_moment_and_only_tells_of_goods_on_the_table(seed: int) -> None:
    plan = plan_room(TIMELINE, VIEWS, seed)
    assert plan == plan_room(TIMELINE, VIEWS, seed)
    assert plan.shots[0].start_s == 0.0
    assert plan.shots[-1].end_s == pytest.approx(60.0)
    for before, after in itertools.pairwise(plan.shots):
        assert after.start_s == pytest.approx(before.end_s)
    cuts = plan.cuts()
    assert cuts == sorted(cuts, key=lambda cut: cut.start_ms)
    for cut in cuts:
        assert (cut.product_id is None) == (cut.view is None) == (cut.role is None)
        sold = TIMELINE.at((cut.start_ms + cut.end_ms) / 2)
        if cut.role == "sold":
            assert sold is not None
            assert sold.product_id == cut.product_id
    for one in plan.bystanders:
        for sold in TIMELINE.sold:
            if sold.product_id == one.view.product_id:
                assert one.end_s < sold.start_ms / 1000 or one.start_s > sold.end_ms / 1000


def test_product_that_is_named_beside_is_seen_beside_in_some_rooms() -> None:
    plans = [plan_room(TIMELINE, VIEWS, seed) for seed in range(20)]
    beside = [shot for plan in plans for shot in plan.shots if shot.beside]
    assert 4 < len(beside) < 20
    assert {shot.beside.product_id for shot in beside if shot.beside} == {"green"}
    assert all(shot.start_s < 12 and shot.end_s > 8 for shot in beside)


def plain(shot: Shot, *aside: Bystander) -> Scene:
    return Scene(STAGE, Plan((shot,), aside), OPTIONS)


def test_product_is_in_the_picture_while_it_is_shown_and_only_then() -> None:
    shots = (Shot(0, 2), Shot(2, 4, RED[0]), Shot(4, 6), Shot(6, 8, RED[1]))
    scene = Scene(STAGE, Plan(shots), OPTIONS)
    assert [share(scene.picture(at_s), 0) > 0.05 for at_s in (1, 3, 5, 7)] == [
        False, True, False, True,
    ]  # fmt: skip
    assert scene.picture(3.0).size == (160, 90)


def test_camera_that_comes_closer_shows_more_of_the_product() -> None:
    scene = plain(Shot(0, 10, RED[0], zoom=(1.0, 1.3)))
    assert share(scene.picture(9.9), 0) > 1.3 * share(scene.picture(0.1), 0)


def test_wrong_product_beside_is_smaller_than_the_right_one() -> None:
    scene = plain(Shot(0, 4, RED[0], beside=GREEN[0], x=0.4))
    picture = scene.picture(2.0)
    assert 0.02 < share(picture, 1) < share(picture, 0)


def test_hand_hides_a_part_of_what_it_touches() -> None:
    bare, touched = (plain(Shot(0, 4, RED[0], touched=touch)) for touch in (False, True))
    assert 0.5 < share(touched.picture(2.0), 0) / share(bare.picture(2.0), 0) < 0.98


def test_product_that_enters_comes_from_outside() -> None:
    scene = plain(Shot(0, 4, RED[0], enters=True))
    assert share(scene.picture(0.0), 0) < 0.5 * share(scene.picture(2.0), 0)


def test_bystander_stands_aside_for_its_time() -> None:
    aside = Bystander(GREEN[0], 1.0, 3.0, 0.8, 0.3, 1.0)
    scene = plain(Shot(0, 4), aside)
    assert [share(scene.picture(at_s), 1) > 0.01 for at_s in (0.5, 2.0, 3.5)] == [
        False, True, False,
    ]  # fmt: skip


def test_picture_is_a_function_of_its_time_alone() -> None:
    noisy = SceneOptions(width_px=160, height_px=90, fps=6, noise=2.0, seed=4)
    plan = Plan((Shot(0, 2, RED[0]), Shot(2, 4, RED[1])))
    one, other = Scene(STAGE, plan, noisy), Scene(STAGE, plan, noisy)
    there = [one.picture(at_s).tobytes() for at_s in (0.5, 1.5, 3.0)]
    back = [other.picture(at_s).tobytes() for at_s in (3.0, 1.5, 0.5)]
    assert there == back[::-1]


def test_light_changes_within_bounds_and_without_jumps() -> None:
    light = Light(rng(3), 200.0)
    middles = [light.table(step / 12)[256 + 128] for step in range(200 * 12)]
    assert 90 < min(middles) < max(middles) < 160
    assert max(abs(after - before) for before, after in itertools.pairwise(middles)) <= 12


def test_hands_of_a_seed_are_one_persons_and_their_mirror_is_the_other_hand() -> None:
    holding, pointing = draw_hands(rng(1))
    assert holding.behind is not None
    assert pointing.behind is None
    assert holding.mirrored().front.dx == -holding.front.dx
    assert holding.mirrored().mirrored().front.picture.tobytes() == holding.front.picture.tobytes()


def test_film_has_sound_and_picture_and_its_index_first(tmp_path: Path) -> None:
    sound = (0.3 * np.sin(np.arange(4 * 16_000) * 0.1)).astype(np.float32)
    scene = Scene(STAGE, Plan((Shot(0, 2), Shot(2, 4, RED[0]))), OPTIONS)
    out = tmp_path / "room.mp4"
    shares = list(film(scene.picture, sound, 16_000, out, FilmOptions(fps=6)))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "a player can begin before the end is there"
    with av.open(str(out)) as container:
        pictures = [frame.to_image() for frame in container.decode(video=0)]
    assert len(pictures) == 24
    assert [share(pictures[at], 0) > 0.04 for at in (3, 18)] == [False, True]
    with av.open(str(out)) as container:
        heard = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(heard / 16_000 - 4.0) < 0.2


def test_product_without_views_is_refused_and_says_what_to_run(tmp_path: Path) -> None:
    RED[0].picture.save(tmp_path / "s0-00-stands.png")
    with pytest.raises(InputError, match="no views of seed 1; run `liveshelf rooms render`"):
        load_views(tmp_path, 1)


def test_views_of_one_seed_are_read_in_order_and_know_whether_they_are_held(tmp_path: Path) -> None:
    names = ("s1-01-held.png", "s1-00-stands.png", "s0-00-stands.png", "s11-00-held.png")
    for name in (*names, "page.png", "label.png"):
        RED[0].picture.save(tmp_path / name)
    views = load_views(tmp_path, 1)
    assert [view.name for view in views] == ["s1-00-stands.png", "s1-01-held.png"]
    assert [view.held for view in views] == [False, True]
    assert {view.product_id for view in views} == {tmp_path.name}


@given(
    x=st.floats(60, 240), y=st.floats(120, 260), scale=st.floats(0.3, 1.2), turn=st.floats(-40, 40)
)
def test_nothing_of_a_cut_out_lies_beyond_its_reach(
    x: float, y: float, scale: float, turn: float
) -> None:
    goods = cropped(Image.new("RGBA", (90, 120), "#cc3300"))
    pose = Pose(x, y, scale, turn)
    box = place(goods, pose, (320, 320)).getbbox()
    left, top, right, bottom = reach(goods, pose)
    assert box is None or (left <= box[0] and top <= box[1])
    assert box is None or (right >= box[2] and bottom >= box[3])
    assert right - left <= 3 * scale * (goods.width + goods.height - 2 * MARGIN_PX) + 4
