"""Several products at once: a comparison, a bundle, and what is neither. Clips come every 2.5 s."""

from hypothesis import given
from hypothesis import strategies as st

from tests.workers.tag_rooms import OPTIONS, lives, room, tags_of
from workers.events import Candidate, Match
from workers.standing import standing
from workers.tag import TagOptions

BUNDLES = TagOptions(update_every=0, also_within=0.2)


def clip(slot: int, *candidates: Candidate, last: bool = False) -> Match:
    start_ms = slot * 2_500
    return Match(
        stream_id="room", slot=slot, start_ms=start_ms, end_ms=start_ms + 5_000,
        watermark_ms=start_ms + 5_000, candidates=candidates, fingerprint="f1", last=last,
    )  # fmt: skip


def scored(product: str, score: float, **by: float) -> Candidate:
    return Candidate(product_id=product, score=score, title=product, by=by)


def test_compared_products_are_tags_of_their_own_and_the_first_stays_the_primary() -> None:
    # clip       0  1  2  3  4  5  6  7  8  9  10
    # shows      A  A  B  A  B  A  B  .  .  .  .
    # A          ---------------------|               starts at 1, last shown at 5
    # B                .  .  ------------|            starts at 4, last shown at 6
    tags = tags_of(room("AABABAB...."))
    assert [(tag.status, tag.product_id, tag.slot, tag.primary) for tag in tags] == [
        ("started", "A", 1, True),
        ("started", "B", 4, False),
        ("updated", "A", 7, False),
        ("updated", "B", 7, True),
        ("ended", "A", 8, False),
        ("ended", "B", 9, True),
    ]
    assert [(tag.product_id, tag.start_ms, tag.end_ms) for tag in standing(tags)] == [
        ("A", 0, 16_250), ("B", 6_250, 18_750),
    ]  # fmt: skip


def test_product_that_took_over_is_the_primary_one_and_alone() -> None:
    tags = tags_of(room("AAABBB"))
    assert [(tag.status, tag.product_id, tag.primary) for tag in tags] == [
        ("started", "A", True), ("ended", "A", True), ("started", "B", True), ("ended", "B", True),
    ]  # fmt: skip


def test_mention_of_a_product_that_was_replaced_does_not_keep_it_alive() -> None:
    # clip       0  1  2  3  4  5  6  7  8  9
    # shows      A  A  B  A  B  B  B  A  B  B      B starts at 4, beside A
    # A          ------------|                     the mention at 7 is of no tag that is open
    tags = tags_of(room("AABABBBABB"))
    assert lives([tag for tag in tags if tag.status != "updated"]) == [
        ("started", "A", 0), ("started", "B", 6.25), ("ended", "A", 11.25), ("ended", "B", 26.25),
    ]  # fmt: skip


def test_bundle_has_a_tag_for_each_product_that_a_modality_puts_first() -> None:
    # The host names the pan and shows the lid; the other pan is only like the first.
    pan = scored("pan", 0.8, frames=0.5, sounds=0.9)
    lid = scored("lid", 0.7, frames=0.8, sounds=0.1)
    other = scored("other pan", 0.79, frames=0.49, sounds=0.8)
    tags = tags_of([clip(slot, pan, other, lid, last=slot == 3) for slot in range(4)], BUNDLES)
    started = [(tag.product_id, tag.primary) for tag in tags if tag.status == "started"]
    assert started == [("pan", True), ("lid", False)]


def test_second_product_counts_only_if_it_is_accepted_and_nearly_as_good() -> None:
    pan = scored("pan", 0.8, sounds=0.9)
    for lid in (scored("lid", 0.49, frames=0.8), scored("lid", 0.59, frames=0.8)):
        tags = tags_of([clip(slot, pan, lid) for slot in range(4)], BUNDLES)
        assert [tag.product_id for tag in tags] == ["pan"]
    near = scored("lid", 0.7, frames=0.8)
    assert len(tags_of([clip(slot, pan, near) for slot in range(4)], OPTIONS)) == 1


@given(st.text(alphabet="ABC.", min_size=1, max_size=40))
def test_of_the_open_tags_exactly_one_is_the_primary_after_every_clip(text: str) -> None:
    said = []
    tags = tags_of(room(text))
    for slot in range(len(text)):
        said += [tag for tag in tags if tag.slot == slot]
        still_open = [tag for tag in standing(said) if tag.end_ms is None]
        assert sum(tag.primary for tag in still_open) == min(1, len(still_open))
        assert len({tag.product_id for tag in still_open}) == len(still_open)
