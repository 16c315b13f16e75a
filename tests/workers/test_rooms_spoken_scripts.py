"""Shows whose every word is known: what is said in them, and that a stopped run goes on."""

import re
import wave
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from models.errors import InputError
from tests.workers.test_rooms_pairs import VOICES
from workers.rooms.phrases import load_book
from workers.rooms.products import load
from workers.rooms.spoken_scripts import (
    LIST,
    ScriptsOptions,
    ScriptSpeaker,
    read_scripts,
    speak_scripts,
)

OPTIONS = ScriptsOptions(show_min=0.2)
CATALOGUE = load()


def speaker(options: ScriptsOptions = OPTIONS) -> ScriptSpeaker:
    return ScriptSpeaker(VOICES, CATALOGUE, options)


def test_a_show_sells_what_is_in_its_cart_and_talks_of_nothing_else() -> None:
    for number in range(5):
        segments, cart = speaker(ScriptsOptions()).segments(number)
        sold = [one.product_id for one in segments if one.product_id]
        assert sold
        assert {*sold} <= {item.product_id for item in cart}
        assert len(cart) == len({item.product_id for item in cart}) == 20
        assert any(one.product_id is None for one in segments)


def test_shows_are_the_same_every_time_and_differ_by_number_and_seed() -> None:
    first = speaker().segments(0)
    assert first == speaker().segments(0)
    assert first != speaker().segments(1)
    assert first != speaker(replace(OPTIONS, seed=2)).segments(0)


def test_held_out_shows_are_said_in_held_out_sentences() -> None:
    trained = {text for pool in ("chatter", "opening") for text in load_book("train")[pool]}
    segments, _ = speaker().segments(0)
    assert not trained & {line.text for one in segments for line in one.lines}


def test_a_show_lists_every_sentence_with_its_time_and_the_cart_with_its_brands(
    tmp_path: Path,
) -> None:
    show = next(iter(speak_scripts(speaker(), tmp_path, 0.01)))
    assert read_scripts(tmp_path) == [show]
    segments, cart = speaker().segments(0)
    lines = [line.text for one in segments for line in one.lines]
    assert [one.text for one in show.sentences] == lines
    assert show.text == " ".join(lines)
    edges = [edge for one in show.sentences for edge in (one.start_ms, one.end_ms)]
    assert edges == sorted(edges)
    assert edges[-1] <= show.length_ms
    assert show.titles == tuple(item.title for item in cart)
    assert {*show.brands} == {item.brand for item in cart}
    assert show.voice == "other hum", "the voice for training does not speak here"
    with wave.open(str(tmp_path / show.file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        assert sound.getnframes() // 16 == show.length_ms


def test_a_stopped_run_goes_on_and_there_are_minutes_enough(tmp_path: Path) -> None:
    (first,) = islice(speak_scripts(speaker(), tmp_path, 1.0), 1)
    before = (tmp_path / first.file).stat().st_mtime_ns
    with (tmp_path / LIST).open("a") as torn:
        torn.write('{"file": "half a li')
    shows = list(speak_scripts(speaker(), tmp_path, 0.3))
    assert shows[0] == first
    assert (tmp_path / first.file).stat().st_mtime_ns == before
    assert read_scripts(tmp_path) == shows
    lengths = [one.length_ms for one in shows]
    assert sum(lengths) >= 0.3 * 60_000 > sum(lengths[:-1])


def test_a_folder_of_other_shows_is_refused(tmp_path: Path) -> None:
    next(iter(speak_scripts(speaker(), tmp_path, 0.01)))
    other = speaker(replace(OPTIONS, seed=2))
    with pytest.raises(InputError, match=re.escape(f"{tmp_path} holds shows of other options")):
        next(iter(speak_scripts(other, tmp_path, 0.01)))


@pytest.mark.parametrize(
    ("list_of", "complaint"),
    [(None, "is no JSON Lines"), ("", "lists no show"), ('{"file": 3}\n', "no list of spoken")],
)
def test_a_folder_without_a_list_of_shows_is_refused(
    tmp_path: Path, list_of: str | None, complaint: str
) -> None:
    if list_of is not None:
        (tmp_path / LIST).write_text(list_of)
    with pytest.raises(InputError, match=complaint):
        read_scripts(tmp_path)


def test_a_use_without_a_voice_is_refused() -> None:
    with pytest.raises(InputError, match="no voice has use = 'held-out'"):
        ScriptSpeaker(VOICES[:1], CATALOGUE, OPTIONS)
