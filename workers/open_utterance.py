"""One utterance that grows: which slots are written already, and with which words. Pure.

A slot is written once, as soon as every word up to its end is committed: no word is lost, doubled
or held back, and a word that a later pass finds in a slot that is written stands in the next one,
with a start that no watermark denies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from workers.agreement import Agreement
from workers.events import Word
from workers.utterances import HeardSlot, Utterance

_UNHEARD_MS = 800
"""Voice without words for longer than this may yet get words; less is the margin around words and
the short pauses that a voice detector bridges."""
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class WrittenSlot:
    """A slot with the words that stand in it."""

    slot: HeardSlot
    words: tuple[Word, ...]
    watermark_ms: int
    """No later slot holds a word that begins before this."""
    last: bool = False
    """Whether the room ends with it."""


@dataclass(frozen=True)
class OpenUtterance:
    """What is known of an utterance between two of its jobs."""

    agreement: Agreement = field(default_factory=Agreement)
    language: str | None = None
    """Of the last pass."""
    slots: int = 0
    """How many of its slots are written."""
    words: int = 0
    """How many of the committed words stand in them."""
    floor_ms: int = 0
    """The last watermark."""
    shown: str = ""
    """The newest text that stands in no slot yet."""

    @property
    def settled_language(self) -> str | None:
        """The language of the committed words; none before there are any."""
        return self.language if self.agreement.committed else None

    @property
    def waiting(self) -> tuple[Word, ...]:
        """Committed words that stand in no slot yet."""
        return self.agreement.committed[self.words :]

    @property
    def committed_ms(self) -> int:
        """Media time up to which words are committed; 0: there are none."""
        return max((word.end_ms for word in self.agreement.committed), default=0)

    def grow(
        self, job: Utterance, words: Sequence[Word], speech: Spans, language: str | None
    ) -> tuple["OpenUtterance", list[WrittenSlot]]:
        """Take a pass over the sound so far; return what is known now and the slots to write.

        Args:
            job: The growing utterance.
            words: All that the pass heard, in order.
            speech: Start and end in ms of where the pass heard a voice.
            language: Of the pass.
        """
        before = self.agreement
        if language != self.language:
            before = replace(before, tail=())
        heard = before.hear(
            words, from_ms=self.floor_ms, sure_ms=job.sure_ms, settled_ms=job.settled_ms
        )
        now = replace(self, agreement=heard, language=language)
        open_ms = _open_ms(heard, job, speech)
        count = _complete(job, self.slots, open_ms)
        places = _places(now.waiting, job.slots[self.slots :])
        ready = sum(place < count for place in places)
        behind = [word.start_ms for word in (*now.waiting[ready:], *heard.tail)]
        written = _written(
            job.slots[self.slots : self.slots + count], now.waiting[:ready], places, behind
        )
        now = replace(
            now,
            slots=self.slots + count,
            words=self.words + ready,
            floor_ms=written[-1].watermark_ms if written else self.floor_ms,
        )
        shown = " ".join(word.text for word in (*now.waiting, *heard.tail))
        return replace(now, shown=shown), written

    def end(self, job: Utterance, words: Sequence[Word]) -> list[WrittenSlot]:
        """Take the pass over the whole sound; return the slots that are left.

        A word stands in the slot of its middle, or in the last slot if it lies beyond.
        """
        whole = replace(self, agreement=self.agreement.end(words, from_ms=self.floor_ms))
        left = job.slots[self.slots :]
        written = _written(left, whole.waiting, _places(whole.waiting, left), [])
        written[-1] = replace(written[-1], watermark_ms=job.end_ms, last=job.last)
        return written


def _complete(job: Utterance, first: int, open_ms: int) -> int:
    """Return how many slots can be written from one on.

    The newest cannot, nor the newest of those that the utterance is sure to complete: a slot must
    be left for the words before the cut.
    """
    count = 0
    for slot, following in pairwise(job.slots[first:]):
        if slot.end_ms > open_ms or following.end_ms > job.sure_ms:
            break
        count += 1
    return count


def _open_ms(heard: Agreement, job: Utterance, speech: Spans) -> int:
    """Return the media time from which words may yet come."""
    tail = heard.tail
    until_ms = (tail[0].start_ms + tail[0].end_ms) // 2 if tail else job.end_ms
    from_ms = max([job.start_ms, *(word.end_ms for word in heard.committed[-1:])])
    unheard = [
        (max(start_ms, from_ms), min(end_ms, until_ms))
        for start_ms, end_ms in speech
        if min(end_ms, until_ms) > max(start_ms, from_ms)
    ]
    if sum(end_ms - start_ms for start_ms, end_ms in unheard) > _UNHEARD_MS:
        return unheard[0][0]
    return until_ms


def _places(words: Sequence[Word], slots: Sequence[HeardSlot]) -> list[int]:
    """Return each word's slot: that of its middle, or one of the ends; in order."""
    starts = [-1, *(slot.start_ms for slot in slots[1:])]
    places: list[int] = []
    for word in words:
        middle_ms = (word.start_ms + word.end_ms) // 2
        place = int(np.searchsorted(starts, middle_ms, side="right")) - 1
        places.append(max([place, *places[-1:]]))
    return places


def _written(
    slots: Sequence[HeardSlot],
    words: Sequence[Word],
    places: Sequence[int],
    behind: Sequence[int],
) -> list[WrittenSlot]:
    """Return slots with their words; a watermark holds back where a later word begins before it.

    Args:
        slots: What is to be written.
        words: Of these slots.
        places: Which slot each word stands in.
        behind: Starts in ms of words that are to come later.
    """
    found: list[WrittenSlot] = []
    starts = list(behind)
    for index in range(len(slots) - 1, -1, -1):
        here = tuple(word for word, place in zip(words, places, strict=False) if place == index)
        watermark_ms = min([slots[index].end_ms, *starts])
        found.append(WrittenSlot(slots[index], here, watermark_ms))
        starts += [word.start_ms for word in here]
    return found[::-1]
