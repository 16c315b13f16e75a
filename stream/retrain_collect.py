"""First part of a retraining: feedback, frames and pages become a manifest in its folder.

In: files and, if asked for, topics. Out: `collected/` with `manifest.jsonl`, `texts.jsonl`,
`provenance.jsonl` (a line per new row), pictures, and `report.json` (what was left out and why).
It appears whole or not at all.
"""

import asyncio
import json
import shutil
from collections.abc import Callable
from typing import Any

from models.errors import InputError
from models.formats.layout import manifest_at
from models.frozen import frozen_rows, rooms_of
from models.manifest import Manifest
from models.manifest_merge import write_merged
from stream.retrain_move import picture_source
from stream.retrain_order import RetrainFolder, RetrainOrder
from stream.retrain_topics import stored_feedback, stored_frames
from stream.settings import Settings
from workers.events import Correction, Tag
from workers.evidence import Evidence, film_of, recorded_frames
from workers.feedback import Feedback, FeedbackOptions, believed, read_events
from workers.feedback_rows import Collected, Known, clip_rows, page_rows
from workers.served import Served

Say = Callable[[str], None]


def collect(
    settings: Settings, order: RetrainOrder, folder: RetrainFolder, served: Served, say: Say
) -> dict[str, Any]:
    """Write the manifest to learn from, unless it is there; return the report on it.

    Raises:
        InputError: there is nothing to learn, or no room to choose weights and thresholds on.
        ServiceError: topics are wanted, and there is no Kafka.
    """
    report = folder.collected / "report.json"
    if report.is_file():
        return dict(json.loads(report.read_text(encoding="utf-8")))
    feedback = _feedback(settings, order)
    base = manifest_at(order.base, order.texts) if order.base is not None else None
    frozen = manifest_at(order.frozen, order.frozen_texts)
    known = _known(base, frozen)
    fresh = folder.collected.with_name("collected.new")
    shutil.rmtree(fresh, ignore_errors=True)
    evidence = Evidence(fresh / "frames", feedback.clips)
    _fetch(settings, order, evidence, say)
    products = {one.product_id: one for one in served.products(sorted(served.ids()))}
    pages = page_rows(products, known, fresh, picture_source(order))
    paged = known.pages | products.keys()
    clips = clip_rows(feedback.clips, evidence, paged, known, order.val_share)
    told = _report(feedback, clips, pages, base)
    _refuse_nothing(clips, base, told, order)
    write_merged(fresh, base, [*pages.rows, *clips.rows])
    with (fresh / "provenance.jsonl").open("w", encoding="utf-8") as stream:
        for item in [*pages.provenance, *clips.provenance]:
            stream.write(json.dumps(item, ensure_ascii=False) + "\n")
    (fresh / "report.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    fresh.replace(folder.collected)
    return told


def _feedback(settings: Settings, order: RetrainOrder) -> Feedback:
    tags = [tag for path in order.tags for tag in read_events(Tag, path)]
    corrections = [one for path in order.corrections for one in read_events(Correction, path)]
    if order.live:
        more_tags, more_corrections = asyncio.run(stored_feedback(settings))
        tags, corrections = tags + more_tags, corrections + more_corrections
    return believed(tags, corrections, FeedbackOptions(order.margin))


def _known(base: Manifest | None, frozen: Manifest) -> Known:
    rows = base.rows if base is not None else ()
    return Known(
        pages=frozenset(str(row.product_id) for row in rows if row.domain == "page"),
        rooms={row.stream_id: row.split for row in rows if row.stream_id is not None},
        frozen_rooms=rooms_of(frozen_rows(frozen)),
    )


def _fetch(settings: Settings, order: RetrainOrder, evidence: Evidence, say: Say) -> None:
    if order.live:
        asyncio.run(stored_frames(settings, evidence.offer))
    for room in evidence.rooms if order.rooms is not None else ():
        film = film_of(order.rooms, room) if order.rooms is not None else None
        if film is None:
            continue
        say(f"frames of {room} from {film}")
        try:
            for frame in recorded_frames(film, room, settings.ingest):
                evidence.offer(frame)
        except InputError as error:
            # A damaged recording costs its own frames, which are counted.
            say(str(error))


def _report(
    feedback: Feedback, clips: Collected, pages: Collected, base: Manifest | None
) -> dict[str, Any]:
    rows = clips.rows
    return {
        "clips": len(rows),
        "train": sum(row.split == "train" for row in rows),
        "val": sum(row.split == "val" for row in rows),
        "no_product": sum(row.product_id is None for row in rows),
        "corrected": sum(one["source"] == "correction" for one in clips.provenance),
        "rooms": len({row.stream_id for row in rows}),
        "pages": len(pages.rows),
        "base_rows": len(base.rows) if base is not None else 0,
        "tags_left_out": dict(feedback.left_out),
        "clips_left_out": {key: count for key, count in clips.left_out.items() if count},
        "frames_lost": dict(clips.frames_lost),
        "pages_left_out": dict(pages.pages_left_out),
    }


def _refuse_nothing(
    clips: Collected, base: Manifest | None, told: dict[str, Any], order: RetrainOrder
) -> None:
    if not clips.rows:
        reasons = {**told["tags_left_out"], **told["clips_left_out"]} or "no tag, no correction"
        message = f"there is nothing new to learn from; left out: {reasons}"
        raise InputError(message)
    in_base = base.live("val") if base is not None else ()
    if not told["val"] and not in_base:
        rooms = sorted({str(row.stream_id) for row in clips.rows})
        message = (
            f"none of the rooms {', '.join(rooms)} falls into split val at --val-share "
            f"{order.val_share:g}, and there is no other manifest with one: weights and "
            "thresholds could not be chosen; raise --val-share, add rooms, or give --base"
        )
        raise InputError(message)
