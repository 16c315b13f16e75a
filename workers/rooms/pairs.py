"""Makes the summarizer's pairs: what Whisper heard of a spoken show, and the right answer.

script → voice → music and noise → the ASR stage's own cuts and Whisper → windows → rows of JSON
Lines. A show depends on its number and the seed alone and is written as a whole, so that a stopped
run goes on where it was.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from models.errors import InputError
from workers.asr import Transcriber
from workers.events import Word
from workers.rooms.grown_lines import append, read_grown
from workers.rooms.hard_shows import HardOptions, is_hard, write_hard_show
from workers.rooms.hard_windows import is_fair, widened
from workers.rooms.pair_labels import NONE, is_told_apart, label
from workers.rooms.pair_scripts import Show, ShowOptions, Source, stock_of, write_show
from workers.rooms.phrases import Phrases
from workers.rooms.pitch import chatter_lines
from workers.rooms.products import Item
from workers.rooms.script import Segment
from workers.rooms.talk import SpeechOptions, hear, say, talked_over
from workers.rooms.timeline import Timeline
from workers.rooms.voices import Samples, Use, VoiceSpec

Split = Literal["train", "val", "held-out"]
_SECOND_S = 25.0
"""About how long a second voice talks before it begins anew."""


@dataclass(frozen=True)
class Pair:
    """One window: what was heard, and what is right."""

    id: str
    transcript: str
    spoken: str
    answer: str
    """A title-like line with the brand as heard, or `none`."""
    product_id: str | None
    title: str | None
    titles: tuple[str, ...]
    """Of the room's cart."""
    told_apart: bool
    """Whether the words that tell it from every rival were spoken."""
    cart_apart: bool
    """Whether they tell it from the rest of the cart."""
    voice: str
    split: Split
    source: Source
    window_ms: int


@dataclass(frozen=True)
class PairOptions:
    """Which windows, and how they sound."""

    seed: int = 1
    window_ms: tuple[int, int] = (6_000, 14_000)
    """Shortest and longest window."""
    hop_ms: tuple[int, int] = (3_500, 5_500)
    """Shortest and longest step between the ends of two windows."""
    speech: SpeechOptions = field(default_factory=SpeechOptions)
    """How it is said."""
    shows: ShowOptions = field(default_factory=ShowOptions)
    """What is sold."""
    hard: HardOptions = field(default_factory=HardOptions)
    """How many shows are hard; all others are as they would be without."""


class PairMaker:
    """Makes the pairs of one split, show by show.

    Args:
        catalogue: every product; those held out are sold in held-out shows only.
        voices: of this machine.
        worker: hears; live windows are heard by the same.
        split: train and val share voices and phrases, not brands; held-out shares nothing.
        options: which windows.

    Raises:
        InputError: there is no voice for this split.
    """

    def __init__(
        self,
        catalogue: Sequence[Item],
        voices: Sequence[VoiceSpec],
        worker: Transcriber,
        split: Split,
        options: PairOptions,
    ) -> None:
        self._split, self._options, self._worker = split, options, worker
        self._use: Use = "held-out" if split == "held-out" else "train"
        self._voices = [voice for voice in voices if voice.use == self._use]
        if not self._voices:
            message = f"no voice has use = {self._use!r}; it is needed for the split {split}"
            raise InputError(message)
        self._stock = stock_of(catalogue, self._use, options.seed, options.shows)
        self._open: dict[str, object] = {}

    def show(self, number: int) -> list[Pair]:
        """Return the pairs of one show.

        Raises:
            InputError: Whisper could not read its sound.
            ServiceError: the voice failed.
        """
        name = f"{self._split}-{self._options.seed}-{number:05d}"
        draw = random.Random(f"pairs/{name}")  # noqa: S311 (not for secrets)
        if is_hard(name, self._options.hard.share):
            show = write_hard_show(self._stock, self._use, draw, self._options.shows)
        else:
            show = write_show(self._stock, self._use, draw, self._options.shows, number)
        voice = draw.choice(self._voices)
        sound, timeline = self._say(show, voice, draw)
        words = hear(sound, self._worker)
        items = {item.product_id: item for item in (*show.cart, *show.strangers)}
        return [
            pair
            for window in self._windows(timeline, draw, widen=show.source == "hard")
            if (pair := self._pair(name, show, timeline, items, words, window, voice))
        ]

    def _say(self, show: Show, voice: VoiceSpec, draw: random.Random) -> tuple[Samples, Timeline]:
        speech, hard = self._options.speech, self._options.hard
        if show.source != "hard":
            return say(show.segments, voice, draw, speech)
        sound, timeline = say(show.segments, voice, draw, speech, hard.noise_db)
        if draw.random() < hard.second_share:
            other = draw.choice([one for one in self._voices if one != voice] or [voice])
            lines = chatter_lines(draw, Phrases(draw, self._use), _SECOND_S)
            talk, _ = say([Segment(tuple(lines))], other, draw, speech)
            sound = talked_over(sound, talk, draw.uniform(*hard.second_db))
        return sound, timeline

    def _windows(
        self, timeline: Timeline, draw: random.Random, *, widen: bool
    ) -> Iterator[tuple[int, int]]:
        end_ms, before = draw.randint(6_000, 10_000), None
        while end_ms <= timeline.duration_ms:
            window = max(0, end_ms - draw.randint(*self._options.window_ms)), end_ms
            if widen:
                window = widened(timeline, *window)
            if window[1] != before:
                yield window
            before = window[1]
            end_ms += draw.randint(*self._options.hop_ms)

    def _pair(
        self,
        name: str,
        show: Show,
        timeline: Timeline,
        items: Mapping[str, Item],
        words: Sequence[Word],
        window: tuple[int, int],
        voice: VoiceSpec,
    ) -> Pair | None:
        start_ms, end_ms = window
        heard = [
            word for word in words
            if word.start_ms >= start_ms and (word.start_ms + word.end_ms) // 2 < end_ms
        ]  # fmt: skip
        found = label(timeline, dict(items), heard, start_ms, end_ms)
        if found is None or not heard:
            return None
        if show.source == "hard" and not is_fair(timeline, items, found, start_ms, end_ms):
            return None
        item = found.item
        return Pair(
            id=f"{name}-{end_ms:06d}",
            transcript=" ".join(word.text.strip() for word in heard),
            spoken=spoken_in(timeline, start_ms, end_ms),
            answer=found.answer,
            product_id=item.product_id if item else None,
            title=item.title if item else None,
            titles=tuple(one.title for one in show.cart),
            told_apart=item is not None and is_told_apart(found.told, item, show.rivals),
            cart_apart=item is not None and is_told_apart(found.told, item, show.cart),
            voice=voice.name,
            split=self._split,
            source=show.source,
            window_ms=end_ms - start_ms,
        )


def spoken_in(timeline: Timeline, start_ms: int, end_ms: int) -> str:
    """Return the sentences that a window touches, as the script has them."""
    return " ".join(
        one.text for one in timeline.sentences if one.end_ms > start_ms and one.start_ms < end_ms
    )


def write_pairs(maker: PairMaker, path: Path, wanted: int, first_show: int = 0) -> Iterator[int]:
    """Append shows to a file until it has as many pairs as wanted; yield the count after each.

    Args:
        maker: of the split.
        path: JSON Lines; shows that are in it already are not made again.
        wanted: pairs in all.
        first_show: number of the first show, so that several processes can make different ones.

    Raises:
        InputError: the file has a line that is no pair.
    """
    rows = read_pairs(path) if path.exists() else []
    number = 1 + max((int(row.id.split("-")[-2]) for row in rows), default=first_show - 1)
    count = len(rows)
    yield count
    while count < wanted:
        pairs = maker.show(number)
        append(path, map(asdict, pairs))
        number, count = number + 1, count + len(pairs)
        yield count


def read_pairs(path: Path) -> list[Pair]:
    """Return a file's pairs.

    Raises:
        InputError: it cannot be read, or a line is no pair.
    """
    try:
        rows = read_grown(path)
        return [Pair(**{**row, "titles": tuple(row["titles"])}) for row in rows]
    except (InputError, TypeError, KeyError) as error:
        message = f"{path} is no file of pairs: {error}"
        raise InputError(message) from error


def is_none(pair: Pair) -> bool:
    """Return whether the right answer is that no product is named."""
    return pair.answer == NONE
