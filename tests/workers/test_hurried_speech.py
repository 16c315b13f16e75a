"""Speech that falls behind between two passes over it: nothing is written twice or lost unsaid."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import BadEventError
from tests.workers.made_sound import chunks, feed, machine, speech
from workers.asr import Heard, Transcriber
from workers.events import LoadRung, Transcript, Word
from workers.hurried import Hurried
from workers.ladder import RUNGS
from workers.utterances import Utterance

SECONDS = 24
EVENTS = chunks(speech([(0, 11_000), (11_800, 23_000)], SECONDS))
GROWING = feed(machine(hop_ms=1_000), EVENTS)
"""    sound     |######11 s######|-.8-|######11.2 s#######|-1-|
       heard      ^1 ^2 ^3 ... and each utterance when it is cut"""


class Talker:
    """Hears a word of 300 ms in every half second, in every pass the same."""

    name = "talker"

    def __init__(self) -> None:
        self.heard: list[Utterance] = []

    def describe(self) -> str:
        return self.name

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        self.heard += utterances
        return [Heard(words_in(one), ((one.start_ms, one.end_ms),)) for one in utterances]


def words_in(job: Utterance) -> tuple[Word, ...]:
    return tuple(
        Word(text=f"w{at_ms}", start_ms=at_ms, end_ms=at_ms + 300, probability=0.9)
        for at_ms in range(0, 1_000 * SECONDS, 500)
        if job.start_ms <= at_ms and at_ms + 300 <= job.end_ms
    )


def worked(rungs: Sequence[LoadRung], most: int = 3) -> tuple[list[Transcript], Talker]:
    """Return what is written of the room when each job finds its rung in force at its turn."""
    lowered = {id(job): replace(job, rung=rung) for job, rung in zip(GROWING, rungs, strict=True)}
    talker = Talker()
    worker = Hurried(Transcriber(talker), lambda job: lowered[id(job)])
    written: list[Transcript] = []
    for start in range(0, len(GROWING), most):
        for outcome in worker.process(GROWING[start : start + most]):
            assert not isinstance(outcome, BadEventError)
            written += [event for event in outcome if isinstance(event, Transcript)]
    return written, talker


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(RUNGS), min_size=len(GROWING), max_size=len(GROWING)),
    st.integers(1, 5),
)
def test_every_slot_is_written_once_whatever_the_load_does(
    rungs: list[LoadRung], most: int
) -> None:
    written, _ = worked(rungs, most)
    assert [one.slot for one in written] == list(range(SECONDS))
    assert [one.last for one in written] == [False] * (SECONDS - 1) + [True]
    said = [word.text for one in written for word in one.words]
    assert len(said) == len(set(said))
    for one in written:
        account = one.accounting
        assert account.received_ms == 1_000
        parts = account.transcribed_ms + account.silent_ms + account.dropped_ms
        assert parts == account.received_ms
        assert sum(account.dropped_by_ms.values()) == account.dropped_ms


def test_from_the_larger_hop_on_only_whole_utterances_are_heard() -> None:
    written, talker = worked(["larger_hop"] * len(GROWING))
    assert not any(one.is_growing for one in talker.heard)
    assert {one.load_rung for one in written} == {"larger_hop"}
    full, _ = worked(["full"] * len(GROWING))
    assert [one.words for one in written] == [one.words for one in full]


def test_vision_only_hears_nothing_and_says_so() -> None:
    written, talker = worked(["vision_only"] * len(GROWING))
    assert talker.heard == []
    assert {one.verdicts for one in written} == {("overload",)}
    assert not any(one.words for one in written)
