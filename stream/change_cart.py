"""`liveshelf cart`: another cart for a room that goes on, from a media time on."""

import asyncio
from pathlib import Path

from rich.console import Console

from models.errors import InputError
from stream.cart import read_cart
from stream.endpoints import find_kafka
from stream.follow import Follower
from stream.ingest import say_room
from stream.link import Link, connect
from stream.send import titled
from stream.settings import Settings
from stream.topics import AUDIO, FRAMES
from workers.events import GridEvent, Room

_PATIENCE_S = 10.0


async def change_cart(
    settings: Settings, stream_id: str, cart_file: Path, from_s: float | None
) -> Room:
    """Give a room another cart and return the room as it then is.

    Args:
        settings: which Kafka, and which index knows titles.
        stream_id: the room.
        cart_file: as for `ingest`; its shop and language, where it names some, hold too.
        from_s: media time from which it holds; none: from the newest chunk of the room on.

    Raises:
        InputError: there is no such room, it has ended, or the cart cannot be used.
        ServiceError: there is no Kafka.
    """
    cart = read_cart(cart_file)
    if cart.changes:
        message = f"cart {cart_file}: a change of a cart cannot have changes of its own"
        raise InputError(message)
    servers = find_kafka(settings)
    cart = await asyncio.to_thread(titled, settings, cart, Console(stderr=True))
    async with connect(servers, settings.kafka.topic_prefix, "cart") as link:
        room = link.rooms.latest(stream_id)
        if room is None or room.state == "closed":
            message = f"room {stream_id!r} {'has ended' if room else 'was never opened'}"
            raise InputError(message)
        from_ms = round(1_000 * from_s) if from_s is not None else await _newest_ms(link, stream_id)
        changed = room.model_copy(
            update={
                "version": room.version + 1,
                "cart": cart.product_ids,
                "titles": cart.titles,
                "shop": cart.shop or room.shop,
                "language": cart.language or room.language,
                "effective_from_ms": from_ms,
            }
        )
        await say_room(link, changed)
    return changed


async def _newest_ms(link: Link, stream_id: str) -> int:
    """Return the end of the next chunk or frame of a room; stages have not come so far yet."""
    follower = Follower(link.bootstrap_servers, link.prefix, [AUDIO, FRAMES])
    await follower.start(from_start=False)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for seen in follower.events():
                if isinstance(seen.event, GridEvent) and seen.event.stream_id == stream_id:
                    return seen.event.end_ms
    except TimeoutError:
        pass
    finally:
        await follower.stop()
    message = f"nothing came of room {stream_id!r} in {_PATIENCE_S:g} s; say from when: --from"
    raise InputError(message)
