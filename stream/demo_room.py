"""`liveshelf demo`: the bundled sample room through every real part, and how right the tags are.

It keeps broker, index and logs in a folder of its own, so that nothing mixes with a user's
products: its tags and the picture of its timeline lie there too.
"""

import shutil
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.errors import InputError
from models.segment_scores import SegmentScores, measure
from models.segments import RoomScore, Segment, score_room
from stream.cart import read_cart
from stream.ingest import IngestOrder
from stream.play import Played, PlayOrder, play
from stream.run_video import account, default_stream_id
from stream.score_table import score_table
from stream.setting_groups import ModelSettings
from stream.settings import Settings, with_encoder
from stream.show import clock
from workers.catalogue import read_catalogue
from workers.events import Tag
from workers.rooms import scoring
from workers.rooms.timeline_picture import TimelinePicture, draw_timeline

FOLDER = Path(__file__).with_name("demo")
_ENCODER = "liveshelf"
"""It was trained on the world that the sample room shows."""
TOLERANCE_MS = 3_000
"""How far off a tag's start and end may be."""


@dataclass(frozen=True)
class Demo:
    """One playing of the sample room."""

    played: Played
    score: RoomScore
    scores: SegmentScores
    titles: dict[str, str]
    first_tag_s: float | None
    """From the start of the command; none if no tag came."""
    wall_s: float
    """From the first chunk sent to the last tag."""
    truth: scoring.Truth
    events: tuple[Tag, ...]
    """Every tag event, in order."""

    @property
    def right(self) -> bool:
        """Whether every product was found once, in order and in time, and none was invented."""
        return self.score.all_right(TOLERANCE_MS)


async def run_demo(
    settings: Settings, speed: float, tags_out: Path | None, *, as_json: bool
) -> int:
    """Play the sample room and print its tags and their score.

    Returns:
        0 when every product was found once, in order and in time, and none was invented; else 1.
    """
    console = Console(stderr=as_json)
    settings = demo_settings(settings)
    demo = await play_demo(settings, speed, tags_out, console, as_json=as_json)
    console.print()
    console.print(_table(demo.score, demo.titles))
    _verdict(console, demo.score)
    console.print(score_table(demo.scores, "The same in figures"))
    _picture(console, demo, settings.data_dir / "timeline.png")
    if demo.first_tag_s is not None:
        console.print(f"first tag {demo.first_tag_s:.0f} s after the start of this command")
    account(console, settings, demo.played)
    _where_next(console, settings, demo.played)
    return 0 if demo.right else 1


async def play_demo(
    settings: Settings, speed: float, tags_out: Path | None, console: Console, *, as_json: bool
) -> Demo:
    """Play the sample room, telling what happens on a console."""
    began_s = time.monotonic()
    tags_file = tags_out or settings.data_dir / "tags.jsonl"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    truth = scoring.read_truth(FOLDER / "truth.json")
    cart = read_cart(FOLDER / "cart.json")
    products = read_catalogue(FOLDER / "catalogue.jsonl").products
    titles = {product.product_id: product.title for product in products}
    cart = cart.with_titles(titles)
    console.print(
        f"LiveShelf demo: a room of {truth.duration_ms / 1_000:.0f} s, "
        f"{len(cart.product_ids)} products in its cart, {len(products)} in the catalogue; "
        f"everything it keeps is in {settings.data_dir}\n",
        highlight=False,
    )
    first: list[float] = []
    played = await play(
        settings,
        PlayOrder(
            source=str(FOLDER / "room.mp4"),
            ingest=IngestOrder(
                stream_id=default_stream_id("demo"),
                speed=speed,
                cart=cart.product_ids,
                titles=cart.titles,
                shop=cart.shop,
                language="en",
            ),
            catalogue=FOLDER / "catalogue.jsonl",
            tags_out=tags_file,
            json_lines=as_json,
            on_first_tag=lambda: first.append(time.monotonic() - began_s),
        ),
        console,
        lambda line: console.print(f"[dim]{escape(line)}[/]", highlight=False),
    )
    score = score_room([_segment(tag, played) for tag in played.tags], truth.segments)
    events = tuple(scoring.read_tags(tags_file))
    said = scoring.told(events, truth.duration_ms)
    return Demo(
        played=played,
        score=score,
        scores=measure(said, truth.segments, truth.duration_ms),
        titles=titles,
        first_tag_s=first[0] if first else None,
        wall_s=played.wall_s,
        truth=truth,
        events=events,
    )


def demo_settings(settings: Settings) -> Settings:
    """Return the settings with the demo's own data folder, and its encoder unless one is set."""
    settings = replace(settings, paths=replace(settings.paths, data_dir=settings.data_dir / "demo"))
    is_set = settings.models.encoder != ModelSettings().encoder
    return settings if is_set else with_encoder(settings, _ENCODER)


def read_truth(folder: Path) -> list[Segment]:
    """Return the true segments of a made room."""
    return list(scoring.read_truth(folder / "truth.json").segments)


def _segment(tag: Tag, played: Played) -> Segment:
    end_ms = tag.end_ms if tag.end_ms is not None else played.report.duration_ms
    return Segment(tag.product_id, tag.start_ms, end_ms)


def _table(score: RoomScore, titles: dict[str, str]) -> Table:
    table = Table(title="What was sold, and what the tags said", title_justify="left")
    for heading in ("product", "from", "to", "tags", "start off by", "end off by", ""):
        table.add_column(heading)
    for found in score.found:
        right = found.right(TOLERANCE_MS)
        table.add_row(
            escape(titles.get(found.truth.product_id, found.truth.product_id)),
            clock(found.truth.start_ms),
            clock(found.truth.end_ms),
            str(len(found.tags)),
            _seconds(found.start_error_ms),
            _seconds(found.end_error_ms),
            "[green]right[/]" if right else "[bold red]WRONG[/]",
        )
    for tag in score.invented:
        name = escape(titles.get(tag.product_id, tag.product_id))
        table.add_row(name, clock(tag.start_ms), clock(tag.end_ms), "", "", "", "[red]INVENTED[/]")
    return table


def _seconds(error_ms: int | None) -> str:
    return "" if error_ms is None else f"{error_ms / 1_000:+.1f} s"


def _verdict(console: Console, score: RoomScore) -> None:
    right = sum(found.right(TOLERANCE_MS) for found in score.found)
    order = "in order" if score.in_order else "OUT OF ORDER"
    console.print(
        f"{right} of {len(score.found)} products found once, {order}, start and end within "
        f"{TOLERANCE_MS / 1_000:g} s; {len(score.invented)} invented",
        highlight=False,
    )


def _picture(console: Console, demo: Demo, path: Path) -> None:
    picture = TimelinePicture(
        heading="liveshelf demo",
        truth=demo.truth,
        tags=scoring.told(demo.events, demo.truth.duration_ms),
        scores=demo.scores,
        titles=demo.titles,
        points=scoring.points_of_tags(demo.events),
    )
    try:
        draw_timeline(picture, path)
    except InputError as error:
        # The tags are right or wrong without it.
        console.print(f"[yellow]{escape(str(error))}[/]", highlight=False, soft_wrap=True)
    else:
        console.print(f"timeline picture: {escape(str(path))}", highlight=False, soft_wrap=True)


def _where_next(console: Console, settings: Settings, played: Played) -> None:
    # `make demo` runs it from an environment that is not on the path.
    program = "liveshelf" if shutil.which("liveshelf") else sys.argv[0]
    here = f"{program} --set paths.data_dir={settings.data_dir}"
    room = played.tags[0].stream_id if played.tags else "ROOM"
    console.print(
        "\nWhere to look further:\n"
        f"  the same media again, the same tag ids:  {here} replay {room}\n"
        f"  every tag kept on Kafka:  {here} broker start; {here} tags\n"
        f"  your own video and products:  {program} run VIDEO --catalogue FILE\n"
        f"  what is installed and what is missing:  {program} doctor",
        highlight=False,
        soft_wrap=True,
    )
