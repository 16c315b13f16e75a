"""Photos of a manifest with a host's voice: each clip gets a few sentences about its product.

In: rows with a product's pictures, titles of pages, voices. Out: a WAV file for each row. What is
said rests on the title alone, with the talk of any show around it. Phrases and voices of clips that
are tested on are never those of clips that are trained on. Nothing but the room's own echo is under
the voice: noise is a matter of whoever hears it.
"""

import hashlib
import os
import random
import wave
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.errors import InputError
from models.manifest import Row, Split
from workers.audio_grid import RATE_HZ
from workers.rooms.phrases import Line, Phrases, seconds_of
from workers.rooms.pitch import chatter_lines
from workers.rooms.script import Segment
from workers.rooms.talk import SpeechOptions, as_heard, say
from workers.rooms.voices import Use, VoiceSpec

_BODY = {"this": 4, "full": 2, "chatter": 2, "question": 1, "last": 1, "mention": 1}
"""How often each pool is drawn after the sentence that names the product."""
_USES: dict[Split, Use] = {
    "train": "train", "val": "train", "test": "held-out", "test-unseen": "held-out",
}  # fmt: skip
SOUNDS = "sounds"
"""Folder of the files, beside the manifest that names them."""


@dataclass(frozen=True)
class ClipSpeechOptions:
    """How clips are spoken."""

    seed: int = 1
    """Of phrases, voices and which clips are spoken."""
    length_s: tuple[float, float] = (8.0, 11.0)
    """Shortest and longest script after which no further sentence is begun, in seconds at a usual
    pace; a voice takes 0.75 to 1.15 times as long."""
    speech: SpeechOptions = field(default_factory=SpeechOptions)


class ClipSpeaker:
    """Speaks about rows; a sound depends on seed, voices, split, product, title and picture alone.

    Args:
        voices: of both uses.
        titles: of every product, by its id.
        options: how.

    Raises:
        InputError: a use has no voice.
    """

    def __init__(
        self,
        voices: Sequence[VoiceSpec],
        titles: Mapping[str, str],
        options: ClipSpeechOptions,
    ) -> None:
        self._voices = {use: [one for one in voices if one.use == use] for use in _USES.values()}
        for use, some in self._voices.items():
            if not some:
                message = f"no voice has use = {use!r}; both uses are needed here"
                raise InputError(message)
        # The size on a page's title is not what a host calls the product.
        self._names = {one: title.rpartition(",")[0] or title for one, title in titles.items()}
        self.options = options

    def speaks_of(self, row: Row) -> bool:
        """Whether a row is a clip about which something can be said."""
        known = row.product_id is None or row.product_id in self._names
        return row.domain != "page" and known

    def file_of(self, row: Row) -> str:
        """Return the name of a row's file; another one where anything was to sound different."""
        name = self._names.get(row.product_id or "")
        told = (self._key(row), name, self._voices[_USES[row.split]], self.options)
        return f"{hashlib.sha256(repr(told).encode()).hexdigest()[:20]}.wav"

    def lines(self, row: Row, draw: random.Random) -> list[Line]:
        """Return what a host says: the product's name first, or talk where there is none."""
        phrases = Phrases(draw, _USES[row.split])
        length_s = draw.uniform(*self.options.length_s)
        name = self._names.get(row.product_id or "")
        if name is None:
            return chatter_lines(draw, phrases, length_s)
        other = draw.choice(sorted({*self._names.values()} - {name}) or [None])
        words = {"full": name, "other_full": other}
        first = phrases.next("first", words)
        lines = [] if first is None else [first]
        while seconds_of(lines) < length_s:
            pool = draw.choices(list(_BODY), list(_BODY.values()))[0]
            line = phrases.next(pool, words)
            lines += [] if line is None else [line]
        return lines

    def speak(self, row: Row, path: Path) -> None:
        """Write what a host says about a row: 16 kHz, mono, 16 bit.

        Raises:
            ServiceError: the voice failed.
        """
        draw = random.Random(self._key(row))  # noqa: S311 (not for secrets)
        segment = Segment(tuple(self.lines(row, draw)), row.product_id)
        voice = draw.choice(self._voices[_USES[row.split]])
        sound, _ = say([segment], voice, draw, self.options.speech)
        part = path.with_suffix(".part")
        with wave.open(str(part), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(as_heard(sound).astype("<i2").tobytes())
        part.replace(path)

    def _key(self, row: Row) -> str:
        picture = row.frames[0] if row.frames else ""
        use = _USES[row.split]
        return f"clips/{use}/{self.options.seed}/{row.product_id}/{picture}/{row.start_ms}"


def titles_of(rows: Iterable[Row]) -> dict[str, str]:
    """Return the titles of the pages, by product."""
    pages = (row for row in rows if row.domain == "page" and row.title)
    return {str(row.product_id): str(row.title) for row in pages}


def chosen(rows: Sequence[Row], speaker: ClipSpeaker, most: Mapping[Split, int]) -> set[int]:
    """Return which rows are spoken about.

    Args:
        rows: of a manifest.
        speaker: knows about which rows something can be said.
        most: how many of a split at most, drawn by the seed; a split that is not in it: all.
    """
    spoken = [at for at, row in enumerate(rows) if speaker.speaks_of(row)]
    found: set[int] = set()
    for split in _USES:
        some = [at for at in spoken if rows[at].split == split]
        # Names are drawn by the seed, so their order is an order by lot.
        some.sort(key=lambda at: speaker.file_of(rows[at]))
        found.update(some[: most.get(split, len(some))])
    return found


def speak_rows(
    rows: Sequence[Row], base: Path, speaker: ClipSpeaker, folder: Path, at: Iterable[int]
) -> Iterator[Row]:
    """Yield the rows that are spoken about with their sound, one after the other.

    A file that is there already is kept.

    Args:
        rows: of a manifest.
        base: folder that the rows' paths are relative to, the new ones too.
        speaker: speaks.
        folder: of the new manifest; files go into `SOUNDS` in it.
        at: which rows, by index.

    Raises:
        ServiceError: the voice failed.
    """
    (folder / SOUNDS).mkdir(parents=True, exist_ok=True)
    for index in at:
        row = rows[index]
        path = folder / SOUNDS / speaker.file_of(row)
        if not path.exists():
            speaker.speak(row, path)
        with wave.open(str(path)) as sound:
            end_ms = sound.getnframes() * 1_000 // RATE_HZ
        media = os.path.relpath(path.resolve(), base.resolve())
        yield replace(row, media=media, start_ms=0, end_ms=end_ms)
