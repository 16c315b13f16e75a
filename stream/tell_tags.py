"""`liveshelf tags`: the tags on Kafka, each event once. Needs neither torch nor Milvus."""

from rich.console import Console
from rich.markup import escape

from stream.endpoints import find_kafka
from stream.follow import Follower
from stream.settings import Settings
from stream.show import clock, tag_line
from stream.topics import TAGS
from workers.events import Tag


async def tell_tags(
    settings: Settings, stream_id: str | None, *, follow: bool, as_json: bool
) -> None:
    """Print tags.

    Args:
        settings: Where Kafka is.
        stream_id: Only this room's; none: all.
        follow: Wait for more until interrupted.
        as_json: One JSON object per line.

    Raises:
        ServiceError: there is no Kafka or no topic.
    """
    console = Console(soft_wrap=True)
    follower = Follower(find_kafka(settings), settings.kafka.topic_prefix, [TAGS])
    await follower.start()
    told: set[str] = set()
    try:
        async for seen in follower.events() if follow else follower.stored():
            tag = seen.event
            if not isinstance(tag, Tag) or tag.event_id in told:
                continue
            if stream_id is not None and tag.stream_id != stream_id:
                continue
            told.add(tag.event_id)
            if as_json:
                console.out(tag.model_dump_json(), highlight=False)
            else:
                console.print(
                    f"[dim]{escape(tag.stream_id)} {clock(tag.decided_ms)}[/] {tag_line(tag)}",
                    highlight=False,
                )
    finally:
        await follower.stop()
    if not told:
        whose = "" if stream_id is None else f" of room {escape(stream_id)}"
        Console(stderr=True).print(f"no tag{whose} is stored", highlight=False)
