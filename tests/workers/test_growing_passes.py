"""The worker of growing utterances: what load, failures and languages do to what it remembers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from models.errors import BadEventError, TransientError
from tests.workers.made_sound import machine
from tests.workers.made_speech import Script, said, sound_of
from workers.asr import MOST_OPEN, Heard, Transcriber
from workers.events import StreamEvent, Transcript
from workers.machine import Outcome
from workers.utterances import Utterance

WORDS = said(*[400] * 40, pause_every=99)


def jobs_of(hop_ms: int = 1_000, language: str | None = "en") -> list[Utterance]:
    one = machine(hop_ms=hop_ms)
    jobs = [job for chunk in sound_of(WORDS) for job in one.push(chunk)]
    return [replace(job, language=language) for job in jobs]


def first_of(jobs: Sequence[Utterance]) -> tuple[list[Utterance], Utterance]:
    """Return the jobs of the first utterance while it grows, and the one when it is cut."""
    cut = next(job for job in jobs if not job.is_growing)
    return [job for job in jobs if job.is_growing and job.start_ms == 0], cut


def transcripts(outcomes: Sequence[Outcome] | Sequence[StreamEvent]) -> list[Transcript]:
    flat = [e for one in outcomes for e in (one if isinstance(one, list) else [one])]
    return [event for event in flat if isinstance(event, Transcript)]


def texts(found: Sequence[Transcript]) -> list[str]:
    return [word.text for event in found for word in event.words]


def test_vision_only_drops_what_no_two_passes_agreed_on_and_says_so() -> None:
    #   heard      ^1 s .. ^6 s             the 6th pass agrees with the 5th
    #   load                   |vision only
    #   cut                            ^    the rest is dropped: overload
    growing, cut = first_of(jobs_of())
    model = Script(WORDS)
    worker = Transcriber(model)
    early = transcripts(worker.process(growing[:6]))
    calls = len(model.calls)
    late = transcripts(worker.process([replace(cut, rung="vision_only")]))
    assert len(model.calls) == calls
    assert [event.slot for event in early + late] == [slot.slot for slot in cut.slots]
    assert texts(early + late) == [w.text for w in WORDS[: len(texts(early + late))]]
    assert texts(late), "committed words that stood in no slot"
    assert {event.load_rung for event in late} == {"vision_only"}
    account = late[-1].accounting
    assert account.dropped_by_ms == {"overload": account.dropped_ms}
    assert account.dropped_ms == account.received_ms == 1_000
    assert late[-1].verdicts == ("overload",)


def test_a_pass_that_is_left_out_forgets_nothing() -> None:
    growing, cut = first_of(jobs_of())
    busy = [replace(job, rung="vision_only") for job in growing[6:]]
    outcomes = Transcriber(Script(WORDS)).process([*growing[:6], *busy, cut])
    assert [event.slot for event in transcripts(outcomes)] == [slot.slot for slot in cut.slots]
    assert not any(outcomes[6:-1])


def test_vision_only_from_the_start_hears_nothing_and_counts_all() -> None:
    _, cut = first_of(jobs_of(hop_ms=0))
    model = Script(WORDS)
    found = transcripts(Transcriber(model).process([replace(cut, rung="vision_only")]))
    assert model.calls == []
    assert sum(event.accounting.dropped_ms for event in found) == 1_000 * len(cut.slots)


def test_transcripts_carry_the_rung_of_their_job() -> None:
    _, cut = first_of(jobs_of(hop_ms=0))
    found = transcripts(Transcriber(Script(WORDS)).process([replace(cut, rung="extractive")]))
    assert {event.load_rung for event in found} == {"extractive"}
    assert texts(found)


@dataclass
class Failing(Script):
    """Cannot hear sound that ends at a bad time, or is short of memory once."""

    bad_ms: int = -1
    short: list[int] = field(default_factory=list)

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        if any(one.end_ms == self.bad_ms for one in utterances):
            message = f"{self.bad_ms} is bad"
            raise BadEventError(message)
        if self.short and any(one.end_ms == self.short[0] for one in utterances):
            message = f"short of memory at {self.short.pop()}"
            raise TransientError(message)
        return super().transcribe(utterances)


def test_a_pass_that_fails_costs_nothing() -> None:
    jobs = jobs_of()
    outcomes = Transcriber(Failing(WORDS, bad_ms=3_000)).process(jobs)
    assert not any(isinstance(outcome, BadEventError) for outcome in outcomes)
    assert texts(transcripts(outcomes)) == [word.text for word in WORDS]


def test_a_first_pass_that_fails_forgets_what_an_earlier_life_had_told() -> None:
    #   one life   |1 s .. 6 s|X      its answers may never have gone out
    #   the next   |1 s fails, 2 s .. cut|
    growing, cut = first_of(jobs_of())
    model = Failing(WORDS)
    worker = Transcriber(model)
    worker.process(growing[:6])
    model.bad_ms = growing[0].end_ms
    found = transcripts(worker.process([*growing, cut]))
    assert [event.slot for event in found] == [slot.slot for slot in cut.slots]


def test_a_cut_that_fails_drops_only_what_was_not_written() -> None:
    growing, cut = first_of(jobs_of())
    worker = Transcriber(Failing(WORDS, bad_ms=cut.end_ms))
    *early, failed = worker.process([*growing, cut])
    assert isinstance(failed, BadEventError)
    rest = transcripts(worker.empty(cut, failed))
    written = transcripts(early)
    assert written
    assert [event.slot for event in written + rest] == [slot.slot for slot in cut.slots]
    assert rest[-1].accounting.dropped_by_ms == {"failed": 1_000}
    count = len(texts(written + rest))
    assert texts(written + rest) == [word.text for word in WORDS[:count]]
    assert worker.empty(growing[0], failed) == []


@pytest.mark.parametrize("word_ms", [400, 550, 700, 900])
def test_a_last_pass_that_hears_less_drops_nothing_that_was_told(word_ms: int) -> None:
    #   committed  w0 .. w8 |              in the middle of a slot
    #   last pass  |--------- unheard ---------|
    class StopsAtTheCut(Script):
        def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
            lost = ((0, 99_000, "unheard"),)
            return [
                one if job.is_growing else replace(one, words=(), thrown_away=lost)
                for job, one in zip(utterances, super().transcribe(utterances), strict=True)
            ]

    words = said(*[word_ms] * 30, pause_every=99)
    one = machine(hop_ms=1_000)
    growing, cut = first_of([job for chunk in sound_of(words) for job in one.push(chunk)])
    found = transcripts(Transcriber(StopsAtTheCut(words)).process([*growing, cut]))
    told_ms = max(word.end_ms for event in found for word in event.words)
    for event in found:
        untold_ms = event.end_ms - max(event.start_ms, min(told_ms, event.end_ms))
        assert event.accounting.dropped_ms <= untold_ms
    assert any(event.accounting.dropped_ms for event in found)


def test_a_batch_that_is_tried_again_agrees_with_nothing_twice() -> None:
    jobs = jobs_of(language=None)
    expected = Transcriber(Script(WORDS)).process(jobs)
    worker = Transcriber(Failing(WORDS, short=[5_000]))
    with pytest.raises(TransientError):
        worker.process(jobs)
    assert worker.process(jobs) == expected


@dataclass
class Polyglot(Script):
    """Takes short sound for Welsh where nobody says what is spoken."""

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        heard = super().transcribe(utterances)
        return [
            replace(answer, language=one.language or ("cy" if one.end_ms < 3_500 else "en"))
            for one, answer in zip(utterances, heard, strict=True)
        ]


def asked_for(jobs: Sequence[Utterance], size: int) -> dict[int, str | None]:
    """Return the language that each pass of the first utterance was asked for, by its end."""
    model = Polyglot(WORDS)
    worker = Transcriber(model)
    for start in range(0, len(jobs), size):
        worker.process(jobs[start : start + size])
    asked = [one for call in model.calls for one in call if one.start_ms == 0]
    return {one.end_ms: one.language for one in asked}


@pytest.mark.parametrize("size", [1, 99])
def test_the_first_committed_word_settles_the_language_of_its_utterance(size: int) -> None:
    #   pass        1 s  2 s  3 s  4 s  5 s ...  cut
    #   asked for   -    -    -    cy   cy       cy      at 3 s the first word is committed
    #   found       cy   cy   cy
    languages = list(asked_for(jobs_of(language=None), size).values())
    assert languages[:3] == [None] * 3
    assert set(languages[3:]) == {"cy"}


@pytest.mark.parametrize("size", [1, 99])
def test_passes_in_two_languages_never_agree(size: int) -> None:
    #   pass        2 s  4 s  6 s  8 s
    #   asked for   -    -    -    en
    #   found       cy   en   en
    asked = asked_for(jobs_of(hop_ms=2_000, language=None), size)
    assert [asked[at_ms] for at_ms in (2_000, 4_000, 6_000, 8_000)] == [None, None, None, "en"]


def test_an_utterance_asks_for_its_language_anew() -> None:
    jobs = jobs_of(language=None)
    model = Script(WORDS)
    Transcriber(model).process(jobs)
    asked = {(one.start_ms, one.language) for call in model.calls for one in call}
    assert {language for _, language in asked} == {None}


def test_rooms_that_stay_open_are_forgotten_in_the_end_and_written_again() -> None:
    growing, cut = first_of(jobs_of())
    worker = Transcriber(Script(WORDS))
    early = transcripts(worker.process(growing))
    others = [replace(growing[0], stream_id=f"other{n}") for n in range(MOST_OPEN)]
    worker.process(others)
    again = transcripts(worker.process([cut]))
    assert [event.slot for event in again] == [slot.slot for slot in cut.slots]
    assert {event.event_id for event in early} < {event.event_id for event in again}
