"""What Kafka still knows for a retraining: tags, corrections, frames and the live catalogue.

In: the settings. Out: events, as they are stored now. Nothing is consumed, waited for or written.
"""

from collections.abc import Callable

from stream.follow import Follower
from stream.settings import Settings
from stream.topics import CATALOGUE, CORRECTIONS, FRAMES, TAGS, Topic
from workers.events import Correction, Event, Frame, Product, Tag


async def stored_feedback(settings: Settings) -> tuple[list[Tag], list[Correction]]:
    """Return the tags and corrections, each room's in order.

    Raises:
        ServiceError: there is no Kafka or no topic.
    """
    tags: list[Tag] = []
    corrections: list[Correction] = []

    def take(event: Event) -> None:
        if isinstance(event, Tag):
            tags.append(event)
        elif isinstance(event, Correction):
            corrections.append(event)

    await _read(settings, [TAGS, CORRECTIONS], take)
    return tags, corrections


async def stored_frames(settings: Settings, take: Callable[[Frame], None]) -> None:
    """Hand on the frames that their topic still keeps, one by one.

    Raises:
        ServiceError: there is no Kafka or no topic.
    """

    def frame(event: Event) -> None:
        if isinstance(event, Frame):
            take(event)

    await _read(settings, [FRAMES], frame)


async def stored_products(settings: Settings) -> dict[str, Product]:
    """Return the latest upsert of each product of the live catalogue.

    Raises:
        ServiceError: there is no Kafka or no topic.
    """
    products: dict[str, Product] = {}

    def take(event: Event) -> None:
        if isinstance(event, Product):
            products[event.product_id] = event

    await _read(settings, [CATALOGUE], take)
    return products


async def _read(settings: Settings, topics: list[Topic], take: Callable[[Event], None]) -> None:
    kafka = settings.kafka
    follower = Follower(kafka.bootstrap_servers, kafka.topic_prefix, topics)
    await follower.start()
    try:
        async for seen in follower.stored():
            if isinstance(seen.event, Event):
                take(seen.event)
    finally:
        await follower.stop()
