"""Makes the plan of a room's pictures hard where its timeline says so.

In comes the plan of `shots.py` and the timeline with its hardships, out comes a plan with goods
beside, hands and sheets before the product, and bad light. A plan tells the truth of what is shown.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workers.rooms.hardships import Hardship, Suffered
from workers.rooms.light import draw_bad_light
from workers.rooms.shots import Bystander, Plan, Shot, View
from workers.rooms.timeline import Timeline

_COVERED = 0.7
"""Share of the shots with occlusion; the others show the product as it is."""
_BESIDE = 0.65
_FOOT_SHARE = (0.36, 0.5)


@dataclass(frozen=True)
class Seen:
    """What can be shown in a room."""

    views: Mapping[str, Sequence[View]]
    """By product id."""
    near: Mapping[str, Sequence[str]]
    """By product id, its near-duplicates in the cart."""


def harden_plan(plan: Plan, timeline: Timeline, seen: Seen, seed: int) -> Plan:
    """Return the plan with what the timeline's hardships ask of pictures.

    Args:
        plan: of `plan_room`.
        timeline: with its hardships.
        seen: what can be shown.
        seed: draws views, places and kinds of light.
    """
    if not timeline.suffered:
        return plan
    draw = random.Random(f"grown-shots/{seed}")  # noqa: S311 (not for secrets)
    shots = []
    for shot in plan.shots:
        middle_ms = 500 * (shot.start_s + shot.end_s)
        kinds = {
            one.hardship for one in timeline.suffered if one.start_ms <= middle_ms < one.end_ms
        }
        made = _with_beside(shot, kinds, timeline, seen, draw)
        shots.append(_covered(made, draw) if "occlusion" in kinds else made)
    aside = [one for stretch in timeline.suffered for one in _aside(stretch, timeline, seen, draw)]
    dark = tuple(
        draw_bad_light(draw, one.start_ms / 1000, one.end_ms / 1000)
        for one in timeline.suffered
        if one.hardship == "bad-light"
    )
    return Plan(tuple(shots), (*plan.bystanders, *aside), dark)


def _with_beside(
    shot: Shot,
    kinds: set[Hardship],
    timeline: Timeline,
    seen: Seen,
    draw: random.Random,
) -> Shot:
    """Return the shot with another product next to the one for sale."""
    if shot.view is None or not shot.for_sale:
        return shot
    if "comparison" in kinds:
        fits = _named(shot, timeline)
        share, chance = 1.0, 1.0
    elif "near-duplicates" in kinds:
        fits, share, chance = list(seen.near.get(shot.view.product_id, ())), 0.95, _BESIDE
    elif "distractors" in kinds:
        fits, share, chance = _free(seen, timeline, shot.start_s, shot.end_s), 0.9, _BESIDE
    else:
        return shot
    fits = [one for one in fits if one in seen.views and one != shot.view.product_id]
    if not fits or draw.random() >= chance:
        return shot
    side = draw.choice((-1, 1))
    beside = _standing(seen.views[draw.choice(fits)], draw)
    return replace(shot, beside=beside, beside_share=share, x=0.5 - 0.12 * side, touched=False)


def _named(shot: Shot, timeline: Timeline) -> list[str]:
    """The products that the shot's sentences compare the one for sale with."""
    return [
        one.about
        for one in timeline.sentences
        if one.hardship == "comparison"
        and one.about is not None
        and one.start_ms < 1000 * shot.end_s
        and one.end_ms > 1000 * shot.start_s
    ]


def _covered(shot: Shot, draw: random.Random) -> Shot:
    """Return the shot with much of its product hidden."""
    if shot.view is None or not shot.for_sale or draw.random() >= _COVERED:
        return shot
    by_arm = draw.random() < 0.5
    share = draw.uniform(0.35, 0.55) if by_arm else draw.uniform(0.4, 0.7)
    return replace(shot, covered=share, by_arm=by_arm, touched=False)


def _aside(
    stretch: Suffered, timeline: Timeline, seen: Seen, draw: random.Random
) -> list[Bystander]:
    """Goods on both sides of the table, nearly in focus, that change every ten seconds or so."""
    if stretch.hardship != "distractors":
        return []
    found: list[Bystander] = []
    for side in (0.14, 0.86):
        at_s, end_s = stretch.start_ms / 1000, stretch.end_ms / 1000
        while at_s < end_s - 1.0:
            until_s = min(end_s, at_s + draw.uniform(6, 18))
            free = _free(seen, timeline, at_s, until_s)
            if free and draw.random() < 0.85:
                view = _standing(seen.views[draw.choice(free)], draw)
                x, share = side + draw.uniform(-0.05, 0.05), draw.uniform(*_FOOT_SHARE)
                found.append(Bystander(view, at_s, until_s, x, share, draw.uniform(0.0, 1.8)))
            at_s = until_s + draw.uniform(0.0, 4.0)
    return found


def _free(seen: Seen, timeline: Timeline, start_s: float, end_s: float) -> list[str]:
    """The products that are not for sale in a stretch, nor four seconds around it."""
    busy = {
        one.product_id
        for one in timeline.sold
        if one.start_ms < 1000 * end_s + 4000 and one.end_ms > 1000 * start_s - 4000
    }
    return sorted(set(seen.views) - busy)


def _standing(views: Sequence[View], draw: random.Random) -> View:
    return draw.choice([view for view in views if not view.held] or list(views))
