"""Training data: what is drawn is a pure function of seed and step, and says what it is of."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.augment import AugmentOptions, augment, draw_stray
from models.config import ImageConfig
from models.dataset import Drawer, DrawOptions
from models.errors import InputError
from models.formats.grocery import GroceryOptions, grocery_manifest, grocery_rows, is_grocery
from models.manifest import Heard, Manifest, load_manifest
from models.pictures import open_picture
from models.row_texts import texts_of
from models.sampler import Sampler, SamplerOptions
from tests.tiny_vision import picture
from workers import images

GROCERY = Path(__file__).parents[3] / "shared" / "data" / "grocery_store" / "dataset"
IMAGE = ImageConfig(height_px=32, width_px=32)


def test_every_clip_is_seen_once_an_epoch(data: Manifest) -> None:
    sampler = Sampler(data, SamplerOptions(live_rows=4, empty_rows=1, alike=0.5), seed=3)
    steps = [sampler.step(number) for number in range(sampler.steps_per_epoch)]
    seen = Counter(row.frames for step in steps for row in step.live if row.product_id)
    known = [row for row in data.live("train") if row.product_id]
    assert len(seen) == len(known) == 12
    assert set(seen.values()) == {1}
    for step in steps:
        of = {row.product_id for row in step.live} - {None}
        assert {row.product_id for row in step.pages} == of
        assert len(step.pages) == len(of)
        assert sum(row.product_id is None for row in step.live) == 1


def test_a_step_follows_from_seed_and_number_alone(data: Manifest) -> None:
    one, other = (Sampler(data, SamplerOptions(live_rows=4), seed=5) for _ in range(2))
    assert [one.step(at) for at in (7, 2)] == [other.step(at) for at in (7, 2)]
    assert one.step(0) != Sampler(data, SamplerOptions(live_rows=4), seed=6).step(0)


def test_products_that_a_test_holds_back_are_not_trained_on(data: Manifest) -> None:
    sampler = Sampler(data, SamplerOptions(live_rows=4), seed=1)
    assert sampler.products == ["p0", "p1", "p2"]
    drawer = Drawer(data, DrawOptions(wrong=0.2, title=0.4), IMAGE, open_picture)
    row = next(row for row in data.live("train") if row.product_id)
    draw = np.random.default_rng(0)
    assert "p3" not in {drawer.live(row, draw).by_text for _ in range(200)}


def test_pages_can_stand_in_for_clips(data: Manifest) -> None:
    sampler = Sampler(data, SamplerOptions(live_rows=4, page_views=2), seed=1)
    steps = [sampler.step(number) for number in range(sampler.steps_per_epoch)]
    pages = Counter(row.frames for row in data.pages if row.split == "train")
    shown = Counter(row.frames for step in steps for row in step.live if row.frames in pages)
    assert sampler.products == ["p0", "p1", "p2"]
    assert set(shown) == set(pages)
    assert max(shown.values()) == 2


def test_no_clip_comes_without_picture_and_text(data: Manifest) -> None:
    options = DrawOptions(no_picture=0.5, empty_table=0.3, title=0.2, heard=0.1)
    drawer = Drawer(data, options, IMAGE, open_picture)
    draw = np.random.default_rng(1)
    for row in [*data.live("train")] * 8:
        drawn = drawer.live(row, draw)
        assert drawn.sample.frames or drawn.sample.text
        assert drawn.whole == row.product_id
        if drawn.by_picture is None and row.product_id is not None:
            # What the picture does not say, the words must.
            assert drawn.by_text == row.product_id


def test_short_videos_are_drawn_like_clips_but_never_of_an_empty_table(data: Manifest) -> None:
    options = DrawOptions(1.0, 0.0, 0.0, 0.0, no_picture=0.0, empty_table=0.9)
    clip = next(row for row in data.live("train") if row.product_id == "p0")
    video = replace(clip, domain="video", summary="aprikot jam")
    drawer = Drawer(replace(data, rows=(*data.rows, video)), options, IMAGE, open_picture)
    drawn = [drawer.live(video, np.random.default_rng(seed)) for seed in range(30)]
    assert {one.sample.domain for one in drawn} == {"video"}
    assert {one.by_picture for one in drawn} == {"p0"}
    # Its own summary, or the title that a good one is.
    titles = {row.product_id: row.title for row in data.pages}
    assert {one.sample.text for one in drawn} == {"aprikot jam", titles["p0"]}


def test_a_step_is_drawn_with_its_short_videos_last(data: Manifest) -> None:
    clips = [row for row in data.live("train") if row.product_id]
    more = replace(data, rows=(*data.rows, *(replace(row, domain="video") for row in clips)))
    step = Sampler(more, SamplerOptions(live_rows=4, videos=1), seed=1).step(0)
    drawer = Drawer(more, DrawOptions(), IMAGE, open_picture)
    drawn = drawer.step(step, np.random.default_rng(0))
    counts = Counter(one.sample.domain for one in drawn)
    assert counts == {"live": len(step.live), "page": len(step.pages), "video": len(step.videos)}
    # So that steps without any are drawn as ever.
    without = drawer.step(replace(step, videos=()), np.random.default_rng(0))
    assert [one.sample.text for one in drawn[: len(without)]] == [
        one.sample.text for one in without
    ]
    assert {one.sample.domain for one in drawn[len(without) :]} == {"video"}


def test_words_of_another_product_are_of_that_product(data: Manifest) -> None:
    drawer = Drawer(data, DrawOptions(0.0, 0.0, 0.0, 1.0, no_picture=0.0), IMAGE, open_picture)
    titles = {row.product_id: row.title for row in data.pages}
    row = next(row for row in data.live("train") if row.product_id)
    drawn = [drawer.live(row, np.random.default_rng(seed)) for seed in range(30)]
    assert all(one.sample.text == titles[one.by_text] for one in drawn if one.by_text)
    assert len({one.by_text for one in drawn}) > 1


def test_transcripts_are_drawn_where_there_are_any(data: Manifest) -> None:
    heard = Heard("p0", "aprikot cham", "transcript", "train")
    later = Heard("p0", "not this one", "transcript", "test")
    more = replace(data, texts=(heard, later))
    drawer = Drawer(more, DrawOptions(0.0, 1.0, 0.0, 0.0), IMAGE, open_picture)
    row = next(row for row in data.live("train") if row.product_id == "p0")
    drawn = [drawer.live(row, np.random.default_rng(seed)) for seed in range(10)]
    assert {one.sample.text for one in drawn} == {"aprikot cham"}
    tests = more.live("test")
    assert texts_of(more, tests, "test") == [row.transcript for row in tests]
    blank = [replace(row, transcript=None) for row in tests]
    assert texts_of(more, blank, "test")[0] == "not this one"


def test_augmentation_follows_its_generator_and_gives_a_square() -> None:
    wide = picture("red", (90, 40))
    first, again, other = (
        augment(wide, 48, draw_stray(48, AugmentOptions(), np.random.default_rng(seed)))
        for seed in (1, 1, 2)
    )
    assert first.size == (48, 48)
    assert first.mode == "RGB"
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_a_picture_is_opened_when_it_is_looked_at_and_not_before(data: Manifest) -> None:
    opened: list[Path] = []

    def read(path: Path) -> Image.Image:
        opened.append(path)
        return open_picture(path)

    drawer = Drawer(data, DrawOptions(no_picture=0.0, empty_table=0.0), IMAGE, read)
    row = next(row for row in data.live("train") if row.product_id)
    frames = drawer.live(row, np.random.default_rng(0)).sample.frames
    assert (len(frames), opened) == (1, [])
    first, again = (np.asarray(frames[0]) for _ in range(2))
    assert (first == again).all()
    assert opened == data.paths(row) * 2
    assert (np.asarray(frames[:1][0]) == first).all()


def test_no_augmentation_is_the_plain_middle() -> None:
    still = AugmentOptions(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    wide = Image.new("RGB", (80, 40), (10, 10, 10))
    wide.paste((250, 250, 250), (20, 0, 60, 40))
    made = augment(wide, 40, draw_stray(40, still, np.random.default_rng(0)))
    assert np.asarray(made).min() == 250


def test_pictures_are_those_of_the_live_path(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (20, 16), (0, 0, 0, 0))
    clear.paste((200, 10, 10, 255), (4, 4, 12, 12))
    for name, made in (("a.png", clear), ("b.jpg", picture()), ("c.webp", clear)):
        made.save(tmp_path / name)
        live = images.decode((tmp_path / name).read_bytes())
        assert open_picture(tmp_path / name).tobytes() == live.tobytes()
    with pytest.raises(InputError, match=r"none\.png cannot be read"):
        open_picture(tmp_path / "none.png")


PAGE = {"product_id": "a", "domain": "page", "frames": ["a.png"], "title": "A", "split": "train"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({**PAGE, "domain": "shelf"}, "line 2: domain is 'shelf'"),
        ({**PAGE, "split": "later"}, "split is 'later'"),
        ({**PAGE, "frames": "a.png"}, "frames should be a list"),
        ({**PAGE, "product_id": None}, "a page needs a product_id"),
        ({**PAGE, "frames": [], "title": " "}, "neither picture nor title"),
        ({**PAGE, "domain": "live", "product_id": "b"}, "live rows of 'b', but no page"),
        ({**PAGE, "text": 3}, "text should be text or null"),
        ([], "should be an object"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, line: object, reason: str) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(json.dumps(PAGE) + "\n" + json.dumps(line) + "\n")
    with pytest.raises(InputError, match=reason):
        load_manifest(path)


def test_chatter_alone_has_no_product(tmp_path: Path) -> None:
    path, texts = tmp_path / "m.jsonl", tmp_path / "t.jsonl"
    path.write_text(json.dumps(PAGE))
    good = {"product_id": None, "text": "hello Maria", "kind": "chatter", "split": "train"}
    texts.write_text(json.dumps(good))
    assert load_manifest(path, [texts]).texts[0].text == "hello Maria"
    texts.write_text(json.dumps({**good, "kind": "summary"}))
    with pytest.raises(InputError, match="only chatter has none"):
        load_manifest(path, [texts])


def test_pairs_of_the_summarizer_are_texts_of_three_kinds(tmp_path: Path) -> None:
    path, pairs = tmp_path / "m.jsonl", tmp_path / "p.jsonl"
    path.write_text(json.dumps(PAGE))
    pair: dict[str, object] = {
        "transcript": "this is a b",
        "answer": "A B",
        "title": "A B 2",
        "split": "train",
    }
    lines: list[dict[str, object]] = [
        {**pair, "product_id": "made-up"},
        {**pair, "product_id": "a", "answer": "none"},
        {**pair, "product_id": None, "title": None, "answer": "none", "split": "held-out"},
        {**pair, "product_id": None, "title": None, "answer": "none", "transcript": ""},
    ]
    pairs.write_text("\n".join(json.dumps(line) for line in lines))
    found = load_manifest(path, [pairs]).texts
    assert [(one.kind, one.text, one.title) for one in found] == [
        ("transcript", "this is a b", "A B 2"),
        ("summary", "A B", "A B 2"),
        ("chatter", "this is a b", None),
    ]
    assert [one.split for one in found] == ["train", "train", "test"]
    pairs.write_text(json.dumps({**lines[0], "title": None}))
    with pytest.raises(InputError, match="'made-up' has neither a page"):
        load_manifest(path, [pairs])


def test_products_without_a_page_join_as_words_against_words(data: Manifest) -> None:
    heard = Heard("made-up", "oat coffee", "transcript", "train", "Oat coffee, 1 l")
    more = replace(data, texts=(heard, replace(heard, split="test")))
    step = Sampler(more, SamplerOptions(live_rows=4, pairs=3), seed=1).step(0)
    assert step.pairs == (heard,) * 3
    drawn = Drawer(more, DrawOptions(), IMAGE, open_picture).pair(heard)
    assert [one.sample.text for one in drawn] == ["oat coffee", "Oat coffee, 1 l"]
    assert {one.by_text for one in drawn} == {"made-up"}


@pytest.mark.skipif(not GROCERY.is_dir(), reason="../shared/data is not here")
def test_grocery_becomes_a_manifest(tmp_path: Path) -> None:
    found = grocery_manifest(GROCERY)
    assert is_grocery(GROCERY)
    assert not is_grocery(tmp_path)
    assert len(found.pages) == 81
    assert len(found.live("test")) == 296
    assert len(found.live("train")) + len(found.live("val")) == 2640
    assert found.paths(found.pages[0])[0].is_file()
    rows = grocery_rows(GROCERY, GroceryOptions(unseen=0.2))
    unseen = {row.product_id for row in rows if row.split == "test-unseen"}
    assert unseen
    assert not unseen & {
        row.product_id for row in rows if row.domain == "live" and row.split == "train"
    }


def test_a_folder_that_is_no_grocery_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not laid out like Grocery Store"):
        grocery_rows(tmp_path)


def test_where_no_page_has_a_title_no_clip_takes_a_wrong_one(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    rows = [
        {"product_id": "a", "domain": domain, "frames": ["a.png"], "split": "train"}
        for domain in ("page", "live")
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    listed = load_manifest(path)
    options = DrawOptions(title=0.0, heard=0.0, chatter=0.0, wrong=1.0, no_picture=0.0)
    drawn = Drawer(listed, options, IMAGE, open_picture).live(
        listed.live("train")[0], np.random.default_rng(1)
    )
    assert drawn.sample.text is None
    assert drawn.by_picture == "a"
