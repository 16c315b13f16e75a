"""Made rooms through the real stages in one process, and variants from the same evidence.

    film → decoded → transcribed → summed up → clips → vectors → matches → tags → scores
    └─────── once a room ───────┘ └─ once a gallery ─┘ └─────── every variant ───────┘

Each step of a room is kept on disk under a key of all that it was made from, so that a trial that
was stopped goes on where it was, and a changed setting costs only the steps behind it. Variants
differ in what a clip may show (pictures, words), in what may be found (the room's cart or the whole
catalogue), and in whether the sound-alike score counts; everything else is one code and one room.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, TypeVar, get_args

from models.segment_scores import SegmentScores, Told, measure
from workers.clip import Clip
from workers.events import (
    AudioChunk,
    ClipText,
    Event,
    Frame,
    GridEvent,
    Match,
    Room,
    Summary,
    Tag,
    Transcript,
    Vector,
    stable_id,
)
from workers.media import MediaReport, open_source
from workers.media_wire import MediaOptions
from workers.rooms.drive import Part, drive, in_time, unchanged
from workers.rooms.event_file import read_events, write_events
from workers.rooms.scoring import Truth, told

EventT = TypeVar("EventT", bound=Event)
Gallery = Literal["cart", "catalogue"]
Modality = Literal["both", "vision", "speech"]
StageName = Literal["asr", "summarize", "embed", "match", "tag"]

GALLERIES: tuple[Gallery, ...] = get_args(Gallery)
MODALITIES: tuple[Modality, ...] = get_args(Modality)


@dataclass(frozen=True)
class Variant:
    """What is tried."""

    gallery: Gallery = "cart"
    """`catalogue`: neither summary nor match know the cart. Words are those that were heard with
    its titles as hotwords, so that all variants hear the same."""
    modality: Modality = "both"
    """`vision`: clips without words; `speech`: clips without pictures."""
    sounds: bool = True
    """Whether the sound-alike score counts as set; vision has none."""

    @property
    def name(self) -> str:
        """For files and tables."""
        plain = () if self.sounds or self.modality == "vision" else ("no-sounds",)
        return "-".join((self.gallery, self.modality, *plain))


def all_variants(galleries: Sequence[Gallery] = GALLERIES) -> tuple[Variant, ...]:
    """Return every variant that differs from the others."""
    return tuple(
        Variant(gallery, modality, sounds)
        for gallery in galleries
        for modality in MODALITIES
        for sounds in ((True,) if modality == "vision" else (True, False))
    )


@dataclass(frozen=True)
class TrialRoom:
    """A made room."""

    film: Path
    truth: Truth
    room: Room
    """As it is opened: name, cart, titles, shop, language."""


class Stages(Protocol):
    """The real stages, as whoever knows the settings makes them."""

    media: MediaOptions

    def enter(self, room: Room) -> None:
        """Let the stages see a room as it is from now on."""

    def part(self, stage: StageName, *, sounds: bool = True) -> Part:
        """Return a stage; loads its models when it is first asked for."""

    def key(self, stage: StageName) -> str:
        """Return what names models, options and code of a stage, without loading anything."""


@dataclass(frozen=True)
class Tried:
    """What became of one variant in one room."""

    room: TrialRoom
    variant: Variant
    tags: tuple[Tag, ...]
    """Every event, in order."""
    matches: tuple[Match, ...]
    told: tuple[Told, ...]
    scores: SegmentScores


@dataclass(frozen=True)
class Step:
    """Something was done, for people who wait."""

    room: str
    what: str
    wall_s: float
    kept: bool
    """Whether it was found on disk."""
    tried: Tried | None = None


def steps_of(variants: Sequence[Variant]) -> int:
    """Return how many steps a room takes."""
    galleries = {variant.gallery for variant in variants}
    clips = {(variant.gallery, variant.modality) for variant in variants}
    return 2 + len(galleries) + len(clips) + len(variants)


class Trial:
    """Tries variants on rooms, one room at a time."""

    def __init__(self, stages: Stages, cache: Path) -> None:
        self._stages = stages
        self._cache = cache

    def run(self, room: TrialRoom, variants: Sequence[Variant]) -> Iterator[Step]:
        """Try all variants on a room; yields after every step.

        Raises:
            InputError: the film cannot be used.
            WeightsError: a model was not pulled.
            MismatchError: encoder, index and threshold do not belong together.
        """
        one = _RoomTrial(self._stages, self._cache, room)
        yield one.decode()
        yield one.transcribe()
        for gallery in dict.fromkeys(variant.gallery for variant in variants):
            yield one.sum_up(gallery)
            some = [variant for variant in variants if variant.gallery == gallery]
            for modality in dict.fromkeys(variant.modality for variant in some):
                yield one.encode(modality)
                for variant in some:
                    if variant.modality == modality:
                        yield one.tag(variant)


class _RoomTrial:
    """One room; each method builds on what the ones before it found."""

    def __init__(self, stages: Stages, cache: Path, room: TrialRoom) -> None:
        self._stages = stages
        self._cache = cache / room.room.stream_id
        self._room = room
        self._name = room.room.stream_id
        self._media: list[Event] = []
        self._transcripts: list[Transcript] = []
        self._summaries: list[Summary] = []
        self._vectors: list[Vector] = []
        self._media_key = self._heard_key = self._summed_key = ""

    def decode(self) -> Step:
        """Read film and sound, once for all variants."""
        film = hashlib.sha256(self._room.film.read_bytes()).hexdigest()
        self._media_key = stable_id("media", self._name, film, repr(self._stages.media))
        step, self._media = self._kept("media", self._media_key, self._decoded)
        opened = _of(Room, self._media)[0]
        self._room = replace(
            self._room, room=self._room.room.model_copy(update={"tracks": opened.tracks})
        )
        return step

    def transcribe(self) -> Step:
        """Hear the room with its cart's titles as hotwords."""
        room = self._room.room
        self._stages.enter(room)
        said = (room.language, sorted(room.titles.items()))
        self._heard_key = stable_id("asr", self._media_key, self._stages.key("asr"), said)
        chunks = _of(AudioChunk, self._media)
        step, found = self._kept(
            "transcripts", self._heard_key, lambda: [*_of(Transcript, self._driven("asr", chunks))]
        )
        self._transcripts = _of(Transcript, found)
        return step

    def sum_up(self, gallery: Gallery) -> Step:
        """Say what each window is about, with or without the cart."""
        room = self._room.room
        if gallery == "catalogue":
            room = room.model_copy(update={"cart": (), "titles": {}, "shop": None})
        self._stages.enter(room)
        known = (room.cart, sorted(room.titles.items()))
        key = self._stages.key("summarize")
        self._summed_key = stable_id("summarize", self._heard_key, key, known)
        step, found = self._kept(
            f"summaries-{gallery}",
            self._summed_key,
            lambda: self._driven("summarize", self._transcripts),
        )
        self._summaries = _of(Summary, found)
        return step

    def encode(self, modality: Modality) -> Step:
        """Make clips and their vectors, of pictures, words, or both."""
        key = stable_id("embed", self._summed_key, self._stages.key("embed"), modality)
        frames = _of(Frame, self._media)
        step, found = self._kept(
            f"vectors-{modality}",
            key,
            lambda: self._driven(
                "embed",
                list(in_time(frames, self._transcripts, self._summaries)),
                _CHANGES[modality],
            ),
        )
        self._vectors = _of(Vector, found)
        return step

    def tag(self, variant: Variant) -> Step:
        """Look the vectors up and tell the tags."""
        began_s = time.monotonic()
        matches = _of(Match, self._driven("match", self._vectors, sounds=variant.sounds))
        tags = _of(Tag, self._driven("tag", matches))
        truth = self._room.truth
        said = told(tags, truth.duration_ms)
        scores = measure(said, truth.segments, truth.duration_ms)
        tried = Tried(self._room, variant, tuple(tags), tuple(matches), tuple(said), scores)
        wall_s = time.monotonic() - began_s
        return Step(self._name, f"{variant.name}: F1 {scores.f1:.2f}", wall_s, kept=False,
                    tried=tried)  # fmt: skip

    def _decoded(self) -> list[Event]:
        with open_source(str(self._room.film), self._stages.media) as source:
            opened = self._room.room.model_copy(update={"tracks": source.probe.tracks})
            read = source.read(self._name)
            return [opened, *(event for event in read if not isinstance(event, MediaReport))]

    def _driven(
        self,
        stage: StageName,
        inputs: Sequence[GridEvent],
        change: Callable[[Clip], Clip] = unchanged,
        *,
        sounds: bool = True,
    ) -> list[Event]:
        part = self._stages.part(stage, sounds=sounds)
        return list(drive(part, self._name, inputs, change))

    def _kept(
        self, what: str, key: str, make: Callable[[], list[Event]]
    ) -> tuple[Step, list[Event]]:
        began_s = time.monotonic()
        path = self._cache / f"{what}-{key[:16]}.jsonl"
        is_kept = path.exists()
        found = read_events(path) if is_kept else make()
        if not is_kept:
            write_events(path, found)
        return Step(self._name, what, time.monotonic() - began_s, is_kept), found


def _of(kind: type[EventT], events: Sequence[Event]) -> list[EventT]:
    return [event for event in events if isinstance(event, kind)]


def _without_words(clip: Clip) -> Clip:
    return replace(clip, text=ClipText())


def _without_pictures(clip: Clip) -> Clip:
    return replace(clip, frames=())


_CHANGES: dict[Modality, Callable[[Clip], Clip]] = {
    "both": unchanged,
    "vision": _without_words,
    "speech": _without_pictures,
}
