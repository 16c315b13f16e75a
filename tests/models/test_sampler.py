"""Steps with short videos and with look-alikes: still each clip once, still by seed and number."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InputError
from models.manifest import Manifest, Row
from models.neighbours import write_neighbours
from models.sampler import Sampler, SamplerOptions

# Six products in two shops; those of even number are named alike.
SHOPS = ("north", "south")
NAMES = [f"p{at}" for at in range(6)]


def _row(product: str | None, domain: str, number: int) -> Row:
    at = int(product[1:]) if product else 0
    kind = "Oatrelle oat drink" if at % 2 == 0 else ("tote bag", "bean soup", "ink pen")[at // 2]
    return Row(
        product_id=product,
        domain=domain,  # type: ignore[arg-type]
        frames=(f"{domain}-{product}-{number}.png",),
        split="train",
        title=f"{kind} {at}" if domain == "page" else None,
        shop=SHOPS[at // 3] if domain == "page" else None,
    )


def _data(clips: dict[str, int] | None = None, videos: dict[str, int] | None = None) -> Manifest:
    live = dict.fromkeys(NAMES, 4) if clips is None else clips
    rows = [_row(name, "page", 0) for name in NAMES]
    rows += [_row(name, "live", at) for name, count in live.items() for at in range(count)]
    rows += [
        _row(name, "video", at) for name, count in (videos or {}).items() for at in range(count)
    ]
    return Manifest(Path(), tuple(rows))


def _sampler(data: Manifest, seed: int = 1, /, **options: Any) -> Sampler:
    made: SamplerOptions = replace(SamplerOptions(live_rows=6), **options)
    return Sampler(data, made, seed)


def test_a_step_may_hold_a_page_a_short_video_and_a_clip_of_each_product() -> None:
    data = _data(clips=dict.fromkeys(NAMES, 1), videos=dict.fromkeys(NAMES, 3))
    sampler = _sampler(data, live_rows=3, views=1, videos=1)
    assert sampler.steps_per_epoch == 2
    for number in range(6):
        step = sampler.step(number)
        of = [sorted(str(row.product_id) for row in rows) for rows in (step.live, step.videos)]
        assert of[0] == of[1] == sorted(str(row.product_id) for row in step.pages)
        assert len(set(of[0])) == 3
    shown = {row.frames for number in range(60) for row in sampler.step(number).videos}
    # Which video comes along is drawn.
    assert len(shown) == 18


def test_products_that_lack_a_domain_join_with_what_they_have() -> None:
    data = _data(clips={"p0": 2, "p1": 2}, videos={"p1": 2, "p2": 3})
    sampler = _sampler(data, live_rows=7, videos=5)
    assert sampler.products == ["p0", "p1", "p2"]
    step = sampler.step(0)
    clips = Counter(row.product_id for row in step.live)
    videos = Counter(row.product_id for row in step.videos)
    assert clips == {"p0": 2, "p1": 2}
    # Short videos without a clip take its place, each once; others come along, no more than wanted.
    assert videos == {"p1": 2, "p2": 3}
    assert len({row.frames for row in step.videos}) == 5
    assert [row.product_id for row in step.pages] == ["p0", "p1", "p2"]


def test_short_videos_alone_can_be_trained_on() -> None:
    data = _data(clips={}, videos={"p0": 3, "p3": 3})
    step = _sampler(data, videos=1).step(0)
    assert step.live == ()
    assert Counter(row.product_id for row in step.videos) == {"p0": 3, "p3": 3}
    with pytest.raises(InputError, match="at least two products"):
        _sampler(data)


def test_without_being_asked_for_short_videos_change_no_step() -> None:
    with_some, without = _data(videos={"p1": 4}), _data()
    for number in range(8):
        assert _sampler(with_some).step(number) == _sampler(without).step(number)


def _list(folder: Path) -> str:
    path = folder / "near.jsonl"
    write_neighbours(path, {"p0": ("p5", "gone"), "p5": ("p0",), "p1": ("p4",), "p2": ("p3",)})
    return str(path)


@settings(max_examples=40)
@given(
    shares=st.tuples(*(st.sampled_from([0.0, 0.2, 0.3]) for _ in range(3))),
    live_rows=st.integers(2, 7),
    views=st.integers(1, 3),
    seed=st.integers(0, 9),
)
def test_look_alikes_come_once_an_epoch_like_all_clips(
    tmp_path_factory: pytest.TempPathFactory,
    shares: tuple[float, float, float],
    live_rows: int,
    views: int,
    seed: int,
) -> None:
    shop, title, mined = shares
    options = {
        "live_rows": live_rows,
        "views": views,
        "alike": 0.1,
        "same_shop": shop,
        "near_title": title,
        "mined": mined,
        "negatives": _list(tmp_path_factory.mktemp("near")) if mined else "",
    }
    sampler = _sampler(_data(), seed, **options)
    steps = [sampler.step(number) for number in range(sampler.steps_per_epoch)]
    seen = Counter(row.frames for step in steps for row in step.live)
    assert set(seen.values()) == {1}
    assert all(len(step.live) == live_rows for step in steps)
    # Any step follows from seed and number, whatever was asked before.
    last = sampler.steps_per_epoch - 1
    assert _sampler(_data(), seed, **options).step(last) == steps[last]


def _together(sampler: Sampler, one: str, other: str) -> float:
    """Return the share of one product's steps that hold the other too."""
    both = own = 0
    for number in range(sampler.steps_per_epoch * 20):
        of = {row.product_id for row in sampler.step(number).live}
        own += one in of
        both += {one, other} <= of
    return both / own


def test_look_alikes_meet_more_often_than_others(tmp_path: Path) -> None:
    plain = {"alike": 0.0, "live_rows": 4, "views": 1}
    chance = _sampler(_data(), **plain)
    mined = _sampler(_data(), **plain, mined=1.0, negatives=_list(tmp_path), neighbours=1)
    assert _together(mined, "p1", "p4") > 1.3 * _together(chance, "p1", "p4")
    titled = _sampler(_data(), **plain, near_title=1.0)
    assert _together(titled, "p0", "p4") > 1.3 * _together(chance, "p0", "p4")


def test_a_step_of_one_shop_holds_nothing_else() -> None:
    sampler = _sampler(_data(), alike=0.0, live_rows=3, views=1, same_shop=1.0)
    met = set()
    for number in range(sampler.steps_per_epoch * 3):
        of = [row.product_id for row in sampler.step(number).live]
        assert {*of} in ({"p0", "p1", "p2"}, {"p3", "p4", "p5"})
        met.add(tuple(of))
    # In an order that changes.
    assert len(met) > 4


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"alike": 0.6, "same_shop": 0.5}, "at most 1, but are 0.6, 0.5, 0, 0"),
        ({"alike": -0.1}, "sum to at most 1, but are -0.1"),
        ({"mined": 0.2}, "mined is 0.2 with the list '': give both"),
        ({"negatives": "near.jsonl"}, "mined is 0 with the list 'near.jsonl': give both"),
        ({"neighbours": 0}, "neighbours 0 and videos 0: want 1 and 0 or more"),
    ],
)
def test_options_that_make_no_step_are_named(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        _sampler(_data(), **options)
