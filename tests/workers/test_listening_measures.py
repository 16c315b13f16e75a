"""Each part of the bench, on orders and scripts of a second a word, with ears that are told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.workers.bench_doubles import made_bench, write_orders, write_scripts
from tests.workers.scripted_ears import Parrot, SpeaksEverySecond, ToldEars
from workers.listening.bench import Bench, Material, Skipped
from workers.listening.measure_hotwords import measure_hotwords
from workers.listening.measure_live import measure_live, rooms_of
from workers.listening.measure_nonspeech import measure_nonspeech
from workers.listening.measure_slots import measure_slots
from workers.listening.measure_speed import measure_speed, paces
from workers.listening.measure_words import measure_words
from workers.listening.room_player import PlayedRoom
from workers.rooms.products import load
from workers.utterances import Utterance, UtteranceOptions

SAID = "we have the velmora here for you"
SLOTS = [
    {"coffeeDrink": "latte", "size": "small"}, {"coffeeDrink": "mocha", "size": "large"},
    {"coffeeDrink": "latte", "roast": "dark roast"},
]  # fmt: skip
NOTHING = Material()


def sound_of(value: int) -> Any:
    return np.full(16_000, value, dtype=np.int16)


def says(text: str) -> SpeaksEverySecond:
    words = text.split()
    return SpeaksEverySecond(says=lambda _, at: words[at] if at < len(words) else "")


@pytest.fixture
def material(tmp_path: Path) -> Material:
    orders = write_orders(tmp_path / "orders", *SLOTS)
    return Material(orders, write_scripts(tmp_path / "scripts", SAID, SAID, SAID))


def measured(tmp_path: Path, ears: ToldEars, material: Material, part: Any) -> Any:
    with made_bench(tmp_path, ears, material) as bench:
        return part(bench)


@pytest.mark.parametrize("part", [measure_words, measure_slots, measure_speed])
def test_a_part_without_material_says_what_it_lacks(tmp_path: Path, part: Any) -> None:
    found = measured(tmp_path, ToldEars(), NOTHING, part)
    assert isinstance(found, Skipped)
    assert "given" in found.reason


def test_word_errors_are_those_of_ours_and_of_the_peer(tmp_path: Path, material: Material) -> None:
    ears = ToldEars(says(SAID.replace("for", "four")), peer=Parrot(SAID.replace("we have", "have")))
    found = measured(tmp_path, ears, material, measure_words)
    # `for` and `four` are one mistake of seven; `four` is a number to the rules, and still another.
    assert (found["words"], found["ours"]) == (21, pytest.approx(1 / 7))
    assert found["alone"] == pytest.approx(1 / 7)
    assert found["ours_less_alone"]["mean"] == pytest.approx(0)
    assert found["by_voice"].keys() == {"voice 0", "voice 1"}
    assert found["minutes"] == pytest.approx(21 / 60)


def test_slots_are_counted_by_sound_and_hotwords(tmp_path: Path, material: Material) -> None:
    def hears(one: Utterance, second: int) -> str:
        return ["small latte", "please", one.hotwords and "dark roast"][second]

    ears = ToldEars(SpeaksEverySecond(says=hears), peer=Parrot("small latte"))
    found = measured(tmp_path, ears, replace(material, limit=2), measure_slots)
    assert found["menu"] == ["dark roast", "latte", "mocha"], "of all orders, whatever the limit"
    assert {*found} - {"menu"} == {
        "clean, hotwords", "clean, without", "kitchen 10 dB, hotwords", "kitchen 10 dB, without",
    }  # fmt: skip
    helped = found["clean, hotwords"]["all"]
    assert helped["ours"]["slots_heard"] == helped["ours"]["whole_orders"] == 0.5
    assert helped["ours"]["false_slots"] == pytest.approx(3 / 4), "two roasts and a latte of four"
    assert found["clean, without"]["all"]["ours"]["false_slots"] == 0.5
    # The peer repeats its hotwords.
    assert helped["alone"]["slots_heard"] == pytest.approx(3 / 4)
    assert helped["slots_ours_less_alone"]["mean"] == pytest.approx(-1 / 4)


def test_sounds_without_speech_are_counted_by_kind_and_speech_stays(
    tmp_path: Path, material: Material
) -> None:
    def invents(one: Utterance, second: int) -> str:
        return "Thanks!" if one.stream_id.startswith("hum") and second == 1 else "..."

    ears = ToldEars(says(SAID), SpeaksEverySecond(says=invents), Parrot("..."))
    ears.with_guards.says = lambda one, second: (
        SAID.split()[second] if one.stream_id.endswith("wav") else ""
    )
    found = measured(tmp_path, ears, replace(material, limit=2), measure_nonspeech)
    assert found["hum"] == {
        "sounds": 2, "with_guards": 0, "voice_detector_alone": 1, "without_guards": 1, "alone": 0,
        "invented": [],
    }  # fmt: skip
    assert found["music"]["without_guards"] == 0, "signs are no words"
    assert found["speech"]["with_guards"] == 0
    assert found["speech"]["with_less_without"]["mean"] == pytest.approx(-1.0)


def test_hotwords_stay_in_their_rooms_and_brands_are_found(
    tmp_path: Path, material: Material
) -> None:
    def hears(one: Utterance, second: int) -> str:
        if one.stream_id.endswith("flac"):
            return one.hotwords.split(", ")[0]
        words = SAID.split()
        if not one.stream_id.endswith("wav") or second >= len(words):
            return ""
        return words[second] if one.hotwords or words[second] != "velmora" else "formula"

    def part(bench: Bench) -> dict[str, Any]:
        return measure_hotwords(bench, ", ".join, load()[:2])

    ears = ToldEars(SpeaksEverySecond(says=hears))
    found = measured(tmp_path, ears, replace(material, limit=2), part)
    assert found["mixed"] == {
        "rooms": 2, "same_words_as_one_at_a_time": 1.0, "brands_of_other_carts": 0,
    }  # fmt: skip
    assert all(one["with_a_hotword"] == 0 for one in found["noise"].values())
    brands = found["brands"]
    assert brands["with_hotwords"] == {"said": 2, "recall": 1.0, "false": 0}
    assert brands["without_hotwords"]["recall"] == 0.0
    assert brands["with_less_without"]["mean"] == 1.0
    assert brands["by_voice"].keys() == {"voice 0", "voice 1"}


def test_paces_are_sound_over_the_fastest_turn() -> None:
    found = paces(60.0, {"alone": [6.0, 5.0], "batch 8": [2.5, 2.0]})
    assert found["sound_s_per_s"] == {"alone": 12.0, "batch 8": 30.0}
    assert found["times_alone"] == {"alone": 1.0, "batch 8": 2.5}


def test_speed_is_measured_in_turns_on_the_same_sound(tmp_path: Path, material: Material) -> None:
    ears = ToldEars(SpeaksEverySecond(takes_s=0.5))
    ears.without.clock, ears.without.takes_s = ears.with_guards.clock, 0.25
    said = Parrot.text

    class Slow(Parrot):
        def text(self, samples: Any, hotwords: str = "") -> str:
            ears.with_guards.clock.now_s += 2.0
            return said(self, samples, hotwords)

    ears.peer = Slow()
    found = measured(tmp_path, ears, material, measure_speed)["orders"]
    assert found["sound_s"] == 9.0
    assert found["sound_s_per_s"]["alone"] == pytest.approx(9 / 6)
    assert {len(turns) for turns in found["rounds_s"].values()} == {3}
    guarded, free = (found["rounds_s"][way] for way in ("batch 8", "batch 8, voice detector alone"))
    assert guarded[0] == pytest.approx(2 * free[0])
    assert found["rounds_s"]["batch 1"][0] > guarded[0]


def test_rooms_are_added_until_a_number_is_not_held(tmp_path: Path, material: Material) -> None:
    cuts = UtteranceOptions(min_ms=1_000, max_ms=2_000)
    ears = ToldEars(SpeaksEverySecond(takes_s=0.3))
    with made_bench(tmp_path, ears, material, cuts) as bench:
        found = measure_live(bench, 20)
        calls = len(ears.with_guards.batches)
        assert measure_live(bench, 20) == found
    assert len(ears.with_guards.batches) == calls, "what was measured is kept"
    assert not isinstance(found, Skipped)
    sounds = ("orders", "orders with the menu", "scripts")
    hops = ("hop 1000 ms", "hop 2000 ms")
    assert [name for name in found if name != "length_s"] == [
        f"{sound}, {hop}" for sound in sounds for hop in hops
    ]
    for hop in list(found)[1:]:
        tried = found[hop]["tried"]
        assert [one["rooms"] for one in tried] == list(range(1, len(tried) + 1))
        assert found[hop]["rooms_held"] == sum(one["is_held"] for one in tried[: len(tried)])
        assert len(tried) >= 3
        assert found[hop]["all_tried_held"] or not tried[-1]["is_held"]


def test_rooms_play_sounds_one_after_another_from_different_places() -> None:
    sounds = [PlayedRoom(f"s{at}", sound_of(at), "latte") for at in (1, 2, 3)]
    rooms = rooms_of(sounds, 3, 2)
    assert [int(room.samples[0]) for room in rooms] == [1, 2, 3]
    assert [(room.name, room.hotwords) for room in rooms] == [
        (f"live-{at}", "latte") for at in range(3)
    ]
    assert [int(room.samples[-1]) for room in rooms] == [2, 3, 1]
    assert {len(room.samples) for room in rooms} == {32_000}
