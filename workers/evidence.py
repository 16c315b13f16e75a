"""The pictures that tags refer to, brought from wherever they still are into a folder.

In: clips that name frames by room and slot, and frame events: from their topic while it keeps them,
or from a recording of the room, decoded by the same ingest into the same slots. Out: files named by
the SHA-256 of what is in them, and a reason for every frame that is not had.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from models.errors import InputError, TransientError
from workers import frame_pictures, images
from workers.events import Frame, FrameRef
from workers.feedback import Believed
from workers.frame_pictures import FRAME_LIMITS
from workers.images import ImageSource
from workers.media import MediaReport, open_source
from workers.media_wire import MediaOptions

FILMS = (".mp4", ".mkv", ".mov", ".webm", ".flv", ".ts")
"""Endings of a recording, in the order in which they are looked for."""
_FILM_NAME = "room"


class Evidence:
    """Pictures of the frames that some clips name. What the folder has already is not fetched."""

    def __init__(
        self, folder: Path, clips: Iterable[Believed], source: ImageSource | None = None
    ) -> None:
        """Keep what is wanted.

        Args:
            folder: gets the pictures.
            clips: name the frames.
            source: where claim checks may point to; pictures have a frame's limits.
        """
        self._folder = folder
        self._source = source or ImageSource(limits=FRAME_LIMITS)
        self._wanted: dict[str, dict[int, FrameRef]] = {}
        for clip in clips:
            self._wanted.setdefault(clip.stream_id, {}).update(
                {one.slot: one for one in clip.frames}
            )
        self._have: dict[tuple[str, int], str] = {}
        self._refused: dict[tuple[str, int], str] = {}

    @property
    def rooms(self) -> list[str]:
        """Rooms of which a frame is still wanted."""
        return sorted(
            room
            for room, slots in self._wanted.items()
            if any((room, slot) not in self._have for slot in slots)
        )

    def offer(self, frame: Frame) -> None:
        """Keep a frame's picture if it is wanted."""
        wanted = self._wanted.get(frame.stream_id, {}).get(frame.slot)
        key = (frame.stream_id, frame.slot)
        if wanted is None or key in self._have:
            return
        try:
            if frame.choice != "kept":
                self._refused[key] = f"the frame's slot holds no picture, it is {frame.choice!r}"
                return
            if frame.at_ms != wanted.at_ms:
                # Cut into other slots, or another film under the room's name.
                self._refused[key] = "what is stored under the frame's slot is of another time"
                return
            data = frame_pictures.bytes_of(frame, self._source)
            images.decode(data, FRAME_LIMITS)
        except (InputError, TransientError) as error:
            self._refused[key] = f"its picture cannot be used: {_short(error)}"
            return
        name = f"{hashlib.sha256(data).hexdigest()}.{images.kind_of(data).lower()}"
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.replace(path)
        self._have[key] = name

    def pictures(self, clip: Believed) -> tuple[tuple[str, ...], Counter[str]]:
        """Return the files of a clip's frames that are had, and why others are not."""
        names: list[str] = []
        lost: Counter[str] = Counter()
        for one in clip.frames:
            key = (clip.stream_id, one.slot)
            if key in self._have:
                names.append(self._have[key])
            else:
                lost[self._refused.get(key, "the frame is neither on its topic nor recorded")] += 1
        return tuple(names), lost


def film_of(folder: Path, stream_id: str) -> Path | None:
    """Return the recording of a room: `NAME.mp4` or `NAME/room.mp4`, or another ending."""
    for ending in FILMS:
        for path in (folder / f"{stream_id}{ending}", folder / stream_id / f"{_FILM_NAME}{ending}"):
            if path.is_file():
                return path
    return None


def recorded_frames(film: Path, stream_id: str, options: MediaOptions) -> Iterator[Frame]:
    """Yield the frames of a recording, as ingest made them of it.

    Raises:
        InputError: it cannot be read.
    """
    with open_source(str(film), options) as source:
        for event in source.read(stream_id):
            if isinstance(event, Frame):
                yield event
            elif isinstance(event, MediaReport) and event.status == "failed":
                message = f"{film}: failed at {event.position_ms / 1_000:.1f} s: {event.reason}"
                raise InputError(message)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
