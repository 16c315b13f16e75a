"""What hard rooms show: goods beside, hands and sheets before them, bad light.

timeline   0        20        40        60 s
sold       |---a----|---b-----|
hard       |- kind -|
"""

import numpy as np
import pytest
from PIL import Image

from workers.rooms.compose import cropped
from workers.rooms.grown_shots import Seen, harden_plan
from workers.rooms.hardships import Hardship, Suffered
from workers.rooms.light import BadLight
from workers.rooms.scene import Scene, SceneOptions
from workers.rooms.shots import Plan, Shot, View, plan_room
from workers.rooms.timeline import Sentence, Sold, Timeline

STAGE = Image.new("RGB", (976, 560), "#808080")
OPTIONS = SceneOptions(width_px=427, height_px=240, noise=0.0)


def view(product_id: str, colour: str) -> View:
    goods = Image.new("RGBA", (120, 160))
    goods.paste(colour, (10, 10, 110, 150))
    return View(cropped(goods), held=False, product_id=product_id, name=f"{product_id}.png")


VIEWS = {
    "a": [view("a", "#ff0000")],
    "a-twin": [view("a-twin", "#00ff00")],
    "b": [view("b", "#ffff00")],
    "c": [view("c", "#0000ff")],
}
SEEN = Seen(VIEWS, {"a": ("a-twin",), "b": ()})


def plans(kind: Hardship, *sentences: Sentence, seed: int = 1) -> tuple[Plan, Plan]:
    """A room that has one hardship while `a` is for sale, without it and with it."""
    timeline = Timeline(
        60_000,
        sentences,
        (Sold("a", 0, 20_000), Sold("b", 20_000, 40_000)),
        suffered=(Suffered(kind, 0, 20_000, "a"),),
    )
    plain = plan_room(timeline, VIEWS, seed)
    return plain, harden_plan(plain, timeline, SEEN, seed)


def during(plan: Plan) -> list[Shot]:
    return [shot for shot in plan.shots if shot.end_s <= 20 and shot.view and shot.for_sale]


@pytest.mark.parametrize("seed", range(5))
def test_near_duplicate_stands_beside_in_its_stretch_and_the_truth_says_so(seed: int) -> None:
    plain, hard = plans("near-duplicates", seed=seed)
    beside = {shot.beside.product_id for shot in during(hard) if shot.beside}
    assert beside <= {"a-twin"}
    assert hard.shots[-3:] == plain.shots[-3:], "what comes later is as it was"
    shown = {(cut.product_id, cut.role) for cut in hard.cuts()}
    assert not beside or ("a-twin", "distractor") in shown


def test_comparison_shows_what_is_compared_at_its_own_height() -> None:
    said = Sentence("the a and the c", 0, 20_000, "a", "comparison", "c", hardship="comparison")
    _, hard = plans("comparison", said)
    assert during(hard)
    for shot in during(hard):
        assert shot.beside is not None
        assert (shot.beside.product_id, shot.beside_share) == ("c", 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_distractors_are_never_what_is_for_sale(seed: int) -> None:
    plain, hard = plans("distractors", seed=seed)
    added = hard.bystanders[len(plain.bystanders) :]
    assert added
    near_sale = {one.view.product_id for one in added if one.end_s > 16}
    assert near_sale <= {"a-twin", "c"}, "nor what is for sale four seconds later"
    assert "a" not in {one.view.product_id for one in added}
    assert all(one.end_s <= 20 and one.blur_px < 2 for one in added)


def test_covered_goods_are_seen_less_but_not_gone() -> None:
    _, hard = plans("occlusion", seed=2)
    assert any(shot.covered for shot in during(hard))

    def red(shot: Shot) -> int:
        picture = np.asarray(Scene(STAGE, Plan((shot,)), OPTIONS).picture(1.0)).astype(int)
        return int(((picture[..., 0] > 150) & (picture[..., 1:].max(axis=2) < 90)).sum())

    bare = Shot(0, 2, VIEWS["a"][0])
    for by_arm, share in ((False, 0.5), (True, 0.5)):
        covered = red(Shot(0, 2, VIEWS["a"][0], covered=share, by_arm=by_arm))
        assert 0.2 * red(bare) < covered < 0.8 * red(bare), by_arm


def test_light_is_bad_in_its_stretch_and_nowhere_else() -> None:
    _, hard = plans("bad-light")
    assert [(one.start_s, one.end_s) for one in hard.bad_light] == [(0, 20)]
    shots = (Shot(0, 10),)
    dark = Scene(STAGE, Plan(shots, bad_light=(BadLight(4, 6, 0.25, noise=9.0),)), OPTIONS)
    plain = Scene(STAGE, Plan(shots), OPTIONS)
    for at_s, same in ((2.0, True), (5.0, False), (8.0, True)):
        one, other = (np.asarray(scene.picture(at_s)).astype(float) for scene in (dark, plain))
        assert np.array_equal(one, other) == same
        assert same or one.mean() < 0.4 * other.mean()
        assert same or one.std() > other.std() / 4 + 1, "and it is noisy"


def test_room_without_hardships_keeps_its_plan() -> None:
    timeline = Timeline(60_000, (), (Sold("a", 0, 20_000),))
    plan = plan_room(timeline, VIEWS, 3)
    assert harden_plan(plan, timeline, SEEN, 3) is plan


def test_photo_fills_the_picture_before_its_own_blurred_enlargement() -> None:
    photo = View(VIEWS["a"][0].picture, held=False, product_id="a", name="a.jpg", whole=True)
    picture = np.asarray(Scene(STAGE, Plan((Shot(0, 2, photo),)), OPTIONS).picture(1.0))
    corners = picture[[5, 5, -5, -5], [5, -5, 5, -5]].astype(int)
    assert (corners[:, 0] - corners[:, 1] > 20).all(), "no grey set is left"
