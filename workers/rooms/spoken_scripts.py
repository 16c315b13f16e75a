"""Shows without a film, whose every word is known: what a speech recogniser is measured on.

In: voices, a seed, minutes. Out: WAV files and `scripts.jsonl`, one line a show: its file, who
speaks, the sentences with their times, the cart. A show is what the room generator writes: a
greeting, two products or so, talk between, goodbye, with music or noise under some of it. One voice
a show, all in turn. A show depends on seed, use, voices and number alone.
"""

import json
import random
import wave
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import JsonValue, TypeAdapter, ValidationError

from models.errors import InputError
from workers.audio_grid import RATE_HZ, Samples
from workers.rooms.grown_lines import append, read_grown
from workers.rooms.products import Item
from workers.rooms.script import ScriptOptions, Segment, sold_count, write_script
from workers.rooms.talk import SpeechOptions, as_heard, say
from workers.rooms.voices import Use, VoiceSpec

LIST = "scripts.jsonl"
"""What lies beside the sounds, and names them."""
_CART = 20


@dataclass(frozen=True)
class ScriptsOptions:
    """Which shows are spoken."""

    seed: int = 1
    """Of goods, sentences, pace, pitch and noise."""
    show_min: float = 1.5
    """About how long a show is, in minutes of talk at a usual pace."""
    use: Use = "held-out"
    """Whose voices and phrases."""
    speech: SpeechOptions = field(default_factory=SpeechOptions)


@dataclass(frozen=True)
class Said:
    """One sentence of a show."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class SpokenScript:
    """One show."""

    file: str
    """Name of the sound, 16 kHz mono, beside the list."""
    voice: str
    length_ms: int
    sentences: tuple[Said, ...]
    titles: tuple[str, ...]
    """Of the products in its cart."""
    brands: tuple[str, ...]
    """Of the products in its cart, each once."""

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(one.text for one in self.sentences)


def read_scripts(folder: Path) -> list[SpokenScript]:
    """Return the shows of a folder.

    Raises:
        InputError: its list cannot be read, or is empty.
    """
    path = folder / LIST
    try:
        shows = TypeAdapter(list[SpokenScript]).validate_python(read_grown(path))
    except ValidationError as error:
        message = f"{path} is no list of spoken shows: {' '.join(str(error).split())[:300]}"
        raise InputError(message) from error
    if not shows:
        message = f"{path} lists no show; speak some with `liveshelf rooms scripts`"
        raise InputError(message)
    return shows


class ScriptSpeaker:
    """Writes and speaks shows.

    Args:
        voices: of any use; those of the options' use speak, in their order.
        catalogue: what shows sell.
        options: which shows.

    Raises:
        InputError: no voice has the use.
    """

    def __init__(
        self, voices: Sequence[VoiceSpec], catalogue: Sequence[Item], options: ScriptsOptions
    ) -> None:
        self._voices = [one for one in voices if one.use == options.use]
        if not self._voices:
            message = f"no voice has use = {options.use!r}; it is needed here"
            raise InputError(message)
        self._catalogue, self._options = catalogue, options

    @property
    def options(self) -> dict[str, JsonValue]:
        """All that shows depend on but their number, as JSON."""
        names: list[JsonValue] = [one.name for one in self._voices]
        told: dict[str, JsonValue] = json.loads(json.dumps(asdict(self._options)))
        return {**told, "voices": names}

    def segments(self, number: int) -> tuple[list[Segment], tuple[Item, ...]]:
        """Return what is said in a show, and its cart."""
        draw = self._draw(number, "goods")
        families: dict[str, list[Item]] = {}
        for item in self._catalogue:
            families.setdefault(item.family, []).append(item)
        groups = [families[name] for name in draw.sample(sorted(families), len(families))]
        seed = draw.randrange(2**31)
        sold = [draw.choice(group) for group in groups[: sold_count(self._options.show_min, seed)]]
        # Near-duplicates of what is sold come first, so that hosts can mix them up.
        cart = [item for group in groups for item in group][: max(_CART, len(sold))]
        cart = [*sold, *(item for item in cart if item not in sold)][:_CART]
        how = ScriptOptions(seed, self._options.show_min, self._options.use)
        return write_script(sold, cart[len(sold) :], how), tuple(cart)

    def speak(self, number: int, folder: Path) -> SpokenScript:
        """Write a show's sound and return what is in it.

        Raises:
            ServiceError: the voice failed.
        """
        segments, cart = self.segments(number)
        voice = self._voices[number % len(self._voices)]
        draw = self._draw(number, "voice")
        sound, timeline = say(segments, voice, draw, self._options.speech)
        samples = as_heard(sound)
        file = f"{self._options.use}-{self._options.seed}-{number:03d}.wav"
        _write(folder / file, samples)
        return SpokenScript(
            file=file,
            voice=voice.name,
            length_ms=len(samples) * 1_000 // RATE_HZ,
            sentences=tuple(Said(one.text, one.start_ms, one.end_ms) for one in timeline.sentences),
            titles=tuple(item.title for item in cart),
            brands=tuple(dict.fromkeys(item.brand for item in cart)),
        )

    def _draw(self, number: int, what: str) -> random.Random:
        key = f"scripts/{self._options.use}/{self._options.seed}/{number}/{what}"
        return random.Random(key)  # noqa: S311 (not for secrets)


def speak_scripts(speaker: ScriptSpeaker, folder: Path, minutes: float) -> Iterator[SpokenScript]:
    """Yield shows until there are minutes enough; those that the folder lists already are kept.

    Raises:
        InputError: the folder holds shows of other options.
        ServiceError: a voice failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _check_options(folder, speaker.options)
    known = read_scripts(folder) if (folder / LIST).exists() else []
    left_ms, number = minutes * 60_000, 0
    while left_ms > 0:
        if number < len(known):
            show = known[number]
        else:
            show = speaker.speak(number, folder)
            append(folder / LIST, [asdict(show)])
        left_ms -= show.length_ms
        number += 1
        yield show


def _check_options(folder: Path, wanted: dict[str, JsonValue]) -> None:
    """Refuse a folder of other shows."""
    path = folder / "options.json"
    if not path.exists():
        path.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
        return
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        message = f"{path} cannot be read: {error}"
        raise InputError(message) from error
    if before != wanted:
        message = f"{folder} holds shows of other options, {before}; now {wanted}: name another"
        raise InputError(message)


def _write(path: Path, samples: Samples) -> None:
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples.astype("<i2").tobytes())
    part.replace(path)
