"""Recorded orders become pairs."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from models.errors import InputError
from tests.workers.test_voice_slots import HearsTheMenu, orders
from workers.asr import Heard
from workers.recorded_orders import OrderHearing
from workers.rooms.order_pairs import write_orders
from workers.rooms.pairs import read_pairs
from workers.utterances import Utterance, UtteranceOptions

SLOTS = ("size", "drink")


class Counts(HearsTheMenu):
    """Knows how often it was asked."""

    asked = 0

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        self.asked += len(utterances)
        return super().transcribe(utterances)


def written(folder: Path, model: HearsTheMenu, slots: Sequence[str] = SLOTS) -> Path:
    out = folder / "pairs.jsonl"
    told = list(write_orders(OrderHearing(model, UtteranceOptions()), folder, out, slots))
    assert told[-1] == (len(told), len(told))
    return out


def test_an_order_names_one_of_the_titles_of_all_orders(tmp_path: Path) -> None:
    folder = orders(
        tmp_path,
        {"drink": "tea", "size": "small"},
        {"size": "medium", "drink": "flat white"},
        {"drink": "milk"},
    )
    small, medium = read_pairs(written(folder, HearsTheMenu()))
    assert (small.title, medium.title) == ("Small Tea", "Medium Flat White")
    assert small.titles == medium.titles == ("Medium Flat White", "Small Tea")
    assert small.transcript == "Medium"
    assert small.told_apart
    assert small.window_ms == pytest.approx(1_500, abs=100)


def test_orders_that_were_heard_are_not_heard_again(tmp_path: Path) -> None:
    folder = orders(tmp_path, *[{"size": "small", "drink": "tea"}] * 2)
    model = Counts()
    pairs = read_pairs(written(folder, model))
    assert model.asked == 2
    lines = (folder / "pairs.jsonl").read_text().splitlines()
    (folder / "pairs.jsonl").write_text(lines[0] + "\n" + lines[1][:30])
    assert read_pairs(written(folder, model)) == pairs
    assert model.asked == 3


def test_slots_that_no_order_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="all of the slots size, colour"):
        written(orders(tmp_path, {"size": "small"}), HearsTheMenu(), ("size", "colour"))
