"""Rooms drawn as text for the tag machine. Clips are 5 s long, one every 2.5 s unless said."""

from collections.abc import Iterable, Sequence

from workers.decision import Threshold
from workers.events import Candidate, Match, Scope, Tag
from workers.standing import standing
from workers.tag import Tagger, TagOptions

RULE: dict[Scope, Threshold] = {"catalogue": Threshold(0.5, "test", "f1")}
OPTIONS = TagOptions(update_every=0)


def match(
    slot: int, product: str = "", score: float = 0.9, *, last: bool = False, hop_ms: int = 2_500
) -> Match:
    candidates = (Candidate(product_id=product, score=score, title=product),) if product else ()
    start_ms = slot * hop_ms
    return Match(
        stream_id="room", slot=slot, start_ms=start_ms, end_ms=start_ms + 5_000,
        watermark_ms=start_ms + 5_000, candidates=candidates, fingerprint="f1", last=last,
    )  # fmt: skip


def room(products: str, hop_ms: int = 2_500) -> list[Match]:
    """One letter per clip; a dot is a clip that shows nothing."""
    return [
        match(
            slot, "" if letter == "." else letter, last=slot == len(products) - 1, hop_ms=hop_ms
        )
        for slot, letter in enumerate(products)
    ]  # fmt: skip


def pushed(tagger: Tagger, matches: Iterable[Match]) -> list[Tag]:
    return [tag for one in matches for tags in tagger.push(one) for tag in tags]


def tags_of(matches: Sequence[Match], options: TagOptions = OPTIONS) -> list[Tag]:
    return pushed(Tagger("room", RULE, options), matches)


def lives(tags: Sequence[Tag]) -> list[tuple[str, str, float]]:
    return [
        (tag.status, tag.product_id, (tag.start_ms if tag.end_ms is None else tag.end_ms) / 1_000)
        for tag in tags
    ]


def as_they_stand(tags: Iterable[Tag]) -> list[tuple[object, ...]]:
    """What a reader of all events ends with; evidence is of whichever clip decided last."""
    return [
        (
            tag.tag_id, tag.product_id, tag.start_ms, tag.end_ms, tag.score, tag.primary,
            tag.previous_tag_id, tag.first_tag_id, tag.evidence.windows,
        )
        for tag in standing(tags)
    ]  # fmt: skip
