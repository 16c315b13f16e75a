"""Lays spoken lines out in time; gives the room's truth.

In come segments and hosts, out come spoken pieces with their places and a `Timeline` that says
which product was sold from when to when, and which sentence was said when. `sound.py` mixes them,
`shots.py` says what is seen meanwhile.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from models.errors import InputError
from workers.rooms.hardships import Hardship, Suffered
from workers.rooms.phrases import Kind, Line
from workers.rooms.script import Bed, Segment
from workers.rooms.voices import KeptVoice, Samples, altered

RATE_HZ = 22_050
"""Of a room's sound; voices of other rates are brought to it."""
_BEFORE_MS = 350
"""How long before its first word a product is for sale, and after its last."""
_GAP_MS = 1000
"""A shorter stretch between two products is a change, not a stretch without product."""


class Host(Protocol):
    """Somebody who talks."""

    def sound(self, text: str) -> Samples:
        """Return a sentence at `RATE_HZ`, without silence at its ends."""


@dataclass(frozen=True)
class VoicedHost:
    """A host with a voice of this machine, at a speed and pitch of their own."""

    voice: KeptVoice
    tempo: float = 1.0
    semitones: float = 0.0

    def sound(self, text: str) -> Samples:
        """Say a sentence."""
        said, rate_hz = self.voice.sound(text)
        return altered(said, rate_hz, tempo=self.tempo, semitones=self.semitones, out_hz=RATE_HZ)


@dataclass(frozen=True)
class Sentence:
    """One sentence as it was said."""

    text: str
    start_ms: int
    end_ms: int
    product_id: str | None
    """What is for sale meanwhile."""
    kind: Kind
    about: str | None = None
    """Another product that it names."""
    host: int = 0
    names: tuple[str, ...] = ()
    """Which words of the product for sale it says: brand, name, variant and so on."""
    hardship: Hardship | None = None


@dataclass(frozen=True)
class Sold:
    """One product while it is for sale."""

    product_id: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Heard:
    """A bed under the speech for a while."""

    bed: Bed
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Cut:
    """What the camera shows in one cut."""

    start_ms: int
    end_ms: int
    product_id: str | None = None
    view: str | None = None
    """The view's file name."""
    held: bool = False
    role: Literal["sold", "distractor"] | None = None
    """None where no product is shown."""


@dataclass(frozen=True)
class Timeline:
    """What happens when in a room."""

    duration_ms: int
    sentences: tuple[Sentence, ...] = ()
    sold: tuple[Sold, ...] = ()
    beds: tuple[Heard, ...] = ()
    suffered: tuple[Suffered, ...] = ()
    """What makes it hard, from when to when, by start."""

    def at(self, ms: float) -> Sold | None:
        """Return what is for sale at a time."""
        return next((one for one in self.sold if one.start_ms <= ms < one.end_ms), None)

    def without_product(self) -> list[tuple[int, int]]:
        """Return the stretches without a product, in order."""
        edges = [0, *(edge for one in self.sold for edge in (one.start_ms, one.end_ms))]
        pairs = zip(edges[::2], [*edges[1::2], self.duration_ms], strict=True)
        return [(start, end) for start, end in pairs if end - start >= _GAP_MS]

    def truth(
        self, titles: Mapping[str, str], cuts: Sequence[Cut] = (), **about: JsonValue
    ) -> dict[str, JsonValue]:
        """Return the room's truth as it is written to `truth.json`.

        Args:
            titles: by product id, of what is sold.
            cuts: what is shown.
            about: more to say of the room.
        """
        return {
            **about,
            "duration_ms": self.duration_ms,
            "products": [
                {
                    "product_id": one.product_id,
                    "title": titles[one.product_id],
                    "start_ms": one.start_ms,
                    "end_ms": one.end_ms,
                }
                for one in self.sold
            ],
            "no_product": [
                {"start_ms": start, "end_ms": end} for start, end in self.without_product()
            ],
            "sentences": [dict(vars(one)) for one in self.sentences],
            "shown": [dict(vars(one)) for one in cuts],
            "beds": [dict(vars(one)) for one in self.beds],
        }


Piece = tuple[int, Samples]
"""Where speech begins, in milliseconds, and its samples at `RATE_HZ`."""


def speak(
    script: Sequence[Segment], hosts: Sequence[Host], seed: int
) -> tuple[list[Piece], Timeline]:
    """Say a script and return the spoken pieces and the timeline.

    Raises:
        InputError: there is nothing to say.
    """
    draw = random.Random(f"pauses/{seed}")  # noqa: S311 (not for secrets)
    pieces: list[Piece] = []
    sentences: list[Sentence] = []
    sold: list[Sold] = []
    suffered: list[Suffered] = []
    begins: list[tuple[Bed, int]] = []
    at_ms = 600
    for segment in script:
        begins.append((segment.bed, at_ms))
        began_ms, first = at_ms, len(sentences)
        for line in segment.lines:
            sound = hosts[line.host % len(hosts)].sound(line.text)
            if line.over_ms and len(sentences) > first:
                at_ms = max(sentences[-1].start_ms, sentences[-1].end_ms - line.over_ms)
            end_ms = at_ms + round(1000 * sound.size / RATE_HZ)
            pieces.append((at_ms, sound))
            sentences.append(_sentence(line, at_ms, end_ms, segment.product_id))
            # What was cut into goes on, so the next line waits for it.
            end_ms = max(one.end_ms for one in sentences[first:])
            # Mostly short pauses; now and then the host thinks, or handles the product.
            at_ms = (
                end_ms + draw.randint(180, 520) + (draw.random() < 0.08) * draw.randint(500, 1400)
            )
        said_ms = max((one.end_ms for one in sentences[-2:]), default=at_ms)
        if segment.product_id is not None:
            _sell(sold, segment.product_id, began_ms, said_ms)
        suffered += _suffered(segment, sentences[first:], (began_ms, said_ms))
        at_ms = said_ms + round(1000 * segment.quiet_s)
    if not sentences:
        message = "the script has no sentence"
        raise InputError(message)
    at_ms = max([at_ms, *(one.end_ms for one in sold[-1:])])
    heard, hard = _joined(begins, at_ms), sorted(suffered, key=lambda one: one.start_ms)
    return pieces, Timeline(at_ms, tuple(sentences), tuple(sold), heard, tuple(hard))


def _sentence(line: Line, start_ms: int, end_ms: int, product_id: str | None) -> Sentence:
    names = tuple(sorted(line.told)) if product_id is not None else ()
    about = (line.kind, line.about, line.host, names, line.hardship)
    return Sentence(line.text, start_ms, end_ms, product_id, *about)


def _suffered(
    segment: Segment, said: Sequence[Sentence], span: tuple[int, int]
) -> Iterator[Suffered]:
    """Yield the hardships of a segment, and of its lines, those next to each other as one."""
    for kind in sorted(segment.hardships):
        yield Suffered(kind, *span, segment.product_id)
    for kind, lines in itertools.groupby(said, key=lambda one: one.hardship):
        spoken = list(lines)
        if kind is not None and kind not in segment.hardships:
            end_ms = max(one.end_ms for one in spoken)
            yield Suffered(kind, spoken[0].start_ms, end_ms, segment.product_id)


def _sell(sold: list[Sold], product_id: str, began_ms: int, said_ms: int) -> None:
    """Add a product; where it follows another at once, the change is amid the silence between."""
    start_ms = max(0, began_ms - _BEFORE_MS)
    if sold and sold[-1].end_ms > start_ms:
        before = sold[-1]
        start_ms = (before.end_ms - _BEFORE_MS + began_ms) // 2
        sold[-1] = Sold(before.product_id, before.start_ms, start_ms)
    sold.append(Sold(product_id, start_ms, said_ms + _BEFORE_MS))


def _joined(begins: Sequence[tuple[Bed, int]], duration_ms: int) -> tuple[Heard, ...]:
    """Join neighbouring segments with one bed, so that it goes on between them."""
    joined: list[Heard] = []
    ends = [start for _, start in begins[1:]] + [duration_ms]
    for (bed, start_ms), end_ms in zip(begins, ends, strict=True):
        if joined and joined[-1].bed == bed:
            joined[-1] = Heard(bed, joined[-1].start_ms, end_ms)
        else:
            joined.append(Heard(bed, start_ms, end_ms))
    return tuple(one for one in joined if one.bed)
