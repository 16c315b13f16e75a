"""Plans what a room's camera shows: cuts of the goods, of the wrong goods, of the empty table.

In come a timeline and the views of goods, out come shots and goods that stand aside. Nothing is
drawn here; `scene.py` draws a plan, and a plan tells the truth of what is shown.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from models.errors import InputError
from workers.rooms.compose import cropped
from workers.rooms.light import BadLight
from workers.rooms.timeline import Cut, Sold, Timeline

_ABSENT = 0.09
"""How likely a later cut of a product shows the table without it."""
_LEFT = 0.6
"""How likely a product stays on the table for a while after its sale."""


@dataclass(frozen=True)
class View:
    """A cut-out of a product as it is shown."""

    picture: Image.Image
    held: bool
    """Held up rather than standing on the table."""
    product_id: str = ""
    name: str = ""
    """The file's name."""
    whole: bool = False
    """A photo with its own surroundings: it fills the picture and stands on no table."""


@dataclass(frozen=True)
class Shot:
    """One cut: a view of a product, or the table without one, for a few seconds."""

    start_s: float
    end_s: float
    view: View | None = None
    beside: View | None = None
    """Another product next to it, smaller."""
    for_sale: bool = True
    share: float = 0.5
    """The product's height, of the picture's."""
    x: float = 0.5
    """Where its middle is, of the picture's width."""
    drift: float = 0.0
    """How far it moves sideways during the shot, of the picture's width."""
    gain: float = 1.0
    zoom: tuple[float, float] = (1.0, 1.05)
    """How close the camera is at the beginning and at the end."""
    enters: bool = False
    """The product is moved in, blurred, instead of being there at once."""
    touched: bool = False
    """A hand covers a part of it."""
    beside_share: float = 0.8
    """The height of what is beside, of the product's."""
    covered: float = 0.0
    """How much of the product is hidden: of its width by a sheet, of its height by an arm."""
    by_arm: bool = False


@dataclass(frozen=True)
class Bystander:
    """A product that stands aside, out of focus, for a long while."""

    view: View
    start_s: float
    end_s: float
    x: float
    share: float
    blur_px: float


@dataclass(frozen=True)
class Plan:
    """Everything that is shown in a room."""

    shots: tuple[Shot, ...]
    bystanders: tuple[Bystander, ...] = ()
    bad_light: tuple[BadLight, ...] = ()

    def cuts(self) -> list[Cut]:
        """Return the truth of what is shown, in order."""
        found = [cut for shot in self.shots for cut in _cuts_of(shot)]
        found += [_cut(one.view, one.start_s, one.end_s, for_sale=False) for one in self.bystanders]
        return sorted(found, key=lambda cut: (cut.start_ms, cut.role != "sold"))


def _cuts_of(shot: Shot) -> list[Cut]:
    cuts = [_cut(shot.view, shot.start_s, shot.end_s, for_sale=shot.for_sale)]
    if shot.beside is not None:
        cuts.append(_cut(shot.beside, shot.start_s, shot.end_s, for_sale=False))
    return cuts


def _cut(view: View | None, start_s: float, end_s: float, *, for_sale: bool) -> Cut:
    start_ms, end_ms = round(1000 * start_s), round(1000 * end_s)
    if view is None:
        return Cut(start_ms, end_ms)
    if for_sale:
        return Cut(start_ms, end_ms, view.product_id, view.name, view.held, "sold")
    return Cut(start_ms, end_ms, view.product_id, view.name, view.held, "distractor")


def load_views(folder: Path, view_seed: int) -> list[View]:
    """Return the natural views of one product and one seed, in the order of their names.

    Raises:
        InputError: there is none.
    """
    paths = [
        path
        for path in sorted(folder.glob(f"s{view_seed}-*.png"))
        if path.stem.endswith(("-stands", "-held"))
    ]
    if not paths:
        message = f"{folder} has no views of seed {view_seed}; run `liveshelf rooms render` first"
        raise InputError(message)
    views = []
    for path in paths:
        with Image.open(path) as picture:
            goods = cropped(picture.convert("RGBA"))
        views.append(View(goods, path.stem.endswith("-held"), folder.name, path.name))
    return views


def plan_room(timeline: Timeline, views: Mapping[str, Sequence[View]], seed: int) -> Plan:
    """Return what is shown in a room.

    Args:
        timeline: what is sold when, and which other products are named.
        views: of every product sold, and of others that may be seen beside or aside.
        seed: draws views, lengths and places.
    """
    shots: list[Shot] = []
    nexts = [one.start_ms for one in timeline.sold[1:]]
    for sold, next_ms in zip(timeline.sold, [*nexts, timeline.duration_ms], strict=False):
        draw = random.Random(f"shots/{seed}/{sold.product_id}/{sold.start_ms}")  # noqa: S311
        _fill_empty(shots, sold.start_ms / 1000, draw)
        shots += plan_shots(sold, views[sold.product_id], draw)
        shots += _left(shots, next_ms / 1000, draw)
    draw = random.Random(f"aside/{seed}")  # noqa: S311 (not for secrets)
    _fill_empty(shots, timeline.duration_ms / 1000, draw)
    compared = [_compared(shot, timeline, views, draw) for shot in shots]
    return Plan(tuple(compared), tuple(_bystanders(timeline, views, draw)))


def plan_shots(sold: Sold, views: Sequence[View], draw: random.Random) -> list[Shot]:
    """Return shots of two to five seconds that fill the time a product is for sale."""
    at_s, end_s = sold.start_ms / 1000, sold.end_ms / 1000
    standing = [view for view in views if not view.held]
    order: list[View] = []
    shots: list[Shot] = []
    x = draw.uniform(0.42, 0.58)
    while at_s < end_s - 0.01:
        if not order:
            order = draw.sample(list(views), len(views))
            if not shots and standing:
                # The host first puts the thing in front of the camera.
                order.append(standing[0])
        length_s = draw.uniform(2.2, 5.0)
        if end_s - at_s - length_s < 1.5:
            length_s = end_s - at_s
        absent = bool(shots) and shots[-1].view is not None and draw.random() < _ABSENT
        view = None if absent else order.pop()
        near = draw.uniform(1.0, 1.22)
        shots.append(
            Shot(
                at_s,
                at_s + length_s,
                view,
                share=draw.uniform(0.42, 0.6) if draw.random() < 0.75 else draw.uniform(0.65, 0.78),
                x=x + draw.uniform(-0.04, 0.04),
                drift=draw.uniform(-0.03, 0.03),
                gain=draw.uniform(0.92, 1.07),
                zoom=(near, near + draw.uniform(-0.04, 0.12)),
                enters=not shots or shots[-1].view is None or draw.random() < 0.15,
                touched=draw.random() < 0.16,
            )
        )
        at_s += length_s
    return shots


def _fill_empty(shots: list[Shot], until_s: float, draw: random.Random) -> None:
    """Show the table without goods up to a time."""
    at_s = shots[-1].end_s if shots else 0.0
    while at_s < until_s - 0.001:
        length_s = draw.uniform(6, 14)
        length_s = length_s if until_s - at_s - length_s > 2 else until_s - at_s
        near = draw.uniform(1.0, 1.1)
        zoom = (near, near + draw.uniform(-0.03, 0.06))
        shots.append(Shot(at_s, at_s + length_s, for_sale=False, zoom=zoom))
        at_s += length_s


def _left(shots: Sequence[Shot], until_s: float, draw: random.Random) -> list[Shot]:
    """The product that stays on the table after its sale, aside if for long."""
    last = shots[-1]
    room_s = until_s - last.end_s
    if last.view is None or room_s < 0.4 or draw.random() > _LEFT:
        return []
    end_s = last.end_s + min(room_s, draw.uniform(0.8, 3.5))
    stays = replace(last, start_s=last.end_s, end_s=end_s, for_sale=False, beside=None)
    return [replace(stays, enters=False, touched=False, zoom=(last.zoom[1], last.zoom[1]))]


def _compared(
    shot: Shot, timeline: Timeline, views: Mapping[str, Sequence[View]], draw: random.Random
) -> Shot:
    """Return the shot with the product beside it that is named meanwhile, if it can be seen."""
    if shot.view is None or not shot.for_sale:
        return shot
    start_ms, end_ms = 1000 * shot.start_s, 1000 * shot.end_s
    for sentence in timeline.sentences:
        middle_ms = (sentence.start_ms + sentence.end_ms) / 2
        about = sentence.about
        if about and about in views and start_ms <= middle_ms < end_ms and draw.random() < 0.6:
            standing = [view for view in views[about] if not view.held] or list(views[about])
            side = draw.choice((-1, 1))
            return replace(shot, beside=draw.choice(standing), x=0.5 - 0.11 * side, touched=False)
    return shot


def _bystanders(
    timeline: Timeline, views: Mapping[str, Sequence[View]], draw: random.Random
) -> list[Bystander]:
    """Goods at the edges of the table, for a third to a half of the room; never what is sold."""
    end_s = timeline.duration_ms / 1000
    found: list[Bystander] = []
    for side in (draw.uniform(0.08, 0.2), draw.uniform(0.8, 0.92)):
        at_s = draw.uniform(0, end_s / 4)
        while at_s < end_s - 8:
            until_s = min(end_s, at_s + draw.uniform(18, 60))
            free = sorted(
                product_id
                for product_id in views
                if not any(
                    one.product_id == product_id
                    and one.start_ms < 1000 * until_s + 4000
                    and one.end_ms > 1000 * at_s - 4000
                    for one in timeline.sold
                )
            )
            if free and draw.random() < 0.6:
                choice = views[draw.choice(free)]
                view = draw.choice([one for one in choice if not one.held] or list(choice))
                share, blur_px = draw.uniform(0.26, 0.38), draw.uniform(2.5, 6.0)
                x = side + draw.uniform(-0.03, 0.03)
                found.append(Bystander(view, at_s, until_s, x, share, blur_px))
            at_s = until_s + draw.uniform(2, 20)
    return found
