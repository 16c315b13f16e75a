"""Trials of made rooms: real machines, workers, decoder and Milvus Lite; models are doubles.

The film is the small sample room; the speech model is told what was said in it, and the encoder
reads words, so that speech finds the products and pictures tell it nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.segment_scores import measure
from tests.tiny_vision import ColourAndWords, image_bytes, picture
from tests.workers.tiny_stages import MINI, TITLES, TRUTH, TinyStages
from workers.events import Product, Room
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.milvus import MilvusOptions
from workers.rooms.trial import (
    Step,
    Trial,
    TrialRoom,
    Tried,
)
from workers.rooms.trial_report import as_json, as_markdown, bootstrap_interval, summed_up
from workers.rooms.variants import StageName, Variant, all_variants, steps_of

pytestmark = [pytest.mark.milvus]


@pytest.fixture(scope="module")
def room() -> TrialRoom:
    opened = Room(stream_id="mini", version=0, cart=tuple(TITLES), titles=TITLES, language="en")
    return TrialRoom(MINI / "room.mp4", TRUTH, opened)


@pytest.fixture(scope="module")
def indexed(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[ProductIndex, ColourAndWords]]:
    folder = tmp_path_factory.mktemp("lite")
    page = folder / "page.png"
    page.write_bytes(image_bytes(picture("red"), "PNG"))
    products = [
        Product(product_id=key, title=title, images=(str(page),)) for key, title in TITLES.items()
    ]
    encoder = ColourAndWords("trial")
    index = ProductIndex(MilvusOptions(str(folder / "index.db")))
    *_, report = IndexBuilder(index, encoder).build(products)
    assert report.indexed == len(TITLES)
    yield index, encoder
    index.close()


@pytest.fixture
def stages(indexed: tuple[ProductIndex, ColourAndWords]) -> TinyStages:
    return TinyStages(*indexed)


def run(stages: TinyStages, cache: Path, room: TrialRoom, *variants: Variant) -> list[Step]:
    return list(Trial(stages, cache).run(room, variants))


def tried(steps: list[Step]) -> dict[str, Tried]:
    return {step.tried.variant.name: step.tried for step in steps if step.tried is not None}


@pytest.fixture(scope="module")
def everything(
    indexed: tuple[ProductIndex, ColourAndWords],
    room: TrialRoom,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[TinyStages, list[Step], Path]:
    stages, cache = TinyStages(*indexed), tmp_path_factory.mktemp("cache")
    return stages, run(stages, cache, room, *all_variants()), cache


def test_words_find_what_is_sold_and_pictures_that_say_nothing_find_nothing_right(
    everything: tuple[TinyStages, list[Step], Path],
) -> None:
    found = tried(everything[1])
    assert found["cart-speech"].scores.f1 == 1.0
    assert found["catalogue-speech"].scores.f1 == 1.0
    assert found["cart-vision"].scores.f1 < 1.0


def test_each_variant_shows_a_clip_only_what_it_may(
    everything: tuple[TinyStages, list[Step], Path],
) -> None:
    for name, one in tried(everything[1]).items():
        present = {part for match in one.matches for part in match.present}
        words = {match.text.transcript for match in one.matches} - {""}
        assert ("frames" in present) == ("speech" not in name), name
        assert bool(words) == ("vision" not in name), name
        assert {match.scope for match in one.matches if match.candidates} == {name.split("-")[0]}


def test_a_room_without_its_cart_knows_no_titles_but_was_heard_alike(
    everything: tuple[TinyStages, list[Step], Path],
) -> None:
    stages, steps, _ = everything
    assert stages.driven.count("asr") == 1
    assert stages.driven.count("summarize") == 2
    *_, last = stages.entered
    assert (last.cart, last.titles, last.shop) == ((), {}, None)
    assert last.tracks == ("audio",)  # speech alone comes last
    heard = {
        name: [match.text.transcript for match in one.matches]
        for name, one in tried(steps).items()
        if "vision" not in name
    }
    assert len({tuple(words) for words in heard.values()}) == 1


def test_the_sound_alike_score_is_left_out_where_it_is_off(
    everything: tuple[TinyStages, list[Step], Path],
) -> None:
    stages, steps, _ = everything
    assert set(stages.weights) == {0.0, 0.5}
    found = tried(steps)
    scores = {
        name: [c.score for match in found[name].matches for c in match.candidates]
        for name in ("cart-speech", "cart-speech-no-sounds")
    }
    assert scores["cart-speech"] != scores["cart-speech-no-sounds"]


def test_the_same_trial_again_only_reads_and_finds_the_same(
    everything: tuple[TinyStages, list[Step], Path],
    indexed: tuple[ProductIndex, ColourAndWords],
    room: TrialRoom,
) -> None:
    _, before, cache = everything
    again = TinyStages(*indexed)
    steps = run(again, cache, room, *all_variants())
    assert {step.what for step in steps if not step.kept and step.tried is None} == set()
    assert set(again.driven) == {"match", "tag"}
    assert {name: one.tags for name, one in tried(steps).items()} == {
        name: one.tags for name, one in tried(before).items()
    }


def test_a_changed_stage_costs_only_what_lies_behind_it(
    indexed: tuple[ProductIndex, ColourAndWords], room: TrialRoom, tmp_path: Path
) -> None:
    run(TinyStages(*indexed), tmp_path, room, Variant())
    behind: dict[StageName, list[str]] = {
        "summarize": ["summaries-cart", "vectors-both"],
        "embed": ["vectors-both"],
    }
    for stage, redone in behind.items():
        changed = TinyStages(*indexed, keys={stage: "changed"})
        steps = run(changed, tmp_path, room, Variant())
        assert [s.what for s in steps if not s.kept and s.tried is None] == redone


def test_what_is_left_out_is_heard_again_only_where_it_is_felt(
    stages: TinyStages, room: TrialRoom, tmp_path: Path
) -> None:
    variants = [Variant(), Variant(rung="fewer_frames"), Variant(rung="larger_hop")]
    steps = run(stages, tmp_path, room, *variants)
    assert len(steps) == steps_of(variants)
    assert [(step.what, step.kept) for step in steps if step.tried is None] == [
        ("media", False),
        *(("transcripts", False), ("summaries-cart", False), ("vectors-both", False)),
        *(("transcripts", True), ("summaries-cart", True), ("vectors-both", False)),
        *(("transcripts", False), ("summaries-cart", False), ("vectors-both", False)),
    ]
    # Of a room that nobody waits for nothing is ever left out.
    assert [entered.live for entered in stages.entered] == [False] * 3 + [True] * 6


def test_what_is_said_is_timed_and_kept_with_its_times(
    stages: TinyStages, room: TrialRoom, tmp_path: Path
) -> None:
    ticks = iter(range(10_000))
    slow = list(Trial(stages, tmp_path, lambda: float(next(ticks))).run(room, [Variant()]))
    again = list(Trial(stages, tmp_path, lambda: 0.0).run(room, [Variant()]))
    (one,), (other,) = tried(slow).values(), tried(again).values()
    assert one.said == other.said
    for said in one.said:
        # Words of a clip are there no earlier than the clip; every call took a second: a clip of
        # pictures alone waits for that of the encoder, one with words for the speech model's too.
        assert said.event.decided_ms <= said.at_ms
        calls = 1 if said.event.evidence.present == ("frames",) else 2
        clip_ms = min(2_500 * said.event.slot + 5_000, room.truth.duration_ms)
        assert said.worked_ms >= clip_ms + 1_000 * calls
    assert {said.event.evidence.present == ("frames",) for said in one.said} == {False, True}


def test_a_cart_that_changes_is_entered_with_its_time_and_heard_anew(
    stages: TinyStages, room: TrialRoom, tmp_path: Path
) -> None:
    run(stages, tmp_path, room, Variant())
    grown = room.room.model_copy(update={"effective_from_ms": 9_000})
    steps = run(stages, tmp_path, replace(room, changes=(grown,)), *all_variants())
    assert not next(step for step in steps if step.what == "transcripts").kept
    known = [one for one in stages.entered if one.cart]
    assert [one.effective_from_ms for one in known[-2:]] == [0, 9_000]
    assert known[-1].cart == room.room.cart
    assert stages.entered[-1].effective_from_ms == 0


def test_pictures_do_not_wait_for_words(
    everything: tuple[TinyStages, list[Step], Path],
) -> None:
    found = tried(everything[1])
    waits = {
        name: [said.at_ms - said.event.decided_ms for said in found[name].said]
        for name in ("cart-both", "cart-vision")
    }
    assert max(waits["cart-vision"]) == 0
    assert max(waits["cart-both"]) > 1_000


def test_each_clip_is_scored_once_as_it_was_told_last(
    everything: tuple[TinyStages, list[Step], Path],
) -> None:
    matches = tried(everything[1])["cart-both"].matches
    assert [one.slot for one in matches] == list(range(len(matches)))
    assert {one.early for one in matches} == {False}
    assert {one.revision for one in matches} == {1}


def test_another_film_under_the_same_name_is_decoded(
    stages: TinyStages, room: TrialRoom, tmp_path: Path
) -> None:
    run(stages, tmp_path, room, Variant())
    other = tmp_path / "room.mp4"
    other.write_bytes(room.film.read_bytes() + b"\0\0\0\x08free")
    steps = run(stages, tmp_path, replace(room, film=other), Variant())
    assert [step.kept for step in steps[:2]] == [False, False]


def test_progress_counts_every_step(everything: tuple[TinyStages, list[Step], Path]) -> None:
    assert len(everything[1]) == steps_of(all_variants())


def test_a_film_that_is_none_is_refused(
    stages: TinyStages, room: TrialRoom, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"truth\.json"):
        run(stages, tmp_path, replace(room, film=MINI / "truth.json"), Variant())


def test_report_pools_rooms_and_names_every_variant(
    everything: tuple[TinyStages, list[Step], Path],
) -> None:
    found = list(tried(everything[1]).values())
    twin = [replace(one, room=replace(one.room, room=one.room.room.model_copy(
        update={"stream_id": "twin"}))) for one in found]  # fmt: skip
    nothing = measure([], TRUTH.segments, TRUTH.duration_ms)
    silent = [replace(one, told=(), scores=nothing) for one in twin]
    over = {one.variant.name: one for one in summed_up([*found, *silent])}
    assert (over["cart-speech"].rooms, over["cart-speech"].mean_f1) == (2, 0.5)
    assert (over["cart-speech"].low_f1, over["cart-speech"].high_f1) == (0.0, 1.0)
    assert over["cart-speech"].pooled.segments == 2 * len(TRUTH.segments)
    assert over["cart-speech"].perfect == 1
    told = as_markdown([*found, *silent], ["two rooms"])
    for name in tried(everything[1]):
        assert f"| {name} | 2 |" in told
    assert "| twin | 0.00 |" in told
    figures = as_json(found, {"encoder": "double"})
    assert len(figures["variants"]) == len(figures["rooms"]) == len(all_variants())


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(0, 9))
def test_interval_lies_within_the_values_and_repeats(values: list[float], seed: int) -> None:
    low, high = bootstrap_interval(values, seed, resamples=200)
    assert min(values) - 1e-12 <= low <= high <= max(values) + 1e-12
    assert bootstrap_interval(values, seed, resamples=200) == (low, high)


def test_interval_is_that_of_every_sample_there_could_be() -> None:
    values = [0.0, 0.3, 0.7, 1.0]
    means = [np.mean(drawn) for drawn in product(values, repeat=4)]
    low, high = bootstrap_interval(values, resamples=20_000)
    assert low == pytest.approx(np.quantile(means, 0.025), abs=0.03)
    assert high == pytest.approx(np.quantile(means, 0.975), abs=0.03)
