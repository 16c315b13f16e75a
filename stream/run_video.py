"""`liveshelf run`: a user's own video and catalogue, in one go."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape

from models.errors import InputError
from stream.cart import read_cart
from stream.endpoints import logs_folder
from stream.ingest import IngestOrder, refuse_failed
from stream.play import Played, PlayOrder, play
from stream.settings import Settings
from stream.show import tags_table
from stream.worker_layout import layout_of
from workers.catalogue import read_catalogue


@dataclass(frozen=True)
class VideoOrder:
    """What the command line says."""

    source: str
    catalogue: Path
    cart: Path | None
    stream_id: str | None
    speed: float
    tags_out: Path | None
    as_json: bool
    workers: str | None = None
    """Stages of each process: commas within one, a slash between two; none: two processes."""


async def run_video(settings: Settings, order: VideoOrder) -> None:
    """Index the catalogue, play the video, print its tags.

    Raises:
        InputError: video, catalogue, cart or the room's name cannot be used.
        SettingsError: the workers cannot be as they are wanted.
    """
    console = Console(stderr=order.as_json)
    layout = layout_of(settings, order.workers)
    cart = read_cart(order.cart)
    products = read_catalogue(order.catalogue).products
    cart = cart.with_titles({product.product_id: product.title for product in products})
    unknown = sorted(set(cart.every_id) - {product.product_id for product in products})
    if unknown:
        message = f"cart {order.cart}: {unknown[0]!r} is not in catalogue {order.catalogue}"
        raise InputError(message)
    played = await play(
        settings,
        PlayOrder(
            source=order.source,
            ingest=IngestOrder(
                stream_id=order.stream_id or default_stream_id(order.source),
                speed=order.speed,
                cart=cart.product_ids,
                titles=cart.titles,
                changes=cart.changes,
                shop=cart.shop,
                language=cart.language,
            ),
            catalogue=order.catalogue,
            tags_out=order.tags_out,
            json_lines=order.as_json,
            workers=layout,
        ),
        console,
        lambda line: console.print(f"[dim]{escape(line)}[/]", highlight=False),
    )
    console.print()
    console.print(tags_table(played.tags) if played.tags else "no product was recognised")
    account(console, settings, played)
    refuse_failed(order.source, played.report)


def default_stream_id(source: str) -> str:
    """Return a new room name made of the file's name and the time."""
    stem = Path(urlsplit(source).path or source).stem
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in stem)
    name = plain.strip("-") or "room"
    return f"{name[:60]}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def account(console: Console, settings: Settings, played: Played) -> None:
    """Print what was heard, seen and done, and where to look further."""
    told, report = played.told, played.report
    frames = report.frames
    kept = frames["kept"]
    console.print(
        f"{report.duration_ms / 1_000:.0f} s of media: {told.words} words heard; "
        f"{frames['seen']} pictures seen, {kept} kept, {frames['seen'] - kept} dropped; "
        f"{told.clips} clips matched",
        highlight=False,
        soft_wrap=True,
    )
    if told.sound is not None:
        console.print(f"sound: {told.sound.text()}", highlight=False, soft_wrap=True)
    share = told.fell_back / told.windows_with_words if told.windows_with_words else 0.0
    rungs = ", ".join(
        f"{'without words' if name == 'none' else name} {count}"
        for name, count in sorted(told.rungs.items())
    )
    console.print(
        f"summaries: {told.windows} windows ({rungs}); fell back to the extractive summarizer in "
        f"{told.fell_back} of {told.windows_with_words} with words ({share:.0%})",
        highlight=False,
        soft_wrap=True,
    )
    console.print(told.load.line(), highlight=False, soft_wrap=True)
    console.print(
        f"logs of every process: {logs_folder(settings)}", highlight=False, soft_wrap=True
    )
