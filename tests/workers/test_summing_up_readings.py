"""What the stage makes of windows, kept as it is found."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import pytest

from models.errors import InputError
from tests.workers.windows import window
from workers.kept_answers import KeptAnswers
from workers.summarizers.extractive import Extractive
from workers.summarizers.protocol import Broken, Draft, WindowText
from workers.summing_up.readings import Answer, Reader, Readings
from workers.summing_up.recorder import Recorder

OAT, TEA = "Oatelia Vanilla Oat Drink", "Snugfern Fennel Herbal Tea"
WINDOWS = [
    replace(window(text, OAT, TEA), stream_id=f"room-{at}")
    for at, text in enumerate(
        (
            "here is the oatelia vanilla oat drink",
            "good morning to all of you",
            "snugfern fennel tea",
        )
    )
]


class Watched(Extractive):
    """Counts the windows that it is asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        self.asked += [one.stream_id for one in windows]
        return super().write(windows)


def steps() -> Callable[[], float]:
    """A clock that is a second further each time it is read."""
    ticks = count()
    return lambda: float(next(ticks))


def read(
    kept: KeptAnswers, writer: Extractive, most: int | None = None, batch: int = 1
) -> list[Answer]:
    readings = Readings(
        kept,
        [Reader("any, cart", lambda: writer, cart=True)],
        {"any, cart": WINDOWS},
        steps(),
        batch,
    )
    found = list(islice(readings.read(), most))
    return readings.answers("any, cart") if most is None or sum(found) == len(WINDOWS) else []


def test_what_is_told_and_what_the_back_end_says_alone_are_kept(tmp_path: Path) -> None:
    with KeptAnswers(tmp_path / "kept", {}) as kept:
        first, silent, last = read(kept, Extractive())
    assert (first.told.product_name, silent.told.product_name) == (OAT, None)
    assert isinstance(last.alone, Draft)
    assert (last.alone.product_name, last.alone.product_id) == (TEA, "p1")
    assert last.told == Draft(TEA, (), "p1")
    assert not any(one.fell_back for one in (first, silent, last))


def test_a_stopped_bench_goes_on_and_asks_about_no_window_twice(tmp_path: Path) -> None:
    stopped, resumed, again = Watched(), Watched(), Watched()
    with KeptAnswers(tmp_path / "kept", {}) as kept:
        read(kept, stopped, most=1)
    with KeptAnswers(tmp_path / "kept", {}) as kept:
        found = read(kept, resumed)
    with KeptAnswers(tmp_path / "kept", {}) as kept:
        assert read(kept, again) == found
    with KeptAnswers(tmp_path / "whole", {}) as kept:
        assert read(kept, Watched()) == found
    warming = ["room-0"]
    assert stopped.asked == [*warming, "room-0"]
    assert resumed.asked == [*warming, "room-1", "room-2"]
    assert again.asked == []


@pytest.mark.parametrize(("batch", "seconds"), [(1, [1, 1, 1]), (2, [0.5, 0.5, 1])])
def test_windows_that_are_given_at_once_share_their_time(
    tmp_path: Path, batch: int, seconds: list[float]
) -> None:
    with KeptAnswers(tmp_path / "kept", {}) as kept:
        assert [one.seconds for one in read(kept, Extractive(), batch=batch)] == seconds


def test_a_window_that_was_not_read_yet_has_no_answer(tmp_path: Path) -> None:
    with KeptAnswers(tmp_path / "kept", {}) as kept:
        readings = Readings(kept, [Reader("any", Extractive)], {"any": WINDOWS}, steps())
        assert (readings.total, readings.known) == (3, 0)
        with pytest.raises(InputError, match="any was not asked about window 5 of room-0"):
            readings.answers("any")


class Obedient(Extractive):
    """Names the first word that it is shown."""

    def choose(self, window: WindowText) -> Draft:
        return Draft(window.words[0].text)


def test_a_back_end_that_was_shown_less_is_asked_again_about_the_whole() -> None:
    recorder = Recorder(Obedient())
    whole = WINDOWS[0]
    recorder.write([replace(whole, words=whole.words[3:])])
    assert recorder.alone(whole) == Draft("here")
    recorder.write([whole])
    assert recorder.alone(whole) == Draft("here")


def test_output_that_is_broken_is_kept_as_such(tmp_path: Path) -> None:
    class Babbling(Extractive):
        def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
            return [Broken("{}", "no line") for _ in windows]

    with KeptAnswers(tmp_path / "kept", {}) as kept:
        first, *_ = read(kept, Babbling())
    assert first.alone == Broken("{}", "no line")
    assert first.fell_back
    assert first.told.product_name == OAT, "the stage's own words instead"
