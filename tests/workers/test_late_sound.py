"""Sound that comes when silence has taken its place is heard, and its words reach the clips."""

from collections.abc import Sequence

from tests.workers.made_sound import chunks, feed, machine, speech
from tests.workers.scripted_ears import SpeaksEverySecond, talk
from tests.workers.test_align import frame, summary
from workers.align import Aligner, AlignOptions
from workers.asr import Transcriber
from workers.audio_grid import PER_MS
from workers.clip import Clip
from workers.events import AudioChunk, Transcript, Word
from workers.media_account import MediaAccount
from workers.rolling_text import RollingText, RollingTextOptions
from workers.utterances import Utterance, Utterances

SECONDS = 24


def late_after(slots: Sequence[int], until: int) -> list[AudioChunk]:
    """The room's sound, with some slots only after another one."""
    events = chunks(talk(SECONDS))
    rest = [one for one in events if one.slot not in slots]
    at = next(place for place, one in enumerate(rest) if one.slot > until)
    return [*rest[:at], *(events[slot] for slot in slots), *rest[at:]]


def hearing(correct_ms: int = 10_000) -> Utterances:
    return machine(correct_ms=correct_ms)


def anew(jobs: Sequence[Utterance]) -> list[tuple[int, int, int]]:
    return [(job.start_ms, job.end_ms, job.revision) for job in jobs if job.revision]


def what_sounds(one: Utterance, second: int) -> str:
    start = max(0, second * 1_000 - one.start_ms) * PER_MS
    return f"word{second}" if one.samples[start : start + 500 * PER_MS].any() else ""


def heard(events: Sequence[AudioChunk]) -> list[Transcript]:
    worker = Transcriber(SpeaksEverySecond(what_sounds))
    said: list[Transcript] = []
    for outcome in worker.process(feed(hearing(), events)):
        assert isinstance(outcome, list)
        said += [one for one in outcome if isinstance(one, Transcript)]
    return said


def test_late_slots_that_follow_one_another_are_heard_together() -> None:
    jobs = feed(hearing(), late_after([5, 6], until=12))
    assert anew(jobs) == [(5_000, 6_000, 1), (5_000, 7_000, 2)]
    whole = chunks(talk(SECONDS))
    late = [job for job in jobs if job.revision][-1]
    assert late.samples.tobytes() == whole[5].payload + whole[6].payload


def test_late_slot_comes_once_and_not_after_the_span_for_corrections() -> None:
    assert anew(feed(hearing(), late_after([5, 5], until=12))) == [(5_000, 6_000, 1)]
    assert anew(feed(hearing(), late_after([5], until=17))) == []
    assert anew(feed(hearing(correct_ms=0), late_after([5], until=12))) == []


def test_late_slot_changes_nothing_of_what_is_cut_and_is_known_after_a_restart() -> None:
    events = late_after([5], until=12)
    without = [one for one in events if one.slot != 5]
    jobs = feed(hearing(), events)
    assert [job for job in jobs if not job.revision] != []
    assert [(j.start_ms, j.end_ms) for j in jobs if not j.revision] == [
        (j.start_ms, j.end_ms) for j in feed(hearing(), without)
    ]
    first = hearing()
    feed(first, events[:12])
    second = machine(first.snapshot(), correct_ms=10_000)
    rest = [one for one in events if one.end_ms > first.needed_from_ms or one.slot == 5]
    assert anew(feed(second, rest)) == [(5_000, 6_000, 1)]
    third = machine(second.snapshot(), correct_ms=10_000)
    assert anew(feed(third, [events[12]])) == []


def clips(said: Sequence[Transcript]) -> list[Clip]:
    """What comes of words beside pictures and windows that are about nothing."""
    aligner = Aligner("room", ("video", "audio"), AlignOptions(words_before_ms=0, early=False))
    pictures = [frame(slot, last=slot == 2 * SECONDS - 1) for slot in range(2 * SECONDS)]
    windows = [summary(slot, last=slot == 4) for slot in range(5)]
    return [clip for event in (*pictures, *windows, *said) for clip in aligner.push(event)]


def test_words_of_late_sound_reach_the_clips_that_were_made_without_them() -> None:
    # clips that meet 5 s to 7 s:    |-- 0 --|         0 to 5 s does not
    #                                    |-- 1 --|     2.5 to 7.5 s
    #                                        |-- 2 --| 5 to 10 s
    said = heard(late_after([5, 6], until=14))
    late = [(one.slot, one.revision, one.text) for one in said if one.revision]
    assert late == [(5, 1, "word5"), (5, 2, "word5"), (6, 2, "word6")]
    made = [(one.slot, one.revision, one.text.transcript) for one in clips(said)]
    assert made[1:3] == [(1, 0, "word3 word4 word7"), (2, 0, "word7 word8 word9")]
    assert [one for one in made if one[1]] == [
        (1, 1, "word3 word4 word5 word7"),
        (2, 1, "word5 word7 word8 word9"),
        (1, 2, "word3 word4 word5 word6 word7"),
        (2, 2, "word5 word6 word7 word8 word9"),
    ]


def test_late_words_make_no_window_of_speech_and_hide_none() -> None:
    def windows(said: Sequence[Transcript]) -> list[tuple[int, tuple[Word, ...]]]:
        text = RollingText("room", RollingTextOptions(), lambda *_: ())
        return [(job.slot, job.words) for one in said for job in text.push(one)]

    said = heard(late_after([5], until=12))
    assert windows(said) == windows([one for one in said if not one.revision])


def test_late_sound_stays_late_in_the_account_whatever_is_heard_of_it() -> None:
    account = MediaAccount()
    one = hearing()
    worker = Transcriber(SpeaksEverySecond(what_sounds))
    for chunk in late_after([5], until=12):
        jobs = one.push(chunk)
        account.take(chunk)
        for outcome in worker.process(jobs):
            assert isinstance(outcome, list)
            for event in outcome:
                if isinstance(event, Transcript):
                    account.settle(event)
    account.close()
    sums = account.sums
    assert sums.dropped_by_ms == {"late": 1_000}
    assert sums.received_ms == SECONDS * 1_000
    assert sums.pending_ms == 0


def test_silence_is_no_hole() -> None:
    jobs = feed(hearing(), chunks(speech([], SECONDS)))
    assert anew(jobs) == []
