"""Draws a room's picture at any moment: table, goods, hands, camera, light.

In come the set and a plan of shots, out come pictures of the film's size. A picture is a function
of the plan, the seed and the time alone. Everything is laid out on the set, and one crop of it is
what the camera sees, so that goods and table move together.
"""

import bisect
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from workers.rooms.compose import MARGIN_PX, Pose, contact_shadow, place, reach
from workers.rooms.cover import draw_covers
from workers.rooms.hands import Hand, Layer, draw_hands
from workers.rooms.light import Light
from workers.rooms.photo_scene import PhotoPicture, photo_picture
from workers.rooms.shots import Bystander, Plan, Shot, View

_ENTER_S = 0.4
_FOOT = 0.88
"""Where standing goods touch the table, of the set's height."""
_WIDEST = 0.44
"""Of the set's width, how wide goods are at most."""
_SPARE = 1.05
"""How much larger than the camera's widest picture the set is."""


@dataclass(frozen=True)
class SceneOptions:
    """How a room is looked at."""

    width_px: int = 854
    height_px: int = 480
    noise: float = 1.4
    """Standard deviation of the camera's noise, of 255."""
    fps: int = 12
    """Pictures a second; the noise changes with each."""
    seed: int = 0


class Scene:
    """Draws the picture of any moment."""

    def __init__(self, stage: Image.Image, plan: Plan, options: SceneOptions) -> None:
        draw = random.Random(f"scene/{options.seed}")  # noqa: S311 (not for secrets)
        flip = Image.Transpose.FLIP_LEFT_RIGHT
        self._stage = stage.convert("RGB").transpose(flip) if draw.random() < 0.5 else stage
        self._stage = self._stage.convert("RGB")
        self._plan, self._options = plan, options
        self._starts = [shot.start_s for shot in plan.shots]
        self._hands = draw_hands(draw)
        end_s = plan.shots[-1].end_s if plan.shots else 0.0
        self._light = Light(draw, end_s, plan.bad_light)
        # Twice a minute or so the lens looks for its focus.
        self._hunts = [draw.uniform(0, end_s) for _ in range(round(end_s / 25))]
        self._covers = draw_covers(draw)
        self._noise = _noise(options.noise, options)
        self._grains: dict[float, Sequence[Image.Image]] = {}
        self._photo: tuple[Shot, PhotoPicture] | None = None
        self._table: tuple[tuple[int, ...], Image.Image] | None = None
        self._lit: dict[tuple[int, float], tuple[Image.Image, Image.Image]] = {}

    def picture(self, at_s: float) -> Image.Image:
        """Return the picture of a moment."""
        options = self._options
        canvas = self._with_bystanders(at_s).copy()
        shot = self._shot(at_s)
        middle = (0.5, 0.5)
        if shot is not None and shot.view is not None:
            lay = self._lay_photo if shot.view.whole else self._lay_goods
            middle = lay(canvas, shot, shot.view, at_s)
        seen = canvas.resize(
            (options.width_px, options.height_px),
            Image.Resampling.BILINEAR,
            box=self._box(shot, at_s, middle),
        )
        blur_px = max((3.0 * _bump(at_s - start, 0.7) for start in self._hunts), default=0.0)
        if blur_px > 0.3:
            seen = seen.filter(ImageFilter.BoxBlur(blur_px))
        seen = seen.point(self._light.table(at_s))
        grains = self._grain(at_s)
        if grains:
            grain = grains[int(at_s * options.fps) % len(grains)]
            seen = ImageChops.add(seen, grain, 1.0, -128)
        return seen

    def _grain(self, at_s: float) -> Sequence[Image.Image]:
        """The camera's noise of a moment: in little light there is more of it."""
        bad = self._light.bad(at_s)
        if bad is None or not bad.noise:
            return self._noise
        if bad.noise not in self._grains:
            self._grains[bad.noise] = _noise(bad.noise, self._options)
        return self._grains[bad.noise]

    def _shot(self, at_s: float) -> Shot | None:
        at = bisect.bisect_right(self._starts, at_s) - 1
        shot = self._plan.shots[at] if at >= 0 else None
        return shot if shot is not None and at_s < shot.end_s else None

    def _with_bystanders(self, at_s: float) -> Image.Image:
        """The table with what stands aside; it changes seldom, so the last one is kept."""
        present = tuple(
            at
            for at, one in enumerate(self._plan.bystanders)
            if one.start_s <= at_s < one.end_s
        )  # fmt: skip
        if self._table is None or self._table[0] != present:
            table = self._stage.copy()
            for at in present:
                self._lay_bystander(table, self._plan.bystanders[at])
            self._table = (present, table)
        return self._table[1]

    def _lay_bystander(self, table: Image.Image, one: Bystander) -> None:
        width, height = table.size
        scale = self._scale(one.view, one.share, widest=0.16)
        pose = Pose(one.x * width, (_FOOT - 0.02) * height, scale)
        for layer in (contact_shadow(one.view.picture, 0.5), one.view.picture):
            _lay(table, layer, pose, blur=(one.blur_px, one.blur_px))

    def _lay_photo(
        self, canvas: Image.Image, shot: Shot, view: View, at_s: float
    ) -> tuple[float, float]:
        """Lay a shot's photo, drawn once for the shot, and what is before it."""
        if self._photo is None or self._photo[0] is not shot:
            self._photo = (shot, photo_picture(shot, view, canvas.size))
        made = self._photo[1]
        canvas.paste(made.picture)
        if shot.touched:
            _lay_hand(canvas, self._hands[1].front, made.middle_px, made.high_px, (0.0, 0.0))
        self._lay_cover(canvas, shot, view, (*made.middle_px, made.high_px), at_s)
        return made.middle_px[0] / canvas.width, made.middle_px[1] / canvas.height

    def _scale(self, view: View, share: float, widest: float = _WIDEST) -> float:
        width, height = self._stage.size
        wide, high = (side - 2 * MARGIN_PX for side in view.picture.size)
        # Wide goods would fill the picture at this height, so width limits them too.
        return min(share * height / _SPARE / high, widest * width / _SPARE / wide)

    def _lay_goods(
        self, canvas: Image.Image, shot: Shot, view: View, at_s: float
    ) -> tuple[float, float]:
        """Lay a shot's goods and hands; return where the product's middle is."""
        width, height = self._stage.size
        since_s = at_s - shot.start_s
        progress = since_s / (shot.end_s - shot.start_s)
        dx, dy = wander(at_s * 1.1 + 3, self._options.seed + 7)
        away = max(0.0, 1 - since_s / _ENTER_S) ** 2 if shot.enters else 0.0
        x = shot.x + shot.drift * (progress - 0.5) + 0.5 * away - 0.01 * dx
        scale = self._scale(view, shot.share) * (1 + 0.05 * (progress - 0.5))
        high_px = scale * (view.picture.height - 2 * MARGIN_PX)
        foot, turn = _FOOT * height + 2 * dy, 0.4 * dx
        if view.held:
            foot = 0.5 * height + high_px / 2 + 7 * math.sin(at_s * 1.9) + 4 * dy
            turn = 4 * math.sin(at_s * 1.3) + 2 * dx
        if shot.beside is not None:
            self._lay_beside(canvas, shot, shot.beside)
        lit, shadow = self._lit_pictures(view, shot.gain)
        pose = Pose(x * width, foot, scale, turn)
        middle_px = (x * width, foot - high_px / 2)
        blur = (14 * away, 0.0)
        hand = self._hand(shot, view)
        if hand is not None and hand.behind is not None:
            _lay_hand(canvas, hand.behind, middle_px, high_px, blur)
        if not view.held:
            _lay(canvas, shadow, pose, blur)
        _lay(canvas, lit, pose, blur)
        if hand is not None:
            _lay_hand(canvas, hand.front, middle_px, high_px, blur)
        self._lay_cover(canvas, shot, view, (*middle_px, high_px), at_s)
        return x, middle_px[1] / height

    def _lay_cover(
        self,
        canvas: Image.Image,
        shot: Shot,
        view: View,
        where: tuple[float, float, float],
        at_s: float,
    ) -> None:
        """Lay what comes before the product, whose middle and height in pixels are `where`."""
        if not shot.covered:
            return
        x, y, high_px = where
        slim = (view.picture.width - 2 * MARGIN_PX) / (view.picture.height - 2 * MARGIN_PX)
        # What covers the product moves a little, and never lets all of it be seen.
        share = shot.covered * (1 + 0.08 * math.sin(0.9 * at_s + shot.start_s))
        cover = self._covers.over(share, slim, by_arm=shot.by_arm)
        _lay_hand(canvas, cover, (x, y), high_px, (0.0, 0.0))

    def _hand(self, shot: Shot, view: View) -> Hand | None:
        """The hand of a shot: it holds what is held, and touches some of what stands."""
        hand = self._hands[0] if view.held else self._hands[1] if shot.touched else None
        return hand.mirrored() if hand is not None and shot.drift < 0 else hand

    def _lay_beside(self, canvas: Image.Image, shot: Shot, beside: View) -> None:
        width, height = canvas.size
        side = 1 if shot.x < 0.5 else -1
        scale = self._scale(beside, shot.beside_share * shot.share)
        pose = Pose((shot.x + 0.27 * side) * width, (_FOOT - 0.015) * height, scale)
        lit, shadow = self._lit_pictures(beside, shot.gain)
        for layer in (shadow, lit):
            _lay(canvas, layer, pose, (1.2, 1.2))

    def _lit_pictures(self, view: View, gain: float) -> tuple[Image.Image, Image.Image]:
        key = (id(view), gain)
        if key not in self._lit:
            while len(self._lit) > 6:
                self._lit.pop(next(iter(self._lit)))
            lighter = [min(255, round(value * gain)) for value in range(256)]
            lit = view.picture.point([*lighter * 3, *range(256)])
            self._lit[key] = (lit, contact_shadow(view.picture, 0.6))
        return self._lit[key]

    def _box(
        self, shot: Shot | None, at_s: float, middle: tuple[float, float]
    ) -> tuple[float, float, float, float]:
        """The part of the set that the camera sees."""
        width, height = self._stage.size
        near = 1.0
        if shot is not None:
            progress = (at_s - shot.start_s) / (shot.end_s - shot.start_s)
            near = shot.zoom[0] + (shot.zoom[1] - shot.zoom[0]) * progress
        options = self._options
        fit = min(width / options.width_px, height / options.height_px) / _SPARE / max(1.0, near)
        wide, high = options.width_px * fit, options.height_px * fit
        follow = min(1.0, 3 * (near - 1))
        dx, dy = wander(at_s, options.seed)
        x = (0.5 + follow * (middle[0] - 0.5)) * width + 0.012 * width * dx
        y = (0.5 + follow * (middle[1] - 0.5)) * height + 0.012 * height * dy
        left = min(max(0.0, x - wide / 2), width - wide)
        top = min(max(0.0, y - high / 2), height - high)
        return left, top, left + wide, top + high


def wander(at_s: float, seed: int) -> tuple[float, float]:
    """Return where a hand-held camera looks, from -1 to 1 in both directions."""
    tones = ((0.13, 0.5), (0.28, 0.3), (0.68, 0.14), (1.4, 0.06))
    x = y = 0.0
    for index, (hertz, share) in enumerate(tones):
        turn = 2 * math.pi * hertz * at_s
        x += share * math.sin(turn + seed + index)
        y += share * math.sin(0.83 * turn + 2 * seed - index)
    return x, y


def _bump(since_s: float, length_s: float) -> float:
    """Rise to 1 and fall again within a length of time."""
    return math.sin(math.pi * since_s / length_s) if 0 < since_s < length_s else 0.0


def _lay(
    canvas: Image.Image, goods: Image.Image, pose: Pose, blur: tuple[float, float] = (0.0, 0.0)
) -> None:
    """Lay a cut-out on the picture; only the part of the picture that it can touch is computed."""
    left, top, right, bottom = reach(goods, pose)
    shifted = Pose(pose.x - left, pose.y - top, pose.scale, pose.turn)
    placed = place(goods, shifted, (right - left, bottom - top))
    box = placed.getbbox()
    if box is None:
        return
    if max(blur) > 0.3:
        edge = math.ceil(max(blur)) + 1
        box = (box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge)
        placed = placed.crop(box).filter(ImageFilter.BoxBlur(blur))
    else:
        placed = placed.crop(box)
    canvas.paste(placed, (left + box[0], top + box[1]), placed)


def _lay_hand(
    canvas: Image.Image,
    hand: Layer,
    middle_px: tuple[float, float],
    high_px: float,
    blur: tuple[float, float],
) -> None:
    high = max(1, round(hand.high * high_px))
    wide = max(1, round(high * hand.picture.width / hand.picture.height))
    shown = hand.picture.resize((wide, high), Image.Resampling.BILINEAR)
    if max(blur) > 0.3:
        shown = shown.filter(ImageFilter.BoxBlur(blur))
    x, y = middle_px[0] + hand.dx * high_px, middle_px[1] + hand.dy * high_px
    canvas.paste(shown, (round(x - wide / 2), round(y - high / 2)), shown)


def _noise(deviation: float, options: SceneOptions) -> Sequence[Image.Image]:
    """Some pictures of the camera's noise around 128; one after the other they look alive."""
    if deviation <= 0:
        return []
    draw = np.random.default_rng(options.seed)
    size = (8, options.height_px, options.width_px)
    grain = np.clip(128 + deviation * draw.standard_normal(size), 0, 255).astype(np.uint8)
    return [Image.fromarray(one).convert("RGB") for one in grain]
