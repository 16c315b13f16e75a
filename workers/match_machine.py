"""One room of the match stage: every vector once, in order, and an end."""

from collections.abc import Sequence

from pydantic import JsonValue

from workers.events import GridEvent, Vector

_REVISED = 100
"""Of so many of the last vectors it is known which revision was taken."""


class MatchMachine:
    """One room: every vector is a job of its own."""

    def __init__(self, stream_id: str, snapshot: dict[str, JsonValue] | None = None) -> None:
        state = snapshot or {}
        self._stream_id = stream_id
        self._next_slot = int(str(state.get("next_slot", 0)))
        self._end_ms = int(str(state.get("end_ms", 0)))
        self._done = bool(state.get("done", False))
        revised = state.get("revised")
        self._revised = dict(revised) if isinstance(revised, dict) else {}

    def push(self, event: GridEvent) -> Sequence[Vector]:
        """Take the next vector, or a newer revision of an earlier one, and pass it on, once."""
        if not isinstance(event, Vector) or self._done or not self._is_news(event):
            return []
        if event.revision:
            self._revised[str(event.slot)] = event.revision
        self._next_slot = max(self._next_slot, event.slot + 1)
        self._end_ms = max(self._end_ms, event.end_ms)
        self._done = event.last
        return [event]

    def _is_news(self, event: Vector) -> bool:
        oldest = self._next_slot - _REVISED
        self._revised = {slot: n for slot, n in self._revised.items() if int(slot) >= oldest}
        known = int(str(self._revised.get(str(event.slot), 0)))
        return event.slot >= self._next_slot or (event.slot >= oldest and event.revision > known)

    def close(self) -> Sequence[Vector]:
        """End the room with an empty vector, so that later stages hear of it."""
        if self._done:
            return []
        at_ms = self._end_ms
        return self.push(
            Vector(
                stream_id=self._stream_id,
                slot=self._next_slot,
                start_ms=at_ms,
                end_ms=at_ms,
                watermark_ms=at_ms,
                last=True,
            )
        )

    @property
    def needed_from_ms(self) -> int:
        """Nothing that was taken is needed again."""
        return self._end_ms

    @property
    def done(self) -> bool:
        """Whether the room's last vector was taken."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """Where the room stands."""
        told: dict[str, JsonValue] = {"next_slot": self._next_slot, "end_ms": self._end_ms}
        return {**told, "done": self._done, "revised": dict(self._revised)}
