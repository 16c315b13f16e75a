"""Frames, transcripts and summaries → vectors: align, then encode."""

from pydantic import JsonValue

from models.encoder import Encoder
from stream.batcher import BatchOptions
from stream.load import StageLoad
from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.topics import FRAMES, SUMMARIES, TRANSCRIPTS, VECTORS
from workers.align import Aligner
from workers.clip import Clip
from workers.encode import ClipEncoder
from workers.hurried import Hurried


def make_embed(settings: Settings, rooms: Rooms, encoder: Encoder) -> Stage:
    """Return the stage."""
    load = StageLoad("embed", settings.overload, rooms.is_live)

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> Aligner:
        room = rooms.latest(stream_id)
        tracks = room.tracks if room else ("audio", "video")
        return Aligner(stream_id, tracks, settings.align, snapshot)

    def hurried(clip: Clip) -> Clip:
        return clip.lowered(load.rung(clip.stream_id), settings.align.hurried_frames)

    return Stage(
        name="embed",
        inputs=(FRAMES, TRANSCRIPTS, SUMMARIES),
        output=VECTORS,
        machine=machine,
        worker=Hurried(ClipEncoder(encoder), hurried),
        batch=BatchOptions(max_batch=4),
        closes_idle_rooms=True,
        load=load,
        describe=f"{encoder.config.name}, {encoder.dim}-d, {encoder.fingerprint[:16]}",
    )
