"""Rooms at a simulated real time: when words are committed, and what is too much for a machine."""

from dataclasses import replace

import pytest

from models.errors import InputError
from tests.workers.scripted_ears import WORD_MS, SpeaksEverySecond, talk
from workers.listening.live_rooms import LiveRooms, play_live
from workers.listening.room_player import PlayedRoom
from workers.listening.simulated_machine import LiveOptions
from workers.utterances import UtteranceOptions

WHOLE = UtteranceOptions(min_ms=1_000, max_ms=2_000, hop_ms=0)
OPTIONS = LiveOptions(length_s=8, max_wait_ms=20)


def live(
    model: SpeaksEverySecond, rooms: int = 1, options: LiveOptions = OPTIONS, max_batch: int = 8
) -> LiveRooms:
    played = [PlayedRoom(f"room-{at}", talk(options.length_s)) for at in range(rooms)]
    return play_live(model, WHOLE, played, options, model.clock, max_batch)


def test_on_a_machine_without_limits_words_wait_for_chunks_and_for_company_alone() -> None:
    """Word n ends at n + .6 s; utterances are cut in the pause behind it.

    media s   0         1         2         3
    words     ======....======....======....
    chunks              ^ 0..1    ^ 1..2    ^ 2..3
    cut                           ^ .6..1.x is known when the second chunk is there
    """
    found = live(SpeaksEverySecond())
    assert found.words == 8
    assert found.delays is not None
    assert found.delays_without_work is not None
    least_s = (1_000 - WORD_MS) / 1_000
    assert found.delays_without_work.p50_s >= least_s
    assert found.delays.p50_s == pytest.approx(found.delays_without_work.p50_s + 0.020)
    assert found.delays.p99_s == pytest.approx(found.delays_without_work.p99_s + 0.020)
    assert found.load == 0
    assert found.is_held


def test_work_delays_words_and_is_the_load() -> None:
    free, busy = SpeaksEverySecond(), SpeaksEverySecond(takes_s=0.25)
    without, found = live(free), live(busy)
    assert found.load == pytest.approx(0.25 * len(busy.batches) / 8)
    assert without.delays is not None
    assert found.delays is not None
    assert found.delays.p50_s == pytest.approx(without.delays.p50_s + 0.25)
    assert found.delays_without_work == without.delays_without_work


def test_rooms_send_one_after_the_other_and_company_is_waited_for() -> None:
    """Two rooms: chunks of the one at 1.0, 2.0, ... s, of the other at 1.5, 2.5, ... s."""
    apart, together = SpeaksEverySecond(), SpeaksEverySecond()
    live(apart, rooms=2)
    live(together, rooms=2, options=replace(OPTIONS, max_wait_ms=600))
    assert {len({*batch}) for batch in apart.batches} == {1}
    assert 2 in {len({*batch}) for batch in together.batches}


def test_a_batch_is_no_larger_than_it_may_be() -> None:
    model = SpeaksEverySecond(takes_s=1.5)
    live(model, rooms=4, options=replace(OPTIONS, length_s=6), max_batch=3)
    assert max(map(len, model.batches)) == 3


def test_every_word_of_every_room_is_counted_once() -> None:
    assert live(SpeaksEverySecond(takes_s=0.3), rooms=3).words == 3 * 8


def test_a_machine_that_falls_behind_is_stopped_and_holds_nothing() -> None:
    model = SpeaksEverySecond(takes_s=5.0)
    options = replace(OPTIONS, length_s=60, longest_backlog_ms=10_000)
    found = live(model, options=options, max_batch=1)
    assert found.fell_behind
    assert not found.is_held
    assert found.load > 1
    assert len(model.batches) < 20, "it is not played to its end"


@pytest.mark.parametrize(("takes_s", "is_held"), [(0.9, True), (1.1, False)])
def test_work_that_takes_more_than_a_second_holds_no_room_though_the_machine_keeps_up(
    takes_s: float, is_held: bool
) -> None:
    late = replace(WHOLE, min_ms=8_000, max_ms=8_000)
    model = SpeaksEverySecond(takes_s=takes_s)
    found = play_live(model, late, [PlayedRoom("a", talk(8))], OPTIONS, model.clock)
    assert found.load < 1
    assert found.is_held == is_held


def test_silence_has_no_delays() -> None:
    found = live(SpeaksEverySecond(says=lambda *_: ""))
    assert (found.words, found.delays, found.is_held) == (0, None, False)


def test_no_room_is_refused() -> None:
    with pytest.raises(InputError, match="no room plays"):
        live(SpeaksEverySecond(), rooms=0)
