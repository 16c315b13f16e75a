"""Titles are said by the voices and phrases of one use, and the same again for the same turn."""

import json
import sys
from pathlib import Path

import pytest

from models.errors import InputError
from models.manifest import load_manifest
from tests.workers.test_rooms_pairs import HUM, VOICES, Parrot
from workers.asr import Transcriber
from workers.rooms.spoken_titles import TitleOptions, TitleSpeaker, write_heard
from workers.rooms.voices import VoiceSpec

TITLE = "Marnaro Dark Roast Beans, 500 g"


class Teller:
    """Hears the turn, and nothing at all of one product; counts how often it is asked."""

    asked = 0

    def heard(self, product_id: str, title: str, turn: int) -> str:
        self.asked += 1
        return f"{title} {turn}" if product_id != "silent" else ""


def noting(log: Path) -> VoiceSpec:
    """A voice that hums and notes what it was given to say."""
    note = f"open({str(log)!r}, 'a').write(text + chr(10))"
    return VoiceSpec("noting", (sys.executable, "-c", f"{HUM}{note}\n", "{wav}"), "held-out")


def test_a_host_names_the_product_twice_without_its_size(tmp_path: Path) -> None:
    log = tmp_path / "said.txt"
    options = TitleOptions(use="held-out")
    speaker = TitleSpeaker((*VOICES[:1], noting(log)), Transcriber(Parrot()), options)
    assert set(speaker.heard("beans", TITLE, 0).split()) == {"oat"}
    said = log.read_text()
    assert said.count("Marnaro Dark Roast Beans") == 2
    assert "500" not in said


def test_a_turn_is_the_same_every_time_and_another_is_not() -> None:
    speaker = TitleSpeaker(VOICES, Transcriber(Parrot()), TitleOptions())
    first = speaker.heard("beans", TITLE, 0)
    assert first == speaker.heard("beans", TITLE, 0)
    assert len({speaker.heard("beans", TITLE, turn) for turn in range(4)}) > 1


def test_a_use_without_a_voice_is_refused() -> None:
    with pytest.raises(InputError, match="use = 'held-out'"):
        TitleSpeaker(VOICES[:1], Transcriber(Parrot()), TitleOptions(use="held-out"))


def test_a_stopped_run_goes_on_and_its_file_is_texts_of_a_manifest(tmp_path: Path) -> None:
    titles, out, teller = [("a", "A"), ("silent", "S"), ("b", "B")], tmp_path / "out", Teller()
    for done in write_heard(teller, titles, out, "test", 2):
        if done == 4:
            break
    assert list(write_heard(teller, titles, out, "test", 2))[-1] == 6
    assert teller.asked == 4 + 3, "what is there already is not said again"
    pages = [{"product_id": name, "domain": "page", "title": title} for name, title in titles]
    rows = [{"split": "train", "frames": [], **page} for page in pages]
    listed = tmp_path / "manifest.jsonl"
    listed.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = load_manifest(listed, [out])
    assert sorted((one.product_id, one.text) for one in found.texts) == [
        ("a", "A 0"), ("a", "A 1"), ("b", "B 0"), ("b", "B 1"),
    ]  # fmt: skip
    assert {one.split for one in found.texts} == {"test"}


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("no\n")
    with pytest.raises(InputError, match="no file of said titles"):
        next(write_heard(Teller(), [("a", "A")], out, "test", 1))
    assert out.read_text() == "no\n"
