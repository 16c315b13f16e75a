"""Words on which two passes over growing sound agree, behind what is committed already. Pure.

LocalAgreement-2: Liu, Spanakis and Niehues, 2020, "Low-Latency Sequence-to-Sequence Speech
Recognition and Translation by Partial Hypothesis Selection"; Macháček, Dabre and Bojar, 2023,
"Turning Whisper into Real-Time Transcription System", section 3.1. There the buffer is cut behind
committed words; here it is kept to the end of the utterance, so that a pass may also differ from
what is committed: it is laid beside it word by word, and what follows is new.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workers.events import Word

_EDITS_PER_MS = 1e-4
"""Times only decide between words that fit as well: a model may draw out the last one it hears."""


@dataclass(frozen=True)
class Agreement:
    """What passes over one growing stretch of sound agreed on so far."""

    committed: tuple[Word, ...] = ()
    """Never changes but at its end; starts in order."""
    tail: tuple[Word, ...] = ()
    """What the last pass heard behind it."""

    def hear(
        self, words: Sequence[Word], *, from_ms: int, sure_ms: int, settled_ms: int = 0
    ) -> "Agreement":
        """Return what stands after a pass over the sound so far.

        Args:
            words: What the pass heard, all of it.
            from_ms: No new word may begin before this media time; an earlier start is moved.
            sure_ms: Words that end after this media time are not committed.
            settled_ms: Words that end by this media time are committed if passes differ, too.
        """
        new = self._behind(words, from_ms)
        before = [key_of(word) for word in self.tail]
        is_agreed = True
        for count, word in enumerate(new):
            is_agreed = is_agreed and before[count : count + 1] == [key_of(word)]
            if word.end_ms > (sure_ms if is_agreed else min(sure_ms, settled_ms)):
                return Agreement((*self.committed, *new[:count]), new[count:])
        return Agreement((*self.committed, *new))

    def end(self, words: Sequence[Word], *, from_ms: int) -> "Agreement":
        """Return what stands after the pass over the whole sound: all that it heard is committed.

        Args:
            words: What the pass heard, all of it.
            from_ms: No new word may begin before this media time; an earlier start is moved.
        """
        return Agreement((*self.committed, *self._behind(words, from_ms)))

    def _behind(self, words: Sequence[Word], from_ms: int) -> tuple[Word, ...]:
        earliest_ms = max(from_ms, self.committed[-1].start_ms if self.committed else 0)
        moved = []
        for word in words[covered(self.committed, words) :]:
            earliest_ms = max(earliest_ms, word.start_ms)
            end_ms = max(earliest_ms, word.end_ms)
            moved.append(word.model_copy(update={"start_ms": earliest_ms, "end_ms": end_ms}))
        return tuple(moved)


def key_of(word: Word) -> str:
    """Return what two passes are compared by: letters and digits, whatever their case."""
    return "".join(sign for sign in word.text.casefold() if sign.isalnum())


def covered(committed: Sequence[Word], heard: Sequence[Word]) -> int:
    """Return how many of the words heard say again what is committed.

    The beginning of what was heard that is nearest to all that is committed: fewest words that
    differ, are missing or too many (edit distance), and of those the one that ends nearest in time.
    """
    if not committed:
        return 0
    edits = list(range(len(heard) + 1))
    for row, word in enumerate(committed, 1):
        above, edits = edits, [row]
        for column, other in enumerate(heard, 1):
            changed = above[column - 1] + (key_of(word) != key_of(other))
            edits.append(min(changed, above[column] + 1, edits[-1] + 1))
    ends_ms = [committed[0].start_ms, *(word.end_ms for word in heard)]
    costs = [
        count + abs(end_ms - committed[-1].end_ms) * _EDITS_PER_MS
        for count, end_ms in zip(edits, ends_ms, strict=True)
    ]
    return costs.index(min(costs))
