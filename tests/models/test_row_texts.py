"""Which words clips come with when an encoder is examined."""

from pathlib import Path

from models.manifest import Heard, Manifest, Row
from models.row_texts import TextChoice, shown_texts, texts_of

HEARD = Row("a", "live", (), "test", transcript="own words", summary="own summary")
UNSAID = Row("a", "live", (), "test", transcript="own words")
SILENT = Row("a", "live", (), "test")
NOTHING = Row(None, "live", (), "test")
PAGE = Row("a", "page", (), "test", title="a title")
ROWS = (HEARD, UNSAID, SILENT, SILENT, NOTHING)
MANIFEST = Manifest(
    Path(),
    (PAGE, *ROWS),
    (
        Heard("a", "listed summary", "summary", "test"),
        Heard("a", "listed words", "transcript", "test"),
        Heard(None, "small talk", "chatter", "test"),
        Heard("a", "of training", "transcript", "train"),
    ),
)


def test_any_words_are_those_heard_and_then_those_of_the_lists_in_turn() -> None:
    found = texts_of(MANIFEST, ROWS, "test")
    assert found == ["own words", "own words", "listed words", "listed summary", "small talk"]


def test_transcripts_are_never_summaries() -> None:
    found = texts_of(MANIFEST, ROWS, "test", "transcript")
    assert found == ["own words", "own words", "listed words", "listed words", "small talk"]


def test_a_clip_that_was_heard_without_a_summary_has_none() -> None:
    found = texts_of(MANIFEST, ROWS, "test", "summary")
    assert found == ["own summary", None, "listed summary", "listed summary", None]


def test_nothing_is_read_where_nothing_should_be() -> None:
    assert texts_of(MANIFEST, ROWS, "test", "none") == [None] * 5
    assert shown_texts(MANIFEST, (PAGE,), "test", TextChoice()) == ["a title"]
    assert shown_texts(MANIFEST, (PAGE,), "test", TextChoice(page="none")) == [None]
    assert shown_texts(MANIFEST, (HEARD,), "test", TextChoice(clip="none")) == [None]


def test_texts_of_test_are_also_those_of_unseen_products() -> None:
    assert texts_of(MANIFEST, (SILENT,), "test-unseen") == ["listed words"]
    assert texts_of(MANIFEST, (SILENT,), "val") == [None]
