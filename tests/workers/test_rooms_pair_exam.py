"""How readers are examined and thresholds fitted, on made windows."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.workers.test_rooms_pairs import PAIR, SILENT
from workers.rooms.pair_evidence import fit_evidence, share_right
from workers.rooms.pair_exam import (
    Reader,
    Reading,
    Search,
    Vectors,
    fit_weight,
    gallery_of,
    kept_in,
    read_windows,
    score,
)
from workers.rooms.pairs import Pair
from workers.summarizers.extractive import Extractive
from workers.summarizers.protocol import WindowText
from workers.summarizers.trained import Choice, Evidence

OAT, BEANS = PAIR.titles
SOLD = replace(PAIR, id="held-out-1-00001-009000")
NONE_SOLD = replace(SILENT, id="held-out-1-00001-014000", transcript="hello everybody")
UNNAMED = replace(
    PAIR, id="held-out-1-00002-009000", transcript="this is lovely", answer="none",
    told_apart=False, cart_apart=False,
)  # fmt: skip
WINDOWS = [SOLD, NONE_SOLD, UNNAMED]


def letters(texts: Sequence[str]) -> Vectors:
    """A text as its letters' counts: alike where it is spelt alike."""
    counts = [[text.lower().count(chr(97 + at)) + 1e-6 for at in range(26)] for text in texts]
    rows: Vectors = np.array(counts, dtype=np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def readings(*queries: str | None) -> list[Reading]:
    return [Reading(query, 0.1 * at) for at, query in enumerate(queries)]


def examined(*queries: str | None) -> tuple[float, float, float]:
    reader = Reader("any", Extractive(), cart=True)
    found = score(reader, Search([OAT, BEANS], letters), WINDOWS, readings(*queries), 1.0)
    assert found.dense is not None
    assert found.none is not None
    assert found.unnamed is not None
    return found.dense.value, found.none.value, found.unnamed.value


def test_every_title_of_a_cart_is_in_the_gallery_once() -> None:
    assert gallery_of(WINDOWS) == sorted([OAT, BEANS])


def test_a_right_title_and_silence_are_counted() -> None:
    assert examined("Otley vanilla oat drink", None, None) == (1.0, 1.0, 1.0)


def test_a_wrong_title_and_words_in_silence_are_held_against_it() -> None:
    assert examined("brindmoor coffee beans", "oat drink", "oat drink") == (0.0, 0.0, 0.0)


def test_who_says_no_product_searches_with_the_transcript_and_is_strictly_wrong() -> None:
    reader = Reader("any", Extractive(), cart=True)
    found = score(reader, Search([OAT, BEANS], letters), WINDOWS, readings(None, None, None), 1.0)
    assert found.joined is not None
    assert found.strict is not None
    assert (found.joined.value, found.strict.value) == (1.0, 0.0)


def test_the_raw_transcript_cannot_say_that_there_is_no_product() -> None:
    raw = Reader("raw transcript")
    found = list(read_windows(raw, WINDOWS))
    assert [one.query for one in found] == [one.transcript for one in WINDOWS]
    assert score(raw, Search([OAT, BEANS], letters), WINDOWS, found, 1.0).none is None


def test_a_reader_is_given_the_cart_only_where_it_says_so() -> None:
    seen: list[int] = []

    class Watching(Extractive):
        def choose(self, window: WindowText) -> object:  # type: ignore[override]
            seen.append(len(window.titles))
            return super().choose(window)

    for cart in (False, True):
        list(read_windows(Reader("watching", Watching(), cart=cart), [SOLD]))
    assert seen == [0, 2]


def test_in_its_cart_a_title_has_only_its_neighbours_to_beat() -> None:
    elsewhere = replace(PAIR, title=BEANS, titles=(BEANS,), transcript="oat drink")
    reader, search = Reader("any", Extractive(), cart=True), Search([OAT, BEANS], letters)
    found = score(reader, search, [elsewhere], readings("oat drink"), 1.0)
    assert found.joined is not None
    assert found.in_cart is not None
    assert (found.joined.value, found.in_cart.value) == (0.0, 1.0)


class Stopped(Extractive):
    """Works for a while."""

    def __init__(self, windows: int) -> None:
        super().__init__()
        self.left = windows

    def choose(self, window: WindowText) -> object:  # type: ignore[override]
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().choose(window)


def test_a_stopped_reading_goes_on_and_reads_no_window_twice(tmp_path: Path) -> None:
    def reader(windows: int) -> Reader:
        return Reader("any, cart", Stopped(windows), cart=True)

    kept = kept_in(tmp_path, reader(0), WINDOWS)
    with pytest.raises(KeyboardInterrupt):
        list(read_windows(reader(2), WINDOWS, kept))
    with kept.open("a") as torn:
        torn.write('{"query": "oat')
    rest = list(read_windows(reader(1), WINDOWS, kept))
    assert rest == list(read_windows(reader(0), WINDOWS, kept))
    whole = list(read_windows(reader(3), WINDOWS))
    assert [one.query for one in rest] == [one.query for one in whole]


def test_readings_of_other_windows_or_another_reader_are_kept_apart(tmp_path: Path) -> None:
    reader = Reader("any", Extractive())
    names = {
        kept_in(tmp_path, reader, WINDOWS),
        kept_in(tmp_path, reader, WINDOWS[:2]),
        kept_in(tmp_path, replace(reader, name="other"), WINDOWS),
        kept_in(tmp_path, reader, [replace(SOLD, transcript="else"), *WINDOWS[1:]]),
    }
    assert len(names) == 4


def test_sounds_get_weight_where_they_find_more() -> None:
    misspelt = replace(SOLD, transcript="the oatelia vanila oat drink one leader")
    search = Search([OAT, BEANS], letters)
    assert fit_weight(search, [misspelt], readings("coffee")) > 0
    assert fit_weight(search, [misspelt], readings(OAT)) == 0


class Weighed:
    """Answers with made evidence."""

    def __init__(self, found: dict[str, list[Choice]]) -> None:
        self._found = found

    def choices(self, window: WindowText) -> list[Choice]:
        return self._found[window.stream_id]


def test_the_threshold_lies_between_products_and_none() -> None:
    found = {
        SOLD.id: [Choice(0, 5.0, 0.2), Choice(1, 1.0, 0.0)],
        NONE_SOLD.id: [Choice(0, 1.0, 0.1), Choice(1, 0.0, 0.0)],
    }
    evidence = fit_evidence(Weighed(found), [SOLD, NONE_SOLD])  # type: ignore[arg-type]
    assert 1.0 < evidence.least < 5.0
    assert evidence.sound_weight == 0.0


def test_sound_is_weighed_where_the_model_errs() -> None:
    found = {
        SOLD.id: [Choice(0, 2.0, 0.5), Choice(1, 12.0, 0.0)],
        NONE_SOLD.id: [Choice(0, -3.0, 0.0), Choice(1, -3.0, 0.1)],
    }
    evidence = fit_evidence(Weighed(found), [SOLD, NONE_SOLD])  # type: ignore[arg-type]
    assert evidence.sound_weight * 0.5 > 10.0
    assert evidence.best(found[SOLD.id]).index == 0


def test_silence_comes_before_the_products_that_it_costs() -> None:
    silent = [replace(NONE_SOLD, id=f"held-out-1-00001-{at:06d}") for at in range(10)]
    sold = [replace(SOLD, id=f"held-out-1-00002-{at:06d}") for at in range(10)]
    # One silent window looks more like a sale than nine sales do: a tenth, which is too much.
    loud = {one.id: [Choice(0, 4.0 if at == 0 else 0.0, 0.2)] for at, one in enumerate(silent)}
    named = {one.id: [Choice(0, 9.0 if at == 0 else 3.0, 0.2)] for at, one in enumerate(sold)}
    evidence = fit_evidence(Weighed(loud | named), [*silent, *sold])  # type: ignore[arg-type]
    assert 4.0 < evidence.least < 9.0


def test_without_windows_the_evidence_is_as_by_default() -> None:
    assert fit_evidence(Weighed({}), []) == Evidence()  # type: ignore[arg-type]


@pytest.mark.parametrize(("least", "share"), [(0.0, 0.5), (2.0, 1.0), (9.0, 0.5)])
def test_products_and_none_count_alike(least: float, share: float) -> None:
    pairs: list[Pair] = [SOLD, NONE_SOLD, NONE_SOLD, NONE_SOLD]
    choices = [[Choice(0, gain, 0.0)] for gain in (5.0, 1.0, 1.0, 0.5)]
    assert share_right(pairs, choices, Evidence(0.0, least)) == share
