"""Tags and what people said about them → clips that a trainer may believe.

In: tag events and corrections, in the order in which they were made. Out: clips with the product
that they show, or none, and a count of what was left out by reason. A correction beats its tag, a
later correction an earlier one. Pictures are only named here (`workers/evidence.py` fetches them).

An event that ends a sale, or tells something else of it, may name a clip that does not show the
product (`evidence.shows`); such clips teach nothing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from models.errors import InputError
from workers.events import Correction, Event, FrameRef, Tag

EventT = TypeVar("EventT", bound=Event)
Source = Literal["correction", "tag"]


@dataclass(frozen=True)
class FeedbackOptions:
    """Which tags are believed."""

    margin: float | None = 0.1
    """How far above its threshold the score of a tag that nobody spoke about must be for its clips
    to be learnt from; none: only what people spoke about is."""


@dataclass(frozen=True)
class Believed:
    """A clip and what it shows."""

    stream_id: str
    product_id: str | None
    """None: no product is being sold in it."""
    frames: tuple[FrameRef, ...]
    transcript: str
    summary: str | None
    """The product name that was summarised from speech; none where a person named another."""
    source: Source
    verdict: str
    """What the person said; for a tag, `unreviewed`."""
    by: str
    """Who said it, as far as the correction tells."""
    tag_id: str
    slot: int
    """The clip at which the tag event was decided."""


@dataclass
class Feedback:
    """What tags and corrections came to."""

    clips: list[Believed] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Tags and corrections that taught nothing, by reason; each is counted once."""


class _UselessError(Exception):
    """A tag or correction from which nothing can be learnt; says why."""


def read_events(kind: type[EventT], path: Path) -> list[EventT]:
    """Return the events of a JSON Lines file.

    Raises:
        InputError: it cannot be read, or a line is no such event.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {path}: {error}"
        raise InputError(message) from error
    found: list[EventT] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(kind.model_validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "line"
            message = f"{path}, line {number} is no {kind.kind}: {where}: {first['msg']}"
            raise InputError(message) from error
    return found


def believed(
    tags: Iterable[Tag], corrections: Iterable[Correction], options: FeedbackOptions | None = None
) -> Feedback:
    """Return the clips of tags that people confirmed or corrected, and of confident other tags."""
    options = options or FeedbackOptions()
    events: dict[str, dict[str, Tag]] = {}
    for tag in tags:
        events.setdefault(tag.tag_id, {})[tag.event_id] = tag
    said = {one.tag_id: one for one in corrections}
    feedback = Feedback()
    for tag_id in said.keys() - events.keys():
        del tag_id
        feedback.left_out["the tag that a correction speaks of is not among the tags"] += 1
    for tag_id, known in events.items():
        try:
            _refuse_withdrawn(list(known.values()), said.get(tag_id))
            # Old ends do not say that their clip shows the product no longer.
            some = [one for one in known.values() if one.status != "ended" and one.evidence.shows]
            feedback.clips += _clips(some, said.get(tag_id), options)
        except _UselessError as error:
            feedback.left_out[str(error)] += 1
    return feedback


def _clips(
    tags: Sequence[Tag], correction: Correction | None, options: FeedbackOptions
) -> list[Believed]:
    if not tags:
        message = "no clip is known that shows the product of the tag"
        raise _UselessError(message)
    if correction is None:
        _refuse_doubtful(tags, options)
        return [_clip(tag, tag.product_id, None, tag.evidence.frames) for tag in tags]
    product_id = _told(correction, tags[0])
    found = []
    for tag in tags:
        frames = tuple(one for one in tag.evidence.frames if _within(one, correction))
        # Words cannot be cut by time here: a clip whose pictures are all outside is left out.
        if frames or not (tag.evidence.frames or correction.verdict == "wrong_times"):
            found.append(_clip(tag, product_id, correction, frames))
    if not found:
        message = "no picture of the tag lies within the times that the correction gives"
        raise _UselessError(message)
    return found


def _refuse_withdrawn(tags: Sequence[Tag], correction: Correction | None) -> None:
    if correction is None and tags[-1].withdrawn:
        message = "late media have shown that there was no such sale"
        raise _UselessError(message)


def _refuse_doubtful(tags: Sequence[Tag], options: FeedbackOptions) -> None:
    if options.margin is None:
        message = "nobody spoke about the tag"
        raise _UselessError(message)
    newest = max(tags, key=lambda tag: tag.slot)
    if newest.score - newest.evidence.threshold < options.margin:
        message = (
            f"nobody spoke about the tag, and its score is less than {options.margin:g} above its "
            "threshold"
        )
        raise _UselessError(message)


def _told(correction: Correction, tag: Tag) -> str | None:
    """Return the product that a correction says is shown."""
    if correction.verdict == "no_product":
        return None
    if correction.verdict == "wrong_product":
        if correction.product_id is None:
            message = "the correction says that the product is wrong, but not which is right"
            raise _UselessError(message)
        return correction.product_id
    if (
        correction.verdict == "wrong_times"
        and correction.start_ms is None
        and correction.end_ms is None
    ):
        message = "the correction says that the times are wrong, but not which are right"
        raise _UselessError(message)
    return tag.product_id


def _within(frame: FrameRef, correction: Correction) -> bool:
    after = correction.start_ms is None or frame.at_ms >= correction.start_ms
    return after and (correction.end_ms is None or frame.at_ms < correction.end_ms)


def _clip(
    tag: Tag, product_id: str | None, correction: Correction | None, frames: tuple[FrameRef, ...]
) -> Believed:
    return Believed(
        stream_id=tag.stream_id,
        product_id=product_id,
        frames=tuple(dict.fromkeys(frames)),
        transcript=tag.evidence.words,
        summary=tag.evidence.product_name if product_id == tag.product_id else None,
        source="tag" if correction is None else "correction",
        verdict="unreviewed" if correction is None else correction.verdict,
        by="" if correction is None else correction.by,
        tag_id=tag.tag_id,
        slot=tag.slot,
    )
