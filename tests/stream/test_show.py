"""What a person reads while a room plays."""

import io

from rich.console import Console

from stream.show import Screen, clock, sentence, tag_line, tags_table
from workers.events import Evidence, Partial, Summary, Tag, Transcript, Word


def tag(status: str = "started", end_ms: int | None = None, title: str = "Mug") -> Tag:
    return Tag.model_validate(
        {
            "stream_id": "room", "tag_id": "t" * 32, "status": status, "slot": 3, "title": title,
            "product_id": "mug-1", "start_ms": 61_000, "end_ms": end_ms, "decided_ms": 70_000,
            "score": 0.5, "evidence": Evidence(words="a b c d e f g h i j k", present=("frames",)),
        }
    )  # fmt: skip


def transcript(slot: int, *words: str) -> Transcript:
    start_ms = slot * 1_000
    return Transcript(
        stream_id="room", slot=slot, start_ms=start_ms, end_ms=start_ms + 1_000,
        watermark_ms=start_ms + 1_000,
        words=tuple(
            Word(text=word, start_ms=start_ms, end_ms=start_ms + 10, probability=1)
            for word in words
        ),
    )  # fmt: skip


def partial(text: str, at_ms: int = 4_000) -> Partial:
    return Partial(stream_id="room", at_ms=at_ms, text=text)


def shown(*events: Tag | Transcript | Summary | Partial, quiet: bool = False) -> tuple[str, Screen]:
    out = io.StringIO()
    screen = Screen(Console(file=out, width=200), quiet=quiet)
    for event in events:
        screen.show(event)
    screen.flush()
    return out.getvalue(), screen


def test_clock_is_minutes_and_seconds_of_media_time() -> None:
    assert [clock(ms) for ms in (0, 59_999, 61_000, 3_600_000)] == [
        "00:00", "00:59", "01:01", "60:00",
    ]  # fmt: skip


def test_tag_says_if_it_is_beside_another_was_shown_before_or_is_withdrawn() -> None:
    plain = tag()
    assert "(" not in tag_line(plain)
    beside = plain.model_copy(update={"primary": False, "previous_tag_id": "p"})
    assert "(beside another, shown before)" in tag_line(beside)
    gone = tag("corrected", 61_000).model_copy(update={"withdrawn": True})
    assert "(withdrawn)" in tag_line(gone)
    out = io.StringIO()
    Console(file=out, width=200).print(tags_table([beside]))
    assert "beside another, shown before" in out.getvalue()


def test_words_are_printed_as_one_writes_them() -> None:
    assert sentence(["It", "is", "$1", ".79", "today", ",", "50", "%", "off"]) == (
        "It is $1.79 today, 50% off"
    )


def test_sentence_is_one_line_with_the_time_of_its_first_word() -> None:
    told, _ = shown(transcript(2, "Hello", "everybody."), transcript(5, "Next"))
    assert told.splitlines() == ["00:02  said  Hello everybody.", "00:05  said  Next"]


def test_what_is_not_certain_yet_is_a_line_that_the_next_one_replaces() -> None:
    out = io.StringIO()
    screen = Screen(Console(file=out, width=40, force_terminal=True, color_system=None))
    screen.show(transcript(2, "Hello"))
    screen.show(Partial(stream_id="room", at_ms=4_000, text="every one of"))
    screen.show(Partial(stream_id="room", at_ms=5_000, text="everybody who is watching us tonight"))
    screen.show(transcript(3, "everybody."))
    first, second, third = out.getvalue().split("\x1b[2K")
    assert first == "00:04  ...   Hello every one of\r\r"
    assert second == "00:05  ...   …ho is watching us tonight\r\r"
    assert third == "00:02  said  Hello everybody.\n"


def test_what_is_not_certain_yet_is_not_for_files() -> None:
    told, _ = shown(transcript(2, "Hello."), partial("everybody"))
    assert told.splitlines() == ["00:02  said  Hello."]


def test_waiting_words_come_before_the_tag() -> None:
    told, _ = shown(transcript(0, "the", "mug"), tag())
    first, second = told.splitlines()
    assert first.endswith("the mug")
    assert "started Mug 01:01  score 0.50 from frames" in second
    assert '"a b c d e f g h i j …"' in second


def test_titles_and_words_of_strangers_are_not_read_as_colours() -> None:
    told, _ = shown(transcript(0, "[bold]so[/]"), tag(title="[red]Mug[/red]"))
    assert "[bold]so[/]" in told
    assert "[red]Mug[/red]" in told


def test_event_that_comes_twice_is_shown_and_counted_once() -> None:
    told, screen = shown(transcript(0, "one"), transcript(0, "one"), tag(), tag())
    assert screen.told.words == 1
    assert len(told.splitlines()) == 2


def test_quiet_screen_counts_and_prints_nothing() -> None:
    window = Summary(
        stream_id="room", slot=0, start_ms=0, end_ms=5_000, watermark_ms=5_000,
        raw_text="the mug", rung="extractive", fell_back=True, product_name="Mug",
    )  # fmt: skip
    told, screen = shown(window, tag(), quiet=True)
    assert told == ""
    assert (screen.told.windows, screen.told.windows_with_words, screen.told.fell_back) == (1, 1, 1)


def test_ended_tag_says_from_when_to_when() -> None:
    assert "01:01-01:09" in tag_line(tag("ended", 69_000))


def test_tag_that_was_decided_from_less_says_so() -> None:
    hurried = tag().model_copy(update={"load_rung": "extractive"})
    assert "[yellow]extractive[/]" in tag_line(hurried)
    assert "full" not in tag_line(tag())


def test_table_says_which_tags_are_still_open() -> None:
    out = io.StringIO()
    Console(file=out, width=200).print(tags_table([tag(), tag("ended", 69_000)]))
    assert "open" in out.getvalue()
    assert "01:09" in out.getvalue()
