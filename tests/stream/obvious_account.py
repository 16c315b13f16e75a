"""The account of a room that ended, by a slow obvious count."""

from collections.abc import Iterable, Sequence

from workers.events import AudioChunk, Transcript
from workers.media_sums import MediaSums


def obvious_account(events: Sequence[AudioChunk], sent: Iterable[object]) -> MediaSums:
    """The account by a slow obvious count of what came and of what was written."""
    good, arrived, first_fate = set[int](), 0, dict[int, str]()
    sound = dict[int, int]()
    for event in events:
        is_torn = len(event.payload) % 2 == 1
        if event.slot not in good and event.slot >= arrived and not is_torn:
            good.add(event.slot)
            arrived = event.slot + 1
        fate = "refused" if is_torn and event.slot >= arrived else "late"
        first_fate.setdefault(event.slot, fate)
        sound[event.slot] = 1_000 - event.gap_ms
        if event.last:
            break
    dropped: dict[str, int] = {}
    for slot, ms in sound.items():
        if slot not in good and ms:
            dropped[first_fate[slot]] = dropped.get(first_fate[slot], 0) + ms
    written = {event.slot: event.accounting for event in sent if isinstance(event, Transcript)}
    for accounting in written.values():
        for reason, ms in accounting.dropped_by_ms.items():
            dropped[reason] = dropped.get(reason, 0) + ms
    return MediaSums(
        received_ms=sum(sound.values()),
        transcribed_ms=sum(one.transcribed_ms for one in written.values()),
        silent_ms=sum(one.silent_ms for one in written.values()),
        dropped_by_ms=dropped,
    )
