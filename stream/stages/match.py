"""Vectors → matches, within the room's cart, else its shop, else the catalogue."""

from collections.abc import Mapping

from pydantic import JsonValue

from stream.batcher import BatchOptions
from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.topics import MATCHES, VECTORS
from workers.decision import Threshold
from workers.events import Scope
from workers.index import ProductIndex
from workers.match import Matcher, MatchOptions
from workers.match_machine import MatchMachine


def make_match(
    settings: Settings,
    rooms: Rooms,
    index: ProductIndex,
    rules: Mapping[Scope, Threshold],
) -> Stage:
    """Return the stage."""

    def cart(stream_id: str, media_ms: int) -> tuple[int | None, tuple[str, ...], str | None]:
        room = rooms.at(stream_id, media_ms)
        return (room.version, room.cart, room.shop) if room else (None, (), None)

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> MatchMachine:
        return MatchMachine(stream_id, snapshot)

    known = settings.match
    options = MatchOptions(known.top_k, known.sounds_weight, known.step_down)
    return Stage(
        name="match",
        inputs=(VECTORS,),
        output=MATCHES,
        machine=machine,
        worker=Matcher(index, cart, options, rules),
        batch=BatchOptions(max_batch=16),
        describe=f"Milvus at {settings.index.uri}",
    )
