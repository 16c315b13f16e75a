"""A report of the bench as lines of a table and as a picture, through JSON."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from models.errors import InputError
from tests.workers.bench_doubles import made_bench, write_orders, write_scripts
from tests.workers.scripted_ears import SpeaksEverySecond, ToldEars
from workers.listening.bench import Material
from workers.listening.headlines import headlines
from workers.listening.measure_hotwords import measure_hotwords
from workers.listening.measure_live import measure_live
from workers.listening.measure_nonspeech import measure_nonspeech
from workers.listening.measure_slots import measure_slots
from workers.listening.measure_speed import paces
from workers.listening.measure_words import measure_words
from workers.listening.report_picture import draw_report
from workers.rooms.products import load


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A report of all parts, measured with doubles."""
    folder = tmp_path_factory.mktemp("bench")
    orders = write_orders(folder / "orders", {"coffeeDrink": "latte"}, {"coffeeDrink": "mocha"})
    scripts = write_scripts(folder / "scripts", "the velmora is here", "have a velmora now")
    ears = ToldEars(SpeaksEverySecond(takes_s=0.01))
    with made_bench(folder, ears, Material(orders, scripts, limit=2)) as bench:
        parts: dict[str, Any] = {
            "speed": {"orders": paces(60.0, {"alone": [5.0], "batch 8": [2.0]})},
            "wer": measure_words(bench),
            "slots": measure_slots(bench),
            "nonspeech": measure_nonspeech(bench),
            "hotwords": measure_hotwords(bench, ", ".join, load()[:2]),
            "live": measure_live(bench, 10),
        }
    for part in parts.values():
        part["limit"] = 2
    made: dict[str, Any] = json.loads(
        json.dumps({"measured": {"model": "double", "hop_ms": 0, "threads": 1}, "parts": parts})
    )
    return made


def test_every_part_has_its_lines(report: dict[str, Any]) -> None:
    lines = dict(headlines(report["parts"]))
    assert lines["speed, orders, batch 8"] == "30.0 s of sound/s, 2.50 × alone"
    assert lines["word errors, ours"] == "2.0000"
    ordered = "slots / whole orders / false, clean, hotwords, all, ours"
    assert lines[ordered] == "0.000 / 0.000 / 0.000"
    assert lines["text invented on hum: guards / voice / none / alone"] == (
        "1.000 / 1.000 / 1.000 / 0.000"
    )
    assert lines["word errors that guards cost"] == "+0.0000 (+0.0000 to +0.0000)"
    assert lines["mixed carts, brands of other carts"] == "0"
    assert lines["sounds without speech in which a hotword was heard"] == "0 of 10"
    assert lines["names of brands, without hotwords"] == "0.000 of 2, 0 false"
    assert any(line.startswith("rooms held, speech alone, orders, hop 1000 ms") for line in lines)
    assert any("p50 / p90 / p99, speech alone, scripts, hop 2000 ms" in line for line in lines)


def test_what_was_skipped_says_why() -> None:
    assert headlines({"wer": {"skipped": "no scripts"}}) == [("wer", "skipped: no scripts")]


def test_lines_come_in_the_order_of_the_parts(report: dict[str, Any]) -> None:
    backwards = dict(reversed(report["parts"].items()))
    assert headlines(backwards) == headlines(report["parts"])


def test_all_parts_are_drawn_and_the_same_figures_give_the_same_bytes(
    report: dict[str, Any], tmp_path: Path
) -> None:
    drawn = draw_report(report)
    assert drawn is not None
    assert drawn == draw_report(report)
    (tmp_path / "plot.png").write_bytes(drawn)
    with Image.open(io.BytesIO(drawn)) as picture:
        width, height = picture.size
    assert width > 1_000
    assert height > 1_000, "three rows of panels"


@pytest.mark.parametrize("part", ["speed", "wer", "slots", "nonspeech", "hotwords", "live"])
def test_a_part_is_drawn_alone(report: dict[str, Any], part: str) -> None:
    assert draw_report({"parts": {part: report["parts"][part]}})


def test_what_could_not_be_heard_is_drawn_without_it(report: dict[str, Any]) -> None:
    hotwords = {**report["parts"]["hotwords"], "brands": {"skipped": "no scripts"}}
    assert draw_report({"parts": {"hotwords": hotwords}})


def test_nothing_is_drawn_where_nothing_was_measured() -> None:
    assert draw_report({"parts": {"wer": {"skipped": "no scripts"}}}) is None


def test_absent_matplotlib_is_named(
    report: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match=r"pip install 'liveshelf\[bench\]'"):
        draw_report(report)
