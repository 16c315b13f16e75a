"""One room of the match stage: every vector once, in order, and an end."""

from collections.abc import Sequence

from pydantic import JsonValue

from workers.events import GridEvent, Vector


class MatchMachine:
    """One room: every vector is a job of its own."""

    def __init__(self, stream_id: str, snapshot: dict[str, JsonValue] | None = None) -> None:
        state = snapshot or {}
        self._stream_id = stream_id
        self._next_slot = int(str(state.get("next_slot", 0)))
        self._end_ms = int(str(state.get("end_ms", 0)))
        self._done = bool(state.get("done", False))

    def push(self, event: GridEvent) -> Sequence[Vector]:
        """Take the next vector and pass it on, once."""
        if not isinstance(event, Vector) or self._done or event.slot < self._next_slot:
            return []
        self._next_slot = event.slot + 1
        self._end_ms = max(self._end_ms, event.end_ms)
        self._done = event.last
        return [event]

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
        return {"next_slot": self._next_slot, "end_ms": self._end_ms, "done": self._done}
