"""A manifest's transcripts are summed up as the live path sums rooms up."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from models.manifest import Row
from tests.workers.windows import spoken
from workers.clip_summaries import (
    ClipSummarizer,
    ClipSummaryOptions,
    Spoken,
    SummarizesRows,
    joined,
    spread,
)
from workers.events import Summary
from workers.kept_answers import KeptAnswers
from workers.room_titles import RoomTitles
from workers.row_work import work_through
from workers.summarizers.extractive import Extractive
from workers.summarizers.protocol import Broken, Draft, WindowText


class SaysTheLast:
    """Names the last word of each window's end, `none` for none; notes what it was given."""

    rung: Literal["llm", "server", "extractive"] = "llm"
    model = "double/1"

    def __init__(self) -> None:
        self.given: list[WindowText] = []

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        self.given += windows
        return [self._say(window.words[-1].text) for window in windows]

    def _say(self, word: str) -> Draft | Broken:
        if word == "gibberish":
            return Broken(word, "not one short line")
        if word == "unsaid":
            return Draft("Mendacious Xylophone")
        return Draft(None if word == "none" else word.title())


def summed(writer: SaysTheLast, text: str, length_ms: int | None = None) -> list[Summary]:
    summarizer = ClipSummarizer(writer, ClipSummaryOptions())
    (made,) = summarizer.summaries([Spoken(text, length_ms)])
    return made


def test_a_short_clip_is_one_window_of_all_its_words() -> None:
    writer = SaysTheLast()
    (summary,) = summed(writer, "here is the oatmilk", 4_800)
    (given,) = writer.given
    assert (given.start_ms, given.end_ms, given.text) == (0, 4_800, "here is the oatmilk")
    assert (summary.product_name, summary.fell_back) == ("Oatmilk", False)


def test_of_a_longer_clip_no_word_goes_unread() -> None:
    # words     |aaaaaaaaaa|bbbbbbbbbb|cccccccccc|dddd      one a second, 34 s
    # windows   -----|
    #           ----------|
    #            ... (one every 5 s, of at most 30 s)
    #               ------------------------------|
    #               ----------------------------------|
    words = [f"w{second}" for second in range(34)]
    writer = SaysTheLast()
    summed(writer, " ".join(words), 34_000)
    assert [(one.start_ms, one.end_ms) for one in writer.given] == [
        *((0, end_ms) for end_ms in range(5_000, 30_001, 5_000)), (5_000, 34_000),
    ]  # fmt: skip
    read = [word.text for one in writer.given for word in one.latest(10_000).words]
    assert set(read) == set(words)


def test_words_without_times_are_spread_evenly() -> None:
    known = spread(["so", "this", "oat", "milk"], None)
    assert [(one.text, one.start_ms, one.end_ms) for one in known] == [
        (one.text, one.start_ms, one.end_ms) for one in spoken("so this oat milk")
    ]
    assert [word.end_ms for word in spread(["a", "b", "c"], 1_000)] == [333, 666, 1_000]
    assert spread([], 1_000) == ()


def named(name: str | None, *attributes: str) -> Summary:
    return Summary(
        stream_id="r", slot=0, start_ms=0, end_ms=1, watermark_ms=1,
        product_name=name, attributes=attributes,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("summaries", "text"),
    [
        ([named("Oat Milk", "1 l")], "Oat Milk 1 l"),
        ([named(None), named("Oat Milk"), named("oat milk")], "Oat Milk"),
        ([named("Tea"), named("Oat Milk"), named("Oat Milk")], "Oat Milk; Tea"),
        ([named(None), named(" ")], None),
        ([], None),
    ],
)
def test_windows_are_joined_to_the_text_that_the_encoder_reads(
    summaries: list[Summary], text: str | None
) -> None:
    assert joined(summaries) == text


def row(text: str | None, end_ms: int | None = 5_000, room: str | None = None) -> Row:
    return Row("p", "live", (), "test", transcript=text, start_ms=0, end_ms=end_ms, stream_id=room)


def ran(task: SummarizesRows, rows: list[Row], kept_at: Path) -> list[Row]:
    written: list[Row] = []
    with KeptAnswers(kept_at, task.settings) as kept:
        for _ in work_through(task, lambda: rows, kept, written.extend):
            pass
    return written


def test_rows_get_summaries_and_fall_backs_are_counted(tmp_path: Path) -> None:
    rows = [
        row("a fresh oatmilk"), row(None), replace(row("just none"), summary="of before"),
        row("pure gibberish"), row("something unsaid"), row("a fresh oatmilk", None),
    ]  # fmt: skip
    writer = SaysTheLast()
    summarizer = ClipSummarizer(writer, ClipSummaryOptions(max_batch=2))
    task = SummarizesRows(summarizer, RoomTitles("none"))
    made = ran(task, rows, tmp_path / "kept")
    assert [one.summary for one in made] == ["Oatmilk", None, None, None, None, "Oatmilk"]
    assert [replace(one, summary=None) for one in made] == [
        replace(one, summary=None) for one in rows
    ]
    assert task.told == {"named": 2, "unnamed": 3, "windows": 5, "fell_back": 2}
    assert task.reasons == {"not one short line": 1, "product name was not said": 1}
    again = SummarizesRows(ClipSummarizer(SaysTheLast(), ClipSummaryOptions()), RoomTitles("none"))
    assert ran(again, rows, tmp_path / "kept") == made
    assert again.told == task.told, "counts are of all rows, whichever run worked on them"
    assert not again.reasons


def test_with_a_room_s_titles_the_back_end_chooses_as_live(tmp_path: Path) -> None:
    pages = [
        Row("p", "page", (), "train", "Velmora Oat Milk"), Row("q", "page", (), "train", "Tea"),
    ]  # fmt: skip
    rows = [*pages, row("so this velmora oat milk", room="r"), row("so this velmora oat milk")]
    task = SummarizesRows(
        ClipSummarizer(Extractive(), ClipSummaryOptions()), RoomTitles("room", rows)
    )
    assert [one.summary for one in ran(task, rows, tmp_path / "kept")] == [
        None, None, "Velmora Oat Milk", None,
    ]  # fmt: skip
    assert task.settings["titles"] == "room"
