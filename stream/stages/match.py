"""Vectors → matches, within the room's cart."""

from pydantic import JsonValue

from stream.batcher import BatchOptions
from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.topics import MATCHES, VECTORS
from workers.index import ProductIndex
from workers.match import Matcher, MatchMachine, MatchOptions


def make_match(settings: Settings, rooms: Rooms, index: ProductIndex) -> Stage:
    """Return the stage."""

    def cart(stream_id: str, media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
        room = rooms.at(stream_id, media_ms)
        return (room.version, room.cart, room.shop) if room else (None, (), None)

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> MatchMachine:
        return MatchMachine(stream_id, snapshot)

    options = MatchOptions(settings.match.top_k, settings.match.sounds_weight)
    return Stage(
        name="match",
        inputs=(VECTORS,),
        output=MATCHES,
        machine=machine,
        worker=Matcher(index, cart, options),
        batch=BatchOptions(max_batch=16),
        describe=f"Milvus at {settings.index.uri}",
    )
