"""Pairs from spoken shows, with a voice that hums and a double that hears the script."""

import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from models.errors import InputError
from workers.asr import Heard, Transcriber
from workers.events import Word
from workers.rooms.inventions import is_held_out
from workers.rooms.pair_examples import (
    ExampleOptions,
    asked,
    brand_in,
    examples_of,
    window_of,
    with_fresh_brand,
)
from workers.rooms.pair_scripts import ShowOptions, stock_of, write_show
from workers.rooms.pairs import Pair, PairMaker, PairOptions, read_pairs, write_pairs
from workers.rooms.products import held_out, load
from workers.rooms.voices import Use, VoiceSpec
from workers.summarizers.trained_prompt import NONE
from workers.utterances import Utterance

HUM = (
    "import math, struct, sys, wave\n"
    "text = sys.stdin.read()\n"
    "with wave.open(sys.argv[1], 'wb') as out:\n"
    "    out.setnchannels(1), out.setsampwidth(2), out.setframerate(8000)\n"
    "    count = 400 * len(text.split())\n"
    "    tone = (int(9000 * math.sin(at / 5)) for at in range(count))\n"
    "    out.writeframes(struct.pack('<%dh' % count, *tone))\n"
)
VOICES = (
    VoiceSpec("hum", (sys.executable, "-c", HUM, "{wav}"), "train"),
    VoiceSpec("other hum", (sys.executable, "-c", HUM, "{wav}"), "held-out"),
)
OPTIONS = PairOptions(window_ms=(2_000, 4_000), hop_ms=(800, 1_200))


class Parrot:
    """Hears one word every half second of each utterance."""

    name = "parrot"

    def describe(self) -> str:
        return self.name

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        return [
            Heard(
                words=tuple(
                    Word(text="oat", start_ms=at, end_ms=min(at + 400, one.end_ms), probability=1)
                    for at in range(one.start_ms, one.end_ms, 500)
                )
            )
            for one in utterances
        ]


@pytest.fixture(scope="module")
def maker() -> PairMaker:
    return PairMaker(load(), VOICES, Transcriber(Parrot()), "train", OPTIONS)


def test_a_show_makes_the_same_pairs_every_time(maker: PairMaker) -> None:
    first = maker.show(3)
    assert first == maker.show(3)
    assert first != maker.show(4)
    assert len({pair.id for pair in first}) == len(first) > 3
    assert {pair.split for pair in first} == {"train"}
    assert {pair.voice for pair in first} == {"hum"}
    assert all(len(pair.titles) == 20 for pair in first)


def test_a_stopped_run_goes_on_to_the_same_file(maker: PairMaker, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"
    counts = list(write_pairs(maker, whole, 30))
    assert counts == sorted(counts)
    assert counts[-1] >= 30
    list(islice(write_pairs(maker, broken, 30), 2))
    assert len(read_pairs(broken)) == counts[1] < 30
    list(write_pairs(maker, broken, 30))
    assert broken.read_bytes() == whole.read_bytes()


def test_two_processes_make_different_shows(maker: PairMaker, tmp_path: Path) -> None:
    for name, first in (("one", 0), ("two", 100)):
        list(islice(write_pairs(maker, tmp_path / name, 1, first), 2))
    one, two = ({pair.id for pair in read_pairs(tmp_path / name)} for name in ("one", "two"))
    assert not one & two


def test_a_split_without_a_voice_is_refused() -> None:
    with pytest.raises(InputError, match="use = 'held-out'"):
        PairMaker(load(), VOICES[:1], Transcriber(Parrot()), "held-out", OPTIONS)


@pytest.mark.parametrize("text", ["{}\n", "[1]\n", "nothing\n"])
def test_a_file_of_no_pairs_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match="no file of pairs"):
        read_pairs(path)


def test_what_measures_sells_nothing_that_training_sells() -> None:
    options = ShowOptions(stock_families=8)
    learnt = stock_of(load(), "train", 1, options)
    unseen = stock_of(load(), "held-out", 1, options)
    assert not {item.brand for item in learnt} & {item.brand for item in unseen}
    known = held_out(load())
    assert all(is_held_out(item.brand) or item.product_id in known for item in unseen)
    for seed in range(4):
        draw = random.Random(seed)  # noqa: S311 (not for secrets)
        show = write_show(unseen, "held-out", draw, options)
        assert all(item in unseen for item in show.cart)
        sold = {one.product_id for one in show.segments if one.product_id}
        assert sold <= {item.product_id for item in show.cart}


@pytest.mark.parametrize("use", ["train", "held-out"])
def test_shows_in_turn_sell_every_product_that_their_use_may(use: Use) -> None:
    options = ShowOptions(in_turn=True)
    stock = stock_of(load(), use, 1, options)
    draw = random.Random(1)  # noqa: S311 (not for secrets)
    shows = [write_show(stock, use, draw, options, at) for at in range(-(-len(stock) // 3))]
    sold = {one.product_id for show in shows for one in show.segments if one.product_id}
    known = held_out(load())
    wanted = {item.product_id for item in load()}
    assert sold == (wanted - known if use == "train" else wanted)
    for show in shows:
        cart = {item.product_id for item in show.cart}
        assert {one.product_id for one in show.segments} - {None} <= cart


PAIR = Pair(
    id="train-1-00000-009000",
    transcript="here we have the Otley vanilla oat drink and Otley is good",
    spoken="",
    answer="Otley Vanilla Oat Drink",
    product_id="p",
    title="Oatelia Vanilla Oat Drink, 1 litre",
    titles=("Oatelia Vanilla Oat Drink, 1 litre", "Brindmoor Dark Roast Coffee Beans, 500 g"),
    told_apart=True,
    cart_apart=True,
    voice="hum",
    split="train",
    source="invented",
    window_ms=9_000,
)
SILENT = replace(
    PAIR,
    id="train-1-00000-014000",
    answer=NONE,
    product_id=None,
    title=None,
    told_apart=False,
    cart_apart=False,
)


def test_the_brand_is_what_the_title_does_not_have() -> None:
    assert brand_in(PAIR) == "Otley"
    assert brand_in(SILENT) is None
    assert brand_in(replace(PAIR, answer="Vanilla Oat Drink")) is None


def test_a_fresh_brand_stands_in_transcript_and_answer_alike() -> None:
    draw = random.Random(5)  # noqa: S311 (not for secrets)
    transcript, right = with_fresh_brand(PAIR, draw)
    fresh = right.removesuffix(" Vanilla Oat Drink")
    assert fresh != "Otley"
    assert transcript.count(fresh) == 2
    assert "Otley" not in transcript
    assert with_fresh_brand(SILENT, draw) == (SILENT.transcript, NONE)


def test_a_pair_is_asked_with_titles_or_without() -> None:
    with_titles = asked(PAIR, 0, ExampleOptions(choice_share=1.0))
    assert with_titles[0].startswith("Titles: Oatelia Vanilla Oat Drink, 1 litre | Brindmoor")
    assert with_titles[1] == " Oatelia Vanilla Oat Drink, 1 litre"
    without = asked(PAIR, 0, ExampleOptions(choice_share=0.0, fresh_share=0.0))
    assert without == (f"Transcript: {PAIR.transcript}\nProduct:", " Otley Vanilla Oat Drink")
    assert asked(SILENT, 0, ExampleOptions(choice_share=1.0))[1] == " none"
    unclear = replace(PAIR, cart_apart=False)
    assert asked(unclear, 0, ExampleOptions(choice_share=1.0))[0].startswith("Transcript:")


def test_examples_end_with_the_answer_and_its_end() -> None:
    def letters(text: str) -> list[int]:
        return [ord(letter) for letter in text]

    (made,) = examples_of([PAIR], letters, 0, ExampleOptions(choice_share=0.0, fresh_share=0.0))
    answer = "".join(map(chr, made.tokens[made.answer_at : -1]))
    assert answer == " Otley Vanilla Oat Drink"
    assert made.tokens[-1] == 0


def test_a_window_has_all_words_within_what_is_read() -> None:
    window = window_of(PAIR, cart=True)
    assert window.text == PAIR.transcript
    assert window.latest(10_000).words == window.words
    assert [title for _, title in window.titles] == list(PAIR.titles)
    assert window_of(PAIR, cart=False).titles == ()
