"""Which clips were made of what, so that late media make those again that they change. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import JsonValue

from workers.clip import Clip
from workers.events import stable_id


class MadeClips:
    """The newest clips of a room.

    Args:
        snapshot: of an earlier one.
    """

    def __init__(self, snapshot: Mapping[str, Any] | None = None) -> None:
        self._made: dict[int, tuple[str, int]] = {
            int(slot): (content, revision) for slot, (content, revision) in (snapshot or {}).items()
        }

    @property
    def slots(self) -> Sequence[int]:
        """The clips that may be made again, in order."""
        return sorted(self._made)

    def add(self, clip: Clip) -> None:
        """Remember a clip that is made for the first time."""
        self._made[clip.slot] = (_content(clip), clip.revision)

    def revised(self, clip: Clip) -> Clip | None:
        """Return a clip with its next revision and remember it; none: it is what it was."""
        content, revision = self._made[clip.slot]
        if _content(clip) == content:
            return None
        clip = replace(clip, revision=revision + 1)
        self.add(clip)
        return clip

    def forget(self, slot: int) -> None:
        """Make no clip again that comes before this one."""
        self._made = {one: made for one, made in self._made.items() if one >= slot}

    def snapshot(self) -> dict[str, JsonValue]:
        """What must be known to tell that a clip has not changed."""
        return {str(slot): list(made) for slot, made in self._made.items()}


def _content(clip: Clip) -> str:
    pictures = tuple((ref.slot, ref.at_ms) for ref, _ in clip.frames)
    return stable_id(pictures, clip.text.model_dump_json(), clip.load_rung)[:16]
