"""Tag events → the tags as they stand. Pure; whoever reads tags may use it.

started A   updated A   started B   ended A   corrected A (withdrawn)   ended B
A .........................................|  gone
B                       .................................................| stands
"""

from collections.abc import Iterable

from workers.events import Tag


def standing(events: Iterable[Tag]) -> list[Tag]:
    """Return the newest event of each tag, by start, without those that were withdrawn.

    Args:
        events: of any rooms, each room's in the order of its topic; what is delivered again changes
            nothing.
    """
    return sorted(
        (said[-1] for said in lives(events).values() if not said[-1].withdrawn),
        key=lambda tag: (tag.stream_id, tag.start_ms, tag.tag_id),
    )


def lives(events: Iterable[Tag]) -> dict[str, list[Tag]]:
    """Return the events of each tag in order, each once, withdrawn ones too."""
    found: dict[str, dict[str, Tag]] = {}
    for event in events:
        found.setdefault(event.tag_id, {}).setdefault(event.event_id, event)
    return {tag_id: list(said.values()) for tag_id, said in found.items()}
