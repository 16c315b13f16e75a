"""Made rooms through the real stages in one process, and variants from the same evidence.

    film → decoded → transcribed → summed up → clips → vectors → matches → tags → scores
    └── once a room ──────────┘ └─ once a gallery ─┘ └─────── every variant ───────┘

Each step of a room is kept on disk under a key of all that it was made from, so that a trial that
was stopped goes on where it was, and a changed setting costs only the steps behind it. Variants
differ in what a clip is made of and waits for (pictures, words), in what may be found (the room's
cart or the whole catalogue), in whether the sound-alike score counts, in what is left out as under
load, and in settings of the last two stages; everything else is one code and one room. What is left
out before the words are there is heard anew.

Events are kept with the times at which a room that plays alone at speed 1 has them. Stages up to
the vectors are timed while they work; looking up and tagging take milliseconds and count nothing.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from models.segment_scores import SegmentScores, Told, measure
from workers.events import (
    AudioChunk,
    Event,
    Frame,
    GridEvent,
    LoadRung,
    Match,
    Room,
    Summary,
    Tag,
    Track,
    Transcript,
    Vector,
    stable_id,
)
from workers.media import MediaReport, open_source
from workers.media_wire import MediaOptions
from workers.rooms.drive import Part, drive_timed
from workers.rooms.event_file import read_events, write_events
from workers.rooms.newest import newest
from workers.rooms.scoring import Truth, told
from workers.rooms.timed import Timed, as_they_come, from_source, of_kind
from workers.rooms.variants import AS_SET, Gallery, Modality, StageName, Variant, felt

_FORMAT = "2"
"""Of what is kept: events with their times."""
_TRACKS: dict[Modality, tuple[Track, ...]] = {
    "both": ("audio", "video"),
    "vision": ("video",),
    "speech": ("audio",),
}
"""What clips are made of, and wait for."""


@dataclass(frozen=True)
class TrialRoom:
    """A made room."""

    film: Path
    truth: Truth
    room: Room
    """As it is opened: name, cart, titles, shop, language."""
    changes: tuple[Room, ...] = ()
    """The same with another cart, each from its `effective_from_ms` on."""


class Stages(Protocol):
    """The real stages, as whoever knows the settings makes them."""

    media: MediaOptions

    def enter(self, *versions: Room) -> None:
        """Let the stages see a room with these versions alone, in order, from now on."""

    def part(self, stage: StageName, variant: Variant = AS_SET) -> Part:
        """Return a stage as a variant has it; loads its models when it is first asked for.

        It holds until the next stage is asked for: two variants may share one.
        """

    def key(self, stage: StageName) -> str:
        """Return what names models, options and code of a stage, without loading anything."""


@dataclass(frozen=True)
class Tried:
    """What became of one variant in one room."""

    room: TrialRoom
    variant: Variant
    said: tuple[Timed[Tag], ...]
    """Every event, in order."""
    matches: tuple[Match, ...]
    """Of each clip the newest: once all was known that it is made of."""
    told: tuple[Told, ...]
    """First said at the media time that had been looked at; `said` knows when that was there."""
    scores: SegmentScores

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The events alone."""
        return tuple(one.event for one in self.said)


@dataclass(frozen=True)
class Step:
    """Something was done, for people who wait."""

    room: str
    what: str
    wall_s: float
    kept: bool
    """Whether it was found on disk."""
    tried: Tried | None = None


class Trial:
    """Tries variants on rooms, one room at a time."""

    def __init__(
        self, stages: Stages, cache: Path, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Keep what is needed.

        Args:
            stages: the real ones.
            cache: folder of what is kept.
            clock: real seconds, for the time that work takes.
        """
        self._stages = stages
        self._cache = cache
        self._clock = clock

    def run(self, room: TrialRoom, variants: Sequence[Variant]) -> Iterator[Step]:
        """Try all variants on a room; yields after every step.

        Raises:
            InputError: the film cannot be used.
            WeightsError: a model was not pulled.
            MismatchError: encoder, index and threshold do not belong together.
        """
        one = _RoomTrial(self._stages, self._cache, room, self._clock)
        yield one.decode()
        for rung in dict.fromkeys(variant.rung for variant in variants):
            alike = [variant for variant in variants if variant.rung == rung]
            yield one.transcribe(rung)
            for gallery in dict.fromkeys(variant.gallery for variant in alike):
                yield one.sum_up(gallery)
                some = [variant for variant in alike if variant.gallery == gallery]
                for modality in dict.fromkeys(variant.modality for variant in some):
                    yield one.encode(modality)
                    for variant in some:
                        if variant.modality == modality:
                            yield one.tag(variant)


class _RoomTrial:
    """One room; each method builds on what the ones before it found."""

    def __init__(
        self, stages: Stages, cache: Path, room: TrialRoom, clock: Callable[[], float]
    ) -> None:
        self._stages = stages
        self._cache = cache / room.room.stream_id
        self._room = room
        self._name = room.room.stream_id
        self._clock = clock
        self._rung: LoadRung = "full"
        self._versions: tuple[Room, ...] = ()
        self._media: list[Timed[Event]] = []
        self._transcripts: list[Timed[Transcript]] = []
        self._summaries: list[Timed[Summary]] = []
        self._vectors: list[Timed[Vector]] = []
        self._media_key = self._heard_key = self._summed_key = ""

    def decode(self) -> Step:
        """Read film and sound, once for all variants."""
        film = hashlib.sha256(self._room.film.read_bytes()).hexdigest()
        said = (_FORMAT, self._name, film, repr(self._stages.media))
        self._media_key = stable_id("media", *said)
        step, self._media = self._kept("media", self._media_key, self._decoded)
        opened = of_kind(Room, self._media)[0].event
        self._room = replace(
            self._room, room=self._room.room.model_copy(update={"tracks": opened.tracks})
        )
        return step

    def transcribe(self, rung: LoadRung) -> Step:
        """Hear the room with its cart's titles as hotwords, leaving out what a rung says."""
        self._rung = rung
        known = self._enter(self._room.room, *self._room.changes)
        key = (self._stages.key("asr"), felt("asr", rung), self._room.room.language, known)
        self._heard_key = stable_id("asr", self._media_key, *key)
        chunks = of_kind(AudioChunk, self._media)
        step, found = self._kept(
            "transcripts",
            self._heard_key,
            lambda: [*of_kind(Transcript, self._timed("asr", chunks))],
        )
        self._transcripts = of_kind(Transcript, found)
        return step

    def sum_up(self, gallery: Gallery) -> Step:
        """Say what each window is about, with or without the cart."""
        if gallery == "catalogue":
            nothing: dict[str, object] = {"cart": (), "titles": {}, "shop": None}
            known = self._enter(self._room.room.model_copy(update=nothing))
        else:
            known = self._enter(self._room.room, *self._room.changes)
        key = (self._stages.key("summarize"), felt("summarize", self._rung), known)
        self._summed_key = stable_id("summarize", self._heard_key, *key)
        step, found = self._kept(
            f"summaries-{gallery}",
            self._summed_key,
            lambda: self._timed("summarize", self._transcripts),
        )
        self._summaries = of_kind(Summary, found)
        return step

    def encode(self, modality: Modality) -> Step:
        """Make clips and their vectors, of pictures, words, or both."""
        known = (self._stages.key("embed"), felt("embed", self._rung), modality)
        key = stable_id("embed", self._summed_key, *known)
        self._enter(*self._versions, tracks=_TRACKS[modality])
        seen = of_kind(Frame, self._media) if modality != "speech" else []
        heard = (self._transcripts, self._summaries) if modality != "vision" else ()
        step, found = self._kept(
            f"vectors-{modality}", key, lambda: self._timed("embed", as_they_come(seen, *heard))
        )
        self._vectors = of_kind(Vector, found)
        return step

    def tag(self, variant: Variant) -> Step:
        """Look the vectors up and tell the tags."""
        began_s = time.monotonic()
        part = self._stages.part("match", variant)
        matches = of_kind(Match, drive_timed(part, self._name, self._vectors))
        part = self._stages.part("tag", variant)
        tags = of_kind(Tag, drive_timed(part, self._name, matches))
        truth = self._room.truth
        said = told([one.event for one in tags], truth.duration_ms)
        scores = measure(said, truth.segments, truth.duration_ms)
        found = tuple(newest(one.event for one in matches))
        tried = Tried(self._room, variant, tuple(tags), found, tuple(said), scores)
        wall_s = time.monotonic() - began_s
        return Step(self._name, f"{variant.name}: F1 {scores.f1:.2f}", wall_s, kept=False,
                    tried=tried)  # fmt: skip

    def _enter(self, *versions: Room, tracks: Sequence[Track] = _TRACKS["both"]) -> list[object]:
        """Let the stages see the room from now on; return what they may know by it."""
        self._versions = versions
        there = tuple(one for one in self._room.room.tracks if one in tracks)
        # Of a room that is not live nothing is ever left out.
        opened = {"live": self._rung != "full", "tracks": there}
        self._stages.enter(*(room.model_copy(update=opened) for room in versions))
        return [(one.effective_from_ms, one.cart, sorted(one.titles.items())) for one in versions]

    def _decoded(self) -> list[Timed[Event]]:
        with open_source(str(self._room.film), self._stages.media) as source:
            opened = self._room.room.model_copy(update={"tracks": source.probe.tracks})
            media = [one for one in source.read(self._name) if not isinstance(one, MediaReport)]
        return [Timed(opened, 0, 0), *from_source(media)]

    def _timed(
        self,
        stage: StageName,
        inputs: Iterable[Timed[GridEvent]],
    ) -> list[Timed[Event]]:
        part = self._stages.part(stage, Variant(rung=felt(stage, self._rung)))
        return [*drive_timed(part, self._name, inputs, self._clock)]

    def _kept(
        self, what: str, key: str, make: Callable[[], list[Timed[Event]]]
    ) -> tuple[Step, list[Timed[Event]]]:
        began_s = time.monotonic()
        path = self._cache / f"{what}-{key[:16]}.jsonl"
        is_kept = path.exists()
        found = read_events(path) if is_kept else make()
        if not is_kept:
            write_events(path, found)
        return Step(self._name, what, time.monotonic() - began_s, is_kept), found
