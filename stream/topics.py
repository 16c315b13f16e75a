"""Every topic in one table: what it carries, how it is keyed, how long it is kept.

Topics with `grid` have the same partition count and are keyed by `stream_id`, so that the range
assignor brings one room's audio, frames, transcripts and summaries to one process.
"""

from dataclasses import dataclass

from workers.events import (
    AudioChunk,
    Correction,
    Event,
    Frame,
    Interaction,
    Match,
    Partial,
    Product,
    Recommendation,
    Room,
    ScreenText,
    Summary,
    Tag,
    Transcript,
    Vector,
)

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
FOR_EVER = -1
MAX_RECORD_BYTES = 2 * 1024 * 1024
"""Largest record of any topic."""
DEAD_LETTER_BYTES = 64 * 1024
"""Room for the headers of a dead letter."""


@dataclass(frozen=True)
class Topic:
    """One topic without its prefix."""

    name: str
    event: type[Event] | None
    """What it carries; none for `state` and `dead-letters`, whose values are not events."""
    keyed_by: str
    retention_ms: int
    compacted: bool = False
    grid: bool = False
    """Partitioned like the media topics."""
    about: str = ""

    def config(self) -> dict[str, str]:
        """The topic's configuration as Kafka wants it."""
        policy = "compact" if self.compacted else "delete"
        # A refused record grows by the headers that say why.
        most = MAX_RECORD_BYTES + (DEAD_LETTER_BYTES if self is DEAD_LETTERS else 0)
        config = {"cleanup.policy": policy, "max.message.bytes": str(most)}
        if self.compacted:
            # A replay of stored media must still find the carts that were valid then.
            config["min.compaction.lag.ms"] = str(7 * _DAY_MS if self.event is Room else 0)
        else:
            config["retention.ms"] = str(self.retention_ms)
        return config


STREAMS = Topic("streams", Room, "stream_id/version", FOR_EVER, compacted=True, about="rooms")
AUDIO = Topic("audio", AudioChunk, "stream_id", 6 * _HOUR_MS, grid=True, about="sound")
FRAMES = Topic("frames", Frame, "stream_id", 6 * _HOUR_MS, grid=True, about="pictures")
PARTIALS = Topic("partials", Partial, "stream_id", _HOUR_MS, grid=True, about="uncommitted text")
TRANSCRIPTS = Topic("transcripts", Transcript, "stream_id", 7 * _DAY_MS, grid=True, about="words")
SCREEN_TEXTS = Topic(
    "screen-texts", ScreenText, "stream_id", 7 * _DAY_MS, grid=True, about="words on screen"
)
SUMMARIES = Topic("summaries", Summary, "stream_id", 7 * _DAY_MS, grid=True, about="products heard")
VECTORS = Topic("vectors", Vector, "stream_id", _DAY_MS, grid=True, about="clip vectors")
MATCHES = Topic("matches", Match, "stream_id", 7 * _DAY_MS, grid=True, about="nearest products")
TAGS = Topic("tags", Tag, "stream_id", 30 * _DAY_MS, grid=True, about="what is being sold")
STATE = Topic(
    "state", None, "stage/stream_id", FOR_EVER, compacted=True, grid=True, about="room state"
)
CATALOGUE = Topic("catalogue", Product, "product_id", FOR_EVER, compacted=True, about="products")
CORRECTIONS = Topic("corrections", Correction, "stream_id", FOR_EVER, about="what people said")
INTERACTIONS = Topic("interactions", Interaction, "viewer_id", 30 * _DAY_MS, about="viewers")
RECOMMENDATIONS = Topic(
    "recommendations", Recommendation, "viewer_id", 30 * _DAY_MS, about="for viewers"
)
DEAD_LETTERS = Topic("dead-letters", None, "the original key", 14 * _DAY_MS, about="refused")

TOPICS: tuple[Topic, ...] = (
    STREAMS, AUDIO, FRAMES, PARTIALS, TRANSCRIPTS, SCREEN_TEXTS, SUMMARIES, VECTORS, MATCHES, TAGS,
    STATE, CATALOGUE, CORRECTIONS, INTERACTIONS, RECOMMENDATIONS, DEAD_LETTERS,
)  # fmt: skip
BY_NAME = {topic.name: topic for topic in TOPICS}
