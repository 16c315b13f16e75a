"""Rooms played at once: every word once, in its own room, in batches that mix them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError, InputError
from tests.workers.scripted_ears import SpeaksEverySecond, talk
from workers.asr import Heard
from workers.listening.room_player import HeardRoom, PlayedRoom, PlayOptions, RoomPlayer
from workers.utterances import Utterance, UtteranceOptions

CUTS = UtteranceOptions(min_ms=2_000, max_ms=4_000)


def played(
    model: SpeaksEverySecond, rooms: list[PlayedRoom], options: PlayOptions | None = None
) -> dict[str, HeardRoom]:
    return {one.name: one for one in RoomPlayer(model, CUTS, options).play(rooms)}


def rooms_of(*seconds: int) -> list[PlayedRoom]:
    return [PlayedRoom(f"room-{at}", talk(length, at)) for at, length in enumerate(seconds)]


@given(
    seconds=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    at_once=st.integers(1, 4),
    batch=st.integers(1, 4),
)
def test_every_word_is_heard_once_and_in_order_however_rooms_are_mixed(
    seconds: list[int], at_once: int, batch: int
) -> None:
    model = SpeaksEverySecond(says=lambda one, second: f"{one.stream_id}:{second}")
    found = played(model, rooms_of(*seconds), PlayOptions(at_once, batch))
    for at, length in enumerate(seconds):
        assert found[f"room-{at}"].text.split() == [f"room-{at}:{s}" for s in range(length)]
    assert max(map(len, model.batches)) <= batch


def test_batches_mix_rooms_and_no_more_play_than_are_let_in() -> None:
    model = SpeaksEverySecond()
    played(model, rooms_of(6, 6, 6, 6), PlayOptions(at_once=2, batch=2))
    assert any(len({*batch}) == 2 for batch in model.batches)
    first = {name for batch in model.batches[:2] for name in batch}
    assert first == {"room-0", "room-1"}


def test_a_room_expects_its_own_hotwords() -> None:
    model = SpeaksEverySecond(says=lambda one, _: one.hotwords)
    rooms = [PlayedRoom("a", talk(3), "latte"), PlayedRoom("b", talk(3), "mocha")]
    found = played(model, rooms)
    assert {*found["a"].text.split()} == {"latte"}
    assert {*found["b"].text.split()} == {"mocha"}


def test_received_sound_is_transcribed_silent_or_dropped() -> None:
    (heard,) = played(SpeaksEverySecond(), rooms_of(6)).values()
    assert heard.transcribed_ms + heard.silent_ms + heard.dropped_ms == 6_000
    assert heard.transcribed_ms > 0


def test_speech_in_slots_without_a_word_is_counted() -> None:
    class StopsEarly(SpeaksEverySecond):
        def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
            heard = super().transcribe(utterances)
            return [replace(one, words=one.words[:1]) for one in heard]

    cuts = UtteranceOptions(min_ms=9_000, max_ms=9_000, hop_ms=0)
    (heard,) = RoomPlayer(StopsEarly(), cuts).play(rooms_of(6))
    assert heard.text == "word0"
    assert heard.wordless_ms == heard.transcribed_ms * 5 / 6


def test_verdicts_are_counted() -> None:
    (heard,) = played(SpeaksEverySecond(says=lambda *_: ""), rooms_of(4)).values()
    assert heard.verdicts == {"silence": 4}
    assert heard.text == ""


def test_a_sound_that_is_refused_names_its_room() -> None:
    class Refuses(SpeaksEverySecond):
        def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
            message = f"{len(utterances)} too strange"
            raise BadEventError(message)

    with pytest.raises(InputError, match="room-0 cannot be heard: 1 too strange"):
        played(Refuses(), rooms_of(3))


def test_fingerprints_tell_sound_hotwords_and_language_apart() -> None:
    rooms = [
        PlayedRoom("a", talk(2)), PlayedRoom("a", talk(2, seed=1)), PlayedRoom("a", talk(2), "tea"),
        PlayedRoom("a", talk(2), language="de"),
    ]  # fmt: skip
    assert len({room.fingerprint for room in rooms}) == 4
    assert PlayedRoom("b", talk(2)).fingerprint == rooms[0].fingerprint
    assert rooms[0].length_s == 2.0
