"""The quality report as tables: for a terminal and as Markdown.

Figures are over all rooms together; what stands in brackets is their 95 % interval over rooms.
"""

import math
from collections.abc import Sequence

from models.room_quality import Drawn, Figure
from workers.rooms.quality import Judged, Versus, differences

HEADINGS = (
    "variant", "F1", "mean room F1", "first tag s", "p90 s", "with work s", "never told",
    "false/h", "withdrawn/h", "nothing sold", "edits",
)  # fmt: skip
LEGEND = """\
- F1: of segments and tags at 0.5 IoU, all rooms together; mean room F1: where something is sold
- first tag: median seconds from a product's first appearance or mention while it is for sale to
  its first right tag, in a room at speed 1; it includes every wait for the end of a pause, clip or
  window, on a machine that takes no time; p90: nine tenths come no later; a product that is never
  tagged counts as later than all others
- with work: the same median on the machine that recorded, alone with one room: each stage one piece
  of work after the other, side by side with the other stages; what looking up and tagging take,
  milliseconds, is not in it
- never told: share of segments that no tag of their product meets; false: tags of a product that is
  sold at no moment of the tag; nothing sold: false tags and hours of rooms that sell nothing
- withdrawn: tags that were told and taken back; every other figure is of tags as they stand in the
  end, but for first tags, which count when they are told
- edits: insertions, deletions and exchanges from the tags' products to the true sequence, for each
  true segment"""


def as_rows(found: Sequence[Judged]) -> list[tuple[str, ...]]:
    """Return a table as text: headings first."""
    return [HEADINGS, *(_row(one) for one in found)]


def difference_rows(found: Sequence[Judged]) -> list[tuple[str, ...]]:
    """Return a table of what is above what by segment F1: headings first."""
    return [("variant", "over", "F1 more by"), *(_versus(one) for one in differences(found))]


def as_markdown(found: Sequence[Judged], about: Sequence[str]) -> str:
    """Return every table, and the segment F1 of each room."""
    rooms = [one.room.room.stream_id for one in found[0].tried]
    per_room = [
        ("room", *(one.variant.name for one in found)),
        *(
            (room, *(f"{one.tried[at].scores.f1:.2f}" for one in found))
            for at, room in enumerate(rooms)
        ),
    ]
    parts = [
        "# Quality of tags\n",
        *(f"- {line}" for line in about),
        LEGEND,
        "",
        *_table(as_rows(found)),
        "",
        "Held against each other on the same draws of rooms:",
        "",
        *_table(difference_rows(found)),
        "",
        *_hard_part(found),
        "Segment F1 of each room:",
        "",
        *_table(per_room),
        "",
    ]
    return "\n".join(parts)


def hardship_rows(found: Sequence[Judged]) -> list[tuple[str, ...]]:
    """Return a table of what is found where something is hard: headings first.

    Share of segments found at 0.5 IoU, and median seconds to the first right tag.
    """
    names = list(found[0].by_hardship)
    return [
        ("what is hard", *(one.variant.name for one in found)),
        *((name, *(_hard(one.by_hardship[name]) for one in found)) for name in names),
    ]


def told(one: Judged, name: str, digits: int) -> str:
    """Return a figure and its interval as text."""
    return _told(one.found.values[name], one.found.figure(name), digits)


def _row(one: Judged) -> tuple[str, ...]:
    quiet = f"{one.quiet_false_tags} in {one.quiet_hours:.1f} h" if one.quiet_hours else "–"
    return (
        one.variant.name,
        told(one, "f1", 3),
        told(one, "mean_room_f1", 3),
        told(one, "first_tag_s", 1),
        told(one, "first_tag_p90_s", 1),
        told(one, "worked_first_tag_s", 1),
        told(one, "never_told", 3),
        told(one, "false_tags_per_h", 1),
        told(one, "withdrawn_per_h", 1),
        quiet,
        told(one, "edit_distance", 2),
    )


def _hard_part(found: Sequence[Judged]) -> list[str]:
    if not found[0].by_hardship:
        return []
    return [
        "Share of segments found, and median seconds to their first right tag, by what is hard:",
        "",
        *_table(hardship_rows(found)),
        "",
    ]


def _hard(found: Drawn) -> str:
    recall = _told(found.values["recall"], found.figure("recall"), 2)
    first = _told(found.values["first_tag_s"], Figure(None), 1)
    return f"{recall}; {first}"


def _versus(one: Versus) -> tuple[str, ...]:
    value = math.nan if one.f1.value is None else one.f1.value
    return one.variant.name, one.other.name, _told(value, one.f1, 3, "+")


def _told(value: float, figure: Figure, digits: int, sign: str = "") -> str:
    if math.isnan(value):
        return "–"
    told = "never" if math.isinf(value) else f"{value:{sign}.{digits}f}"
    if figure.low is None:
        return told
    high = "never" if figure.high is None else f"{figure.high:{sign}.{digits}f}"
    return f"{told} [{figure.low:{sign}.{digits}f}, {high}]"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    told = [f"| {' | '.join(row)} |" for row in rows]
    return [told[0], f"|{'---|' * len(rows[0])}", *told[1:]]
