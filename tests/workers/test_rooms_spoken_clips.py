"""Clips are spoken about by voices and phrases of their split, and the same again the next time."""

import random
import wave
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import InputError
from models.manifest import Row, Split
from tests.workers.test_rooms_pairs import VOICES
from workers.rooms.phrases import Line, load_book, seconds_of
from workers.rooms.spoken_clips import (
    ClipSpeaker,
    ClipSpeechOptions,
    chosen,
    speak_rows,
    titles_of,
)
from workers.rooms.voices import Use

PAGES = [
    Row("oats", "page", ("x.jpg",), "train", "Velmora Oat Milk, 1 l"),
    Row("kiwi", "page", ("x.jpg",), "train", "Kiwi"),
    Row("pen", "page", ("x.jpg",), "train"),
]
CLIP = Row("oats", "live", ("a.jpg",), "test")
OPTIONS = ClipSpeechOptions(length_s=(1.0, 2.0))


def speaker(seed: int = 1) -> ClipSpeaker:
    return ClipSpeaker(VOICES, titles_of(PAGES), replace(OPTIONS, seed=seed))


def script(row: Row, turn: int = 0) -> list[Line]:
    made = ClipSpeaker(VOICES, titles_of(PAGES), ClipSpeechOptions())
    return made.lines(row, random.Random(turn))  # noqa: S311


def said(row: Row, turn: int = 0) -> list[str]:
    return [line.text for line in script(row, turn)]


def test_the_first_sentence_names_the_product_without_its_size() -> None:
    for turn in range(20):
        first, *others = said(CLIP, turn)
        assert "Velmora Oat Milk" in first
        assert not any("1 l" in text for text in (first, *others))


def test_a_clip_without_product_is_talk_that_names_none() -> None:
    talk = " ".join(said(replace(CLIP, product_id=None)))
    assert talk
    assert "Oat" not in talk
    assert "Kiwi" not in talk


def openings(use: Use) -> set[str]:
    book = [text for text in load_book(use)["first"] if "brand" not in text]
    return {text.format(full="Velmora Oat Milk").casefold() for text in book}


def test_phrases_of_tests_are_never_those_of_training() -> None:
    trained, tested = openings("train"), openings("held-out")
    splits: tuple[tuple[Split, set[str], set[str]], ...] = (
        ("train", trained, tested), ("val", trained, tested), ("test", tested, trained),
    )  # fmt: skip
    for split, own, foreign in splits:
        texts = {said(replace(CLIP, split=split), turn)[0].casefold() for turn in range(30)}
        assert len(texts & own) > 5, "but for the fillers all are"
        assert not texts & foreign


def test_a_script_is_about_as_long_as_asked() -> None:
    lengths = [seconds_of(script(CLIP, turn)) for turn in range(50)]
    assert min(lengths) >= 8.0
    assert max(lengths) < 17.0


def test_a_sound_is_the_same_every_time_and_its_name_tells_what_it_is(tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("a.wav", "b.wav", "c.wav"))
    speaker().speak(CLIP, first)
    speaker().speak(CLIP, again)
    speaker(seed=2).speak(CLIP, other)
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()
    with wave.open(str(first)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        assert sound.getnframes() > 8_000
    names = {
        made.file_of(row)
        for made in (speaker(), speaker(seed=2))
        for row in (CLIP, replace(CLIP, frames=("b.jpg",)), replace(CLIP, split="train"))
    }
    assert len(names) == 6
    assert speaker().file_of(replace(CLIP, category="told nowhere")) in names


def test_so_many_of_a_split_are_drawn_by_the_seed() -> None:
    rows = [
        *PAGES, *(replace(CLIP, frames=(f"{at}.jpg",), split="train") for at in range(30)),
        CLIP, replace(CLIP, product_id="pen"), replace(CLIP, product_id=None),
    ]  # fmt: skip
    first = chosen(rows, speaker(), {"train": 5})
    assert first == chosen(rows, speaker(), {"train": 5})
    assert len(first & set(range(3, 33))) == 5
    assert first - set(range(3, 33)) == {33, 35}, "nothing can be said of what has no title"
    assert first != chosen(rows, speaker(seed=2), {"train": 5})
    assert first < chosen(rows, speaker(), {"train": 6})


def test_a_stopped_run_goes_on_and_rows_name_their_sounds(tmp_path: Path) -> None:
    rows = [*PAGES, CLIP, replace(CLIP, split="train")]
    base, folder = tmp_path / "data", tmp_path / "spoken"
    base.mkdir()
    first = next(speak_rows(rows, base, speaker(), folder, [3, 4]))
    (made,) = (folder / "sounds").iterdir()
    before = made.stat().st_mtime_ns
    whole = list(speak_rows(rows, base, speaker(), folder, [3, 4]))
    assert whole[0] == first
    assert made.stat().st_mtime_ns == before
    for row in whole:
        with wave.open(str(base / str(row.media))) as sound:
            assert (row.start_ms, row.end_ms) == (0, sound.getnframes() // 16)
    assert len({row.media for row in whole}) == 2


def test_voices_of_both_uses_are_needed() -> None:
    with pytest.raises(InputError, match="no voice has use = 'held-out'"):
        ClipSpeaker(VOICES[:1], {}, OPTIONS)
