"""`liveshelf ingest`: a source onto Kafka, with progress and an account at the end."""

import asyncio
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from models.errors import LiveShelfError
from stream.admin import ensure_topics
from stream.cart import Cart, read_cart
from stream.endpoints import find_index, find_kafka
from stream.ingest import IngestOrder, IngestReport, ingest, lacking, refuse_failed
from stream.link import connect
from stream.settings import Settings
from workers.media import MediaReport, open_source


async def send_source(
    settings: Settings,
    source: str,
    stream_id: str,
    speed: float,
    cart_file: Path | None,
    *,
    again: bool,
    as_json: bool,
) -> None:
    """Send a source to its end and say what became of it.

    Raises:
        InputError: the source or cart cannot be used.
        ServiceError: there is no Kafka.
    """
    console = Console(stderr=True)
    kafka = settings.kafka
    servers = find_kafka(settings)
    cart = await asyncio.to_thread(titled, settings, read_cart(cart_file), console)
    order = IngestOrder(
        stream_id=stream_id,
        speed=speed,
        cart=cart.product_ids,
        titles=cart.titles,
        changes=cart.changes,
        shop=cart.shop,
        language=cart.language,
        again=again,
    )
    opened = await asyncio.to_thread(open_source, source, settings.ingest)
    for line in lacking(opened.probe):
        console.print(f"source: {line}", highlight=False)
    await ensure_topics(servers, kafka.topic_prefix, kafka.partitions, kafka.replication)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        duration_ms = opened.probe.duration_ms
        task = bar.add_task(stream_id, total=duration_ms)
        async with connect(servers, kafka.topic_prefix, "ingest") as link:
            report = await ingest(
                opened,
                order,
                link,
                lambda said: _say(console, said),
                lambda done_ms: bar.update(task, completed=done_ms),
            )
    _account(report, stream_id, as_json=as_json)
    refuse_failed(source, report)


def titled(settings: Settings, cart: Cart, console: Console) -> Cart:
    """Return a cart with the titles that the index knows; without them there are no hotwords."""
    missing = [key for key in cart.every_id if key not in cart.titles]
    if not missing:
        return cart
    try:
        from stream.stages.loading import open_index

        index = open_index(settings, find_index(settings))
        rows = index.get(index.current().fingerprint, missing)
    except LiveShelfError as error:
        said = f"no titles for the cart, so no hotwords: {error}"
        console.print(escape(said), highlight=False)
        return cart
    unknown = [key for key in missing if key not in rows]
    if unknown:
        said = f"not in the index, so never found: {', '.join(unknown)} (from the cart)"
        console.print(escape(said), highlight=False)
    return cart.with_titles({key: str(row["title"]) for key, row in rows.items()})


def _say(console: Console, report: MediaReport) -> None:
    if not report.is_final or report.status == "failed":
        where_s = report.position_ms / 1_000
        said = f"source: {report.status} at {where_s:.1f} s: {report.reason}"
        console.print(escape(said), highlight=False)


def _account(report: IngestReport, stream_id: str, *, as_json: bool) -> None:
    final = report.final
    told = {
        "stream_id": stream_id,
        "duration_ms": report.duration_ms,
        "audio_chunks": report.audio_chunks,
        "gap_ms": report.gap_ms,
        "frames": dict(report.frames),
        "ended": final.status if final else "ended",
        "reason": final.reason if final else "",
    }
    console = Console()
    if as_json:
        console.print_json(json.dumps(told))
        return
    frames = report.frames
    console.print(
        f"room {stream_id}: {report.duration_ms / 1_000:.1f} s; {report.audio_chunks} audio chunks "
        f"({report.gap_ms} ms of gaps); {frames['seen']} pictures seen, {frames['kept']} kept, "
        f"{frames['seen'] - frames['kept']} dropped; slots: "
        + ", ".join(f"{name} {count}" for name, count in sorted(frames.items()) if name != "seen"),
        highlight=False,
    )
