"""Speech that got no words: Whisper at times writes one sentence of several and stops. Pure.

Nothing that a model says of its words tells of it, but a voice detector does: in shows that tiny.en
heard whole, no pause between words or behind the last held over .9 s of voice; where it stopped
early, 1.7 to 7 s. Such a stretch is heard once more by itself; what is without words then too is
told as dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workers.asr import Heard
from workers.audio_grid import PER_MS
from workers.events import Word
from workers.utterances import Utterance
from workers.word_pauses import Stretch

UNHEARD = "unheard"
"""Verdict on voice that stayed without words."""
_MARGIN_MS = 500
"""Voice that goes on behind a word or begins before one for no longer than this is the word's."""


@dataclass(frozen=True)
class UnheardOptions:
    """Which voice without words is heard once more, and how often."""

    tail_ms: int = 1_500
    """So much voice behind the last word, or in all where there is no word."""
    hole_ms: int = 3_000
    """So much voice between two words or before the first: talk also holds voice that is no word.
    """
    rounds: int = 2
    """Most further calls for an utterance and what is left of it; 0: none, it is only told."""


def unheard_speech(
    words: Sequence[Word],
    speech: Sequence[Stretch],
    within: Stretch,
    options: UnheardOptions,
) -> tuple[Stretch, ...]:
    """Return the stretches of voice that have no words, in order, from voice to voice.

    Args:
        words: As they were decoded, those included that guards throw away; starts in order.
        speech: Where a voice is heard, in order.
        within: Start and end of the sound.
        options: How long a stretch must be.
    """
    found: list[Stretch] = []
    until_ms = within[0]
    # Words without length are said again at the end of the sound, over what was not heard.
    timed = [(word.start_ms, word.end_ms) for word in words if word.end_ms > word.start_ms]
    for start_ms, end_ms in (*timed, (within[1], within[1])):
        is_tail = start_ms == end_ms
        voiced = _shared(speech, (until_ms, start_ms))
        voice_ms = sum(stop - begin for begin, stop in voiced)
        if voiced and voice_ms >= (options.tail_ms if is_tail else options.hole_ms):
            found.append((voiced[0][0], voiced[-1][1]))
        until_ms = max(until_ms, end_ms)
    return tuple(found)


def part_of(utterance: Utterance, stretch: Stretch, language: str | None) -> Utterance:
    """Return a stretch of an utterance as one of its own, in the language that was heard."""
    first, end = ((ms - utterance.start_ms) * PER_MS for ms in stretch)
    return replace(
        utterance,
        start_ms=stretch[0],
        end_ms=stretch[1],
        samples=utterance.samples[first:end],
        language=language,
    )


def with_unheard(heard: Heard, stretches: Sequence[Stretch]) -> Heard:
    """Return the same, with the voice that stayed without words thrown away."""
    if not stretches:
        return heard
    return replace(
        heard,
        verdicts=(*heard.verdicts, UNHEARD),
        thrown_away=(*heard.thrown_away, *((*stretch, UNHEARD) for stretch in stretches)),
    )


def joined(whole: Heard, parts: Sequence[Heard]) -> Heard:
    """Return what was heard of an utterance with what was heard of its parts later.

    Args:
        whole: The first hearing, which has words.
        parts: Of stretches between or behind words; what is rejected of one is told as thrown away.
    """
    words = [word for one in (whole, *parts) for word in one.words]
    gone = [lost for one in parts for lost in (*_rejected(one), *one.thrown_away)]
    return replace(
        whole,
        words=tuple(sorted(words, key=lambda word: word.start_ms)),
        verdicts=tuple(dict.fromkeys(v for one in (whole, *parts) for v in one.verdicts)),
        thrown_away=(*whole.thrown_away, *gone),
    )


def _rejected(part: Heard) -> list[tuple[int, int, str]]:
    if not part.is_rejected:
        return []
    return [(start_ms, end_ms, part.verdicts[-1]) for start_ms, end_ms in part.speech]


def _shared(spans: Sequence[Stretch], within: Stretch) -> list[Stretch]:
    """Return what of the spans lies within a stretch, without the margins of words around it."""
    cut = []
    for start, end in spans:
        first, last = max(start, within[0]), min(end, within[1])
        is_margin = (first, last) != (start, end) and last - first <= _MARGIN_MS
        if last > first and not is_margin:
            cut.append((first, last))
    return cut
