"""The picture of a recorded demo: what it keeps, what it says it left out, and what it loads."""

import json
import re
from pathlib import Path

import pytest

from models.errors import InputError
from stream.still import chosen, picture, shown

DEMO = Path(__file__).parents[2] / "stream" / "demo"
LOG = [
    "LiveShelf demo",
    "\x1b[2m00:01\x1b[0m  said  Hello <you> & all.",
    "\x1b[2m00:05\x1b[0m  tag   \x1b[1;32m started\x1b[0m Oat Drink",
    "00:06  said  More.",
    "00:09  tag     ended Oat Drink",
    "What was sold, and what the tags said",
    "1 of 1 products found",
    "",
    "Where to look further:",
    "  liveshelf doctor",
]


def test_start_and_account_are_kept_and_the_cut_is_told() -> None:
    kept = chosen(LOG, tags=1)
    assert kept[:3] == LOG[:3]
    assert "… 2 lines …" in kept[3]
    assert kept[4:] == LOG[5:8]


def test_what_a_terminal_writes_over_is_not_kept() -> None:
    anew = "\r\r\x1b[2K"
    log = f"start\n00:02  ...   I{anew}00:04  ...   I hope{anew}00:00  said  I hope so.\nend\n"
    assert shown(log) == ["start", "00:00  said  I hope so.", "end", ""]


@pytest.mark.parametrize(("lines", "tags"), [(LOG[:5], 1), (LOG, 3)])
def test_a_log_that_is_not_whole_is_refused(lines: list[str], tags: int) -> None:
    with pytest.raises(InputError, match="closing account"):
        chosen(lines, tags)


def test_picture_shows_the_text_and_loads_nothing() -> None:
    svg = picture(LOG, columns=60, title="demo")
    words = svg.replace("&#160;", " ")
    assert "Hello &lt;you&gt; &amp; all." in words
    assert re.findall(r"(?:url\(|href=|src=)[\"']?http", svg) == []
    assert "@import" not in svg


def test_shipped_picture_shows_the_shipped_room() -> None:
    words = (DEMO / "still.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    sold = json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))["products"]
    assert [item["title"] for item in sold if item["title"] not in words] == []
    assert f"{len(sold)} of {len(sold)} products found once, in order" in words
    assert re.findall(r"/(?:root|home|tmp|work)/", words) == []
