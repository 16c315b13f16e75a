"""Frames, transcripts and summaries of one room → clips, joined by media time. Pure.

    frames       |kept|dup |dup |kept|dup |dup |kept| ...        every half second
    transcripts  |  w w   |    w   |        |  w w  | ...        every second
    summaries    |<-------- window k -------->|                  ends every five seconds
    clips           |<-- clip j -->|
                         |<-- clip j+1 -->|

A clip is made when the watermark of every track that the room declared has passed its end, plus
the allowed lateness. A frame slot that says `duplicate` stands for the last kept picture. A clip
takes the first summary whose window covers its end, if what the summary rests on was said near
the clip.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import JsonValue

from workers.clip import Clip, evenly
from workers.events import (
    ClipText,
    Frame,
    FrameRef,
    GridEvent,
    LoadRung,
    Summary,
    Track,
    Transcript,
)
from workers.ladder import lowest


@dataclass(frozen=True)
class AlignOptions:
    """The grid of clips and what goes into one."""

    clip_ms: int = 5_000
    """Length of a clip."""
    hop_ms: int = 2_500
    """From the start of one clip to the start of the next."""
    frames: int = 8
    """Most pictures in a clip ..."""
    hurried_frames: int = 4
    """... and where work is left out because it fell behind."""
    lateness_ms: int = 0
    """How long, in media time, to wait for records behind a watermark. Media of one room lies in
    order in its partition, so that nothing comes late unless a producer shuffles."""
    words_before_ms: int = 2_500
    """Words said this long before a clip still belong to it."""
    words_after_ms: int = 0
    """Words said this long after a clip belong to it."""
    summary_reach_ms: int = 2_500
    """A summary counts for a clip when its support was said at most this long before the clip."""
    carry_ms: int = 5_000
    """Longest time for which a kept picture stands for `duplicate` slots."""


@dataclass(frozen=True)
class _Tracked:
    """How far one input topic of the room has come."""

    through_ms: int = 0
    ended: bool = False
    last_ms: int = 0
    """Where its latest record ends."""


class Aligner:
    """The clips of one room."""

    def __init__(
        self,
        stream_id: str,
        tracks: Sequence[Track],
        options: AlignOptions,
        snapshot: dict[str, JsonValue] | None = None,
    ) -> None:
        self._stream_id = stream_id
        self._options = options
        kinds: list[str] = []
        if "video" in tracks:
            kinds += ["frame"]
        if "audio" in tracks:
            kinds += ["transcript", "summary"]
        saved: dict[str, Any] = dict(snapshot or {})
        ended: dict[str, int] = saved.get("ended", {})
        self._tracks = {kind: _Tracked(ended.get(kind, 0), kind in ended) for kind in kinds}
        self._frames: dict[int, Frame] = {}
        self._words: dict[int, Transcript] = {}
        self._summaries: dict[int, Summary] = {}
        self._next_slot: int = saved.get("next_slot", 0)
        self._done: bool = saved.get("done", False)

    def push(self, event: GridEvent) -> Sequence[Clip]:
        """Take a frame, transcript or summary; return the clips that are now complete."""
        if self._done or event.kind not in self._tracks:
            return []
        if isinstance(event, Frame):
            self._frames.setdefault(event.slot, event)
        elif isinstance(event, Transcript):
            self._words.setdefault(event.slot, event)
        elif isinstance(event, Summary):
            self._summaries.setdefault(event.slot, event)
        track = self._tracks[event.kind]
        self._tracks[event.kind] = _Tracked(
            max(track.through_ms, event.watermark_ms),
            track.ended or event.last,
            max(track.last_ms, event.end_ms),
        )
        return self._complete()

    def close(self) -> Sequence[Clip]:
        """End every track where it stands."""
        self._tracks = {kind: replace(track, ended=True) for kind, track in self._tracks.items()}
        return [] if self._done else self._complete()

    @property
    def needed_from_ms(self) -> int:
        """Pictures may be carried into the next clip, and words before it belong to it."""
        reach_ms = max(
            self._options.carry_ms, self._options.words_before_ms, self._options.summary_reach_ms
        )
        return max(0, self._next_slot * self._options.hop_ms - reach_ms)

    @property
    def done(self) -> bool:
        """Whether the room's last clip was made."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """The next clip's index, and how far tracks came whose end no input will tell again."""
        floor_ms = self.needed_from_ms
        ended: dict[str, JsonValue] = {
            kind: track.through_ms
            for kind, track in self._tracks.items()
            if track.ended and track.last_ms <= floor_ms
        }
        return {"next_slot": self._next_slot, "done": self._done, "ended": ended}

    def _complete(self) -> list[Clip]:
        clips: list[Clip] = []
        ended = all(track.ended for track in self._tracks.values())
        end_ms = max((track.through_ms for track in self._tracks.values()), default=0)
        while not self._done:
            start_ms = self._next_slot * self._options.hop_ms
            stop_ms = start_ms + self._options.clip_ms
            if not ended and self._open_through_ms() < stop_ms + self._options.lateness_ms:
                break
            last = ended and stop_ms >= end_ms
            stop_ms = min(stop_ms, max(end_ms, start_ms)) if last else stop_ms
            clips.append(self._clip(start_ms, stop_ms, last=last))
            self._next_slot += 1
            self._done = last
            self._forget()
        return clips

    def _open_through_ms(self) -> int:
        """Media time up to which no track that is still open will say anything more."""
        open_ms = [track.through_ms for track in self._tracks.values() if not track.ended]
        return min(open_ms, default=0)

    def _clip(self, start_ms: int, stop_ms: int, *, last: bool) -> Clip:
        return Clip(
            stream_id=self._stream_id,
            slot=self._next_slot,
            start_ms=start_ms,
            end_ms=stop_ms,
            watermark_ms=stop_ms,
            last=last,
            frames=self._pictures(start_ms, stop_ms),
            text=self._text(start_ms, stop_ms),
            load_rung=lowest(*self._rungs_of_text(start_ms, stop_ms)),
        )

    def _pictures(self, start_ms: int, stop_ms: int) -> tuple[tuple[FrameRef, bytes], ...]:
        """Choose evenly among the slots, each standing for the picture that was valid in it."""
        shown: list[Frame] = []
        kept: Frame | None = None
        for slot in sorted(self._frames):
            frame = self._frames[slot]
            if frame.start_ms >= stop_ms:
                break
            if frame.payload:
                kept = frame
            carried = kept is not None and frame.start_ms - kept.at_ms <= self._options.carry_ms
            stands = frame.end_ms > start_ms and frame.choice in ("kept", "duplicate")
            if kept is not None and carried and stands:
                shown.append(kept)
        # A picture that stood for several slots comes as often: it weighs as long as it was seen.
        chosen = evenly(shown, self._options.frames)
        return tuple((FrameRef(slot=f.slot, at_ms=f.at_ms), f.payload) for f in chosen)

    def _text_span(self, start_ms: int, stop_ms: int) -> tuple[int, int]:
        from_ms = start_ms - self._options.words_before_ms
        return from_ms, stop_ms + self._options.words_after_ms

    def _text(self, start_ms: int, stop_ms: int) -> ClipText:
        from_ms, until_ms = self._text_span(start_ms, stop_ms)
        said = [
            word.text
            for slot in sorted(self._words)
            for word in self._words[slot].words
            if from_ms <= (word.start_ms + word.end_ms) // 2 < until_ms
        ]
        transcript = " ".join(text.strip() for text in said)
        summary = self._summary(start_ms, stop_ms)
        if summary is None:
            return ClipText(transcript=transcript)
        return ClipText(
            product_name=summary.product_name,
            product_id=summary.product_id,
            attributes=summary.attributes,
            transcript=transcript,
            summary_slot=summary.slot,
        )

    def _summary(self, start_ms: int, stop_ms: int) -> Summary | None:
        covering = self._covering(stop_ms)
        if covering is None or covering.product_name is None:
            return None
        from_ms = start_ms - self._options.summary_reach_ms
        near = any(span.start_ms < stop_ms and span.end_ms > from_ms for span in covering.support)
        return covering if near else None

    def _covering(self, stop_ms: int) -> Summary | None:
        """Return the first summary whose window covers a clip's end."""
        for slot in sorted(self._summaries):
            if self._summaries[slot].end_ms >= stop_ms or self._summaries[slot].last:
                return self._summaries[slot]
        return None

    def _rungs_of_text(self, start_ms: int, stop_ms: int) -> Iterator[LoadRung]:
        """Yield what was left out of the words and the summary that a clip looks at."""
        from_ms, until_ms = self._text_span(start_ms, stop_ms)
        for said in self._words.values():
            if said.start_ms < until_ms and said.end_ms > from_ms:
                yield said.load_rung
        covering = self._covering(stop_ms)
        if covering is not None:
            yield covering.load_rung

    def _forget(self) -> None:
        floor_ms = self.needed_from_ms
        for held in (self._frames, self._words, self._summaries):
            for slot in [slot for slot, event in held.items() if event.end_ms <= floor_ms]:
                del held[slot]
