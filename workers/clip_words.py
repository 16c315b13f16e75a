"""Transcripts and summaries → what was said in a clip, and what that was about. Pure."""

from collections.abc import Mapping

from workers.events import Summary, Transcript, Word


def said_between(
    transcripts: Mapping[int, Transcript],
    late: Mapping[int, Transcript],
    from_ms: int,
    until_ms: int,
) -> str:
    """Return the words whose middle lies within a span, joined.

    Args:
        transcripts: by slot.
        late: of sound that came late, by slot; what stands in `transcripts` stays.
        from_ms: of the span.
        until_ms: of the span, exclusive.
    """
    words = [word for _, one in sorted(transcripts.items()) for word in one.words]
    if late:
        words += [word for _, one in sorted(late.items()) for word in one.words]
        words.sort(key=_start_ms)
    said = [word for word in words if from_ms <= (word.start_ms + word.end_ms) // 2 < until_ms]
    return " ".join(word.text.strip() for word in said)


def _start_ms(word: Word) -> int:
    return word.start_ms


def covering(summaries: Mapping[int, Summary], stop_ms: int) -> Summary | None:
    """Return the first summary whose window covers a clip's end.

    Args:
        summaries: by slot.
        stop_ms: the end of the clip.
    """
    for _, summary in sorted(summaries.items()):
        if summary.end_ms >= stop_ms or summary.last:
            return summary
    return None
