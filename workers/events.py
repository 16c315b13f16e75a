"""The one schema: every event that travels between stages, as a frozen typed class.

What comes in and goes out of every stage is one of these. Times are media time in milliseconds
since the room's first sample, never the wall clock; `end_ms` is exclusive. A grid event carries
its `slot` (index on its stage's grid), `watermark_ms` ("nothing more will be said about time before
this") and `last` (the room ends here). Ids are made from room, stage, slot and model versions, so
that a replay repeats them.

This module must stay importable without torch, numpy, Kafka or Milvus. A change must stay
backward compatible: new fields have defaults, no field is removed or narrowed.
"""

import hashlib
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

StreamId = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")
]
ProductId = Annotated[str, Field(min_length=1, max_length=200)]
MediaMs = Annotated[int, Field(ge=0)]
Score = Annotated[float, Field(allow_inf_nan=False)]
Track = Literal["audio", "video"]
Modality = Literal["frames", "summary", "transcript"]
Scope = Literal["cart", "shop", "catalogue"]
Sense = Literal["vision", "speech"]
"""What a clip may be made of: its pictures, or its words, as heard or as summed up."""
LoadRung = Literal["full", "fewer_frames", "larger_hop", "extractive", "vision_only"]
"""What was left out because work fell behind; each rung leaves out what those before it do, too."""


def stable_id(*parts: object) -> str:
    """Return 32 hexadecimal digits that depend on nothing but the parts, in order."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Event(BaseModel):
    """Anything that travels. Unknown fields are ignored: an old reader reads a new writer."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")
    kind: ClassVar[str]
    """The CloudEvents type is `liveshelf.<kind>`."""

    @property
    def event_id(self) -> str:
        """The id that a replay repeats."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """The Kafka key."""
        raise NotImplementedError


class StreamEvent(Event):
    """An event of one room."""

    stream_id: StreamId

    @property
    def key(self) -> str:
        return self.stream_id


class GridEvent(StreamEvent):
    """One slot of one stage's grid in one room."""

    slot: Annotated[int, Field(ge=0)]
    start_ms: MediaMs
    end_ms: MediaMs
    watermark_ms: MediaMs
    last: bool = False
    revision: Annotated[int, Field(ge=0)] = 0
    """How often this slot was said before and otherwise, as media came late; the highest counts."""

    @property
    def version(self) -> str:
        """The versions of whatever made this event, as far as its id depends on them."""
        return ""

    @property
    def event_id(self) -> str:
        again = (self.revision,) if self.revision else ()
        return stable_id(self.stream_id, self.kind, self.slot, self.version, *again)


class Room(StreamEvent):
    """A room was opened, its cart changed, or it was closed."""

    kind = "room"
    version: Annotated[int, Field(ge=0)]
    state: Literal["open", "closed"] = "open"
    tracks: tuple[Track, ...] = ("audio", "video")
    language: str | None = None
    shop: str | None = None
    cart: tuple[ProductId, ...] = ()
    titles: dict[str, str] = Field(default_factory=dict)
    """Title of each product of the cart, as far as known: hotwords and choices for the summarizer.
    They travel with the room, so that a replay hears the same words whatever the catalogue says."""
    effective_from_ms: MediaMs = 0
    source: str = ""
    live: bool = False
    """Whether its media come as they happen: only then is there a hurry that leaves work out."""
    reason: str = ""
    """Why the room was closed, in words."""

    @property
    def key(self) -> str:
        return f"{self.stream_id}/{self.version}"

    @property
    def event_id(self) -> str:
        return stable_id(self.stream_id, self.kind, self.version)


class AudioChunk(GridEvent):
    """One second of sound (less at a room's end)."""

    kind = "audio"
    rate_hz: Annotated[int, Field(gt=0)] = 16_000
    encoding: Literal["pcm_s16le", "flac", "opus"] = "pcm_s16le"
    gap_ms: MediaMs = 0
    """How much of the slot the source did not deliver and was filled with silence."""
    payload: bytes = Field(default=b"", exclude=True)


class Frame(GridEvent):
    """The chosen picture of one frame slot, or why there is none."""

    kind = "frame"
    at_ms: MediaMs = 0
    """Media time of the picture itself."""
    choice: Literal["kept", "duplicate", "blurred", "none"] = "none"
    """`duplicate`: nothing new since the last kept picture, which still stands for this slot."""
    seen: Annotated[int, Field(ge=0)] = 0
    """Pictures that the source showed in this slot."""
    width_px: Annotated[int, Field(ge=0)] = 0
    height_px: Annotated[int, Field(ge=0)] = 0
    ref: str | None = None
    """Where a picture too large to travel inline lies (a URL or path); `sha256` must match."""
    sha256: str | None = None
    payload: bytes = Field(default=b"", exclude=True)
    """JPEG, or empty."""


class Word(BaseModel):
    """One committed word."""

    model_config = ConfigDict(frozen=True)
    text: str
    start_ms: MediaMs
    end_ms: MediaMs
    probability: Annotated[float, Field(ge=0, le=1)]


class Accounting(BaseModel):
    """Where the sound of one slot went; the parts add up to `received_ms`."""

    model_config = ConfigDict(frozen=True)
    received_ms: MediaMs = 0
    transcribed_ms: MediaMs = 0
    silent_ms: MediaMs = 0
    dropped_ms: MediaMs = 0
    dropped_by_ms: dict[str, MediaMs] = Field(default_factory=dict)
    """What was dropped, by reason; adds up to `dropped_ms` where it is told."""


class Partial(StreamEvent):
    """Text that is not yet committed, for people to read."""

    kind = "partial"
    at_ms: MediaMs
    text: str

    @property
    def event_id(self) -> str:
        return stable_id(self.stream_id, self.kind, self.at_ms)


class Transcript(GridEvent):
    """What was said in one audio slot; empty slots are said too.

    One with a `revision` is of sound that came late: its words add to what was said of the slot.
    """

    kind = "transcript"
    words: tuple[Word, ...] = ()
    language: str | None = None
    verdicts: tuple[str, ...] = ()
    """What the guards said, for instance `silence`, `gap`, `low_log_probability`, `failed`."""
    accounting: Accounting = Accounting()
    load_rung: LoadRung = "full"
    model: str = ""

    @property
    def text(self) -> str:
        """The words of the slot, joined."""
        return " ".join(word.text for word in self.words)

    @property
    def version(self) -> str:
        return self.model


class ScreenText(GridEvent):
    """What stands on the picture of one frame slot; a slot without text is said, too."""

    kind = "screen-text"
    lines: tuple[str, ...] = ()
    """In reading order, as far as they were read with confidence."""
    scores: tuple[Score, ...] = ()
    """Confidence of each line, from 0 to 1."""
    was_read: bool = False
    """Whether the slot's own picture was read: then `lines` is all that stands there. If not, what
    was read last still stands, as far as anybody knows."""
    model: str = ""

    @property
    def version(self) -> str:
        return self.model


class Span(BaseModel):
    """A stretch of transcript that supports a claim."""

    model_config = ConfigDict(frozen=True)
    start_ms: MediaMs
    end_ms: MediaMs
    text: str


class Summary(GridEvent):
    """What one window of speech is about: a product, or none."""

    kind = "summary"
    product_name: str | None = None
    product_id: ProductId | None = None
    """Set when the summarizer chose among titles of the cart."""
    attributes: tuple[str, ...] = ()
    support: tuple[Span, ...] = ()
    raw_text: str = ""
    rung: Literal["llm", "server", "extractive", "none"] = "none"
    """Who wrote it; `none` when the window had no words."""
    fell_back: bool = False
    verdicts: tuple[str, ...] = ()
    """What the guards said of the back end's answer, for instance `not_said`, `order`."""
    score: Score | None = None
    load_rung: LoadRung = "full"
    model: str = ""

    @property
    def version(self) -> str:
        return self.model


class FrameRef(BaseModel):
    """A picture that a decision used."""

    model_config = ConfigDict(frozen=True)
    slot: Annotated[int, Field(ge=0)]
    at_ms: MediaMs


class ClipText(BaseModel):
    """What a clip's text evidence was."""

    model_config = ConfigDict(frozen=True)
    product_name: str | None = None
    product_id: ProductId | None = None
    attributes: tuple[str, ...] = ()
    transcript: str = ""
    summary_slot: int | None = None


class Vector(GridEvent):
    """One clip as one unit vector, and by each modality alone, with its sound-alike terms."""

    kind = "vector"
    present: tuple[Modality, ...] = ()
    """Which modalities the vector was made from; empty when there was nothing to encode."""
    alone: tuple[Sense, ...] = ()
    """What the vectors that follow the clip's own in the payload were made of, each of nothing
    else; none where the clip has one modality only: then its vector is that."""
    dim: Annotated[int, Field(ge=0)] = 0
    """Of each vector; 0 when there is none."""
    fingerprint: str = ""
    """Of the encoder and its preprocessing; names the Milvus collection."""
    frames: tuple[FrameRef, ...] = ()
    text: ClipText = ClipText()
    terms: dict[int, Score] = Field(default_factory=dict)
    load_rung: LoadRung = "full"
    early: bool = False
    """Whether it is of pictures alone since the words of its time are not known yet: the clip comes
    again, whole, with a higher revision."""
    payload: bytes = Field(default=b"", exclude=True)
    """Little-endian float32: `dim` numbers of unit length of the clip, then of each of `alone`."""

    @property
    def version(self) -> str:
        return self.fingerprint


class Candidate(BaseModel):
    """One product that a clip may show."""

    model_config = ConfigDict(frozen=True)
    product_id: ProductId
    score: Score
    """Higher is better; cosine of the parts that were present, from -1 to 1."""
    title: str = ""
    by: dict[str, Score] = Field(default_factory=dict)
    """Score of each modality alone, where it could be told: `vision` and `speech` by vector,
    `sounds` by how what was said sounds; `variant`, from -1 to 0, tells how much better the words
    of a look-alike's name were heard than those that it has alone; what is outside of the room's
    own gallery and was not named bears the worst of these."""
    scope: Scope | None = None
    """The narrowest gallery that it was found in; none: that of the match."""


class ScopeStep(BaseModel):
    """One gallery that was looked through for a clip, and what came of it."""

    model_config = ConfigDict(frozen=True)
    scope: Scope
    outcome: Literal["believed", "unsure", "empty", "found"]
    """`believed`: its best candidate is good enough; `unsure`: it is not; `empty`: it holds none of
    the products; `found`: there is no rule by which to believe it."""
    product_id: ProductId | None = None
    """Of its best candidate."""
    score: Score | None = None
    threshold: Score | None = None
    """What the score was held against."""


class Match(GridEvent):
    """The products nearest to one clip."""

    kind = "match"
    candidates: tuple[Candidate, ...] = ()
    scope: Scope = "catalogue"
    """The gallery that the candidates are of."""
    steps: tuple[ScopeStep, ...] = ()
    """Galleries that were looked through, the narrowest first: one stepped down to the next."""
    beside: tuple[Candidate, ...] = ()
    """What the other galleries that were looked through hold besides, the best of each first; none
    where clips do not add up."""
    probability: Score | None = None
    """That the best candidate is being sold, from 0 to 1; none: not calibrated."""
    cart_version: int | None = None
    present: tuple[Modality, ...] = ()
    frames: tuple[FrameRef, ...] = ()
    text: ClipText = ClipText()
    load_rung: LoadRung = "full"
    early: bool = False
    """As of its vector."""
    fingerprint: str = ""
    build_id: str = ""
    index_version: str = ""
    """What in the index decides a score; a threshold belongs to one."""

    @property
    def version(self) -> str:
        return f"{self.fingerprint}/{self.build_id}"


class Evidence(BaseModel):
    """Why a tag says what it says."""

    model_config = ConfigDict(frozen=True)
    frames: tuple[FrameRef, ...] = ()
    words: str = ""
    product_name: str | None = None
    candidates: tuple[Candidate, ...] = ()
    windows: int = 0
    """How many clips supported the product so far."""
    scope: Scope = "catalogue"
    """The narrowest gallery in which the product was found; of a clip that does not show it, in
    which its candidates were."""
    steps: tuple[ScopeStep, ...] = ()
    """The galleries that were looked through for this clip, the narrowest first."""
    cart_version: int | None = None
    """Which of the room's carts was in force."""
    present: tuple[Modality, ...] = ()
    fingerprint: str = ""
    build_id: str = ""
    index_version: str = ""
    threshold: Score = 0.0
    threshold_version: str = ""
    precision: Score | None = None
    """What the threshold was calibrated to; none: it was not."""
    probability: Score | None = None
    """That this clip's best candidate is being sold, from 0 to 1; none: not calibrated."""
    belief: Score | None = None
    """That the product is being sold, from 0 to 1, after this clip and all before it; none: clips
    count alone."""
    decided_by: Sense | None = None
    """The modality by which this clip puts the product furthest ahead of the others; none: it does
    not, or modalities are not told apart."""
    shows: bool = True
    """Whether the clip that this is of shows the product; one that ends a tag does not."""


class Tag(StreamEvent):
    """A product is being sold, from when to when, and why we say so.

    The newest event of a `tag_id` says how the tag stands.
    """

    kind = "tag"
    tag_id: str
    status: Literal["started", "updated", "corrected", "ended"]
    slot: Annotated[int, Field(ge=0)]
    """The clip at which this was decided."""
    product_id: ProductId
    title: str = ""
    start_ms: MediaMs
    """Media time at which the evidence began (backdated)."""
    end_ms: MediaMs | None = None
    """Exclusive; none while the product is still being sold."""
    decided_ms: MediaMs
    """Media time up to which the room had been seen when this was decided."""
    score: Score
    primary: bool = True
    """Whether it is the main one of what is sold at once; of open tags, one always is."""
    withdrawn: bool = False
    """Late media or the next clips have shown that there was no such sale; always `corrected`, and
    `end_ms` is `start_ms`."""
    revision: Annotated[int, Field(ge=0)] = 0
    """How often the tag was corrected so far."""
    evidence: Evidence = Evidence()
    load_rung: LoadRung = "full"
    """The lowest rung of what this was decided from."""
    previous_tag_id: str | None = None
    """The tag before this one of the same product in this room."""
    first_tag_id: str | None = None
    """The first tag of the same product in this room; none: this is it."""

    @property
    def event_id(self) -> str:
        again = (self.revision,) if self.status == "corrected" and self.revision else ()
        return stable_id(self.tag_id, self.status, self.slot, *again)


class Product(Event):
    """A catalogue entry; on its topic an upsert, and a null value deletes it."""

    kind = "product"
    product_id: ProductId
    title: Annotated[str, Field(min_length=1, max_length=1_000)]
    images: tuple[str, ...] = ()
    """Paths or http(s) URLs."""
    attributes: dict[str, str] = Field(default_factory=dict)
    shop: str | None = None
    price: str | None = None

    @property
    def key(self) -> str:
        return self.product_id

    @property
    def event_id(self) -> str:
        return stable_id(self.kind, self.model_dump_json())


class Correction(StreamEvent):
    """What a person said about a tag."""

    kind = "correction"
    tag_id: str
    verdict: Literal["right", "wrong_product", "no_product", "wrong_times"]
    product_id: ProductId | None = None
    start_ms: MediaMs | None = None
    end_ms: MediaMs | None = None
    by: str = ""

    @property
    def event_id(self) -> str:
        return stable_id(self.kind, self.model_dump_json())


class Interaction(Event):
    """A viewer did something with a product."""

    kind = "interaction"
    viewer_id: Annotated[str, Field(min_length=1, max_length=200)]
    product_id: ProductId
    action: Literal["view", "click", "cart", "buy"]
    at: str
    """ISO 8601, with offset."""

    @property
    def key(self) -> str:
        return self.viewer_id

    @property
    def event_id(self) -> str:
        return stable_id(self.kind, self.viewer_id, self.product_id, self.action, self.at)


class Recommendation(Event):
    """Products for one viewer, best first."""

    kind = "recommendation"
    viewer_id: Annotated[str, Field(min_length=1, max_length=200)]
    products: tuple[Candidate, ...]
    model: str
    after: str = ""
    """Event id of the interaction that this answers."""

    @property
    def key(self) -> str:
        return self.viewer_id

    @property
    def event_id(self) -> str:
        return stable_id(self.kind, self.viewer_id, self.model, self.after)


EVENTS: tuple[type[Event], ...] = (
    Room, AudioChunk, Frame, Partial, Transcript, ScreenText, Summary, Vector, Match, Tag,
    Product, Correction, Interaction, Recommendation,
)  # fmt: skip
