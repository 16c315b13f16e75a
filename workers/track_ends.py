"""How far each input topic of a room has come. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from workers.events import GridEvent


@dataclass(frozen=True)
class _Track:
    through_ms: int = 0
    ended: bool = False
    last_ms: int = 0
    """Where its latest record ends."""


class TrackEnds:
    """The watermarks of a room's tracks, and which have ended.

    Args:
        kinds: of the events that the room's tracks consist of.
        ended: tracks that had ended before, and where, as `ended_by` told them.
    """

    def __init__(self, kinds: Iterable[str], ended: Mapping[str, int]) -> None:
        self._tracks = {kind: _Track(ended.get(kind, 0), kind in ended) for kind in kinds}

    def has(self, kind: str) -> bool:
        """Whether the room has a track of these events."""
        return kind in self._tracks

    def take(self, event: GridEvent) -> None:
        """Move the track of an event on."""
        track = self._tracks[event.kind]
        self._tracks[event.kind] = _Track(
            max(track.through_ms, event.watermark_ms),
            track.ended or event.last,
            max(track.last_ms, event.end_ms),
        )

    def end(self) -> None:
        """End every track where it stands."""
        self._tracks = {kind: replace(track, ended=True) for kind, track in self._tracks.items()}

    @property
    def all_ended(self) -> bool:
        """Whether nothing more comes on any track."""
        return all(track.ended for track in self._tracks.values())

    @property
    def through_ms(self) -> dict[str, int]:
        """Media time up to which each track has come."""
        return {kind: track.through_ms for kind, track in self._tracks.items()}

    @property
    def end_ms(self) -> int:
        """Media time up to which any track has come."""
        return max((track.through_ms for track in self._tracks.values()), default=0)

    @property
    def open_through_ms(self) -> int:
        """Media time up to which no track that is still open will say anything more."""
        open_ms = [track.through_ms for track in self._tracks.values() if not track.ended]
        return min(open_ms, default=0)

    def is_behind(self, through_ms: Mapping[str, int]) -> bool:
        """Whether a track that is still open is not as far as it was at another time."""
        return any(
            not self._tracks[kind].ended and self._tracks[kind].through_ms < known_ms
            for kind, known_ms in through_ms.items()
        )

    def ended_by(self, media_ms: int) -> dict[str, int]:
        """Return where tracks ended whose records all end by a media time."""
        return {
            kind: track.through_ms
            for kind, track in self._tracks.items()
            if track.ended and track.last_ms <= media_ms
        }
