"""Matches → tags, with the threshold that belongs to the encoder."""

from pydantic import JsonValue

from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.stages.loading import threshold_of
from stream.topics import MATCHES, TAGS
from workers.tag import Tagger, TagWorker


def make_tag(settings: Settings, rooms: Rooms) -> Stage:  # noqa: ARG001 — one shape for all
    """Return the stage."""
    threshold = threshold_of(settings)

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> Tagger:
        return Tagger(stream_id, threshold, settings.tag, snapshot)

    return Stage(
        name="tag",
        inputs=(MATCHES,),
        output=TAGS,
        machine=machine,
        worker=TagWorker(),
        describe=f"threshold {threshold.score:.3f} ({threshold.version})",
    )
