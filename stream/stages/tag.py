"""Matches → tags, with the thresholds that belong to the encoder."""

from collections.abc import Mapping

from pydantic import JsonValue

from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.topics import MATCHES, TAGS
from workers.decision import Threshold
from workers.events import Scope
from workers.tag import Tagger, TagWorker


def make_tag(
    settings: Settings,
    rooms: Rooms,
    thresholds: Mapping[Scope, Threshold],
) -> Stage:
    """Return the stage."""

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> Tagger:
        return Tagger(stream_id, thresholds, settings.tag, snapshot)

    told = ", ".join(f"{scope} {rule.score:.3f}" for scope, rule in sorted(thresholds.items()))
    return Stage(
        name="tag",
        inputs=(MATCHES,),
        output=TAGS,
        machine=machine,
        worker=TagWorker(),
        describe=f"thresholds: {told}",
    )
