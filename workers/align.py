"""Frames, transcripts and summaries of one room → clips, joined by media time. Pure.

    frames       |kept|dup |dup |kept|dup |dup |kept| ...        every half second
    transcripts  |  w w   |    w   |        |  w w  | ...        every second
    summaries    |<-------- window k -------->|                  ends every five seconds
    clips           |<-- clip j -->|
                         |<-- clip j+1 -->|

A clip is made when the watermark of every track that the room declared has passed its end, plus
the allowed lateness. A frame slot that says `duplicate` stands for the last kept picture. A clip
takes the first summary whose window covers its end, if what the summary rests on was said near
the clip. Where there are pictures and sound, a clip is made of its pictures alone before, as
revision 0: words come seconds later (`early_clips.py`).

What comes out of order still counts: a clip that was made without it is made again, with a higher
revision. A room whose tracks have ended but for slots that are missing waits for these until it is
closed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import JsonValue

from workers.clip import Clip
from workers.clip_pictures import pictures_of
from workers.clip_words import covering, said_between
from workers.early_clips import EarlyClips
from workers.events import (
    ClipText,
    Frame,
    GridEvent,
    LoadRung,
    Summary,
    Track,
    Transcript,
)
from workers.held_slots import HeldSlots
from workers.ladder import lowest
from workers.made_clips import MadeClips
from workers.track_ends import TrackEnds


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
    correct_ms: int = 10_000
    """How long, in media time, clips are made again when media come late; 0: never. The media of
    this time are kept in memory, and worked through again after a crash."""
    words_before_ms: int = 2_500
    """Words said this long before a clip still belong to it."""
    words_after_ms: int = 0
    """Words said this long after a clip belong to it."""
    summary_reach_ms: int = 2_500
    """A summary counts for a clip when its support was said at most this long before the clip."""
    carry_ms: int = 5_000
    """Longest time for which a kept picture stands for `duplicate` slots."""
    early: bool = True
    """Whether a clip of a room with pictures and sound is made of its pictures alone first, and
    again, whole, when its words are known: tags start seconds sooner. It costs that clips are
    encoded and searched twice; a stage that is behind leaves the first form out."""
    early_ahead_ms: int = 17_500
    """How far clips of pictures alone run ahead of whole ones, in media time, from 0. With
    `correct_ms` it must be less than `tag.correct_ms`, or what is said so late corrects no tag."""


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
        self._tracks = TrackEnds(kinds, saved.get("ended", {}))
        self._frames = HeldSlots[Frame]()
        self._words = HeldSlots[Transcript]()
        self._late_words = HeldSlots[Transcript]()
        self._summaries = HeldSlots[Summary]()
        self._next_slot: int = saved.get("next_slot", 0)
        self._done: bool = saved.get("done", False)
        self._made = MadeClips(saved.get("made"))
        self._made_through: dict[str, int] = saved.get("made_through", {})
        has_early = options.early and {"audio", "video"} <= set(tracks)
        self._early = EarlyClips(
            options.clip_ms,
            options.hop_ms,
            options.lateness_ms,
            options.early_ahead_ms if has_early else None,
            saved.get("early", 0),
        )
        self._has_late = False

    def push(self, event: GridEvent) -> Sequence[Clip]:
        """Take a frame, transcript or summary; return the clips that are complete or changed now.

        What was taken before makes no clip, unless it says by its revision that it is new.
        """
        if self._done or not self._tracks.has(event.kind):
            return []
        self._has_late |= self._take(event)
        self._tracks.take(event)
        if isinstance(event, Frame):
            self._early.take(event)
        return [*self._again(), *self._complete()]

    def close(self) -> Sequence[Clip]:
        """End every track where it stands."""
        self._tracks.end()
        return [] if self._done else [*self._again(), *self._complete(is_closed=True)]

    @property
    def needed_from_ms(self) -> int:
        """Where what the next clip can need begins, and those that may be made again.

        Pictures may be carried into a clip, and words before it belong to it.
        """
        reach_ms = max(
            self._options.carry_ms, self._options.words_before_ms, self._options.summary_reach_ms
        )
        return max(0, self._oldest_slot * self._options.hop_ms - reach_ms)

    @property
    def done(self) -> bool:
        """Whether the room's last clip was made."""
        return self._done

    def snapshot(self) -> dict[str, JsonValue]:
        """The next clip's index, and what the last ones were made of.

        Also how far tracks had come then, and which ended where no input will tell it again.
        """
        return {
            "next_slot": self._next_slot,
            "done": self._done,
            "ended": dict(self._tracks.ended_by(self.needed_from_ms)),
            "made": self._made.snapshot(),
            "made_through": dict(self._made_through),
            "early": self._early.snapshot(),
        }

    @property
    def _oldest_slot(self) -> int:
        """The first clip that is made or may be made again."""
        return max(0, self._next_slot - self._options.correct_ms // self._options.hop_ms)

    def _take(self, event: GridEvent) -> bool:
        """Hold a record; return whether it is news of an earlier time.

        Whatever is in order can belong to no clip that was made: its watermark had passed.
        """
        if event.end_ms <= self.needed_from_ms:
            return False
        if isinstance(event, Frame):
            return self._frames.take(event)
        if isinstance(event, Transcript):
            return (self._late_words if event.revision else self._words).take(event)
        return isinstance(event, Summary) and self._summaries.take(event)

    def _again(self) -> list[Clip]:
        """Make the clips again that late media have changed.

        Not before all tracks are as far as when the last clip was made: after a restart one may be
        read ahead of another, and a clip would be made of less than it was.
        """
        if not self._has_late or self._tracks.is_behind(self._made_through):
            return []
        self._has_late = False
        hop_ms, clip_ms = self._options.hop_ms, self._options.clip_ms
        anew = [
            self._made.revised(self._clip(slot, slot * hop_ms + clip_ms))
            for slot in self._made.slots
        ]
        return [clip for clip in anew if clip is not None]

    def _misses_slots(self) -> bool:
        """Whether slots are missing that would still count."""
        held = (self._frames, self._words, self._summaries)
        return self._options.correct_ms > 0 and any(slots.misses_some for slots in held)

    def _complete(self, *, is_closed: bool = False) -> list[Clip]:
        clips: list[Clip] = []
        ended = self._tracks.all_ended and (is_closed or not self._misses_slots())
        end_ms = self._tracks.end_ms
        while not self._done:
            if not is_closed:
                clips += self._of_pictures()
            start_ms = self._next_slot * self._options.hop_ms
            stop_ms = start_ms + self._options.clip_ms
            if not ended and self._tracks.open_through_ms < stop_ms + self._options.lateness_ms:
                break
            last = ended and stop_ms >= end_ms
            stop_ms = min(stop_ms, max(end_ms, start_ms)) if last else stop_ms
            revision = self._early.revision_of_whole(self._next_slot)
            clips.append(self._clip(self._next_slot, stop_ms, last=last, revision=revision))
            self._made.add(clips[-1])
            self._made_through = self._tracks.through_ms
            self._next_slot += 1
            self._done = last
            self._forget()
        return clips

    def _of_pictures(self) -> Iterator[Clip]:
        """Yield the clips that can be made of their pictures alone now and have any."""
        for slot in self._early.due(self._next_slot):
            stop_ms = slot * self._options.hop_ms + self._options.clip_ms
            pictures = self._bare(slot, stop_ms)
            if pictures.frames:
                yield replace(pictures, early=True)

    def _clip(self, slot: int, stop_ms: int, *, last: bool = False, revision: int = 0) -> Clip:
        start_ms = slot * self._options.hop_ms
        return replace(
            self._bare(slot, stop_ms),
            last=last,
            text=self._text(start_ms, stop_ms),
            load_rung=lowest(*self._rungs_of_text(start_ms, stop_ms)),
            revision=revision,
        )

    def _bare(self, slot: int, stop_ms: int) -> Clip:
        """Return a clip of its pictures alone."""
        options = self._options
        start_ms = slot * options.hop_ms
        return Clip(
            stream_id=self._stream_id,
            slot=slot,
            start_ms=start_ms,
            end_ms=stop_ms,
            watermark_ms=stop_ms,
            frames=pictures_of(
                self._frames.by_slot, (start_ms, stop_ms), options.frames, options.carry_ms
            ),
        )

    def _text_span(self, start_ms: int, stop_ms: int) -> tuple[int, int]:
        from_ms = start_ms - self._options.words_before_ms
        return from_ms, stop_ms + self._options.words_after_ms

    def _text(self, start_ms: int, stop_ms: int) -> ClipText:
        from_ms, until_ms = self._text_span(start_ms, stop_ms)
        words, late = self._words.by_slot, self._late_words.by_slot
        transcript = said_between(words, late, from_ms, until_ms)
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
        summary = covering(self._summaries.by_slot, stop_ms)
        if summary is None or summary.product_name is None:
            return None
        from_ms = start_ms - self._options.summary_reach_ms
        near = any(span.start_ms < stop_ms and span.end_ms > from_ms for span in summary.support)
        return summary if near else None

    def _rungs_of_text(self, start_ms: int, stop_ms: int) -> Iterator[LoadRung]:
        """Yield what was left out of the words and the summary that a clip looks at."""
        from_ms, until_ms = self._text_span(start_ms, stop_ms)
        for said in self._words.by_slot.values():
            if said.start_ms < until_ms and said.end_ms > from_ms:
                yield said.load_rung
        summary = covering(self._summaries.by_slot, stop_ms)
        if summary is not None:
            yield summary.load_rung

    def _forget(self) -> None:
        floor_ms = self.needed_from_ms
        self._made.forget(self._oldest_slot)
        for held in (self._frames, self._words, self._late_words, self._summaries):
            held.forget(floor_ms)
